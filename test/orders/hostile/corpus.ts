// Files that are made to do harm, each with what must become of it.
import type { ReadDocument } from '../../../machines/orders/document.ts';
import { ARCHIVES } from './archives.ts';
import { MESSAGES } from './messages.ts';
import { PDFS } from './pdfs.ts';
import { TEXTS } from './texts.ts';

export interface HostileFile {
  name: string;
  filename: string;
  bytes(): Buffer;
  /** Only a limit ends it. */
  isEndless?: true;
  expected:
    | { status: ReadDocument['status']; reason?: string | null | readonly string[]; texts?: readonly string[] }
    /** Whatever, as long as it ends. */
    | { status: 'any' };
}

export const CORPUS: readonly HostileFile[] = [...ARCHIVES, ...TEXTS, ...PDFS, ...MESSAGES];
