/**
 * Where a value of an order stands, and how it came to be known.
 *
 * Owns: the shapes of places and fields. Does not own: how anything is read.
 */
import type { Reading, Value } from './values/fields.ts';

interface Artifact {
  artifact_id: string;
  filename: string;
}

/** A place in a file, the message or the form. */
export type Source =
  /** `cell` as spreadsheets name it: `B7`, of a value of several cells the range `B7:B9`. */
  | (Artifact & { kind: 'cell'; sheet: string; cell: string })
  /** `bbox` = x, y, width, height in points, origin top left; pages from 1. */
  | (Artifact & { kind: 'page'; page: number; bbox: readonly [number, number, number, number] })
  /** Lines from 1; `start` and `end` from the beginning of that line, in UTF-16 units. */
  | (Artifact & { kind: 'line'; line: number; start: number; end: number })
  /** A field of the form: `delivery_date`, `subject`, `from_email`, … */
  | { artifact_id: null; filename: null; kind: 'form'; field: string };

export type Method = 'human' | 'form' | 'deterministic' | 'model' | 'default';

/** A value of the order with its place. */
export interface OrderField {
  value: Value | null;
  /** Verbatim; null for what stands nowhere. */
  raw: string | null;
  source: Source | null;
  method: Method;
  confidence: number;
  /** `price_basis`, `conflict`, `ambiguous`, `not_in_source`. */
  flags: readonly string[];
  /** A model's value that stands nowhere: only a person can make it the value. */
  suggestion: unknown;
}

/** What was read at a place; null where the place can be read in several ways. */
export interface Found extends Reading {
  raw: string;
  source: Source;
  method: Method;
  flags: readonly string[];
}
