/**
 * What a person changes in a draft, as it is sent.
 *
 * Owns: which paths there are, how nested objects and short names mean them, and what each may be set to. One bad
 * correction spoils all; every one is named. Does not own: what they do (`correcting.ts`).
 */
import { isDate, isEmail } from '../../schemas/formats.ts';
import { LINE_FIELDS, type LineField, MAX_LINES } from './line-fields.ts';
import { isCurrency } from './values/currencies.ts';

type Json = Readonly<Record<string, unknown>>;
export type CorrectedValue = string | number | null;

/** A value for a path of the draft or the contact: `delivery.date`. */
export interface FieldCorrection {
  path: string;
  value: CorrectedValue;
}

/** Values for a line, or null to remove it. */
export interface LineCorrection {
  lineNo: number;
  values: ReadonlyMap<LineField, CorrectedValue> | null;
}

export interface Corrections {
  fields: readonly FieldCorrection[];
  /** By line. */
  lines: readonly LineCorrection[];
}

export interface CorrectionError {
  /** As it was sent. */
  field: string;
  message: string;
}

export type ReadCorrections =
  | { ok: true; corrections: Corrections }
  | { ok: false; errors: readonly CorrectionError[] };

/** Null if the value is fine, else what it must be. */
type Check = (value: unknown) => string | null;

const MAX_TEXT = 20_000;
const MAX_EMAIL = 320;
const MAX_ERRORS = 100;

const orNull =
  (check: Check): Check =>
  (value) => {
    const fault = value === null ? null : check(value);
    return fault && `${fault} or null`;
  };
/** Half a character cannot be written to a file: it would come out as another one. */
const text: Check = (value) =>
  typeof value === 'string' && value.trim() !== '' && value.length <= MAX_TEXT && value.isWellFormed()
    ? null
    : `must be a text of at most ${MAX_TEXT} characters that is not blank`;
const number: Check = (value) => (Number.isFinite(value) ? null : 'must be a number');
const price: Check = (value) => (Number.isFinite(value) && (value as number) >= 0 ? null : 'must be a number ≥ 0');
const quantity: Check = (value) => (Number.isFinite(value) && (value as number) > 0 ? null : 'must be a number > 0');
const day: Check = (value) =>
  typeof value === 'string' && isDate(value) ? null : 'must be a day that exists, YYYY-MM-DD';
const email: Check = (value) =>
  typeof value === 'string' && value.length <= MAX_EMAIL && isEmail(value)
    ? null
    : `must be an e-mail address of at most ${MAX_EMAIL} characters`;
const currency: Check = (value) => (isCurrency(value) ? null : 'must be an ISO 4217 code such as EUR');

const FIELD_CHECKS: ReadonlyMap<string, Check> = new Map([
  ['po_number', orNull(text)],
  ['customer.name', orNull(text)],
  ['customer.vat', orNull(text)],
  ['customer.address', orNull(text)],
  ['customer.email', email],
  ['delivery.address', orNull(text)],
  ['delivery.date', orNull(day)],
  ['delivery.incoterm', orNull(text)],
  ['currency', currency],
  ['totals.subtotal', orNull(number)],
  ['totals.tax', orNull(number)],
  ['totals.total', orNull(number)],
  ['contact.name', orNull(text)],
  ['contact.phone', orNull(text)],
]);
const LINE_CHECKS: Readonly<Record<LineField, Check>> = {
  ...{ sku: text, description: orNull(text), qty: quantity, uom: orNull(text) },
  ...{ unit_price: orNull(price), total_price: orNull(price) },
};
const SHORT_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    customer_email: 'customer.email',
    delivery_address: 'delivery.address',
    delivery_date: 'delivery.date',
    phone_number: 'contact.phone',
  }),
);
const GROUPS: ReadonlySet<string> = new Set(['customer', 'delivery', 'totals', 'contact']);
const LINE_PATH = /^lines\[([1-9]\d{0,4})\](?:\.(\w{1,20}))?$/;

interface Reading {
  errors: CorrectionError[];
  fields: Map<string, CorrectedValue>;
  lines: Map<number, Map<LineField, CorrectedValue> | null>;
}

/** Reads the `corrections` of a decision on a draft with so many lines. */
export function readCorrections(value: unknown, lineCount: number): ReadCorrections {
  const reading: Reading = { errors: [], fields: new Map(), lines: new Map() };
  if (value !== undefined) readMembers(reading, value, '');
  checkLines(reading, lineCount);
  if (reading.errors.length > 0) return { ok: false, errors: reading.errors };
  return {
    ok: true,
    corrections: {
      fields: Array.from(reading.fields, ([path, corrected]) => ({ path, value: corrected })),
      lines: Array.from(reading.lines, ([lineNo, values]) => ({ lineNo, values })).sort((a, b) => a.lineNo - b.lineNo),
    },
  };
}

/** Reads members: of the whole, of a group such as `delivery`, or of a line. */
function readMembers(reading: Reading, value: unknown, prefix: string): void {
  if (!isObject(value)) fail(reading, prefix, 'must be an object');
  for (const [key, member] of Object.entries(isObject(value) ? value : {})) {
    const sent = prefix === '' ? key : `${prefix}.${key}`;
    const path = SHORT_NAMES.get(sent) ?? sent;
    const check = FIELD_CHECKS.get(path);
    const line = LINE_PATH.exec(path);
    if (check) set(reading, sent, reading.fields, path, member, check);
    else if (line?.[2] !== undefined) readLineField(reading, sent, Number(line[1]), line[2], member);
    else if (line && member === null) removeLine(reading, sent, Number(line[1]));
    else if (line || GROUPS.has(path)) readMembers(reading, member, path);
    else fail(reading, sent, 'is no field of an order');
  }
}

function removeLine({ lines, errors }: Reading, sent: string, no: number): void {
  if (lines.has(no)) errors.push({ field: sent, message: BOTH });
  lines.set(no, null);
}

const BOTH = 'cannot be removed and changed';

function readLineField(reading: Reading, sent: string, no: number, name: string, value: unknown): void {
  const values = reading.lines.get(no) ?? new Map<LineField, CorrectedValue>();
  const field = LINE_FIELDS.find((known) => known === name);
  if (reading.lines.get(no) === null) fail(reading, sent, BOTH);
  else reading.lines.set(no, values);
  if (field === undefined) fail(reading, sent, `is no field of a line: ${LINE_FIELDS.join(', ')}`);
  else set(reading, sent, values, field, value, LINE_CHECKS[field]);
}

function set<P extends string>(
  reading: Reading,
  sent: string,
  values: Map<P, CorrectedValue>,
  path: P,
  value: unknown,
  check: Check,
): void {
  const fault = check(value);
  if (fault !== null) fail(reading, sent, fault);
  else if (values.has(path)) fail(reading, sent, 'is given more than once');
  else values.set(path, value as CorrectedValue);
}

/** Lines that are there, or the next free ones. */
function checkLines(reading: Reading, lineCount: number): void {
  let next = lineCount + 1;
  for (const no of [...reading.lines.keys()].sort((a, b) => a - b)) {
    if (no <= lineCount) continue;
    if (no !== next || reading.lines.get(no) === null) {
      fail(reading, `lines[${no}]`, `there is no such line; a new one is lines[${next}]`);
    } else if (no > MAX_LINES) fail(reading, `lines[${no}]`, `an order has at most ${MAX_LINES} lines`);
    else next += 1;
  }
}

function fail({ errors }: Reading, field: string, message: string): void {
  if (errors.length < MAX_ERRORS) errors.push({ field: field === '' ? 'corrections' : field.slice(0, 200), message });
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
