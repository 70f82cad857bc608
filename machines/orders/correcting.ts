/**
 * A decision about a draft: its corrections made, and whether it can be approved.
 *
 * Owns: what corrections change, what of that is told, and how lines are counted anew. Does not own: which corrections
 * are valid (`corrections.ts`).
 */
import type { OrderDraft } from '../../schemas/types.ts';
import type { CorrectedValue, Corrections, LineCorrection } from './corrections.ts';
import { counted, draftOf, NOTHING, type OrderFields } from './drafting.ts';
import { LINE_FIELDS } from './line-fields.ts';
import type { OrderField } from './sources.ts';
import { CONFIDENCE } from './values/fields.ts';

type Line = OrderDraft['lines'][number];

export interface Change {
  field: string;
  from: CorrectedValue | Line;
  to: CorrectedValue | Line;
}

/** A draft and what stands behind it. */
export interface Order {
  draft: OrderDraft;
  fields: Readonly<OrderFields>;
}

export interface Corrected extends Order {
  changes: readonly Change[];
  /** Lines for the notes: an order draft has no contact. */
  notes: readonly string[];
}

/** Corrects an order. Values that are what they were change nothing, and lines keep their numbers. */
export function correct({ draft, fields: before }: Order, { fields: corrected, lines }: Corrections): Corrected {
  const fields = { ...before };
  const changes: Change[] = [];
  const notes: string[] = [];
  for (const { path, value } of corrected) {
    const from = before[path]?.value ?? null;
    fields[path] = byHand(before[path], value);
    if (from !== value) changes.push({ field: path, from, to: value });
    if (path.startsWith('contact.')) notes.push(`${path}: ${value ?? '–'}`);
  }
  const gone = new Set(lines.filter(({ values }) => values === null).map(({ lineNo }) => lineNo));
  for (const line of lines) changes.push(...correctLine(draft, fields, line));
  const added = lines.map(({ lineNo }) => lineNo).filter((no) => !draft.lines.some(({ line_no }) => line_no === no));
  const kept = [...draft.lines.map(({ line_no }) => line_no), ...added].filter((no) => !gone.has(no));
  return { draft: draftOf(draft.order_id, kept, fields), fields, changes, notes };
}

/** The same order with its lines counted from 1. */
export function countedAnew({ draft, fields }: Order): Order {
  const lineNos = draft.lines.map(({ line_no }) => line_no);
  const renumbered = withLines(fields, lineNos);
  return { draft: draftOf(draft.order_id, counted(lineNos.length), renumbered), fields: renumbered };
}

function correctLine(draft: OrderDraft, fields: OrderFields, { lineNo, values }: LineCorrection): Change[] {
  const line = draft.lines.find(({ line_no }) => line_no === lineNo);
  if (values === null) return [{ field: `lines[${lineNo}]`, from: line as Line, to: null }];
  const changes: Change[] = [];
  for (const [name, value] of values) {
    const path = `lines[${lineNo}].${name}`;
    fields[path] = byHand(fields[path], value);
    const from = line?.[name] ?? null;
    if (line && from !== value) changes.push({ field: path, from, to: value });
  }
  if (line) return changes;
  const [added] = draftOf(draft.order_id, [lineNo], fields).lines as [Line];
  return [{ field: `lines[${lineNo}]`, from: null, to: added }];
}

/** What a person says counts; where the old value stood stays known. */
const byHand = (field: OrderField | undefined, value: CorrectedValue): OrderField => ({
  ...(field ?? NOTHING),
  value,
  method: 'human',
  confidence: CONFIDENCE.given,
  flags: [],
});

/** The fields, of lines only those of these numbers, which are counted from 1. */
function withLines(fields: Readonly<OrderFields>, lineNos: readonly number[]): OrderFields {
  const renumbered = Object.fromEntries(Object.entries(fields).filter(([path]) => !path.startsWith('lines[')));
  for (const [index, no] of lineNos.entries()) {
    for (const name of LINE_FIELDS) {
      const field = fields[`lines[${no}].${name}`];
      if (field) renumbered[`lines[${index + 1}].${name}`] = field;
    }
  }
  return renumbered;
}
