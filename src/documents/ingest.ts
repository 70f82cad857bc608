/**
 * A file of activities as rows to analyze, with what the reading has to say of itself.
 *
 * Owns: bytes in, rows and report out, in one call for a thread. Does not own formats (`activities/`) nor decisions
 * about columns, durations and categories (`machines/activities`). Keeps I11: any bytes give rows or a refusal that
 * names the place, at a bounded price.
 */
import type { ActivityRow } from '../../machines/activities/activity-row.ts';
import type { InputReport } from '../../machines/activities/input-report.ts';
import type { ActivityMapping } from '../../machines/activities/mapping.ts';
import { readActivities } from '../../machines/activities/read-activities.ts';
import { readActivityTables } from './activities/read-tables.ts';
import { type FileError, type RefusalStatus, Refused } from './table.ts';

export interface IngestOptions {
  /** Data rows a file may have. */
  maxRows: number;
  mapping?: ActivityMapping | undefined;
  /** `YYYY-MM-DD`; today, in UTC, if absent. */
  today?: string | undefined;
}

export interface Ingested {
  ok: true;
  rows: ActivityRow[];
  input: InputReport;
  warnings: string[];
  /** Mean of the rates of the file, weighted by time; null if it has none. */
  hourlyRate: number | null;
  contentType: string;
}

export interface IngestRefusal {
  ok: false;
  status: RefusalStatus;
  errors: FileError[];
}

/** Plain data both ways, for a worker thread. */
export interface IngestJob extends IngestOptions {
  bytes: Uint8Array;
  filename: string;
}

/** {@link ingestTasks} with one argument, as a thread pool calls it. */
export function ingestTask({ bytes, filename, ...options }: IngestJob): Promise<Ingested | IngestRefusal> {
  return ingestTasks(bytes, filename, options);
}

/** Rows of a file, or why it is refused. Rejects only if this code is wrong. */
export async function ingestTasks(
  bytes: Uint8Array,
  filename: string,
  { maxRows, mapping = {}, today = new Date().toISOString().slice(0, 10) }: IngestOptions,
): Promise<Ingested | IngestRefusal> {
  try {
    const { encoding, sheet } = mapping;
    const tables = await readActivityTables(bytes, filename, {
      maxRows,
      ...(encoding !== undefined && { encoding }),
      ...(sheet !== undefined && { sheet }),
    });
    const read = readActivities(tables, { file: filename, maxRows, mapping, today });
    if (!read.ok) return { ok: false, status: 400, errors: read.errors };
    const { rows, input, hourlyRate } = read;
    return { ok: true, rows, input, warnings: input.warnings, hourlyRate, contentType: tables.contentType };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, status: error.status, errors: [...error.errors] };
    throw error;
  }
}
