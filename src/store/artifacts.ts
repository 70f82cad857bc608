/**
 * The files of orders on disk: `{STORAGE_DIR}/artifacts/{order_id}/{artifact_id}`.
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

export interface OrderDirectory {
  orderId: string;
  /** When a file was last put into it. */
  modifiedMs: number;
}

export class Artifacts {
  readonly #root: string;

  /** @param root `{STORAGE_DIR}/artifacts` */
  constructor(root: string) {
    this.#root = root;
  }

  directoryOf(orderId: string): string {
    return join(this.#root, idPart(orderId));
  }

  pathOf(orderId: string, artifactId: string): string {
    return join(this.directoryOf(orderId), idPart(artifactId));
  }

  /** Makes the directory of an order, if there is none, and returns it. */
  async makeDirectory(orderId: string): Promise<string> {
    const directory = this.directoryOf(orderId);
    const made = await mkdir(directory, { recursive: true, mode: 0o700 });
    if (made !== undefined) await syncDirectories(directory, dirname(made));
    return directory;
  }

  /** Moves a file of the same file system here, in place of one of the same id. It is on the disk then. */
  async place(orderId: string, artifactId: string, fromPath: string): Promise<void> {
    const directory = await this.makeDirectory(orderId);
    await chmod(fromPath, 0o600);
    await sync(fromPath);
    await rename(fromPath, this.pathOf(orderId, artifactId));
    await sync(directory);
  }

  /** Writes a file, in place of one of the same id. It is on the disk then. */
  async write(orderId: string, artifactId: string, bytes: Uint8Array): Promise<void> {
    const directory = await this.makeDirectory(orderId);
    await writeDurably(directory, idPart(artifactId), bytes);
  }

  /** Null: there is no such file, or no more. */
  async open(orderId: string, artifactId: string): Promise<OpenArtifact | null> {
    const file = await open(this.pathOf(orderId, artifactId)).catch(nullIfMissing);
    if (!file) return null;
    try {
      const { size } = await file.stat();
      return { sizeBytes: size, stream: file.createReadStream() };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async has(orderId: string, artifactId: string): Promise<boolean> {
    return (await stat(this.pathOf(orderId, artifactId)).catch(nullIfMissing)) !== null;
  }

  async remove(orderId: string): Promise<void> {
    await rm(this.directoryOf(orderId), { recursive: true, force: true });
  }

  /** All orders that have files. What is no directory of an order is left out. */
  async orders(): Promise<OrderDirectory[]> {
    const names = (await readdir(this.#root).catch(nullIfMissing)) ?? [];
    const found: OrderDirectory[] = [];
    for (const orderId of names.filter(isUuid)) {
      const about = await stat(join(this.#root, orderId)).catch(nullIfMissing);
      if (about?.isDirectory()) found.push({ orderId, modifiedMs: about.mtimeMs });
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
