/**
 * What a generated document really says: the measure of what is read from it.
 *
 * Owns: the shapes of orders and of what their documents show. Numbers are those a reader should get; texts with several
 * acceptable readings are lists, the best one first.
 */
export const LANGUAGES = ['en', 'fr', 'de', 'es', 'it'] as const;
export type Language = (typeof LANGUAGES)[number];

export const FAMILIES = ['a', 'b'] as const;
/** Two sets of layouts and wordings that share no template. */
export type Family = (typeof FAMILIES)[number];

/** Units that have a common name; others stay as they are written. */
export type Unit = 'ea' | 'box' | 'pallet' | 'pack' | 'kg' | 'g' | 'l' | 'm' | 'roll' | 'set' | 'pair';

/** An exact number: `digits` / 10^`decimals`. */
export interface Amount {
  digits: number;
  decimals: number;
}

export interface OrderItem {
  sku: string;
  /** Of the other party, or an EAN. */
  secondCode: string;
  ean: string;
  description: string;
  qty: Amount;
  unit: Unit;
  unitPrice: Amount;
  total: Amount;
}

export interface Party {
  name: string;
  street: string;
  /** Postcode and town as they are written in that country. */
  town: string;
  country: string;
  person: string;
  email: string;
  phone: string;
  vat: string;
}

/** What was ordered, whatever a document shows of it. */
export interface Order {
  language: Language;
  family: Family;
  poNumber: string;
  orderDay: string;
  deliveryDay: string;
  currency: string;
  buyer: Party;
  supplier: Party;
  /** Where to deliver: another place of the buyer or the buyer's own. */
  site: Party;
  items: readonly OrderItem[];
  /** Percent, in tenths: 200 = 20 %. */
  vatTenths: number;
  subtotal: Amount;
  tax: Amount;
  total: Amount;
}

export interface ExpectedLine {
  /** Any of these is right; none if the document shows no code. */
  sku: readonly string[];
  description: readonly string[];
  qty: number;
  /** Any of these is right, null for none; compared without case. */
  uom: readonly (string | null)[];
  /** Null if the document shows none. */
  unit_price: number | null;
  total_price: number | null;
}

/** The values of a header field that are right; `required` ones must be found, others may be left out. */
export interface ExpectedField {
  accepted: readonly (string | number)[];
  required: boolean;
}

export const HEADER_FIELDS = [
  'po_number',
  'delivery.address',
  'delivery.date',
  'currency',
  'customer.name',
  'customer.vat',
  'totals.subtotal',
  'totals.tax',
  'totals.total',
] as const;
export type HeaderField = (typeof HEADER_FIELDS)[number];

export interface Expected {
  lines: readonly ExpectedLine[];
  /** Rows that are no items but read as such do no harm: `?` of them, without a quantity. */
  tolerated: readonly string[];
  header: Partial<Record<HeaderField, ExpectedField>>;
  /** Days that the document shows, in ISO. */
  days: readonly string[];
  /** Codes, numbers and names that stand only where nothing may be read. */
  traps: readonly string[];
}

export interface Attachment {
  filename: string;
  bytes: Uint8Array;
}

/** What is handed to the reader, with what it should make of it. */
export interface Specimen {
  /** `b-xlsx-de-003`; its file name begins with it. */
  id: string;
  family: Family;
  /** The row of the table: `xlsx/exceljs`, `pdf/chromium`. */
  producer: string;
  language: Language;
  file: Attachment;
  /** All text that a person sees in it, in any order. */
  visible: string;
  expected: Expected;
  /** What is special about it, for whoever looks into a failure. */
  features: readonly string[];
}
