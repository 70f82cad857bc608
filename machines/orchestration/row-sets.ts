/**
 * Where the rows of a project are: in its events, or in a file that they name.
 *
 * Owns: when rows are few enough for events, and which of the two counts. Does not own files
 * (`src/store/project-files.ts`). Keeps I10: what an event costs does not depend on how many rows a project has.
 */
import type { Row, RowsRef } from '../../schemas/types.ts';

/** Every dispatch repeats the rows, and an analysis makes five: more rows would be most of what the log holds. */
export const MAX_INLINE_ROWS = 500;
/** Most bytes of the rows as JSON. A few long texts must not be what many rows may not be: the log's largest events by far. */
export const MAX_INLINE_ROWS_BYTES = 128 * 1024;

/** Rows as a request or a work context has them. With a reference, `rows` is absent or empty. */
export interface RowSet {
  rows?: readonly Row[] | undefined;
  rows_ref?: RowsRef | undefined;
  /** What the file that they are from says of itself. */
  input?: unknown;
}

/** Whether rows may travel in events. */
export const travelsInline = (count: number, jsonBytes: number): boolean =>
  count <= MAX_INLINE_ROWS && jsonBytes <= MAX_INLINE_ROWS_BYTES;

/** The reference, unless the rows are there themselves: anybody can append a request that has both. */
export const referenceOf = ({ rows, rows_ref }: RowSet): RowsRef | undefined =>
  (rows ?? []).length > 0 ? undefined : rows_ref;

export const countRows = (set: RowSet): number => referenceOf(set)?.count ?? (set.rows ?? []).length;

/**
 * What an item is given of both: its own rows stand in the place of the project's, wherever those are, and of what the
 * project's file says, which is not where they are from.
 */
export function withOwn<Shared extends RowSet, Own extends RowSet>(shared: Shared, own: Own): Shared & Own {
  const { rows_ref: _rows, input: _input, ...withoutFile } = shared;
  return { ...(own.rows === undefined ? shared : (withoutFile as Shared)), ...own };
}
