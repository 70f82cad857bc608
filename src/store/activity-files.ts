/**
 * The uploaded files of projects, read once more.
 *
 * Owns: getting the stored file read with another mapping, and keeping the rows. Does not own reading
 * (`src/documents`), nor what follows from it (`machines/orchestration/rereading.ts`).
 */
import { readFile } from 'node:fs/promises';
import type { RereadOutcome, RereadRequest } from '../../machines/orchestration/rereading.ts';
import type { ActivityInput } from '../../schemas/types.ts';
import { nullIfMissing } from '../durable-files.ts';
import type { ActivityReader } from './activity-reader.ts';
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
  reader: Pick<ActivityReader, 'read'>;
  maxRows: number;
}

export function createActivityFiles({ files, reader, maxRows }: ActivityFilesOptions): ActivityFiles {
  return {
    async reread({ project_id, artifact_id, filename, mapping, hasRate, today }, rowsId) {
      const bytes = await readFile(files.pathOfUpload(project_id, artifact_id)).catch(nullIfMissing);
      if (bytes === null) {
        return { refused: 'the file of the project is not in STORAGE_DIR, which all processes have to share' };
      }
      const read = await reader.read({ bytes, filename, mapping, maxRows, today, hasRate, pack: true });
      if (!read.ok) return { refused: read.errors[0]?.message ?? 'the file cannot be read' };
      if (!('packed' in read.kept)) throw new TypeError('the reader has not packed the rows');
      const rows_ref = await files.writePacked(project_id, rowsId, read.kept.packed);
      return {
        rows_ref,
        input: { ...read.input, question: null } as ActivityInput,
        ...(!hasRate && read.hourlyRate !== null && { hourly_rate: read.hourlyRate }),
      };
    },
  };
}
