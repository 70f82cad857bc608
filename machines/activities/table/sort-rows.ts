/**
 * Which rows below a header are no records, as far as that shows without knowing the time of a row.
 *
 * Owns: hidden rows, repeated headers, rows with the label of a total, blank ones. Does not own totals without a label
 * (`find-sums.ts`), which show by their sums alone.
 */
import { kindOf } from '../columns/profile.ts';
import { totalLabel } from '../headers/totals.ts';
import type { IgnoredReason } from '../input-report.ts';
import { type SheetRow, textOf } from '../tables.ts';
import { unitOfWord } from '../values/units.ts';
import { type FoundTable, filledIn, isUnitRow } from './find-table.ts';

export interface SetAside {
  row: SheetRow;
  reason: IgnoredReason;
}

export interface SortedRows {
  records: SheetRow[];
  setAside: SetAside[];
  /** The row of units below the header. */
  units: SheetRow | null;
}

export function sortRows({ header, below }: FoundTable): SortedRows {
  const records: SheetRow[] = [];
  const setAside: SetAside[] = [];
  const headerTexts = header?.cells.map((cell) => textOf(cell).trim().toLowerCase()) ?? [];
  const units = header !== null && below[0] !== undefined && isUnitRow(below[0]) ? below[0] : null;
  const typical = medianOf(below.slice(0, 200).map(wordCells));
  const width = medianOf(below.slice(0, 200).map(filledIn));
  for (const row of units === null ? below : below.slice(1)) {
    const reason = reasonOf(row, headerTexts, typical);
    // Above a repeated header stands the title of a group or the number of a page.
    while (reason === 'repeated header' && width >= 2 && isAlone(records.at(-1))) {
      setAside.push({ row: records.pop() as SheetRow, reason: 'note' });
    }
    if (reason === null) records.push(row);
    else setAside.push({ row, reason });
  }
  return { records, setAside, units };
}

/** One text and nothing else. */
const isAlone = (row: SheetRow | undefined): boolean =>
  row !== undefined && filledIn(row) === 1 && wordCells(row) === 1;

function reasonOf(row: SheetRow, header: readonly string[], typical: number): IgnoredReason | null {
  if (filledIn(row) === 0) return 'blank';
  if (row.hidden) return 'hidden';
  if (repeatsHeader(row, header)) return 'repeated header';
  return totalOf(row, typical);
}

const REPEATED_SHARE = 0.8;

function repeatsHeader({ cells }: SheetRow, header: readonly string[]): boolean {
  let named = 0;
  let same = 0;
  for (const [i, text] of header.entries()) {
    if (text === '') continue;
    named += 1;
    if (textOf(cells[i]).trim().toLowerCase() === text) same += 1;
  }
  return named > 0 && same >= REPEATED_SHARE * named && (named > 1 || filledIn({ cells } as SheetRow) === 1);
}

/** A label of a total beside figures, and less text than a record has. */
function totalOf(row: SheetRow, typical: number): 'total' | 'subtotal' | null {
  let label: 'total' | 'subtotal' | null = null;
  for (const cell of row.cells) {
    const text = textOf(cell).trim();
    if (text === '' || (typeof cell === 'object' && cell.kind !== 'text')) continue;
    label = totalLabel(text);
    if (label !== null || kindOf(cell, text) === 'text') break;
  }
  if (label === null) return null;
  const words = wordCells(row);
  return words === 1 || (words <= 2 && words < typical) ? label : null;
}

/** Cells that are neither empty nor a figure nor its unit. */
export function wordCells({ cells }: SheetRow): number {
  let count = 0;
  for (const cell of cells) {
    const text = textOf(cell).trim();
    if (text === '') continue;
    const kind = kindOf(cell, text);
    const isFigure = kind === 'number' || kind === 'clock' || kind === 'duration';
    if (!isFigure && unitOfWord(text.toLowerCase()) === null) count += 1;
  }
  return count;
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
