/**
 * Which columns say how long a record took.
 *
 * Owns: the order of candidates: what the caller says, actual before estimated, hours and minutes apart added up, else
 * end minus start, else the days of a week. Does not own reading a cell (`time-source.ts`).
 */
import { type Column, roleOf } from '../columns/column.ts';
import { candidatesOf, couldHoldTime, hoursAndMinutes, RANK, type TimeQuestion } from './candidates.ts';
import { namesUnits, rulesMaker } from './column-rules.ts';
import { dateColumns, hasTimes, momentColumns } from './moments.ts';
import { dayColumns, gridSource, sourceOf, spanReader, spanSource, type Twin, twinOf } from './sources.ts';
import type { MomentColumns, TimeSource } from './time-source.ts';

export interface ChosenTime {
  source: TimeSource | null;
  start: MomentColumns | null;
  end: MomentColumns | null;
  /** Column of the day, or of the one moment a record has. */
  date: MomentColumns | null;
  /** A second column that says the same: decimal beside `h:mm`, hours beside minutes. */
  twin: Twin | null;
  /** Columns that could hold the time, best first, for a question. */
  couldBe: readonly Column[];
  /** Sentences about what was assumed. */
  assumptions: readonly string[];
}

/** A week has more days than this. */
const MIN_DAYS = 3;

export function chooseTime(question: TimeQuestion): ChosenTime {
  const { columns, records, mapped } = question;
  const assumptions: string[] = [];
  const start = momentColumns(question, 'start', assumptions);
  const end = momentColumns(question, 'end', assumptions);
  const date = dateColumns(question, start, assumptions);
  const candidates = candidatesOf(question);
  const couldBe = couldHoldTime(question, candidates);
  const base = { start, end, date, couldBe, assumptions };
  const unitColumn = columns.find((column) => roleOf(column) === 'unit' && namesUnits(column, records)) ?? null;
  const rulesOf = rulesMaker(question, unitColumn, candidates, spanReader(question, start, end), assumptions);

  const wanted = mapped.get('duration');
  if (wanted && wanted.length > 0) {
    const source = sourceOf(wanted, 'mapping', rulesOf, false);
    return { ...base, source, twin: twinOf(source, candidates, rulesOf) };
  }
  const spans = start !== null && end !== null && hasTimes(records, start) && hasTimes(records, end);
  const pair = hoursAndMinutes(candidates, records);
  const [best] = candidates;
  const days = dayColumns(question);
  if (best && best.rank > (RANK.estimate as number)) {
    const isPair = pair !== null && (best.column === pair[0] || best.column === pair[1]);
    const source = sourceOf(isPair ? pair : [best.column], best.chosenBy, rulesOf, false);
    return { ...base, source, twin: twinOf(source, candidates, rulesOf) };
  }
  if (spans) {
    return { ...base, source: spanSource(question, start, end, rulesOf), twin: null };
  }
  if (days.length >= MIN_DAYS) return { ...base, source: gridSource(days, question, rulesOf), twin: null };
  if (best) {
    const source = sourceOf([best.column], best.chosenBy, rulesOf, true);
    return { ...base, source, twin: null };
  }
  return { ...base, source: null, twin: null };
}
