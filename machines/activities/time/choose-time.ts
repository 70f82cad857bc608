/**
 * Which columns say how long a record took.
 *
 * Owns: the order of candidates: what the caller says, actual before estimated, hours and minutes apart added up, else
 * end minus start, else the days of a week. Does not own reading a cell (`time-source.ts`).
 */
import { type Column, roleOf } from '../columns/column.ts';
import {
  type Candidate,
  candidatesOf,
  couldHoldTime,
  isSpentTime,
  MIN_DAYS,
  partsOfDuration,
  type TimeQuestion,
} from './candidates.ts';
import { namesUnits, type RulesOf, rulesMaker } from './column-rules.ts';
import { dateColumns, edgesOf } from './moments.ts';
import { sayOthers } from './other-columns.ts';
import { dayColumns, gridSource, sourceOf, type Twin, twinOf } from './sources.ts';
import { type Span, spanReader, spanSource, spansOf } from './spans.ts';
import type { MomentColumns, TimeSource } from './time-source.ts';
import { timesOfDay } from './times-of-day.ts';

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

export function chooseTime(asked: Omit<TimeQuestion, 'when'>): ChosenTime {
  const { columns, records, mapped } = asked;
  const unitColumn = columns.find((column) => roleOf(column) === 'unit' && namesUnits(column, records)) ?? null;
  const all = candidatesOf(asked, unitColumn);
  const when = timesOfDay(asked, all);
  const question = { ...asked, when };
  const candidates = all.filter(({ column }) => !when.has(column));
  const assumptions: string[] = [];
  const { start, end } = edgesOf(question, assumptions);
  const date = dateColumns(question, start, assumptions);
  const spans = spansOf(question, start, end);
  const rulesOf = rulesMaker(question, unitColumn, candidates, spanReader(spans));
  const couldBe = couldHoldTime(question, all);
  const choice = choose(question, candidates, spans, rulesOf);
  const source = choice?.source ?? null;
  const rivals =
    source === null || mapped.has('duration')
      ? []
      : sayOthers(source, choice?.twin ?? null, candidates, spans, rulesOf, question);
  return {
    start,
    end,
    date,
    couldBe,
    source,
    twin: choice?.twin ?? null,
    assumptions: [...assumptions, ...(source?.assumed ?? []), ...rivals],
  };
}

function choose(
  question: TimeQuestion,
  candidates: readonly Candidate[],
  spans: readonly Span[],
  rulesOf: RulesOf,
): { source: TimeSource; twin: Twin | null } | null {
  const wanted = question.mapped.get('duration');
  if (wanted && wanted.length > 0) {
    const source = sourceOf(wanted, 'mapping', rulesOf, false);
    return { source, twin: twinOf(source, candidates, rulesOf) };
  }
  const [best] = candidates;
  if (best && isSpentTime(best.column)) {
    const parts = partsOfDuration(candidates, question.records);
    const columns = parts?.includes(best.column) === true ? parts : [best.column];
    const source = sourceOf(columns, best.chosenBy, rulesOf, false);
    return { source, twin: twinOf(source, candidates, rulesOf) };
  }
  if (spans.length > 0) return { source: spanSource(question, spans), twin: null };
  const days = dayColumns(question);
  if (days.length >= MIN_DAYS) return { source: gridSource(days, rulesOf), twin: null };
  if (!best) return null;
  const isEstimate = roleOf(best.column) === 'estimate';
  const source = sourceOf([best.column], best.chosenBy, rulesOf, isEstimate);
  // Planned effort without a unit may be points or days: a person has to say so.
  return isEstimate && source.unit?.assumed === true ? null : { source, twin: null };
}
