/**
 * Which sheets of a file are read: all, or the one that is named.
 */
import { firstCodePoints } from '../../../machines/formulas/code-points.ts';
import { Refused } from '../table.ts';

const MAX_MESSAGE_CODE_POINTS = 1_000;

/**
 * @param wanted name of a sheet in any case, undefined for all
 * @throws {Refused} if there is none of that name; the message lists those there are
 */
export function chooseSheets<T extends { name: string | null }>(
  sheets: readonly T[],
  wanted: string | undefined,
): readonly T[] {
  if (wanted === undefined) return sheets;
  const folded = wanted.trim().toLowerCase();
  const named = sheets.find(({ name }) => name?.trim().toLowerCase() === folded);
  if (named) return [named];
  const names = sheets.flatMap(({ name }) => name ?? []);
  const message =
    names.length === 0
      ? 'the file has no sheets with names'
      : `there is no sheet ${JSON.stringify(wanted)}; sheets: ${names.join(', ')}`;
  throw new Refused(400, firstCodePoints(message, MAX_MESSAGE_CODE_POINTS), 'sheet');
}
