/**
 * Lists ordered by time in sorted sets, read newest first over any number of sets, or oldest first.
 *
 * Owns: positions that stay valid while members come, go and move between sets. Keeps I10: a page costs what it
 * shows, however long the list is.
 */
import type { Redis } from 'ioredis';

export interface Ranked {
  /** Milliseconds. */
  score: number;
  member: string;
}

/** Entries that come after `after`, newest first, at most `count`; of equal score the greater member comes first. */
export async function newestRanked(
  redis: Redis,
  sets: readonly string[],
  after: Ranked | undefined,
  count: number,
): Promise<Ranked[]> {
  const lists = await Promise.all(sets.map((set) => readSet(redis, set, after, count)));
  const found = new Map(lists.flat().map((ranked) => [ranked.member, ranked]));
  return [...found.values()].sort(newerFirst).slice(0, count);
}

async function readSet(redis: Redis, set: string, after: Ranked | undefined, count: number): Promise<Ranked[]> {
  const found: Ranked[] = [];
  for (let offset = 0; found.length < count; offset += count) {
    const flat = await redis.zrevrangebyscore(
      set,
      after?.score ?? '+inf',
      '-inf',
      'WITHSCORES',
      'LIMIT',
      offset,
      count,
    );
    found.push(...pairsOf(flat).filter((ranked) => !after || newerFirst(after, ranked) < 0));
    if (flat.length < 2 * count) break;
  }
  return found.slice(0, count);
}

/** A search looks at this many entries per page at most; what it has not found by then is on a later page. */
const SEARCH_MAX = 2_000;
const CHUNK = 200;

/**
 * One page of a list, newest first.
 * @param searching some of the entries are none of the list, so that more are looked at than shown
 * @param read the rows of members, in their order; undefined for what is none of the list
 */
export async function newestPage<Row>(
  redis: Redis,
  sets: readonly string[],
  { after, limit, searching }: { after: string | undefined; limit: number; searching: boolean },
  read: (members: readonly string[]) => Promise<readonly (Row | undefined)[]>,
): Promise<{ rows: Row[]; next: string | null }> {
  const rows: Row[] = [];
  let position = after === undefined ? undefined : parseRanked(after);
  for (let looked = 0; looked < SEARCH_MAX; looked += CHUNK) {
    const count = searching ? CHUNK : limit + 1 - rows.length;
    const ranked = await newestRanked(redis, sets, position, count);
    for (const [index, row] of (await read(ranked.map(({ member }) => member))).entries()) {
      if (rows.length === limit) return { rows, next: position ? formatRanked(position) : null };
      position = ranked[index];
      if (row !== undefined) rows.push(row);
    }
    if (ranked.length < count) return { rows, next: null };
  }
  return { rows, next: position ? formatRanked(position) : null };
}

/** Entries of one set that come after `after`, oldest first, at most `count`; of equal score the lesser member first. */
export async function oldestRanked(
  redis: Redis,
  set: string,
  after: Ranked | undefined,
  count: number,
): Promise<Ranked[]> {
  const found: Ranked[] = [];
  for (let offset = 0; found.length < count; offset += count) {
    const from = after?.score ?? '-inf';
    const flat = await redis.zrangebyscore(set, from, '+inf', 'WITHSCORES', 'LIMIT', offset, count);
    found.push(...pairsOf(flat).filter((ranked) => !after || newerFirst(ranked, after) < 0));
    if (flat.length < 2 * count) break;
  }
  return found.slice(0, count);
}

function pairsOf(flat: readonly string[]): Ranked[] {
  const pairs: Ranked[] = [];
  for (let i = 0; i < flat.length; i += 2) pairs.push({ member: flat[i] as string, score: Number(flat[i + 1]) });
  return pairs;
}

function newerFirst(a: Ranked, b: Ranked): number {
  return b.score - a.score || (a.member < b.member ? 1 : a.member > b.member ? -1 : 0);
}

export function formatRanked({ score, member }: Ranked): string {
  return `${score} ${member}`;
}

export function parseRanked(position: string): Ranked {
  const blank = position.indexOf(' ');
  return { score: Number(position.slice(0, blank)), member: position.slice(blank + 1) };
}
