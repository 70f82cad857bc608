/** Measures of text and time as the contract takes them. Pure. */
import { exceedsCodePoints, firstCodePoints } from '../formulas/code-points.ts';

/** Code points that the schemas allow for a text (`s`) and a name (`nm`). */
export const MAX_TEXT = 20_000;
export const MAX_NAME = 200;
/** Elements that the schemas allow for a list. */
export const MAX_LIST = 5_000;

/** At most `limit` code points of the text; a text that was cut ends with an ellipsis. */
export const clip = (text: string, limit: number): string =>
  exceedsCodePoints(text, limit) ? `${firstCodePoints(text, limit - 1)}…` : text;

const CANONICAL_LENGTH = '2026-01-15T10:30:00.000Z'.length;

/** An RFC 3339 time in UTC, with milliseconds. */
export const instant = (timestamp: string): string =>
  timestamp.length === CANONICAL_LENGTH ? timestamp : new Date(timestamp).toISOString();

/** `1 item`, `2 items`. */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
