/**
 * Who and what takes most of the time.
 *
 * Owns: the ranking by text, category, person and project, with cumulative shares.
 */
import { compareCodePoints, firstCodePoints } from './code-points.ts';
import { finite, r2 } from './round.ts';
import { personOf, projectOf } from './row-details.ts';
import { type AnyRow, category, clean, minutes, normalize, textOf } from './rows.ts';

const ENTRIES = 20;
const NAME_CODE_POINTS = 120;

export interface TopEntry {
  /** As in the file, at most 120 code points. Texts that normalize to the same one are one entry, by their first. */
  name: string;
  minutes: number;
  hours: number;
  /** Percent of all minutes. */
  share_percent: number;
  /** Percent of all minutes of this entry and those before it. */
  cumulative_percent: number;
  rows: number;
}

/** Time of what a ranking does not name. */
export interface TopRest {
  /** How many names. */
  count: number;
  minutes: number;
  share_percent: number;
}

export type TopDimension = 'text' | 'category' | 'person' | 'project';

/** By minutes, most first, then by code point; 20 at most. `person` and `project` are absent when no row has one. */
export type Top = { [D in TopDimension]?: TopEntry[] } & {
  /** Beyond the 20. */
  others: { [D in TopDimension]?: TopRest };
  /** Rows that have no text, person or project; `count` is their number. */
  unnamed: { [D in TopDimension]?: TopRest };
};

interface Tally {
  name: string;
  minutes: number;
  rows: number;
}

/** What groups a row, and the name to show for it; an empty key: none. */
const KEYS: Readonly<Record<TopDimension, (row: AnyRow) => readonly [key: string, name: string]>> = {
  text: (row) => {
    const text = textOf(row);
    return [normalize(text), text];
  },
  category: (row) => {
    const name = category(row);
    return [name, name];
  },
  person: (row) => {
    const name = personOf(row);
    return [name, name];
  },
  project: (row) => {
    const name = projectOf(row);
    return [name, name];
  },
};

export function topOf(rows: readonly AnyRow[]): Top {
  let total = 0;
  for (const row of rows) total = finite(total + minutes(row));
  const top: Top = { others: {}, unnamed: {} };
  for (const dimension of Object.keys(KEYS) as TopDimension[]) {
    const { tallies, unnamed } = tally(rows, KEYS[dimension]);
    if (tallies.length === 0 && dimension !== 'text' && dimension !== 'category') continue;
    const ranked = tallies.toSorted((a, b) => b.minutes - a.minutes || compareCodePoints(a.name, b.name));
    top[dimension] = entriesOf(ranked.slice(0, ENTRIES), total);
    const rest = ranked.slice(ENTRIES);
    if (rest.length > 0) top.others[dimension] = restOf(rest.length, rest, total);
    if (unnamed.rows > 0) top.unnamed[dimension] = restOf(unnamed.rows, [unnamed], total);
  }
  return top;
}

function tally(rows: readonly AnyRow[], keyOf: (typeof KEYS)[TopDimension]): { tallies: Tally[]; unnamed: Tally } {
  const tallies = new Map<string, Tally>();
  const unnamed: Tally = { name: '', minutes: 0, rows: 0 };
  for (const row of rows) {
    const [key, name] = keyOf(row);
    let found = key === '' ? unnamed : tallies.get(key);
    if (!found) {
      found = { name: firstCodePoints(clean(name), NAME_CODE_POINTS), minutes: 0, rows: 0 };
      tallies.set(key, found);
    }
    found.minutes = finite(found.minutes + minutes(row));
    found.rows += 1;
  }
  return { tallies: [...tallies.values()], unnamed };
}

const percent = (part: number, whole: number): number => (whole === 0 ? 0 : r2((part / whole) * 100));

function entriesOf(ranked: readonly Tally[], total: number): TopEntry[] {
  let sum = 0;
  return ranked.map(({ name, minutes: spent, rows }) => {
    sum = finite(sum + spent);
    return {
      name,
      minutes: r2(spent),
      hours: r2(spent / 60),
      share_percent: percent(spent, total),
      cumulative_percent: percent(sum, total),
      rows,
    };
  });
}

function restOf(count: number, rest: readonly Tally[], total: number): TopRest {
  let sum = 0;
  for (const { minutes: spent } of rest) sum = finite(sum + spent);
  return { count, minutes: r2(sum), share_percent: percent(sum, total) };
}
