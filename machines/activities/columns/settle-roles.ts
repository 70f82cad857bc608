/**
 * What a header means when it can mean several things: what fits the content comes first.
 *
 * Owns: words that are a duration or a time of day, a case or a time, an id or a name of the thing done. Does not own
 * headers that mean one thing, whatever is below them.
 */
import type { RoleMatch } from '../headers/match-header.ts';
import type { Role } from '../headers/roles.ts';
import { unitOfHeader } from '../values/units.ts';
import type { ColumnProfile } from './profile.ts';

const DURATIONS: ReadonlySet<Role> = new Set<Role>([
  'actual',
  'duration',
  'estimate',
  'remaining',
  'cumulative',
  'hours_part',
  'minutes_part',
]);
const TIMES_OF_DAY: ReadonlySet<Role> = new Set<Role>(['start_time', 'end_time']);
const MOMENTS: ReadonlySet<Role> = new Set<Role>([
  'start',
  'end',
  'start_date',
  'end_date',
  'timestamp',
  'date',
  'created',
  'due',
]);
const TEXTS: ReadonlySet<Role> = new Set<Role>([
  'summary',
  'task',
  'description',
  'note',
  'name',
  'activity',
  'kind',
  'tag',
  'project',
  'client',
  'person',
  'team',
]);
const IDS: ReadonlySet<Role> = new Set<Role>(['id', 'case']);

export function settleRoles(header: string, matches: readonly RoleMatch[], profile: ColumnProfile): RoleMatch[] {
  const [first] = matches;
  if (!first || matches.length === 1 || profile.sampled === 0) return [...matches];
  // `Time` may be when: only AM and PM tell it from how long.
  const isWhen = profile.timeOfDay >= 0.5 && matches.some(({ role }) => TIMES_OF_DAY.has(role));
  const hasUnit = unitOfHeader(header) !== null;
  const rank = ({ role, strength }: RoleMatch): number => {
    if (isWhen && TIMES_OF_DAY.has(role)) return 2;
    if (hasUnit && DURATIONS.has(role) && strength === first.strength) return 1.5;
    return strength === first.strength ? fitOf(role, profile) : -1;
  };
  return matches.toSorted((a, b) => rank(b) - rank(a) || b.strength - a.strength);
}

/** Share of the cells that can be what the role says, 0–1. */
function fitOf(role: Role, { share, fractions }: ColumnProfile): number {
  if (DURATIONS.has(role)) return share.number + share.clock + share.duration;
  if (TIMES_OF_DAY.has(role)) return share.clock;
  if (MOMENTS.has(role)) return share.date + share.clock / 2;
  if (TEXTS.has(role)) return share.text + share.person + share.code / 2;
  if (IDS.has(role)) return share.code + share.number - fractions;
  return 0.5;
}
