/**
 * What else of a file speaks of time, and is not what was read.
 *
 * Owns: the sentences about columns that make another sum, about start and end that say something else, about overtime
 * that is not counted, and about how often a row stands for.
 */
import { type Column, roleOf } from '../columns/column.ts';
import { timeLike } from '../columns/content.ts';
import type { SheetRow } from '../tables.ts';
import { type Candidate, EACH, isSpentTime, numberIn, TIME_SHARE, type TimeQuestion } from './candidates.ts';
import { isCertain, type RulesOf } from './column-rules.ts';
import type { Twin } from './sources.ts';
import { type Span, spanReader } from './spans.ts';
import { readTimeCell, type TimeSource } from './time-source.ts';

const COMPARED_RECORDS = 2_000;
const SHARE_APART = 0.05;
/** Ranks below are of billed, rounded or hardly filled columns. */
const MIN_RIVAL = 74;
const IF_WRONG = 'If that is wrong, name the column in the mapping, as in duration=…';

export function sayOthers(
  source: TimeSource,
  twin: Twin | null,
  candidates: readonly Candidate[],
  spans: readonly Span[],
  rulesOf: RulesOf,
  question: TimeQuestion,
): string[] {
  const compared = question.records.slice(0, COMPARED_RECORDS);
  return [
    ...rivals(source, twin, candidates, rulesOf, compared),
    ...(source.kind === 'span' ? [] : differingSpans(source, spans, compared)),
    ...overtime(source, question),
    ...frequency(question),
    ...ofWhat(source),
  ];
}

const sumOf = (records: readonly SheetRow[], read: TimeSource['read']): number =>
  records.reduce((sum, row) => {
    const reading = read(row);
    return reading.state === 'given' ? sum + reading.minutes : sum;
  }, 0);

/** Columns that could be the time as well, and make another sum: planned time and sums over others could not. */
function rivals(
  source: TimeSource,
  twin: Twin | null,
  candidates: readonly Candidate[],
  rulesOf: RulesOf,
  records: readonly SheetRow[],
): string[] {
  const own = sumOf(records, source.read);
  const found = candidates.filter(({ column, rank }) => {
    if (source.columns.includes(column) || column === twin?.column || !isSpentTime(column)) return false;
    if (rank < MIN_RIVAL || !isCertain(column)) return false;
    const { rules } = rulesOf(column);
    const other = sumOf(records, (row) => readTimeCell(row.cells[column.index], rules, row));
    return other > 0 && Math.abs(other - own) > SHARE_APART * Math.max(own, other);
  });
  if (found.length === 0) return [];
  const names = found.slice(0, 3).map(({ column }) => `"${column.name}"`);
  const make = found.length === 1 ? 'makes' : 'make';
  return [
    `${names.join(', ')} could be the time as well as "${source.header}", which is read, and ${make} another sum. ${IF_WRONG}`,
  ];
}

const ROWS_APART = 0.1;
const BREAK_MINUTES = 120;

/** Start and end that often say something else than the duration, beyond what a break explains. */
function differingSpans(source: TimeSource, spans: readonly Span[], records: readonly SheetRow[]): string[] {
  const span = spanReader(spans);
  if (span === null) return [];
  let both = 0;
  let apart = 0;
  let first: { row: number; said: number; spanned: number } | null = null;
  for (const row of records) {
    const reading = source.read(row);
    const spanned = span(row);
    if (reading.state !== 'given' || spanned === null) continue;
    both += 1;
    const missing = spanned - reading.minutes;
    if (missing >= -1 && missing <= Math.min(BREAK_MINUTES, 0.34 * spanned)) continue;
    apart += 1;
    first ??= { row: row.number, said: reading.minutes, spanned };
  }
  if (first === null || apart <= ROWS_APART * both) return [];
  const inHours = (minutes: number) => `${Number((minutes / 60).toFixed(2))} h`;
  return [
    `"${source.header}" is not what lies between start and end in ${apart} of ${both} rows (first in row ${first.row}: ${inHours(first.said)} and ${inHours(first.spanned)}); "${source.header}" counts.`,
  ];
}

function overtime({ columns: read, header }: TimeSource, { columns, records }: TimeQuestion): string[] {
  const missed = columns.filter(
    (column) =>
      roleOf(column) === 'overtime' &&
      !read.includes(column) &&
      timeLike(column) >= TIME_SHARE &&
      column.profile.zeros < 1 &&
      records.length > 0,
  );
  if (missed.length === 0) return [];
  const names = missed.map(({ name }) => `"${name}"`).join(', ');
  return [
    `${names} is not counted beside "${header}". If it is time on top of that, name both in the mapping, as in duration=${header},duration=${missed[0]?.name}.`,
  ];
}

const HOW_OFTEN =
  /\b(?:times|frequency|occurrences|volume|runs|per (?:day|week|month|year)|p\.? ?a\.?|häufigkeit|anzahl|pro (?:tag|woche|monat|jahr)|fréquence|fois|par (?:jour|semaine|mois|an)|frecuencia|veces|frequenza|volte|frequência|vezes|frequentie|częstotliwość|četnost)\b|回数|頻度/iu;

/** A duration that its name says is of one case among several, or of a machine. */
function ofWhat({ header }: TimeSource): string[] {
  if (EACH.test(header)) {
    return [
      `"${header}" is an average by its name; each row counts it once. If a row stands for several cases, multiply it in the file.`,
    ];
  }
  return OF_MACHINES.test(header)
    ? [`"${header}" may be the time of a machine or a recording; it is counted as work.`]
    : [];
}

const OF_MACHINES =
  /\b(?:down ?time|run ?time|up ?time|machine time|play ?time|laufzeit|ausfallzeit|standzeit|stillstand\p{L}*|maschinen(?:zeit|stunden)|spieldauer|spielzeit)\b/iu;

/** A column that says how often a row happens; its time is that of one time. */
function frequency({ columns, records }: TimeQuestion): string[] {
  const isCount = (column: Column) =>
    HOW_OFTEN.test(column.header) &&
    column.profile.share.number >= TIME_SHARE &&
    records.some(({ cells }) => numberIn(cells[column.index]) > 1);
  const often = columns.find(isCount);
  if (!often) return [];
  return [
    `"${often.name}" may say how often a row happens; each row is counted once. If its time is that of one time, multiply it in the file.`,
  ];
}
