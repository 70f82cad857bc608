/**
 * Entry of the threads that read files of activities.
 *
 * Owns: what leaves the thread: the first rows to show, and all of them as they are to be kept. Many rows leave it
 * packed, as bytes, so that no other thread spends time on them.
 */
import type { ActivityRow } from '../../machines/activities/activity-row.ts';
import type { Row } from '../../schemas/types.ts';
import { type Ingested, type IngestJob, type IngestRefusal, ingestTasks } from '../documents/ingest.ts';
import { Fault } from '../errors.ts';
import { areInline, type PackedRows, packRows } from './packed-rows.ts';

export interface ActivityJob extends IngestJob {
  /** Somebody has given a rate, which stands in place of those of the file. */
  hasRate: boolean;
  /** Packs rows also if they are few. */
  pack: boolean;
}

export interface ReadActivityFile extends Omit<Ingested, 'rows'> {
  count: number;
  /** At most 20. */
  firstRows: Row[];
  kept: { rows: Row[] } | { packed: PackedRows };
}

const FIRST_ROWS = 20;

export async function activityTask({
  bytes,
  filename,
  hasRate,
  pack,
  ...options
}: ActivityJob): Promise<ReadActivityFile | IngestRefusal> {
  const read = await ingestTasks(bytes, filename, options);
  if (!read.ok) return read;
  const { rows: activities, ...about } = read;
  const rows = activities.map((row) => rowOf(row, hasRate));
  const isFew = !pack && areInline(rows);
  try {
    const kept = isFew ? { rows } : { packed: await packRows(rows) };
    return { ...about, count: rows.length, firstRows: rows.slice(0, FIRST_ROWS), kept };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ok: false, status: 413, errors: [{ path: 'file', message: error.message }] };
  }
}

function rowOf({ rate, ...row }: ActivityRow, hasRate: boolean): Row {
  return hasRate || rate === undefined ? { ...row } : { ...row, rate };
}
