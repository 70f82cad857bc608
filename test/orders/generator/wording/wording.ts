/**
 * The shape of what people write on orders in a language.
 *
 * Owns: which wordings there are to choose from; each list holds equals. In sentences and items `{qty}`, `{unit}`,
 * `{description}`, `{sku}`, `{price}`, `{po}`, `{day}`, `{place}`, `{name}` and `{rate}` stand for values.
 */
import type { Family, Language, Unit } from '../truth.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import { it } from './it.ts';

export type ColumnRole =
  | 'line_no'
  | 'sku'
  | 'second_code'
  | 'ean'
  | 'description'
  | 'qty'
  | 'uom'
  | 'unit_price'
  | 'discount'
  | 'total_price'
  | 'line_day'
  | 'remark';

export interface Wording {
  titles: readonly string[];
  po: readonly string[];
  orderDay: readonly string[];
  deliveryDay: readonly string[];
  deliverTo: readonly string[];
  /** Of the one who orders. */
  customer: readonly string[];
  supplier: readonly string[];
  vat: readonly string[];
  currency: readonly string[];
  /** Label and value of what is of no interest here. */
  other: readonly (readonly [string, string])[];
  headers: Readonly<Record<ColumnRole, readonly string[]>>;
  per100: readonly string[];
  /** Two rows of header: the upper one over both prices, the lower ones. */
  priceGroup: readonly [string, string, string];
  subtotal: readonly string[];
  tax: readonly string[];
  total: readonly string[];
  greeting: readonly string[];
  intro: readonly string[];
  notes: readonly string[];
  closing: readonly string[];
  page: string;
  carried: string;
  /** Items in messages; with and without prices. */
  items: readonly string[];
  pricedItems: readonly string[];
  /** Sentences of a message that hold header fields. */
  says: { po: readonly string[]; day: readonly string[]; place: readonly string[] };
  subject: readonly string[];
  /** First line of a quoted message. */
  quoted: string;
  /** What an old order in a quoted message begins with. */
  oldOrder: string;
  /** What precedes a forwarded message. */
  forwarded: string;
  from: string;
  sent: string;
  to: string;
  subjectLabel: string;
}

export interface LanguageWording {
  a: Wording;
  b: Wording;
  /** The first ones name the unit wherever it is named; canonical units are read as such. */
  units: Readonly<Record<Unit, readonly string[]>>;
}

const WORDINGS: Readonly<Record<Language, LanguageWording>> = { en, fr, de, es, it };

export const wordingOf = (family: Family, language: Language): Wording => WORDINGS[language][family];
export const unitsOf = (language: Language): LanguageWording['units'] => WORDINGS[language].units;

export function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`"${template}" asks for {${name}}`);
    return value;
  });
}
