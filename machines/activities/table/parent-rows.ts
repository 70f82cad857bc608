/**
 * Rows of a plan that repeat the time of the rows below them.
 *
 * Owns: outlines by number (`1`, `1.1`), by level, and by the id of the parent. A parent whose time is not the sum of its children is a record.
 */
import type { Column } from '../columns/column.ts';
import { type SheetRow, textOf } from '../tables.ts';
import type { TimedRow } from '../time/time-source.ts';

const OUTLINE_NUMBER = /^\d{1,4}(?:\.\d{1,4}){0,9}\.?$/;
const LEVEL_HEADER =
  /^(?:outline )?level$|^gliederungsebene$|^ebene$|^niveau(?: hiérarchique)?$|^nivel$|^livello$|^niveau$|^poziom$|^úroveň$/iu;
const NUMBER_HEADER =
  /^(?:wbs|psp|outline|edt|struktur|nr|no|#|pos|id)\b|wbs|outline number|gliederungs(?:nummer|code)/iu;
const OUTLINE_SHARE = 0.9;

/** Parents that are the sum of what is below them. */
export function parentRows(timed: readonly TimedRow[], columns: readonly Column[]): SheetRow[] {
  const depths = depthsOf(timed, columns);
  return depths === null ? parentsById(timed, columns) : sumsBelow(timed, depths);
}

const PARENT_HEADER = /^(?:parent|parent (?:id|key|task|issue)|übergeordnet\p{L}*)\b/iu;
const ID_HEADER = /^(?:id|key|issue key|task id|nr|no|number|#)\b/iu;
const KNOWN_SHARE = 0.8;

/** Rows that others name as their parent, with the sum of those as their time. */
function parentsById(timed: readonly TimedRow[], columns: readonly Column[]): SheetRow[] {
  const parent = columns.find(({ header, profile }) => PARENT_HEADER.test(header) && profile.filled > 0);
  const id = columns.find((column) => column !== parent && ID_HEADER.test(column.header));
  if (!parent || !id) return [];
  const textAt = ({ row }: TimedRow, { index }: Column) => textOf(row.cells[index]).trim();
  const rows = new Map(timed.map((each) => [textAt(each, id), each]));
  const sums = new Map<string, number>();
  let named = 0;
  let known = 0;
  for (const each of timed) {
    const above = textAt(each, parent);
    if (above === '') continue;
    named += 1;
    if (!rows.has(above)) continue;
    known += 1;
    const minutes = each.reading.state === 'given' ? each.reading.minutes : 0;
    sums.set(above, (sums.get(above) ?? 0) + minutes);
  }
  if (known < KNOWN_SHARE * named) return [];
  return [...sums].flatMap(([key, sum]) => {
    const { row, reading } = rows.get(key) as TimedRow;
    const isSum = reading.state === 'given' && sum > 0 && Math.abs(reading.minutes - sum) <= 1 + 0.001 * sum;
    return isSum ? [row] : [];
  });
}

/** Depth of each row in the outline; null where there is no outline with parents. */
function depthsOf(timed: readonly TimedRow[], columns: readonly Column[]): number[] | null {
  for (const { header, index } of columns) {
    const isLevel = LEVEL_HEADER.test(header);
    if (!isLevel && !NUMBER_HEADER.test(header)) continue;
    const texts = timed.map(({ row }) => textOf(row.cells[index]).trim());
    const fitting = texts.filter((text) => (isLevel ? /^\d{1,2}$/ : OUTLINE_NUMBER).test(text)).length;
    if (fitting < OUTLINE_SHARE * timed.length) continue;
    const depths = texts.map((text) => (isLevel ? Number(text) : text.replace(/\.$/, '').split('.').length));
    if (new Set(depths).size > 1 && depths.every((depth) => Number.isFinite(depth))) return depths;
  }
  return null;
}

/** One pass with a stack of open parents; each leaf adds to all of them. */
function sumsBelow(timed: readonly TimedRow[], depths: readonly number[]): SheetRow[] {
  const found: SheetRow[] = [];
  const open: { at: number; depth: number; leaves: number; children: number }[] = [];
  const close = (depth: number) => {
    for (let top = open.at(-1); top && top.depth >= depth; top = open.at(-1)) {
      open.pop();
      const { row, reading } = timed[top.at] as TimedRow;
      const minutes = reading.state === 'given' ? reading.minutes : 0;
      const isParent = top.children > 0;
      if (isParent && minutes > 0 && Math.abs(minutes - top.leaves) <= 1 + 0.001 * minutes) found.push(row);
      const parent = open.at(-1);
      if (parent) {
        parent.children += 1;
        parent.leaves += isParent ? top.leaves : minutes;
      }
    }
  };
  for (const [at, depth] of depths.entries()) {
    close(depth);
    open.push({ at, depth, leaves: 0, children: 0 });
  }
  close(Number.NEGATIVE_INFINITY);
  return found;
}
