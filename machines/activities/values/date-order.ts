/**
 * Whether the dates of a column begin with day, month or year.
 *
 * | settled by | example |
 * |---|---|
 * | a part that can only be a day | `29/04/2025`, `5/26/2026` |
 * | dots | `02.03.2026` |
 * | weekdays | `Mon 3/2/26` |
 * | rows that follow each other, five days or more | `3/2/2026`, `3/3/2026`, … |
 *
 * Else it is doubtful: month first when AM or PM is written, day first when not.
 */

import { type DateOrder, dayNumber, dayOf, type NumericDay, numericDay } from './days.ts';
import { plainDigits } from './digits.ts';

const MAX_CHARACTERS = 64;
/** So many different days in a row do not fall into order by chance. */
const DAYS_THAT_SETTLE = 5;

/** The order of a column of dates; `doubtful` when nothing in it settles `02/03/2026`, or its cells contradict each other. */
export function dateOrderOf(cells: Iterable<string>): { order: DateOrder; doubtful: boolean } {
  const votes = { dmy: 0, mdy: 0, ymd: 0 };
  const undecided: NumericDay[] = [];
  const short: NumericDay[] = [];
  let open = false;
  let yearFirst = false;
  let clockOf12 = false;
  for (const cell of cells) {
    if (cell.length > MAX_CHARACTERS) continue;
    const text = plainDigits(cell).toLowerCase();
    const day = numericDay(text);
    if (day === null) continue;
    clockOf12 ||= /\d ?[ap]\.? ?m\b/.test(text);
    if (day.parts[0].length === 4) {
      yearFirst = true;
      continue;
    }
    const order = settledOrder(day);
    if (day.parts[2].length === 2) short.push(day);
    if (order === 'any' || order === 'same day') undecided.push(day);
    else if (order !== null) votes[order] += 1;
    open ||= order === 'any';
  }
  const shortYears = shortYearFirst(short);
  if (shortYears !== null) return shortYears;
  const [best, second] = (['dmy', 'mdy', 'ymd'] as const).toSorted((a, b) => votes[b] - votes[a]) as [
    DateOrder,
    DateOrder,
  ];
  if (votes[best] > 0) return { order: best, doubtful: votes[second] > 0 };
  if (!open) return { order: yearFirst ? 'ymd' : 'dmy', doubtful: false };
  return orderBySequence(undecided) ?? { order: clockOf12 ? 'mdy' : 'dmy', doubtful: true };
}

/** `any`: it can be read in both orders; null: in none. */
function settledOrder(day: NumericDay): DateOrder | 'any' | 'same day' | null {
  const dayFirst = dayOf(day, 'dmy');
  const monthFirst = dayOf(day, 'mdy');
  if (dayFirst === null && monthFirst === null) return dayOf(day, 'ymd') === null ? null : 'ymd';
  if (monthFirst === null) return 'dmy';
  if (dayFirst === null) return 'mdy';
  if (day.weekday !== null && weekdayOf(dayFirst) !== weekdayOf(monthFirst)) {
    if (weekdayOf(dayFirst) === day.weekday) return 'dmy';
    if (weekdayOf(monthFirst) === day.weekday) return 'mdy';
  }
  if (day.mark === '.') return 'dmy';
  return dayFirst === monthFirst ? 'same day' : 'any';
}

/** `26/03/02`, `26/03/03`: a first part that never changes while the third does is the year. */
function shortYearFirst(days: readonly NumericDay[]): { order: 'ymd'; doubtful: boolean } | null {
  const firsts = new Set(days.map(({ parts }) => parts[0]));
  const thirds = new Set(days.map(({ parts }) => parts[2]));
  if (firsts.size !== 1 || thirds.size < 2 || days.some((day) => dayOf(day, 'ymd') === null)) return null;
  return { order: 'ymd', doubtful: thirds.size < DAYS_THAT_SETTLE };
}

const weekdayOf = (day: string): number => new Date(`${day}T00:00:00Z`).getUTCDay();

/** The order under which the rows rise or fall; if they do under both, the one under which they lie closer together. */
function orderBySequence(days: readonly NumericDay[]): { order: DateOrder; doubtful: boolean } | null {
  const dayFirst = runOf(days, 'dmy');
  const monthFirst = runOf(days, 'mdy');
  const doubtful = dayFirst.different < DAYS_THAT_SETTLE;
  if (dayFirst.sorted !== monthFirst.sorted) return { order: dayFirst.sorted ? 'dmy' : 'mdy', doubtful };
  if (!dayFirst.sorted || dayFirst.different < 3 || dayFirst.span === monthFirst.span) return null;
  return { order: dayFirst.span < monthFirst.span ? 'dmy' : 'mdy', doubtful };
}

function runOf(days: readonly NumericDay[], order: DateOrder): { sorted: boolean; different: number; span: number } {
  let rising = true;
  let falling = true;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  let before: number | null = null;
  const different = new Set<number>();
  for (const day of days) {
    const at = dayNumber(dayOf(day, order) as string);
    if (before !== null && at < before) rising = false;
    if (before !== null && at > before) falling = false;
    least = Math.min(least, at);
    most = Math.max(most, at);
    different.add(at);
    before = at;
  }
  return { sorted: (rising || falling) && different.size > 1, different: different.size, span: most - least };
}
