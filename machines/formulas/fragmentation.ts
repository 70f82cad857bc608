/**
 * How much the days are cut up: short entries, entries per day, changes from one thing to another.
 *
 * Owns: `fragmentation` of the friction deliverable.
 */
import { counted } from './numbers.ts';
import { finite, r2 } from './round.ts';
import { dayOf, isInferred, personOf, projectOf, startOf } from './row-details.ts';
import { type AnyRow, fingerprint, minutes, textOf } from './rows.ts';

const SHORT_MINUTES = 15;

export interface Fragmentation {
  /** Of entries whose minutes are in the file: estimates are never short. null without any. */
  short_entries: {
    under_minutes: number;
    entries: number;
    short: number;
    share_percent: number;
    minutes: number;
    minutes_share_percent: number;
  } | null;
  /** Mean over the days of each person; null when no row has a date. */
  per_person_day: {
    /** Pairs of a person and a day that have entries. */
    person_days: number;
    /** null: no row names one, all are taken for the same. */
    persons: number | null;
    entries: number;
    /** Changes of text or project from an entry to the next of the same person and day. */
    switches: number;
    most_switches: number;
    /** What says which entry is the next. */
    order: 'start times' | 'order of the file' | 'start times where all entries of a day have one';
    rows_without_date: number;
    label: string;
  } | null;
  per_person_day_reason?: string;
  label: string;
}

export function fragmentationOf(rows: readonly AnyRow[]): Fragmentation {
  const per_person_day = perPersonDay(rows);
  return {
    short_entries: shortEntries(rows),
    per_person_day,
    ...(per_person_day === null && { per_person_day_reason: 'No row has a date.' }),
    label: `Entries under ${SHORT_MINUTES} minutes, and how often people change between activities within a day.`,
  };
}

function shortEntries(rows: readonly AnyRow[]): Fragmentation['short_entries'] {
  let [entries, short, all, ofShort] = [0, 0, 0, 0];
  for (const row of rows) {
    if (isInferred(row)) continue;
    const spent = minutes(row);
    entries += 1;
    all = finite(all + spent);
    if (spent >= SHORT_MINUTES) continue;
    short += 1;
    ofShort = finite(ofShort + spent);
  }
  if (entries === 0) return null;
  return {
    under_minutes: SHORT_MINUTES,
    entries,
    short,
    share_percent: r2((short / entries) * 100),
    minutes: r2(ofShort),
    minutes_share_percent: all === 0 ? 0 : r2((ofShort / all) * 100),
  };
}

interface Entry {
  what: string;
  start: number | null;
}

function perPersonDay(rows: readonly AnyRow[]): Fragmentation['per_person_day'] {
  const days = new Map<string, Entry[]>();
  const persons = new Set<string>();
  let undated = 0;
  let entries = 0;
  for (const row of rows) {
    const day = dayOf(row);
    if (day === null) {
      undated += 1;
      continue;
    }
    const person = personOf(row);
    if (person !== '') persons.add(person);
    const key = `${day} ${person}`;
    const entry = { what: `${projectOf(row)}\n${fingerprint(textOf(row))}`, start: startOf(row) };
    const list = days.get(key);
    if (list) list.push(entry);
    else days.set(key, [entry]);
    entries += 1;
  }
  if (entries === 0) return null;
  let [switches, most, byStart] = [0, 0, 0];
  for (const list of days.values()) {
    if (list.every(({ start }) => start !== null)) {
      byStart += 1;
      list.sort((a, b) => (a.start as number) - (b.start as number));
    }
    const changes = list.filter(({ what }, at) => at > 0 && what !== list[at - 1]?.what).length;
    switches += changes;
    most = Math.max(most, changes);
  }
  const order =
    byStart === days.size
      ? 'start times'
      : byStart === 0
        ? 'order of the file'
        : 'start times where all entries of a day have one';
  return {
    person_days: days.size,
    persons: persons.size === 0 ? null : persons.size,
    entries: r2(entries / days.size),
    switches: r2(switches / days.size),
    most_switches: most,
    order,
    rows_without_date: undated,
    label:
      `Mean of ${counted(days.size, persons.size === 0 ? 'day' : 'person-day')}; a switch is a change of text or ` +
      `project from one entry to the next, by ${order}${persons.size === 0 ? '; no row names a person' : ''}.`,
  };
}
