/**
 * What an analysis rests on: one fact per value of a row, with where it came from.
 *
 * Owns: grounding rows, and the two errors that say that facts are missing or contradict each other.
 * Does not own: keeping them (`src/store/ledger.ts`).
 */
import type { Fact, Row, RowsRef } from '../../schemas/types.ts';
import type { AnyRow } from './rows.ts';

/** Facts are missing; the worker asks for them instead of failing. */
export class MissingDataError extends Error {
  override readonly name = 'MissingDataError';
  readonly code = 'DATA_INSUFFICIENCY';
  readonly fields: readonly string[];
  readonly details: { fields: readonly string[] };

  constructor(fields: readonly string[]) {
    super(fields.join(', '));
    this.fields = fields;
    this.details = { fields };
  }
}

/** Statements contradict each other or the facts; trying again would say the same. */
export class ContradictionError extends Error {
  override readonly name = 'ContradictionError';
  readonly code = 'REASONING_CONTRADICTION';
}

const REQUIRED = ['text', 'estimated_minutes'];

/** Rows as the analytic workers ground them: a row without text says nothing, which is a text too. */
export function completeRows(rows: readonly Row[]): Row[] {
  return rows.map((row) => (Object.hasOwn(row, 'text') ? row : { ...row, text: '' }));
}

/**
 * Two facts per row, in row order: its minutes (`fact-<i>`) and its text (`fact-text-<i>`), i from 0.
 * @throws {MissingDataError} `rows` if there are none; the keys that the first incomplete row lacks.
 */
export function groundFacts(rows: readonly AnyRow[]): Fact[] {
  if (rows.length === 0) throw new MissingDataError(['rows']);
  return rows.flatMap((row, i) => {
    const source_fields = row !== null && typeof row === 'object' ? Object.keys(row) : [];
    const absent = REQUIRED.filter((key) => !source_fields.includes(key));
    if (!row || absent.length > 0) throw new MissingDataError(absent);
    const { id, text, estimated_minutes } = row;
    const row_id = id === undefined || id === null || id === '' ? i : id;
    // Keys in sorted order: the ledger writes such objects as they are.
    const minutes = { row_id, source_fields, unit: 'minutes' };
    const words = { row_id, source_fields, unit: null };
    return [
      { field: 'task_minutes', id: `fact-${i}`, provenance: minutes, value: estimated_minutes },
      { field: 'task_text', id: `fact-text-${i}`, provenance: words, value: text },
    ];
  });
}

/** What a ledger entry says of the rows that figures were made of. */
export interface Grounds {
  facts: Fact[];
  coefficients: { count: number; rows_count?: number; rows_sha256?: string };
}

/**
 * Facts of rows that travel with their dispatch; of rows in a file its digest. Facts are a function of the rows, so who
 * has the file has them, and a ledger does not grow with it.
 * @throws {MissingDataError} as {@link groundFacts}
 */
export function groundsOf({ rows, rows_ref }: { rows: readonly Row[]; rows_ref?: RowsRef | undefined }): Grounds {
  if (rows_ref) {
    const { count, sha256 } = rows_ref;
    return { facts: [], coefficients: { count: 2 * count, rows_count: count, rows_sha256: sha256.toLowerCase() } };
  }
  const facts = groundFacts(completeRows(rows));
  return { facts, coefficients: { count: facts.length } };
}
