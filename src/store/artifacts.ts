/**
 * Files on disk that belong to something with an id: `{root}/{owner_id}/{artifact_id}`, the files of orders under
 * `{STORAGE_DIR}/artifacts`, those of projects under `{STORAGE_DIR}/projects`.
 *
 * Owns: where they are, that nobody else can read them, and that what is said to be stored is on the disk. Names that
 * senders give are no part of a path; only uuids are. Does not own when they go.
 */
import { chmod, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { isUuid } from '../../schemas/formats.ts';
import { nullIfMissing, sync, writeDurably } from '../durable-files.ts';

export interface OpenArtifact {
  sizeBytes: number;
  /** Closes the file at its end, and when it is destroyed. */
  stream: Readable;
}

export interface OwnerDirectory {
  ownerId: string;
  /** When a file was last put into it. */
  modifiedMs: number;
}

export class Artifacts {
  readonly #root: string;

  /** @param root folder of this kind of owners; made when it is needed */
  constructor(root: string) {
    this.#root = root;
  }

  directoryOf(ownerId: string): string {
    return join(this.#root, idPart(ownerId));
  }

  pathOf(ownerId: string, artifactId: string): string {
    return join(this.directoryOf(ownerId), idPart(artifactId));
  }

  /** Makes the directory of an owner, if there is none, and returns it. */
  async makeDirectory(ownerId: string): Promise<string> {
    const directory = this.directoryOf(ownerId);
    const made = await mkdir(directory, { recursive: true, mode: 0o700 });
    if (made !== undefined) await syncDirectories(directory, dirname(made));
    return directory;
  }

  /** Moves a file of the same file system here, in place of one of the same id. It is on the disk then. */
  async place(ownerId: string, artifactId: string, fromPath: string): Promise<void> {
    const directory = await this.makeDirectory(ownerId);
    await chmod(fromPath, 0o600);
    await sync(fromPath);
    await rename(fromPath, this.pathOf(ownerId, artifactId));
    await sync(directory);
  }

  /** Writes a file, in place of one of the same id. It is on the disk then. */
  async write(ownerId: string, artifactId: string, bytes: Uint8Array): Promise<void> {
    const directory = await this.makeDirectory(ownerId);
    await writeDurably(directory, idPart(artifactId), bytes);
  }

  /** Null: there is no such file, or no more. */
  async open(ownerId: string, artifactId: string): Promise<OpenArtifact | null> {
    const file = await open(this.pathOf(ownerId, artifactId)).catch(nullIfMissing);
    if (!file) return null;
    try {
      const { size } = await file.stat();
      return { sizeBytes: size, stream: file.createReadStream() };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async has(ownerId: string, artifactId: string): Promise<boolean> {
    return (await stat(this.pathOf(ownerId, artifactId)).catch(nullIfMissing)) !== null;
  }

  async remove(ownerId: string): Promise<void> {
    await rm(this.directoryOf(ownerId), { recursive: true, force: true });
  }

  /** All owners that have files. What is no directory of an owner is left out. */
  async owners(): Promise<OwnerDirectory[]> {
    const names = (await readdir(this.#root).catch(nullIfMissing)) ?? [];
    const found: OwnerDirectory[] = [];
    for (const ownerId of names.filter(isUuid)) {
      const about = await stat(join(this.#root, ownerId)).catch(nullIfMissing);
      if (about?.isDirectory()) found.push({ ownerId, modifiedMs: about.mtimeMs });
    }
    return found;
  }
}

/** An id as a part of a path. @throws {RangeError} for what is no uuid, which no caller may let through */
function idPart(id: string): string {
  if (!isUuid(id)) throw new RangeError(`not an id: ${JSON.stringify(id.slice(0, 64))}`);
  return id.toLowerCase();
}

/** From `from` up to `to`, both included. */
async function syncDirectories(from: string, to: string): Promise<void> {
  for (let path = from; ; path = dirname(path)) {
    await sync(path);
    if (path === to || path === dirname(path)) return;
  }
}
