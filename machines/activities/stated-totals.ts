/**
 * Totals that a file states, with the sums that they could be of.
 *
 * Owns: that totals are compared within their own sheet, and that a sum may stand above the rows that it adds up.
 */
import type { StatedTotal } from './checks.ts';
import type { SetAside } from './table/sort-rows.ts';
import type { SheetRow } from './tables.ts';
import type { TimedRow, TimeReading } from './time/time-source.ts';

export interface TotalsToState {
  kept: readonly TimedRow[];
  aside: readonly SetAside[];
  read(row: SheetRow): TimeReading;
  /** Index of the sheet of each row; row numbers repeat from sheet to sheet. */
  sheetOf: ReadonlyMap<SheetRow, number>;
}

/** A record, or a row that was set aside as a sum. */
interface Line {
  row: SheetRow;
  minutes: number | null;
  isTotal: boolean;
}

/** A total to which the sum of what follows can still be added. */
interface OpenTotal extends StatedTotal {
  sums: number[];
}

export function statedTotals({ kept, aside, read, sheetOf }: TotalsToState): StatedTotal[] {
  const minutesOf = (reading: TimeReading): number | null => (reading.state === 'given' ? reading.minutes : null);
  const totals = aside.filter(({ reason }) => reason === 'total' || reason === 'subtotal');
  if (totals.length === 0) return [];
  const bySheet = new Map<number, Line[]>();
  const add = (line: Line) => {
    const sheet = sheetOf.get(line.row) ?? 0;
    const lines = bySheet.get(sheet);
    if (lines) lines.push(line);
    else bySheet.set(sheet, [line]);
  };
  let everything = 0;
  for (const { row, reading } of kept) {
    everything += minutesOf(reading) ?? 0;
    add({ row, minutes: minutesOf(reading), isTotal: false });
  }
  for (const { row } of totals) add({ row, minutes: minutesOf(read(row)), isTotal: true });
  return [...bySheet.values()].flatMap((lines) => totalsOfSheet(lines, everything));
}

function totalsOfSheet(lines: readonly Line[], everything: number): StatedTotal[] {
  const ordered = lines.toSorted((a, b) => a.row.number - b.row.number);
  const all = ordered.reduce((sum, { minutes, isTotal }) => sum + (isTotal ? 0 : (minutes ?? 0)), 0);
  const stated: OpenTotal[] = [];
  let above = 0;
  let since = 0;
  let open: OpenTotal | null = null;
  for (const { row, minutes, isTotal } of ordered) {
    if (!isTotal) {
      above += minutes ?? 0;
      since += minutes ?? 0;
      continue;
    }
    // What follows a sum, up to the next one, may be what it adds up.
    open?.sums.push(since);
    open = null;
    if (minutes !== null) {
      open = { number: row.number, minutes, sums: [since, above, all, everything] };
      stated.push(open);
    }
    since = 0;
  }
  open?.sums.push(since);
  return stated;
}
