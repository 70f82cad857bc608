/**
 * A file as it was read: what order extraction works on, and what a reviewer is shown of it.
 *
 * Owns: the shapes that readers make of bytes. A reader says what stands where and what is hidden; it decides nothing
 * about orders. All of it is plain data: it crosses threads and is stored.
 */

/** A cell that is not empty. */
export interface Cell {
  /** As spreadsheets name it, `B7`. */
  ref: string;
  /** From 0. */
  row: number;
  /** From 0. */
  column: number;
  /** What a person sees, verbatim. Of a formula: its cached value. */
  text: string;
  /** What is stored, where that is not text: an exact decimal (`12.5`), or a calendar day (`2026-03-02`). */
  typed?: { kind: 'number'; decimal: string } | { kind: 'date'; day: string };
  /** Hidden row, column or sheet, text in the color of its cell or smaller than 1 pt, covered by a merged cell. */
  hidden: boolean;
}

export interface Sheet {
  name: string;
  hidden: boolean;
  /** Cells that are not empty, row by row, from left to right. */
  rows: readonly (readonly Cell[])[];
}

/** A run of text on a page. Points, origin top left; the baseline of upright text is at `y + h`. */
export interface PageItem {
  text: string;
  x: number;
  y: number;
  w: number;
  h: number;
  /** In the color of what is under it, painted over, smaller than 1 pt, invisible or off the page. */
  hidden: boolean;
}

export interface Page {
  /** From 1. */
  number: number;
  width: number;
  height: number;
  items: readonly PageItem[];
}

export type Content =
  | { kind: 'sheets'; sheets: readonly Sheet[] }
  | { kind: 'pages'; pages: readonly Page[] }
  /** `hidden`: what an HTML message says where nobody sees it; it is not part of `text`. */
  | { kind: 'lines'; text: string; hidden?: string };

/** What became of one file. */
export interface ReadDocument {
  artifact_id: string;
  /** The message that it was attached to. */
  parent_id: string | null;
  filename: string;
  mime_type: string;
  size: number;
  sha256: string;
  status: 'parsed' | 'needs_ocr' | 'unreadable' | 'skipped';
  /** Why it is not `parsed`: `inflated size`, `encrypted`, `unsupported type`, … */
  reason: string | null;
  /** Content and extension or declared type disagree: what it is, and what it calls itself. */
  mismatch: string | null;
  /** Null unless `parsed`. */
  content: Content | null;
}

/** A raw message taken apart. Its body is a document of its own, `body.txt`, the first of `documents`. */
export interface ReadMessage {
  from: string | null;
  subject: string;
  /** Text, else HTML as text. */
  body: string;
  documents: readonly ReadDocument[];
}
