/**
 * The uploaded files of projects, read once more.
 *
 * Owns: getting the stored file read with another mapping, and keeping the rows. Does not own reading
 * (`src/documents`), nor what follows from it (`machines/orchestration/rereading.ts`).
 */
import { readFile } from 'node:fs/promises';
import type { ActivityRow } from '../../machines/activities/activity-row.ts';
import type { RereadOutcome, RereadRequest } from '../../machines/orchestration/rereading.ts';
import type { ActivityInput, Row } from '../../schemas/types.ts';
import type { Ingest } from '../documents/ingest-pool.ts';
import { nullIfMissing } from '../durable-files.ts';
import type { ProjectFiles } from './project-files.ts';

export interface ActivityFiles {
  /**
   * @param rowsId id of the file of rows; the same for the same answer, so that work that runs again writes no other
   * @throws {Fault} SERVICE_UNAVAILABLE while too many files are being read
   */
  reread(request: RereadRequest, rowsId: string): Promise<RereadOutcome>;
}

export interface ActivityFilesOptions {
  files: ProjectFiles;
  ingest: Ingest;
  maxRows: number;
}

export function createActivityFiles({ files, ingest, maxRows }: ActivityFilesOptions): ActivityFiles {
  return {
    async reread({ project_id, artifact_id, filename, mapping, hasRate, today }, rowsId) {
      const bytes = await readFile(files.pathOfUpload(project_id, artifact_id)).catch(nullIfMissing);
      if (bytes === null) {
        return { refused: 'the file of the project is not in STORAGE_DIR, which all processes have to share' };
      }
      const read = await ingest({ bytes, filename, mapping, maxRows, today });
      if (!read.ok) return { refused: read.errors[0]?.message ?? 'the file cannot be read' };
      const rows_ref = await files.writeRows(project_id, rowsId, rowsOf(read.rows, hasRate));
      return {
        rows_ref,
        input: { ...read.input, question: null } as ActivityInput,
        ...(!hasRate && read.hourlyRate !== null && { hourly_rate: read.hourlyRate }),
      };
    },
  };
}

/** Rows of the bus. A rate that somebody has given stands in place of those of the file. */
export function rowsOf(rows: readonly ActivityRow[], hasRate: boolean): Row[] {
  return rows.map(({ rate, ...row }) => (hasRate || rate === undefined ? { ...row } : { ...row, rate }));
}
