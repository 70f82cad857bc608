/**
 * A column of a table: where it is, what it is called, and what is in it.
 *
 * Owns: naming columns that have no name or share one, and asking a column for its roles.
 */
import { clean } from '../../formulas/rows.ts';
import { matchHeader, type RoleMatch } from '../headers/match-header.ts';
import type { Role } from '../headers/roles.ts';
import { type Cell, type SheetRow, textOf } from '../tables.ts';
import { type ColumnProfile, profileOf, sampleOf } from './profile.ts';
import { settleRoles } from './settle-roles.ts';

export interface Column {
  /** Place in the rows of the sheet, from 0. */
  index: number;
  /** As the file has it; `column_<n>` where it is blank, `<name> (2)` where it is repeated. */
  name: string;
  /** Blank if the file has none. */
  header: string;
  /** What the header says, most telling first. */
  roles: readonly RoleMatch[];
  profile: ColumnProfile;
}

const NAME_CODE_UNITS = 200;

/** Names of columns from their headers. */
export function nameColumns(headers: readonly string[]): string[] {
  const taken = new Set<string>();
  const repeats = new Map<string, number>();
  return headers.map((header, i) => {
    const wanted = clean(header).slice(0, NAME_CODE_UNITS) || `column_${i + 1}`;
    let name = wanted;
    for (let n = repeats.get(wanted) ?? 2; taken.has(name); n += 1) {
      name = `${wanted} (${n})`;
      repeats.set(wanted, n + 1);
    }
    taken.add(name);
    return name;
  });
}

/**
 * The columns that have a header or a content.
 * @param headers '' where the file has none; as many as the widest row has cells
 */
export function columnsOf(headers: readonly string[], records: readonly SheetRow[]): Column[] {
  const filled = new Array<number>(headers.length).fill(0);
  for (const { cells } of records) {
    for (let i = 0; i < cells.length; i += 1) {
      const cell = cells[i];
      if (cell !== '' && cell !== undefined && textOf(cell).trim() !== '') filled[i] = (filled[i] ?? 0) + 1;
    }
  }
  const names = nameColumns(headers);
  const sample = sampleOf(records);
  return headers.flatMap((header, index) => {
    const count = filled[index] ?? 0;
    if (count === 0 && header.trim() === '') return [];
    const cells: (Cell | undefined)[] = count === 0 ? [] : sample.map((record) => record.cells[index]);
    const name = names[index] as string;
    const profile = profileOf(cells, count);
    return [{ index, name, header, roles: settleRoles(header, matchHeader(header), profile), profile }];
  });
}

/** What the header says first of all. */
export const roleOf = ({ roles }: Column): Role | null => roles[0]?.role ?? null;

/** Whether the header says one of these first, or as well as what it says first. */
export const saysOneOf = ({ roles }: Column, wanted: readonly Role[]): boolean =>
  roles.some(({ role, strength }) => strength === roles[0]?.strength && wanted.includes(role));

export const strengthOf = ({ roles }: Column): number => roles[0]?.strength ?? 0;
