/**
 * The draft that a decision names, as corrections of the one it decides on.
 *
 * Owns: that whoever decides says what the order is to be, and what is changed follows from it. A delivery without
 * address or date is a statement: a person has approved it like that.
 */
import type { OrderDraft } from '../../schemas/types.ts';
import type { CorrectedValue, Corrections, FieldCorrection, LineCorrection } from './corrections.ts';
import { LINE_FIELDS, type LineField } from './line-fields.ts';

type Line = OrderDraft['lines'][number];

/** What `final` says other than `draft`. */
export function correctionsOf(draft: OrderDraft, final: OrderDraft): Corrections {
  const before = valuesOf(draft);
  const fields = Array.from(valuesOf(final), ([path, value]): FieldCorrection => ({ path, value })).filter(
    ({ path, value }) => value !== before.get(path) || (value === null && STATEMENTS.has(path)),
  );
  return { fields, lines: lineCorrections(draft.lines, final.lines) };
}

const STATEMENTS: ReadonlySet<string> = new Set(['delivery.address', 'delivery.date']);

/** By path; what a draft leaves out, it leaves as it was. */
function valuesOf({ po_number, customer, delivery, currency, totals }: OrderDraft): Map<string, CorrectedValue> {
  const values = new Map<string, CorrectedValue>();
  const set = (path: string, value: CorrectedValue | undefined): void => {
    if (value !== undefined) values.set(path, value);
  };
  set('po_number', po_number);
  for (const name of ['name', 'vat', 'address', 'email'] as const) set(`customer.${name}`, customer?.[name]);
  for (const name of ['address', 'date', 'incoterm'] as const) set(`delivery.${name}`, delivery?.[name]);
  set('currency', currency);
  for (const name of ['subtotal', 'tax', 'total'] as const) set(`totals.${name}`, totals?.[name]);
  return values;
}

function lineCorrections(before: readonly Line[], after: readonly Line[]): LineCorrection[] {
  const known = new Map(before.map((line) => [line.line_no, line]));
  const kept = new Map(after.map((line) => [line.line_no, line]));
  const removed = before.flatMap(({ line_no }): LineCorrection[] =>
    kept.has(line_no) ? [] : [{ lineNo: line_no, values: null }],
  );
  const changed = Array.from(kept, ([lineNo, line]): LineCorrection => {
    const old = known.get(lineNo);
    const values = LINE_FIELDS.flatMap((name): [LineField, CorrectedValue][] => {
      const value = line[name] ?? null;
      return value === (old?.[name] ?? null) ? [] : [[name, value]];
    });
    return { lineNo, values: new Map(values) };
  });
  return [...removed, ...changed.filter(({ lineNo, values }) => !known.has(lineNo) || values?.size !== 0)];
}
