/**
 * Tables about how work is done and what could be saved.
 *
 * Owns: what is shown of `friction_analysis` and `with_agent_scenario`.
 */
import type { Contents } from '../../machines/formulas/findings.ts';
import { listAt, numberAt, textAt } from '../../machines/formulas/findings-reading.ts';
import { counted, plainNumber } from '../../machines/formulas/numbers.ts';
import type { CellValue, ReportColumn, ReportTable } from './report-table.ts';

const MAX_EXACT = 1_000;
const ABSENT = 'Not computed yet, or failed.';

export function workTables(contents: Contents): ReportTable[] {
  const { friction_analysis: friction, with_agent_scenario: scenario } = contents;
  return [exact(friction), similar(friction), fragmentation(friction), process(friction), range(scenario)];
}

function exact(content: unknown): ReportTable {
  const clusters = listAt(content, 'clusters').toSorted(
    (a, b) => (numberAt(b, 'count') ?? 0) - (numberAt(a, 'count') ?? 0),
  );
  const notes: string[] = [];
  if (content === undefined) notes.push(ABSENT);
  else if (clusters.length === 0) notes.push('No text recurs word for word.');
  if (clusters.length > MAX_EXACT) notes.push(`${plainNumber(clusters.length - MAX_EXACT)} rarer ones not shown.`);
  return {
    sheet: 'Recurring',
    title: 'Work that recurs word for word',
    caption: 'Texts that occur more than once, most frequent first',
    columns: [
      { title: 'Text', kind: 'text', width: 70 },
      { title: 'Rows', kind: 'count', width: 10 },
    ],
    rows: clusters.slice(0, MAX_EXACT).map((cluster) => [textAt(cluster, 'sample_text'), numberAt(cluster, 'count')]),
    notes,
  };
}

const SIMILAR: readonly ReportColumn[] = [
  { title: 'Example', kind: 'text', width: 60 },
  { title: 'Rows', kind: 'count', width: 8 },
  { title: 'Hours', kind: 'hours', width: 10 },
  { title: 'Share', kind: 'percent', width: 10 },
  { title: 'Cost', kind: 'money', width: 12 },
  { title: 'Mean min', kind: 'minutes', width: 10 },
  { title: 'Spread min', kind: 'minutes', width: 10 },
  { title: 'People', kind: 'count', width: 8 },
  { title: 'First', kind: 'date', width: 12 },
  { title: 'Last', kind: 'date', width: 12 },
];

function similar(content: unknown): ReportTable {
  const clusters = listAt(content, 'similar_clusters');
  const omitted = numberAt(content, 'similarity', 'omitted', 'clusters') ?? 0;
  const notes = [
    content === undefined ? ABSENT : clusters.length === 0 ? 'No texts are similar to each other.' : null,
    textAt(content, 'similarity', 'label'),
    omitted > 0
      ? `${counted(omitted, 'smaller group')} with ${plainNumber((numberAt(content, 'similarity', 'omitted', 'minutes') ?? 0) / 60)} hours not shown.`
      : null,
    textAt(content, 'similarity', 'reason'),
  ];
  return {
    sheet: 'Similar',
    title: 'Work that recurs in similar words',
    caption: 'Groups of similar texts with time, cost, mean and spread, most time first',
    columns: SIMILAR,
    rows: clusters.map((cluster): CellValue[] => [
      textAt(cluster, 'samples', 0),
      numberAt(cluster, 'rows'),
      numberAt(cluster, 'hours'),
      numberAt(cluster, 'share_percent'),
      numberAt(cluster, 'cost'),
      numberAt(cluster, 'mean_minutes'),
      numberAt(cluster, 'spread_minutes'),
      numberAt(cluster, 'persons'),
      textAt(cluster, 'first_date'),
      textAt(cluster, 'last_date'),
    ]),
    notes: notes.filter((note) => note !== null),
  };
}

const MEASURE: readonly ReportColumn[] = [
  { title: 'Measure', kind: 'text', width: 56 },
  { title: 'Value', kind: 'number', width: 14 },
];

