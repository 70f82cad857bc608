/**
 * Days as spreadsheets count them: 46083 under the header of a date.
 *
 * Owns: telling them from other numbers, and making dates of them before anything else looks at the table.
 */
import { matchHeader } from './headers/match-header.ts';
import type { Role } from './headers/roles.ts';
import type { FoundTable } from './table/find-table.ts';
import { type Cell, type SheetRow, textOf } from './tables.ts';

const DATES: ReadonlySet<Role> = new Set<Role>([
  'date',
  'start_date',
  'end_date',
  'start',
  'end',
  'timestamp',
  'created',
  'due',
]);
/** 2009 to 2064. */
const FIRST_SERIAL = 40_000;
const LAST_SERIAL = 60_000;
const SERIAL = /^[45]\d{4}(?:\.\d{1,15})?$/;
const ROWS_LOOKED_AT = 200;
const SERIAL_SHARE = 0.9;
const EPOCH_MS = Date.UTC(1899, 11, 30);
const MS_PER_MINUTE = 60_000;
const MINUTES_PER_DAY = 1_440;

export interface DatedTable {
  table: FoundTable;
  /** Headers of the columns that were read so. */
  columns: string[];
}

export function withSerialDates(table: FoundTable): DatedTable {
  const found = table.headers.flatMap((header, index) => {
    const [match] = header === '' ? [] : matchHeader(header);
    return match !== undefined && DATES.has(match.role) && holdsSerials(table.below, index) ? [index] : [];
  });
  if (found.length === 0) return { table, columns: [] };
  const below = table.below.map((row): SheetRow => {
    const cells = row.cells.slice();
    for (const index of found) {
      const serial = serialIn(cells[index]);
      if (serial !== null) cells[index] = dateCell(serial);
    }
    return { ...row, cells };
  });
  return { table: { ...table, below }, columns: found.map((index) => table.headers[index] as string) };
}

export const serialDatesSentence = (columns: readonly string[]): string =>
  `${columns.map((name) => `"${name}"`).join(', ')} ${columns.length === 1 ? 'holds' : 'hold'} days counted from 1900, as spreadsheets store them; they are read as dates.`;

function holdsSerials(rows: readonly SheetRow[], index: number): boolean {
  let filled = 0;
  let serials = 0;
  for (const { cells } of rows.slice(0, ROWS_LOOKED_AT)) {
    if (textOf(cells[index]).trim() === '') continue;
    filled += 1;
    if (serialIn(cells[index]) !== null) serials += 1;
  }
  return serials > 0 && serials >= SERIAL_SHARE * filled;
}

function serialIn(cell: Cell | undefined): number | null {
  if (typeof cell === 'object' && cell.kind !== 'number') return null;
  const value = typeof cell === 'object' ? cell.value : SERIAL.test((cell ?? '').trim()) ? Number(cell) : Number.NaN;
  return value >= FIRST_SERIAL && value < LAST_SERIAL ? value : null;
}

function dateCell(serial: number): Cell {
  const minutes = Math.round(serial * MINUTES_PER_DAY);
  const value = EPOCH_MS + minutes * MS_PER_MINUTE;
  const iso = new Date(value).toISOString();
  return { kind: 'date', value, text: minutes % MINUTES_PER_DAY === 0 ? iso.slice(0, 10) : iso.slice(0, 19) };
}
