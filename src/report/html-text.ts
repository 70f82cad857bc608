/**
 * Texts and numbers as they stand in HTML and SVG.
 *
 * Owns: escaping. Everything that comes from outside goes through `escaped`, in text and in attributes alike.
 */
import { firstCodePoints } from '../../machines/formulas/code-points.ts';
import { plainNumber } from '../../machines/formulas/numbers.ts';
import type { CellValue, ColumnKind } from './report-table.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Characters that draw nothing, or turn the direction of what follows, are left out. */
const UNSEEN = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

export const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replace(UNSEEN, ' ')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] as string);

/** At most `limit` code points, escaped; what is cut ends with an ellipsis. */
export function cutText(text: string, limit: number): string {
  const short = firstCodePoints(text, limit);
  return escaped(short.length < text.length ? `${firstCodePoints(text, limit - 1).trimEnd()}…` : text);
}

/** A number of its kind: two decimals except for counts, `%` at shares. */
export function numberText(value: number, kind: ColumnKind): string {
  if (kind === 'count') return plainNumber(value);
  const text = kind === 'number' ? plainNumber(value) : fixed(value);
  return kind === 'percent' ? `${text} %` : text;
}

/** `1,234.50` */
function fixed(value: number): string {
  const text = plainNumber(value);
  const decimals = text.split('.')[1]?.length ?? 0;
  if (text.includes('e')) return text;
  return decimals === 2 ? text : decimals === 1 ? `${text}0` : `${text}.00`;
}

export const cellText = (value: CellValue, kind: ColumnKind): string =>
  value === null ? '–' : typeof value === 'number' ? numberText(value, kind) : escaped(value);
