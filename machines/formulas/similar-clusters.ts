/**
 * Activities that recur in other words: “Invoice 4711 for March”, “invoice 4712 for April”.
 *
 * Owns: which rows are one recurring activity, and the figures of each. Exact repeats stay with `friction.ts`.
 */
import { utf8Bytes } from '../teams/bytes.ts';
import { dayText } from './calendar.ts';
import { measure, newTally, type Tally } from './cluster-tally.ts';
import { compareCodePoints } from './code-points.ts';
import { namesOf } from './masks.ts';
import { counted, plainNumber } from './numbers.ts';
import { type Charging, rateOf } from './rates.ts';
import { finite, r2 } from './round.ts';
import { personOf } from './row-details.ts';
import { type AnyRow, minutes, textOf } from './rows.ts';
import { findLeaders, SIMILARITY } from './similarity.ts';
import { tokensOf } from './text-tokens.ts';

const MAX_CLUSTERS = 100;
/** Of the clusters together as JSON: the deliverable has other lists too. */
const MAX_CLUSTERS_BYTES = 64 * 1024;
/** About a second of comparing; 100,000 titles of tickets of which no two are alike take less. */
const MAX_WORK = 6_000_000;

export interface SimilarCluster {
  rows: number;
  minutes: number;
  hours: number;
  /** Percent of all minutes. */
  share_percent: number;
  /** Absent when there is no rate. */
  cost?: number;
  mean_minutes: number;
  /** Sample standard deviation of the minutes per row. */
  spread_minutes: number;
  min_minutes: number;
  max_minutes: number;
  /** Minutes of it that are estimated; absent when none are. */
  inferred_minutes?: number;
  /** How many people; null when no row of the file names one. */
  persons: number | null;
  /** `YYYY-MM-DD`; null when no row of the cluster has a date. */
  first_date: string | null;
  last_date: string | null;
  /** How many ways of writing, numbers and names aside. */
  wordings: number;
  /** Different texts, at most three of at most 120 code points. */
  samples: string[];
}

/** What is true of all clusters together. */
export interface Similarity {
  threshold: number;
  /** All there are, listed or not. */
  clusters: number;
  rows: number;
  minutes: number;
  share_percent: number;
  omitted: { clusters: number; rows: number; minutes: number };
  complete: boolean;
  /** Why it is not complete. */
  reason?: string;
  label: string;
}

export interface SimilarWork {
  /** At least two rows each; by minutes, most first, then by first sample. */
  similar_clusters: SimilarCluster[];
  similarity: Similarity;
}

/** Rows whose texts have the same words. */
interface Group {
  tokens: readonly string[];
  rows: number;
  minutes: number;
  /** Shared by the groups of a cluster; null: it is in none. */
  tally: Tally | null;
}

/** @param charging null when no rate is known */
export function similarWork(rows: readonly AnyRow[], charging: Charging | null): SimilarWork {
  const { groups, groupOfRow } = groupByTokens(rows);
  // Of equal ones the first in the file leads.
  const order = groups.toSorted((a, b) => b.rows - a.rows || b.minutes - a.minutes);
  const { leaderOf, complete } = findLeaders(rankedSets(order), MAX_WORK);
  const found = startTallies(order, leaderOf);
  const total = measure(rows, (at) => groupOfRow[at]?.tally ?? null, charging);
  found.sort((a, b) => b.minutes - a.minutes || compareCodePoints(a.samples[0] ?? '', b.samples[0] ?? ''));
  const shownFor = { totalMinutes: total.minutes, hasPersons: total.hasPersons, hasRate: charging !== null };
  const { shown, listed } = listOf(found, shownFor);
  return { similar_clusters: shown, similarity: summaryOf(found, listed, total.minutes, complete) };
}

function groupByTokens(rows: readonly AnyRow[]): { groups: Group[]; groupOfRow: (Group | null)[] } {
  const names = namesOf(peopleOf(rows));
  const byKey = new Map<string, Group>();
  /** Equal texts are cut into words once. Texts without words have no group. */
  const byText = new Map<string, Group | null>();
  const groupOfRow = rows.map((row) => {
    const text = textOf(row);
    let group = byText.get(text);
    if (group === undefined) {
      group = groupOf(tokensOf(text, names).sort(), byKey);
      byText.set(text, group);
    }
    if (group) {
      group.rows += 1;
      group.minutes = finite(group.minutes + minutes(row));
    }
    return group;
  });
  return { groups: [...byKey.values()], groupOfRow };
}

function peopleOf(rows: readonly AnyRow[]): Set<string> {
  const people = new Set<string>();
  for (const row of rows) {
    const person = personOf(row);
    if (person !== '') people.add(person);
  }
  return people;
}

function groupOf(tokens: readonly string[], byKey: Map<string, Group>): Group | null {
  if (tokens.length === 0) return null;
  const key = tokens.join(' ');
  let group = byKey.get(key);
  if (!group) {
    group = { tokens, rows: 0, minutes: 0, tally: null };
    byKey.set(key, group);
  }
  return group;
}

