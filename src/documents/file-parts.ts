/**
 * Files that need not be in memory as a whole.
 *
 * Owns: reading pieces of them.
 */
import { open } from 'node:fs/promises';

export interface FileParts {
  sizeBytes: number;
  /** Fewer bytes than asked for at the end of the file. */
  read(fromByte: number, lengthBytes: number): Promise<Uint8Array>;
}

/** A file that is in memory. */
export function partsOf(bytes: Uint8Array): FileParts {
  return {
    sizeBytes: bytes.length,
    read: async (from, length) => bytes.subarray(from, from + length),
  };
}

/** Opens a file for as long as `use` takes. Rejects if there is none. */
export async function withFile<T>(path: string, use: (file: FileParts) => Promise<T>): Promise<T> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    return await use({
      sizeBytes: size,
      async read(from, length) {
        const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, from);
        return buffer.subarray(0, bytesRead);
      },
    });
  } finally {
    await file.close();
  }
}
