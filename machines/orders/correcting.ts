/**
 * A decision about a draft: its corrections made, and whether it can be approved.
 *
 * Owns: what corrections change, what of that is told, and how lines are counted anew. Does not own: which corrections
 * are valid (`corrections.ts`).
 */
import type { OrderDraft } from '../../schemas/types.ts';
import type { CorrectedValue, Corrections, LineCorrection } from './corrections.ts';
import { draftOf, NOTHING, type OrderFields } from './drafting.ts';
import { CONFIDENCE } from './fields.ts';
import { LINE_FIELDS } from './line-fields.ts';
import type { OrderField } from './sources.ts';

type Line = OrderDraft['lines'][number];

export interface Change {
  field: string;
  from: CorrectedValue | Line;
  to: CorrectedValue | Line;
}

export interface Corrected {
  /** With lines counted from 1. */
  draft: OrderDraft;
  fields: Readonly<OrderFields>;
  contact: { name: string | null; phone: string | null };
  /** By the numbers that lines had before. */
  changes: readonly Change[];
  /** Lines for the notes: an order draft has no contact. */
  notes: readonly string[];
}

interface Order {
  draft: OrderDraft;
  fields: Readonly<OrderFields>;
}

/** Corrects an order. Values that are what they were change nothing. */
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
  const count = Math.max(draft.lines.length, ...lines.map(({ lineNo }) => lineNo));
  const kept = Array.from({ length: count }, (_, index) => index + 1).filter((no) => !gone.has(no));
  const counted = countedAnew(fields, kept);
  const text = (path: string): string | null => (counted[path]?.value ?? null) as string | null;
  return {
    draft: draftOf(draft.order_id, kept.length, counted),
    fields: counted,
    contact: { name: text('contact.name'), phone: text('contact.phone') },
    ...{ changes, notes },
  };
}

function correctLine(draft: OrderDraft, fields: OrderFields, { lineNo, values }: LineCorrection): Change[] {
  const line = draft.lines[lineNo - 1];
  if (values === null) return [{ field: `lines[${lineNo}]`, from: line as Line, to: null }];
  const changes: Change[] = [];
  for (const [name, value] of values) {
    const path = `lines[${lineNo}].${name}`;
    fields[path] = byHand(fields[path], value);
    const from = line?.[name] ?? null;
    if (line && from !== value) changes.push({ field: path, from, to: value });
  }
  if (line) return changes;
  const [added] = draftOf(draft.order_id, 1, countedAnew(fields, [lineNo])).lines as [Line];
  return [{ field: `lines[${lineNo}]`, from: null, to: { ...added, line_no: lineNo } }];
}

/** What a person says counts; where the old value stood stays known. */
const byHand = (field: OrderField | undefined, value: CorrectedValue): OrderField => ({
  ...(field ?? NOTHING),
  value,
  method: 'human',
  confidence: CONFIDENCE.given,
  flags: [],
});

/** The fields with the kept lines counted from 1. */
function countedAnew(fields: Readonly<OrderFields>, kept: readonly number[]): OrderFields {
  const counted = Object.fromEntries(Object.entries(fields).filter(([path]) => !path.startsWith('lines[')));
  for (const [index, no] of kept.entries()) {
    for (const name of LINE_FIELDS) {
      const field = fields[`lines[${no}].${name}`];
      if (field) counted[`lines[${index + 1}].${name}`] = field;
    }
  }
  return counted;
}
