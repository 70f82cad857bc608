/**
 * How cases run, when the rows are a log of them: each with a case, an activity and a time.
 *
 * Owns: `process` of the friction deliverable: cycle times, rework and the most frequent variants.
 */
import { compareCodePoints, firstCodePoints } from './code-points.ts';
import { counted, plainNumber } from './numbers.ts';
import { r2 } from './round.ts';
import { caseOf, dayOf, endOf, startOf } from './row-details.ts';
import { type AnyRow, category, clean, textOf } from './rows.ts';

const VARIANTS = 10;
const STEPS_SHOWN = 20;
const LOOPS = 10;
const NAME_CODE_POINTS = 80;
/** A log has a case and a time in most rows; a table that has them now and then is no log. */
const LEAST_SHARE = 0.5;
/** Texts beyond this many are prose; then the category says what the activity is. */
const MAX_ACTIVITIES = 200;
const MINUTES_PER_DAY = 1_440;

export interface ProcessFigures {
  cases: number;
  events: number;
  /** Rows that have no case or no time. */
  rows_left_out: number;
  /** What stands for the activity. */
  activity: 'text' | 'category';
  /** `day`: no row has a time of day. */
  resolution: 'minute' | 'day';
  /** Hours from the first to the last event of a case. p90: nearest rank. */
  cycle_time_hours: { median: number; p90: number };
  /** Cases in which an activity comes again. */
  rework: { cases: number; share_percent: number; loops: { activity: string; cases: number; repeats: number }[] };
  /** All there are. */
  variant_count: number;
  variants: {
    /** At most 20 steps. */
    steps: string[];
    steps_omitted: number;
    cases: number;
    share_percent: number;
    median_hours: number;
  }[];
  label: string;
}

export type ProcessResult = { process: ProcessFigures } | { process: null; process_reason: string };

interface Event {
  activity: number;
  start: number;
  end: number;
}

export function processOf(rows: readonly AnyRow[]): ProcessResult {
  const log = readLog(rows);
  if (typeof log === 'string') return { process: null, process_reason: log };
  const { cases, names, activity, events, hasTimes } = log;
  const variants = new Map<string, { steps: number[]; hours: number[] }>();
  const loops = new Map<number, { cases: number; repeats: number }>();
  const hours: number[] = [];
  let reworked = 0;
  for (const list of cases.values()) {
    // Stable: events of the same time stay in the order of the file.
    list.sort((a, b) => a.start - b.start);
    const last = list.reduce((latest, { end }) => Math.max(latest, end), -Infinity);
    const cycle = (last - (list[0] as Event).start) / 60;
    hours.push(cycle);
    const steps = list.map((event) => event.activity);
    const key = steps.join(' ');
    const variant = variants.get(key) ?? { steps, hours: [] };
    variant.hours.push(cycle);
    variants.set(key, variant);
    if (countLoops(steps, loops)) reworked += 1;
  }
  const nameOf = (id: number): string => names[id] as string;
  const ranked = [...variants.values()].sort(
    (a, b) => b.hours.length - a.hours.length || compareSteps(a.steps, b.steps),
  );
  return {
    process: {
      cases: cases.size,
      events,
      rows_left_out: rows.length - events,
      activity,
      resolution: hasTimes ? 'minute' : 'day',
      cycle_time_hours: { median: r2(median(hours)), p90: r2(nearestRank(hours, 0.9)) },
      rework: {
        cases: reworked,
        share_percent: r2((reworked / cases.size) * 100),
        loops: [...loops]
          .map(([id, loop]) => ({ activity: nameOf(id), ...loop }))
          .sort((a, b) => b.repeats - a.repeats || compareCodePoints(a.activity, b.activity))
          .slice(0, LOOPS),
      },
      variant_count: variants.size,
      variants: ranked.slice(0, VARIANTS).map(({ steps, hours: own }) => ({
        steps: steps.slice(0, STEPS_SHOWN).map(nameOf),
        steps_omitted: Math.max(0, steps.length - STEPS_SHOWN),
        cases: own.length,
        share_percent: r2((own.length / cases.size) * 100),
        median_hours: r2(median(own)),
      })),
      label:
        `${counted(events, 'event')} of ${counted(cases.size, 'case')}, activities by ${activity}; cycle time from the ` +
        `first to the last event of a case${hasTimes ? '' : ', in whole days'}. An activity that comes again within a case counts as rework.`,
    },
  };
}

interface Log {
  cases: Map<string, Event[]>;
  /** Of activities, by number. */
  names: string[];
  activity: 'text' | 'category';
  events: number;
  hasTimes: boolean;
}

/** The log, or why the rows are none. */
function readLog(rows: readonly AnyRow[]): Log | string {
  const withCase = rows.filter((row) => caseOf(row) !== '');
  if (withCase.length === 0) return 'No row has a case.';
  const timed = withCase.filter((row) => dayOf(row) !== null);
  if (timed.length < rows.length * LEAST_SHARE) {
    return `Only ${plainNumber(timed.length)} of ${counted(rows.length, 'row')} have a case and a time.`;
  }
  const activity = activityOf(timed);
  const hasTimes = timed.some((row) => startOf(row) !== null || endOf(row) !== null);
  const ids = new Map<string, number>();
  const cases = new Map<string, Event[]>();
  for (const row of timed) {
    const name = activity === 'text' ? clean(textOf(row)) : category(row);
    if (!ids.has(name)) ids.set(name, ids.size);
    const day = (dayOf(row) as number) * MINUTES_PER_DAY;
    const start = startOf(row) ?? endOf(row) ?? day;
    const event = { activity: ids.get(name) as number, start, end: Math.max(start, endOf(row) ?? start) };
    const key = caseOf(row);
    const list = cases.get(key);
    if (list) list.push(event);
    else cases.set(key, [event]);
  }
  if (cases.size === timed.length) return 'Every case has a single row.';
  const names = [...ids.keys()].map((name) => firstCodePoints(name, NAME_CODE_POINTS));
  return { cases, names, activity, events: timed.length, hasTimes };
}

function activityOf(rows: readonly AnyRow[]): 'text' | 'category' {
  const texts = new Set(rows.map((row) => clean(textOf(row))));
  const categories = new Set(rows.map(category));
  const isProse = texts.size > MAX_ACTIVITIES && categories.size > 1 && categories.size <= MAX_ACTIVITIES;
  return isProse || (texts.size === 1 && categories.size > 1) ? 'category' : 'text';
}

/** Counts activities that come again; whether there are any. */
function countLoops(steps: readonly number[], loops: Map<number, { cases: number; repeats: number }>): boolean {
  const times = new Map<number, number>();
  for (const step of steps) times.set(step, (times.get(step) ?? 0) + 1);
  for (const [step, count] of times) {
    if (count === 1) continue;
    const loop = loops.get(step) ?? { cases: 0, repeats: 0 };
    loop.cases += 1;
    loop.repeats += count - 1;
    loops.set(step, loop);
  }
  return times.size < steps.length;
}

/** Of equally frequent variants the one whose activities came first in the file. */
function compareSteps(a: readonly number[], b: readonly number[]): number {
  for (const [at, step] of a.entries()) {
    const other = b[at];
    if (other === undefined) return 1;
    if (step !== other) return step - other;
  }
  return a.length - b.length;
}

/** The value in the middle; of an even number of values the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const upper = sorted[Math.floor(half)] as number;
  return Number.isInteger(half) ? ((sorted[half - 1] as number) + upper) / 2 : upper;
}

/** The smallest value that at least `share` of the values do not exceed. */
export function nearestRank(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
}
