/**
 * Tables about where the time goes.
 *
 * Owns: what is shown of `time_waste_analysis`: categories, activities, people, projects, trend.
 */
import type { Contents } from '../../machines/formulas/findings.ts';
import { at, listAt, numberAt, textAt } from '../../machines/formulas/findings-reading.ts';
import { counted, plainNumber } from '../../machines/formulas/numbers.ts';
import type { CellValue, ReportColumn, ReportTable } from './report-table.ts';

/** A category that is not named has its own line; a report has room for so many. */
const MAX_CATEGORIES = 500;

const SHARES: readonly ReportColumn[] = [
  { title: 'Hours', kind: 'hours', width: 12 },
  { title: 'Minutes', kind: 'minutes', width: 12, detail: true },
  { title: 'Share', kind: 'percent', width: 10 },
];

export function activityTables(contents: Contents): ReportTable[] {
  const content = contents.time_waste_analysis;
  return [
    categories(content),
    ranking(content, 'text', 'Activities', 'Activities that take the most time', 'Activity'),
    ranking(content, 'person', 'People', 'Time by person', 'Person'),
    ranking(content, 'project', 'Projects', 'Time by project', 'Project'),
    trend(content),
  ];
}

function categories(content: unknown): ReportTable {
  const entries = listAt(content, 'breakdown').toSorted(
    (a, b) => (numberAt(b, 'minutes') ?? 0) - (numberAt(a, 'minutes') ?? 0),
  );
  const left = entries.length - MAX_CATEGORIES;
  return {
    sheet: 'Categories',
    title: 'Time by category',
    caption: 'Hours and share of each category, most first',
    columns: [{ title: 'Category', kind: 'text', width: 36 }, ...SHARES],
    rows: entries
      .slice(0, MAX_CATEGORIES)
      .map((entry) => [
        textAt(entry, 'category'),
        numberAt(entry, 'hours'),
        numberAt(entry, 'minutes'),
        numberAt(entry, 'share_percent'),
      ]),
    notes: notesOf(entries.length, content, [left > 0 ? `${plainNumber(left)} smaller ones not shown.` : null]),
  };
}

function ranking(content: unknown, dimension: string, sheet: string, title: string, column: string): ReportTable {
  const entries = listAt(content, 'top', dimension);
  return {
    sheet,
    title,
    caption: 'Hours, share and cumulative share of all time, most first',
    columns: [
      { title: column, kind: 'text', width: dimension === 'text' ? 60 : 36 },
      ...SHARES,
      { title: 'Cumulative', kind: 'percent', width: 12 },
      { title: 'Rows', kind: 'count', width: 10 },
    ],
    rows: entries.map((entry) => [
      textAt(entry, 'name'),
      numberAt(entry, 'hours'),
      numberAt(entry, 'minutes'),
      numberAt(entry, 'share_percent'),
      numberAt(entry, 'cumulative_percent'),
      numberAt(entry, 'rows'),
    ]),
    notes: notesOf(entries.length, content, [
      restNote(at(content, 'top', 'others', dimension), (count) => `${counted(count, 'other')} not named here`),
      restNote(
        at(content, 'top', 'unnamed', dimension),
        (count) => `${counted(count, 'row')} without a ${column.toLowerCase()}`,
      ),
    ]),
  };
}

function restNote(rest: unknown, told: (count: number) => string): string | null {
  const count = numberAt(rest, 'count');
  if (count === null) return null;
  return `${told(count)}: ${plainNumber((numberAt(rest, 'minutes') ?? 0) / 60)} hours, ${plainNumber(numberAt(rest, 'share_percent') ?? 0)} % of the time.`;
}

function notesOf(rows: number, content: unknown, notes: readonly (string | null)[]): string[] {
  if (content === undefined) return ['Not computed yet, or failed.'];
  if (rows === 0) return ['No row of the file says this.'];
  return notes.filter((note) => note !== null);
}

function trend(content: unknown): ReportTable {
  const point =
    (kind: string, key: string) =>
    (entry: unknown): CellValue[] => [
      textAt(entry, key),
      kind,
      numberAt(entry, 'hours'),
      numberAt(entry, 'minutes'),
      numberAt(entry, 'rows'),
    ];
  const months = listAt(content, 'trend', 'months').map(point('month', 'month'));
  const weeks = listAt(content, 'trend', 'weeks').map(point('week', 'week'));
  const reason = textAt(content, 'trend_reason') ?? textAt(content, 'per_month_reason');
  const notes = [textAt(content, 'trend', 'label'), textAt(content, 'per_month', 'label'), reason].filter(
    (note) => note !== null,
  );
  return {
    sheet: 'Trend',
    title: 'Time over the weeks and months',
    caption: 'Hours and rows per month',
    columns: [
      { title: 'Period', kind: 'text', width: 12 },
      { title: 'Kind', kind: 'text', width: 10, detail: true },
      { title: 'Hours', kind: 'hours', width: 12 },
      { title: 'Minutes', kind: 'minutes', width: 12, detail: true },
      { title: 'Rows', kind: 'count', width: 10 },
    ],
    rows: [...months, ...weeks],
    notes: content === undefined ? ['Not computed yet, or failed.'] : notes,
  };
}
