/**
 * What is odd about the values of an order: quantities, sums, dates, currencies, values that can be read in two ways.
 *
 * Owns: the rules. Does not own: what is odd about files (`document-issues.ts`), or about other orders (`duplicates.ts`).
 */
import type { OrderDraft, OrderIssue } from '../../schemas/types.ts';
import { issue, placeOf, quoted } from './issues.ts';
import type { Contradiction } from './order-lines.ts';
import type { Conflict } from './settling.ts';
import type { Found } from './sources.ts';
import { type Decimal, decimal, differsBy, plus, times } from './values/decimals.ts';

type Line = OrderDraft['lines'][number];

const OUTLIER_FACTOR = 10;
/** Hundredths. */
const LINE_TOLERANCE = 1;
const TOTALS_TOLERANCE = 2;

/** Anomalies of single lines. */
export function lineIssues(lines: readonly Line[]): OrderIssue[] {
  const median = medianOf(lines.map(({ qty }) => qty));
  const earlier = new Map<string, number>();
  return lines.flatMap((line) => {
    const { line_no: no, sku, qty, uom = null, unit_price = null, total_price = null } = line;
    const issues: OrderIssue[] = [];
    const add = (type: string, severity: 'warning' | 'error', description: string, field: string): void =>
      void issues.push(
        issue(type, severity, `line ${no}: ${description}`, { field: `lines[${no}].${field}`, line: no }),
      );
    if (median > 0 && qty > OUTLIER_FACTOR * median) {
      add(
        'quantity_outlier',
        'warning',
        `quantity ${qty} is more than ${OUTLIER_FACTOR} × the median ${median}`,
        'qty',
      );
    }
    // Without a quantity, that is what is missing.
    if (
      qty !== 0 &&
      unit_price !== null &&
      total_price !== null &&
      differsBy(decimal(total_price), product(qty, unit_price), LINE_TOLERANCE)
    ) {
      add('line_total_mismatch', 'error', `total ${total_price} is not ${qty} × ${unit_price}`, 'total_price');
    }
    for (const [name, price] of Object.entries({ unit_price, total_price })) {
      if (price !== null && price < 0) add('negative_price', 'error', `${name} is ${price}`, name);
    }
    const key = JSON.stringify([sku, uom, unit_price]);
    const first = earlier.get(key);
    if (sku === UNKNOWN_SKU) return issues;
    if (first !== undefined) add('duplicate_line', 'warning', `${quoted(sku)} is on line ${first} as well`, 'sku');
    else earlier.set(key, no);
    return issues;
  });
}

/** In place of an article code that nobody says. */
export const UNKNOWN_SKU = '?';

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low = 0, high = 0] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return (low + high) / 2;
}

const product = (qty: number, price: number): Decimal => times(decimal(qty), decimal(price));

/** What is stated besides the totals of a draft. */
export interface Stated {
  shipping: number | null;
  /** The total is called one with tax. */
  gross: boolean;
}

/** Whether lines, subtotal, tax and total fit each other. */
export function totalsIssues({ lines, totals = {} }: OrderDraft, { shipping, gross }: Stated): OrderIssue[] {
  const { subtotal = null, tax = null, total = null } = totals;
  const sum = sumOf(lines);
  const issues: OrderIssue[] = [];
  const check = (field: string, stated: number, computed: Decimal, what: string): void => {
    if (!differsBy(decimal(stated), computed, TOTALS_TOLERANCE)) return;
    issues.push(issue('totals_mismatch', 'error', `${field} ${stated} is not ${what}`, { field: `totals.${field}` }));
  };
  if (subtotal !== null && sum) check('subtotal', subtotal, sum, 'the sum of the lines');
  const net = subtotal === null ? sum : decimal(subtotal);
  if (total !== null && net && tax !== null) {
    check('total', total, [tax, shipping ?? 0].map(decimal).reduce(plus, net), 'subtotal + tax');
  }
  // A total by itself is what the lines come to.
  if (total !== null && subtotal === null && tax === null && shipping === null && !gross && sum) {
    check('total', total, sum, 'the sum of the lines');
  }
  return issues;
}

/** Σ of the line totals, as stated or else quantity × price; null unless every line has one. */
function sumOf(lines: readonly Line[]): Decimal | null {
  let sum: Decimal = { units: 0n, scale: 0 };
  for (const { qty, unit_price = null, total_price = null } of lines) {
    if (total_price === null && unit_price === null) return null;
    sum = plus(sum, total_price === null ? product(qty, unit_price as number) : decimal(total_price));
  }
  return lines.length === 0 ? null : sum;
}

/** Delivery before the order came. */
export function dateIssues(date: string | null | undefined, receivedDay: string): OrderIssue[] {
  if (!date || date >= receivedDay) return [];
  return [
    issue('past_delivery_date', 'warning', `delivery on ${date}, received on ${receivedDay}`, {
      field: 'delivery.date',
    }),
  ];
}

/** More than one currency. */
export function currencyIssues(currencies: readonly Found[]): OrderIssue[] {
  const firsts = new Map<unknown, Found>();
  for (const found of currencies) if (!firsts.has(found.value)) firsts.set(found.value, found);
  if (firsts.size < 2) return [];
  const said = Array.from(firsts.values(), ({ value, source }) => `${value} (${placeOf(source)})`).join(', ');
  return [issue('currency_mix', 'error', said, { field: 'currency' })];
}

/** Sources that disagree about a field. */
export const conflictIssues = (conflicts: readonly Conflict[]): OrderIssue[] =>
  conflicts.map(({ path, taken, other }) =>
    issue('source_conflict', 'error', `${path}: ${saidBy(taken)}, but ${saidBy(other)}`, { field: path }),
  );

/** A message that says something else of lines than its attachments. */
export const contradictionIssues = (contradictions: readonly Contradiction[]): OrderIssue[] =>
  contradictions.map(({ said, taken }) => {
    const name = (said.sku ?? said.description) as Found;
    const qty = said.qty as Found;
    if (!taken) {
      const description = `${saidBy(name)} × ${quoted(qty.raw)} is in no attachment`;
      return issue('source_conflict', 'error', description, { field: 'lines' });
    }
    const description = `line ${taken.no}: quantity ${saidBy(taken.fields.qty as Found)}, but ${saidBy(qty)}`;
    return issue('source_conflict', 'error', description, { field: `lines[${taken.no}].qty`, line: taken.no });
  });

const saidBy = ({ raw, source }: Found): string => `${quoted(raw)} (${placeOf(source)})`;

/** Numbers and dates that can be read in two ways. */
export function ambiguityIssue(path: string, { raw, source, readings }: Found, line?: number): OrderIssue {
  const type = path === 'delivery.date' ? 'ambiguous_date' : 'ambiguous_number';
  const description = `${path}: ${quoted(raw)} can be ${readings.join(' or ')} (${placeOf(source)})`;
  return issue(type, 'warning', description, { field: path, line });
}
