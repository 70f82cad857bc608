/**
 * The columns that a caller's mapping names.
 *
 * Owns: finding a column by its header, in any case, and saying which headers there are when it is not there.
 */
import { firstCodePoints } from '../formulas/code-points.ts';
import type { Column } from './columns/column.ts';
import type { ActivityMapping } from './mapping.ts';

export const MAPPED_USES = [
  'text',
  'category',
  'duration',
  'start',
  'end',
  'date',
  'person',
  'project',
  'rate',
] as const;
export type MappedUse = (typeof MAPPED_USES)[number];

export interface MappingProblem {
  use: MappedUse;
  message: string;
}

export interface ResolvedMapping {
  columns: ReadonlyMap<MappedUse, readonly Column[]>;
  problems: readonly MappingProblem[];
}

const MESSAGE_CODE_POINTS = 1_000;

export function resolveMapping(mapping: ActivityMapping, columns: readonly Column[]): ResolvedMapping {
  const byName = new Map<string, Column>();
  for (const column of columns) {
    for (const name of [column.name, column.header]) {
      const key = folded(name);
      if (key !== '' && !byName.has(key)) byName.set(key, column);
    }
  }
  const found = new Map<MappedUse, Column[]>();
  const problems: MappingProblem[] = [];
  for (const use of MAPPED_USES) {
    const named = mapping[use];
    if (named === undefined) continue;
    const list = typeof named === 'string' ? [named] : named;
    for (const name of list) {
      const column = byName.get(folded(name));
      if (column) found.set(use, [...(found.get(use) ?? []), column]);
      else problems.push({ use, message: missing(name, columns) });
    }
  }
  return { columns: found, problems };
}

const folded = (name: string): string => name.normalize('NFC').trim().replace(/\s+/g, ' ').toLowerCase();

const missing = (name: string, columns: readonly Column[]): string =>
  listing(
    `there is no column ${JSON.stringify(name)}`,
    columns.map((column) => column.name),
  );

export const withoutText = (names: readonly string[]): string =>
  listing('no column holds the text of an activity', names);

function listing(what: string, names: readonly string[]): string {
  const headers = names.map((name) => JSON.stringify(name)).join(', ');
  return firstCodePoints(`${what}; columns: ${headers}`, MESSAGE_CODE_POINTS);
}
