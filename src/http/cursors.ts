/**
 * Cursors of paged lists.
 *
 * Owns: the opaque text. A cursor holds a position and a check over position and list (route, path, filters), so a
 * damaged one and one of another list are told apart from a good one. It is a check, not a secret: a forged
 * position shows nothing that the same key could not page to.
 */
import { hash } from 'node:crypto';
import { invalid } from './errors.ts';

export const PAGE_DEFAULT = 50;
export const PAGE_MAX = 200;

const CHECK_LENGTH = 12;

function checkOf(list: string, position: string): string {
  return hash('sha256', `${list}\n${position}`, 'base64url').slice(0, CHECK_LENGTH);
}

export function encodeCursor(list: string, position: string): string {
  return Buffer.from(checkOf(list, position) + position).toString('base64url');
}

/** The position inside `cursor`. Throws a 400 for one that is damaged or belongs to another list. */
export function decodeCursor(list: string, cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString();
  const position = text.slice(CHECK_LENGTH);
  if (encodeCursor(list, position) !== cursor) {
    throw invalid('The cursor does not belong to this list.', [
      { path: 'query.cursor', message: 'is damaged or belongs to another list' },
    ]);
  }
  return position;
}