function fragmentation(content: unknown): ReportTable {
  const of = (...path: string[]) => numberAt(content, 'fragmentation', ...path);
  const under = of('short_entries', 'under_minutes') ?? 15;
  const measures: [string, number | null][] = [
    [`Entries under ${under} minutes, % of entries`, of('short_entries', 'share_percent')],
    [`Entries under ${under} minutes, % of time`, of('short_entries', 'minutes_share_percent')],
    ['Entries per person and day, mean', of('per_person_day', 'entries')],
    ['Changes of activity per person and day, mean', of('per_person_day', 'switches')],
    ['Changes of activity per person and day, most', of('per_person_day', 'most_switches')],
  ];
  const rows = measures.filter(([, value]) => value !== null);
  const notes = [
    content === undefined ? ABSENT : null,
    textAt(content, 'fragmentation', 'per_person_day', 'label'),
    textAt(content, 'fragmentation', 'per_person_day_reason'),
  ];
  return {
    sheet: 'Fragmentation',
    title: 'How much days are cut up',
    caption: 'Share of short entries, entries and changes per person and day',
    columns: MEASURE,
    rows,
    notes: notes.filter((note) => note !== null),
  };
}

function process(content: unknown): ReportTable {
  const of = (...path: string[]) => numberAt(content, 'process', ...path);
  const variants = listAt(content, 'process', 'variants');
  const summary =
    of('cases') === null
      ? null
      : `${counted(of('cases') ?? 0, 'case')}: half are through within ${plainNumber(of('cycle_time_hours', 'median') ?? 0)} hours, nine of ten within ` +
        `${plainNumber(of('cycle_time_hours', 'p90') ?? 0)}; in ${plainNumber(of('rework', 'share_percent') ?? 0)} % an activity comes again.`;
  const loops = listAt(content, 'process', 'rework', 'loops').map(
    (loop) => `“${textAt(loop, 'activity')}” again in ${counted(numberAt(loop, 'cases') ?? 0, 'case')}.`,
  );
  const notes = [
    content === undefined ? ABSENT : textAt(content, 'process_reason'),
    summary,
    textAt(content, 'process', 'label'),
  ];
  return {
    sheet: 'Process',
    title: 'How cases run',
    caption: 'The most frequent sequences of activities with their share and median cycle time',
    columns: [
      { title: 'Sequence', kind: 'text', width: 80 },
      { title: 'Cases', kind: 'count', width: 10 },
      { title: 'Share', kind: 'percent', width: 10 },
      { title: 'Median h', kind: 'hours', width: 12 },
    ],
    rows: variants.map((variant) => [
      stepsText(variant),
      numberAt(variant, 'cases'),
      numberAt(variant, 'share_percent'),
      numberAt(variant, 'median_hours'),
    ]),
    notes: [...notes.filter((note) => note !== null), ...loops],
  };
}

function stepsText(variant: unknown): string {
  const omitted = numberAt(variant, 'steps_omitted') ?? 0;
  const steps = listAt(variant, 'steps').map(String);
  return [...steps, ...(omitted > 0 ? [`${omitted} more`] : [])].join(' → ');
}

function range(content: unknown): ReportTable {
  const rows = (['low', 'base', 'high'] as const).flatMap((bound): CellValue[][] => {
    const percent = numberAt(content, 'range', bound, 'avoidable_percent');
    if (percent === null) return [];
    const at = (key: string) => numberAt(content, 'range', bound, key);
    return [
      [
        bound,
        percent,
        at('recovered_hours'),
        at('recovered_monthly_cost'),
        textAt(content, 'range', bound, 'assumption'),
      ],
    ];
  });
  const notes = [
    content === undefined ? ABSENT : null,
    textAt(content, 'range', 'assumption_note'),
    textAt(content, 'per_month', 'label') === null ? null : monthNote(content),
  ];
  return {
    sheet: 'Scenario',
    title: 'What could be saved, and under which assumptions',
    caption: 'Low, base and high estimate with the assumption of each',
    columns: [
      { title: 'Estimate', kind: 'text', width: 10 },
      { title: 'Avoidable', kind: 'percent', width: 11 },
      { title: 'Hours', kind: 'hours', width: 12 },
      { title: 'Amount', kind: 'money', width: 14 },
      { title: 'Assumption', kind: 'text', width: 90 },
    ],
    rows,
    notes: notes.filter((note) => note !== null),
  };
}

function monthNote(content: unknown): string {
  const of = (key: string) => plainNumber(numberAt(content, 'per_month', key) ?? 0);
  return `Hours and amounts above are of the whole file. Per month of its span of ${of('months')} months, the base is ${of('recovered_hours')} hours, worth ${of('recovered_cost')}.`;
}
