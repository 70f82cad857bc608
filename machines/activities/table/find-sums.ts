/**
 * Rows that are no records because of what their time is: totals without a label, groups with their sum above.
 *
 * Owns: finding them by their sums, and lines without time that stand below a table. One pass over the records each.
 */
import type { Column } from '../columns/column.ts';
import { type SheetRow, textOf } from '../tables.ts';
import type { TimedRow } from '../time/time-source.ts';
import { filledIn } from './find-table.ts';
import { parentRows } from './parent-rows.ts';
import { type SetAside, wordCells } from './sort-rows.ts';

/** Minutes by which a sum may differ: what rounding of each row adds up to is bounded by its share. */
const TOLERANCE_MINUTES = 1;
const TOLERANCE_SHARE = 0.001;
const MIN_SUMMED = 2;

export interface SumsFound {
  records: TimedRow[];
  setAside: SetAside[];
}

/**
 * @param texts columns of the text, best first; empty when there is none
 * @param labelledTotal number of the last row that is a total by its label, 0 if there is none
 */
export function findSums(
  timed: readonly TimedRow[],
  columns: readonly Column[],
  texts: readonly Column[],
  labelledTotal: number,
): SumsFound {
  const groups = new Set([...groupRows(timed, texts), ...parentRows(timed, columns)]);
  if (groups.size > 0) {
    return {
      records: timed.filter(({ row }) => !groups.has(row)),
      setAside: [...groups].map((row) => ({ row, reason: 'subtotal' })),
    };
  }
  return withoutNotes(withoutTotals(timed, texts), texts, labelledTotal);
}

const isNear = (minutes: number, sum: number): boolean =>
  Math.abs(minutes - sum) <= TOLERANCE_MINUTES + TOLERANCE_SHARE * Math.abs(sum);

const given = ({ reading }: TimedRow): number | null => (reading.state === 'given' ? reading.minutes : null);

function textIn(row: SheetRow, texts: readonly Column[]): string {
  for (const { index } of texts) {
    const text = textOf(row.cells[index]).trim();
    if (text !== '') return text;
  }
  return '';
}

/**
 * Rows whose time is the sum of what stands above, and which say no more than that: figures alone, or in the last rows
 * one word where records have several. A row with a date or a person of its own is a record, whatever its time is.
 */
function withoutTotals(timed: readonly TimedRow[], texts: readonly Column[]): SumsFound {
  const records: TimedRow[] = [];
  const setAside: SetAside[] = [];
  const typical = typicalFill(timed);
  const typicalWords = median(timed.slice(0, LOOKED_AT).map(({ row }) => wordCells(row)));
  let all = 0;
  let block = 0;
  let rowsInBlock = 0;
  for (const [at, each] of timed.entries()) {
    const minutes = given(each);
    if (minutes !== null && minutes > 0 && filledIn(each.row) < typical) {
      const words = wordCells(each.row);
      const isBare = words === 0;
      const isLabelled = words === 1 && typicalWords >= 2;
      const isLast = at >= timed.length - 3 && isLabelled;
      const hasText = textIn(each.row, texts) !== '';
      const isAll = (isBare || isLast) && records.length >= MIN_SUMMED && isNear(minutes, all);
      const isBlock = rowsInBlock >= MIN_SUMMED && isNear(minutes, block) && (isBare || (isLabelled && !hasText));
      if ((isAll || isBlock) && (isBare || isNewWord(each.row, records))) {
        setAside.push({ row: each.row, reason: isAll ? 'total' : 'subtotal' });
        block = 0;
        rowsInBlock = 0;
        continue;
      }
    }
    records.push(each);
    all += minutes ?? 0;
    block += minutes ?? 0;
    rowsInBlock += 1;
  }
  return { records, setAside };
}

const LOOKED_BACK = 500;

/** The one word of a row is none that its column has had: no person or project, but a label. */
function isNewWord(row: SheetRow, above: readonly TimedRow[]): boolean {
  const index = row.cells.findIndex((cell) => {
    const text = textOf(cell).trim();
    return text !== '' && !/^[\d\s.,:+-]+$/.test(text);
  });
  const word = textOf(row.cells[index]).trim();
  return !above.slice(-LOOKED_BACK).some((other) => textOf(other.row.cells[index]).trim() === word);
}

const GROUP_SHARE = 0.8;

/**
 * Rows that head a group: they have no text, a time that is the sum of the rows below, and either a column of their own
 * that those rows leave empty, as the name of a project over its entries, or nothing but a label that no row below has.
 */
function groupRows(timed: readonly TimedRow[], texts: readonly Column[]): ReadonlySet<SheetRow> {
  const [text] = texts;
  const found = new Set<SheetRow>();
  if (!text || timed.length < 3) return found;
  const isHead = ({ row }: TimedRow) => textOf(row.cells[text.index]).trim() === '' && filledIn(row) >= 2;
  if (!isHead(timed[0] as TimedRow)) return found;
  let heads = 0;
  for (let at = 0; at < timed.length; ) {
    const head = timed[at] as TimedRow;
    let sum = 0;
    let own = filledColumns(head.row);
    let end = at + 1;
    for (; end < timed.length && !isHead(timed[end] as TimedRow); end += 1) {
      const member = timed[end] as TimedRow;
      sum += given(member) ?? 0;
      own = own.filter((index) => textOf(member.row.cells[index]).trim() === '');
    }
    heads += 1;
    const minutes = given(head);
    const members = timed.slice(at + 1, end);
    const isLabel = wordCells(head.row) === 1 && isNewWord(head.row, members);
    if (end > at + 1 && (own.length > 0 || isLabel) && minutes !== null && minutes > 0 && isNear(minutes, sum))
      found.add(head.row);
    at = end;
  }
  if (found.size < GROUP_SHARE * heads || heads === timed.length) found.clear();
  return found;
}

const filledColumns = ({ cells }: SheetRow): number[] =>
  cells.flatMap((cell, index) => (textOf(cell).trim() === '' ? [] : [index]));

/** Lines below the table: one cell and no time, after a total or a gap, or where no text of a record stands. */
function withoutNotes({ records, setAside }: SumsFound, texts: readonly Column[], labelledTotal: number): SumsFound {
  const lastTotal = Math.max(labelledTotal, ...setAside.map(({ row }) => row.number));
  const kept = records.slice();
  const typical = typicalFill(records);
  if (typical < 2) return { records, setAside };
  const isLone = (timed: TimedRow | undefined) =>
    timed !== undefined &&
    timed.reading.state === 'empty' &&
    (filledIn(timed.row) === 1 || (filledIn(timed.row) === 2 && typical >= 5));
  let tail = kept.length;
  while (tail > 1 && isLone(kept[tail - 1])) tail -= 1;
  const first = kept[tail];
  if (first === undefined) return { records, setAside };
  const gap = first.row.number - (kept[tail - 1] as TimedRow).row.number > 1;
  const followsTotal = lastTotal > 0 && first.row.number > lastTotal;
  // Without a gap a lone text may be a record whose time is missing.
  for (const last of kept.slice(tail).toReversed()) {
    if (!gap && !followsTotal && textIn(last.row, texts) !== '') break;
    setAside.push({ row: last.row, reason: 'note' });
    kept.pop();
  }
  return { records: kept, setAside };
}

const LOOKED_AT = 500;

const typicalFill = (timed: readonly TimedRow[]): number =>
  median(timed.slice(0, LOOKED_AT).map(({ row }) => filledIn(row)));

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
