/**
 * Rows as a client gives them in JSON, made into rows of the bus: in `POST /api/projects` and in the answer to a
 * question about `rows`.
 *
 * Owns: what such a row may hold, and the estimate and category of one that has none. Does not own: files
 * (`src/documents`).
 */
import { pointerPart } from '../../schemas/json.ts';
import type { Row } from '../../schemas/types.ts';
import { categoryOf } from './categories.ts';
import { exceedsCodePoints } from './code-points.ts';
import { parseDuration } from './durations.ts';
import { estimateByWords } from './estimates.ts';

const TEXT_CODE_POINTS = 20_000;
const NAME_CODE_POINTS = 200;
/** Enough to see what is wrong with a list. */
const MAX_ERRORS = 100;
const KEYS = new Set(['text', 'estimated_minutes', 'category', 'id']);

/** `path` is a JSON pointer into the list. */
export interface RowError {
  path: string;
  message: string;
}

export type GivenRows = { rows: Row[] } | { errors: RowError[] };

/**
 * Reads 1–`maxRows` rows `{text, estimated_minutes?, category?, id?}`. Numbers are minutes as they are, strings are
 * durations, an absent estimate is inferred from the text. Total: any JSON value gives rows or the first 100 errors.
 */
export function readGivenRows(value: unknown, maxRows: number): GivenRows {
  if (!Array.isArray(value)) return { errors: [{ path: '', message: 'must be an array of rows' }] };
  if (value.length < 1 || value.length > maxRows) {
    return { errors: [{ path: '', message: `must have 1 to ${maxRows} rows, has ${value.length}` }] };
  }
  const errors: RowError[] = [];
  const rows: Row[] = [];
  for (const [i, given] of value.entries()) {
    const row = readRow(given, (key, message) => errors.push({ path: `/${i}${key}`, message }));
    if (row) rows.push(row);
    if (errors.length >= MAX_ERRORS) break;
  }
  return errors.length > 0 ? { errors: errors.slice(0, MAX_ERRORS) } : { rows };
}

type Report = (key: string, message: string) => void;

function readRow(given: unknown, report: Report): Row | null {
  if (given === null || typeof given !== 'object' || Array.isArray(given)) {
    report('', 'must be an object');
    return null;
  }
  for (const key of Object.keys(given)) {
    if (!KEYS.has(key)) report(`/${pointerPart(key)}`, 'is not a key of a row');
  }
  const { text, estimated_minutes, category, id } = given as Record<string, unknown>;
  const estimate = readEstimate(estimated_minutes);
  if (!isText(text, 0, TEXT_CODE_POINTS)) report('/text', `must be a string of at most ${TEXT_CODE_POINTS} characters`);
  else if (typeof estimate === 'string') report('/estimated_minutes', estimate);
  else if (!(category === undefined || category === null || isText(category, 0, NAME_CODE_POINTS))) {
    report('/category', `must be null or a string of at most ${NAME_CODE_POINTS} characters`);
  } else if (!(id === undefined || isText(id, 1, NAME_CODE_POINTS))) {
    report('/id', `must be a string of 1 to ${NAME_CODE_POINTS} characters`);
  } else {
    return {
      text,
      category: categoryOf(category, text),
      estimated_minutes: estimate ?? estimateByWords(text),
      estimate_source: estimate === null ? 'inferred' : 'given',
      ...(id !== undefined && { id }),
    };
  }
  return null;
}

/** Minutes; null: none given; a string: what is wrong. */
function readEstimate(given: unknown): number | null | string {
  if (given === undefined || given === null) return null;
  if (typeof given === 'number') return given >= 0 && given < Infinity ? given : 'must be ≥ 0';
  if (typeof given !== 'string') return 'must be a number of minutes, a duration such as "1.5h", or null';
  return parseDuration(given) ?? 'is not a duration of at least one minute, such as "90", "1.5h" or "1h30"';
}

function isText(value: unknown, min: number, max: number): value is string {
  return typeof value === 'string' && value.length >= min && !exceedsCodePoints(value, max);
}