/** The tokens of each group as numbers, the rarest token the smallest, of equally rare ones the first seen. */
function rankedSets(groups: readonly Group[]): Uint32Array[] {
  const frequency = new Map<string, number>();
  for (const { tokens } of groups) for (const token of tokens) frequency.set(token, (frequency.get(token) ?? 0) + 1);
  const byRarity = [...frequency].sort(([, m], [, n]) => m - n);
  const rank = new Map(byRarity.map(([token], at) => [token, at]));
  return groups.map(({ tokens }) => Uint32Array.from(tokens, (token) => rank.get(token) as number).sort());
}

/** A tally for all groups with one leader, if they have at least two rows together. */
function startTallies(order: readonly Group[], leaderOf: Int32Array): Tally[] {
  const rows = new Uint32Array(order.length);
  for (const [at, group] of order.entries())
    rows[leaderOf[at] as number] = (rows[leaderOf[at] as number] as number) + group.rows;
  const tallies: Tally[] = [];
  for (const [at, group] of order.entries()) {
    const leaderAt = leaderOf[at] as number;
    if ((rows[leaderAt] as number) < 2) continue;
    // A leader comes before the groups that it leads.
    const leader = order[leaderAt] as Group;
    if (leader.tally === null) {
      leader.tally = newTally();
      tallies.push(leader.tally);
    }
    group.tally = leader.tally;
    group.tally.wordings += 1;
  }
  return tallies;
}

interface ShownFor {
  totalMinutes: number;
  hasPersons: boolean;
  hasRate: boolean;
}

/** The first clusters, as many as fit. */
function listOf(found: readonly Tally[], shownFor: ShownFor): { shown: SimilarCluster[]; listed: Tally[] } {
  const shown: SimilarCluster[] = [];
  let bytes = 0;
  for (const tally of found.slice(0, MAX_CLUSTERS)) {
    const cluster = clusterOf(tally, shownFor);
    bytes += utf8Bytes(JSON.stringify(cluster));
    if (bytes > MAX_CLUSTERS_BYTES) break;
    shown.push(cluster);
  }
  return { shown, listed: found.slice(0, shown.length) };
}

function clusterOf(tally: Tally, { totalMinutes, hasPersons, hasRate }: ShownFor): SimilarCluster {
  const hasDates = tally.last >= 0;
  return {
    rows: tally.rows,
    minutes: r2(tally.minutes),
    hours: r2(tally.minutes / 60),
    share_percent: percent(tally.minutes, totalMinutes),
    ...(hasRate && { cost: r2(tally.cost) }),
    mean_minutes: r2(tally.minutes / tally.rows),
    spread_minutes: r2(Math.sqrt(Math.max(0, tally.squares) / (tally.rows - 1))),
    min_minutes: r2(tally.min),
    max_minutes: r2(tally.max),
    ...(tally.inferred > 0 && { inferred_minutes: r2(tally.inferred) }),
    persons: hasPersons ? tally.persons.size : null,
    first_date: hasDates ? dayText(tally.first) : null,
    last_date: hasDates ? dayText(tally.last) : null,
    wordings: tally.wordings,
    samples: tally.samples,
  };
}

const percent = (part: number, whole: number): number => (whole === 0 ? 0 : r2((part / whole) * 100));

function summaryOf(found: readonly Tally[], listed: readonly Tally[], total: number, complete: boolean): Similarity {
  const all = sumOf(found);
  const shown = sumOf(listed);
  return {
    threshold: SIMILARITY,
    clusters: found.length,
    rows: all.rows,
    minutes: r2(all.minutes),
    share_percent: percent(all.minutes, total),
    omitted: {
      clusters: found.length - listed.length,
      rows: all.rows - shown.rows,
      minutes: r2(all.minutes - shown.minutes),
    },
    complete,
    ...(!complete && {
      reason: `The texts are so many and so alike that comparing them was ended after ${plainNumber(MAX_WORK)} steps; further texts were grouped only when they are equal, numbers and names aside.`,
    }),
    label:
      `${counted(all.rows, 'row')} in ${counted(found.length, 'group')} of similar texts: numbers, dates, ids, months ` +
      `and names left out, at least ${SIMILARITY * 100} % of the words shared with the most frequent wording.`,
  };
}

function sumOf(tallies: readonly Tally[]): { rows: number; minutes: number } {
  let [rows, spent] = [0, 0];
  for (const tally of tallies) {
    rows += tally.rows;
    spent = finite(spent + tally.minutes);
  }
  return { rows, minutes: spent };
}

/** Whether a rate is known at all: of the request, or of a row. */
export const hasRate = (rows: readonly AnyRow[], hourlyRate: unknown): boolean =>
  typeof hourlyRate === 'number' || rows.some((row) => rateOf(row) !== null);
