/**
 * The files of projects: `{STORAGE_DIR}/projects/{project_id}/{artifact_id}`.
 *
 * Owns: rows that are too many for events, written once and read by whoever works with them, and the file that a
 * project came with. They stay as long as the project does. Does not own when rows are too many
 * (`machines/orchestration/row-sets.ts`), nor the form of their file (`packed-rows.ts`). Keeps I9 and I10.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { isUuid } from '../../schemas/formats.ts';
import type { Row, RowsRef } from '../../schemas/types.ts';
import type { Keys } from '../bus/keys.ts';
import { nullIfMissing } from '../durable-files.ts';
import { Fault } from '../errors.ts';
import { Artifacts } from './artifacts.ts';
import { areInline, maxFileBytes, type PackedRows, packRows, unpackRows } from './packed-rows.ts';

/** A request that goes on is younger than this. */
const ORPHAN_AFTER_MS = 24 * 60 * 60 * 1000;

/** How rows travel: themselves, or as the file that holds them. */
export type KeptRows = { rows: Row[] } | { rows_ref: RowsRef };

export class ProjectFiles {
  readonly #artifacts: Artifacts;

  constructor(storageDir: string) {
    this.#artifacts = new Artifacts(join(storageDir, 'projects'));
  }

  /** Moves an uploaded file of the same file system here. It is on the disk then. */
  placeUpload(projectId: string, artifactId: string, fromPath: string): Promise<void> {
    return this.#artifacts.place(projectId, artifactId, fromPath);
  }

  /** Where {@link placeUpload} has put a file. @throws {RangeError} for ids that are no uuids */
  pathOfUpload(projectId: string, artifactId: string): string {
    return this.#artifacts.pathOf(projectId, artifactId);
  }

  /**
   * Writes rows if they are too many for events. There is no file for the others.
   * @throws {Fault} PAYLOAD_TOO_LARGE as {@link writeRows}
   */
  async keepRows(projectId: string, artifactId: string, rows: readonly Row[]): Promise<KeptRows> {
    return areInline(rows) ? { rows: [...rows] } : { rows_ref: await this.writeRows(projectId, artifactId, rows) };
  }

  /**
   * Writes 1 row or more, in place of what was under the id. They are on the disk then.
   * @throws {Fault} PAYLOAD_TOO_LARGE for more than 256 MiB of JSON lines
   */
  async writeRows(projectId: string, artifactId: string, rows: Iterable<Row>): Promise<RowsRef> {
    return this.writePacked(projectId, artifactId, await packRows(rows));
  }

  /** The same for rows that another thread has packed. */
  async writePacked(projectId: string, artifactId: string, packed: PackedRows): Promise<RowsRef> {
    const { file, ...facts } = packed;
    await this.#artifacts.write(projectId, artifactId, file);
    return { artifact_id: artifactId.toLowerCase(), ...facts };
  }

  /**
   * Reads rows as they were written.
   * @throws {Fault} SERVICE_UNAVAILABLE if the file is not there: another process may have it, so a retry is worth it;
   *   UNREADABLE_FILE if it is another file or damaged
   */
  async readRows(projectId: string, ref: RowsRef): Promise<Row[]> {
    // Anybody can append an event that names a file.
    if (!isUuid(projectId) || !isUuid(ref.artifact_id)) throw damaged(projectId, ref);
    const path = this.#artifacts.pathOf(projectId, ref.artifact_id);
    const about = await stat(path).catch(nullIfMissing);
    if (about === null) {
      const message = `the rows of project ${projectId} are not in STORAGE_DIR, which all processes have to share`;
      throw new Fault('SERVICE_UNAVAILABLE', message, { details: { artifact_id: ref.artifact_id } });
    }
    const rows = about.size > maxFileBytes(ref) ? null : await unpackRows(await readFile(path), ref);
    if (rows === null) throw damaged(projectId, ref);
    return rows;
  }

  /** Removes all files of a project. */
  remove(projectId: string): Promise<void> {
    return this.#artifacts.remove(projectId);
  }

  /**
   * Removes files of projects that there never were: whoever sent them died, or was refused, before the project was
   * accepted. Returns of how many.
   */
  async sweep(redis: Redis, keys: Keys, nowMs: number): Promise<number> {
    let removed = 0;
    for (const { ownerId, modifiedMs } of await this.#artifacts.owners()) {
      if (modifiedMs > nowMs - ORPHAN_AFTER_MS) continue;
      if ((await redis.exists(keys.state('orchestrator', ownerId.toLowerCase()))) === 1) continue;
      await this.remove(ownerId);
      removed += 1;
    }
    return removed;
  }
}

function damaged(projectId: string, { artifact_id }: RowsRef): Fault {
  const message = `the rows of project ${projectId} in STORAGE_DIR, which all processes have to share, are not what was written`;
  return new Fault('UNREADABLE_FILE', message, { details: { artifact_id } });
}
