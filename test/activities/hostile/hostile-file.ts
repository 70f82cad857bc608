/** What a file that is made to do harm is, and what may become of it. */
export interface HostileFile {
  name: string;
  filename: string;
  bytes(): Buffer;
  /** Form fields beside the file. */
  fields?: Readonly<Record<string, string>>;
  expected: Expected;
  /** Costs too much for a test; `measure.ts` looks at it. */
  isMeasuredOnly?: true;
}

export type Expected =
  | { status: 200; rows: number; minutes?: number }
  | { status: 400 | 413 | 415; path?: string; message: RegExp }
  /** Whatever, as long as it is an answer. */
  | 'any';

const MIB = 1024 * 1024;
/** A little below the limit for uploads, which counts the whole form. */
export const MAX_BYTES = 10 * MIB - 4096;

/** As many whole pieces as fit, after a head. */
export function filled(piece: string, head = '', bytes = MAX_BYTES): Buffer {
  const room = bytes - Buffer.byteLength(head);
  return Buffer.from(head + piece.repeat(Math.floor(room / Buffer.byteLength(piece))));
}

/** Lines of a text file that is no larger than an upload may be. */
export function lines(count: number, line: (index: number) => string, head = 'Task,Hours'): Buffer {
  return Buffer.from([head, ...Array.from({ length: count }, (_, i) => line(i))].join('\n'));
}
