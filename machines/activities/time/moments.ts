/**
 * Which columns say when: start, end, day.
 *
 * Owns: putting a day and a time of day together, and the order of day and month. What is not the work's own time, such
 * as when a ticket was opened, is a day at most.
 */
import { type Column, roleOf, strengthOf } from '../columns/column.ts';
import { momentLike } from '../columns/content.ts';
import type { Role } from '../headers/roles.ts';
import { type SheetRow, textOf } from '../tables.ts';
import { dateOrderOf } from '../values/dates.ts';
import { plainDigits } from '../values/digits.ts';
import type { TimeQuestion } from './candidates.ts';
import { type MomentColumns, momentOf } from './time-source.ts';

const MOMENT_SHARE = 0.5;

const MOMENT_ROLES = {
  start: { whole: ['start'], day: ['start_date'], time: ['start_time'] },
  end: { whole: ['end'], day: ['end_date'], time: ['end_time'] },
} as const satisfies Record<string, Record<string, readonly Role[]>>;

/** Start and end; a process log may call one of them just the time of the event. */
export function edgesOf(
  question: TimeQuestion,
  assumptions: string[],
): { start: MomentColumns | null; end: MomentColumns | null } {
  const start = momentColumns(question, 'start', assumptions);
  const end = momentColumns(question, 'end', assumptions);
  if ((start === null) === (end === null)) return { start, end };
  const isLog = question.columns.some((column) => roleOf(column) === 'case');
  const other = question.columns.find(
    (column) => roleOf(column) === 'timestamp' && column.profile.share.date >= MOMENT_SHARE,
  );
  // Elsewhere it says when somebody has written the row.
  if (!isLog || !other) return { start, end };
  const moment = { day: other, time: null, order: orderOf(other, question, assumptions) };
  return { start: start ?? moment, end: end ?? moment };
}

function momentColumns(question: TimeQuestion, edge: 'start' | 'end', assumptions: string[]): MomentColumns | null {
  const { columns, mapped, taken, when } = question;
  const free = columns.filter((column) => !taken.has(column) && column.profile.filled > 0);
  const find = (roles: readonly Role[]) =>
    free
      .filter((column) => isOneOf(column, roles, when) && momentLike(column) >= MOMENT_SHARE)
      .toSorted(
        (a, b) =>
          Number(isPlanned(a)) - Number(isPlanned(b)) ||
          strengthOf(b) - strengthOf(a) ||
          b.profile.filled - a.profile.filled,
      )[0] ?? null;
  const roles = MOMENT_ROLES[edge];
  const own = mapped.get(edge)?.[0] ?? null;
  const whole = own ?? find(roles.whole);
  const day = find(roles.day);
  const time = find(roles.time);
  // `Start` may be the whole moment, or only the time beside a date.
  const parts =
    whole !== null && (day === null || time === null)
      ? { day: whole, time: time === whole ? null : time }
      : { day, time };
  if (parts.day === null && parts.time === null) return null;
  if (parts.day === null || parts.day.profile.share.clock > parts.day.profile.share.date) {
    const date = mapped.get('date')?.[0] ?? (day !== parts.day ? day : null) ?? find(['date']);
    const clock = parts.time ?? parts.day;
    return { day: date, time: clock, order: orderOf(date, question, assumptions) };
  }
  return { ...parts, order: orderOf(parts.day, question, assumptions) };
}

/** Times of day that are called as durations are: `Time`. */
const isOneOf = (column: Column, roles: readonly Role[], when: ReadonlySet<Column>): boolean =>
  roles.includes(roleOf(column) as Role) || (when.has(column) && roles.includes('start_time'));

const PLANNED =
  /\b(?:plan|planned|scheduled|baseline|target|geplant|soll|prévue?|prevu|planifiée?|previsto|prevista|programado|gepland|planowan\p{L}*|plánovan\p{L}*)\b|予定|計画/iu;

const isPlanned = ({ header }: Column): boolean => PLANNED.test(header);

export function dateColumns(
  question: TimeQuestion,
  start: MomentColumns | null,
  assumptions: string[],
): MomentColumns | null {
  const { columns, mapped, taken } = question;
  const own = mapped.get('date')?.[0];
  const find = (roles: readonly Role[]) =>
    columns.find(
      (column) =>
        !taken.has(column) && roles.includes(roleOf(column) as Role) && column.profile.share.date >= MOMENT_SHARE,
    );
  const day = own ?? find(['date']) ?? find(['timestamp']) ?? undefined;
  if (day) return { day, time: null, order: orderOf(day, question, assumptions) };
  if (start?.day && start.day.profile.share.date >= MOMENT_SHARE) return start;
  const other = find(['created', 'end_date', 'end', 'due']);
  return other ? { day: other, time: null, order: orderOf(other, question, assumptions) } : null;
}

/** The order of day and month in a column; one that does not tell is read as another of the file that does. */
function orderOf(
  column: Column | null,
  { records, columns }: TimeQuestion,
  assumptions: string[],
): MomentColumns['order'] {
  if (column === null) return 'dmy';
  const own = dateOrderOf(textsOf(column, records));
  if (!own.doubtful) return own.order;
  for (const other of columns) {
    if (other === column || other.profile.share.date < MOMENT_SHARE) continue;
    const { order, doubtful } = dateOrderOf(textsOf(other, records));
    if (!doubtful && order !== 'ymd') return order;
  }
  const sample = textsOf(column, records).find((text) => /\d/.test(text)) ?? '';
  const sentence = `Dates such as ${JSON.stringify(sample)} can be day first or month first; they are read ${own.order === 'mdy' ? 'month' : 'day'} first.`;
  if (!assumptions.some((assumption) => assumption.startsWith('Dates such as'))) assumptions.push(sentence);
  return own.order;
}

const textsOf = ({ index }: Column, records: readonly SheetRow[]): string[] =>
  records.map(({ cells }) => plainDigits(textOf(cells[index]).trim())).filter((text) => text !== '');

const MOMENTS_LOOKED_AT = 200;

/** Whether at least half of the records have a time of day there. */
export function hasTimes(records: readonly SheetRow[], columns: MomentColumns): boolean {
  const moments = records.slice(0, MOMENTS_LOOKED_AT).flatMap((row) => momentOf(row, columns) ?? []);
  return moments.filter(({ minuteOfDay }) => minuteOfDay !== null).length >= Math.max(1, MOMENT_SHARE * moments.length);
}
