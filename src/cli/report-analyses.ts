/**
 * The four analytic deliverables and the findings, for a terminal: few lines, most important first.
 *
 * Owns: what of them is told. The whole is in the file that `project report --out` writes. Fields that an older server
 * did not compute are left out.
 */
import { at, listAt, numberAt, textAt } from '../../machines/formulas/findings-reading.ts';
import { amount, type Column, plain, plural, type Terminal, table } from './terminal.ts';

const BAR_WIDTH = 24;
const CATEGORIES = 10;
const ACTIVITIES = 5;
const CLUSTERS = 5;

/** Sentences of a final report, numbered; the first one is about the input. What is missing comes last. */
export function findingLines(report: unknown): string[] {
  const sentences = listAt(report, 'findings').map((finding) => textAt(finding, 'sentence') ?? '');
  const missing = listAt(report, 'missing').filter((sentence) => typeof sentence === 'string');
  const [input, ...found] = sentences;
  return [
    ...(input === undefined ? [] : [`Input: ${plain(input)}`]),
    ...found.map((sentence, place) => `${place + 1}. ${plain(sentence)}`),
    ...missing.map((sentence) => `Missing: ${plain(sentence)}`),
  ];
}

/** That amounts rest on estimates, where they do. */
function estimateLines(content: unknown): string[] {
  const percent = numberAt(content, 'inferred', 'share_percent');
  if (percent === null || percent === 0) return [];
  return [percent === 100 ? 'all of it estimated, not measured' : `${amount(percent)} % of it estimated, not measured`];
}

interface Share {
  category: string;
  hours: number;
  share_percent: number;
}

export function hoursLines(content: { breakdown: Share[]; total_hours: number }, terminal: Terminal): string[] {
  const { breakdown, total_hours } = content;
  const rows = breakdown.toSorted((a, b) => b.hours - a.hours);
  const most = Math.max(...rows.map((row) => row.share_percent), 1);
  const columns: Column<Share>[] = [
    { title: 'CATEGORY', of: ({ category }) => category, flexible: true },
    { title: 'HOURS', of: (row) => amount(row.hours), right: true },
    { title: 'SHARE', of: ({ share_percent }) => `${amount(share_percent)} %`, right: true },
    {
      title: '',
      of: ({ share_percent }) => '█'.repeat(Math.max(1, Math.round((share_percent / most) * BAR_WIDTH))),
      style: () => 'cyan',
    },
  ];
  const left = rows.length - CATEGORIES;
  return [
    table(rows.slice(0, CATEGORIES), columns, terminal),
    ...(left > 0 ? [`… and ${plural(left, 'smaller one')}`] : []),
    `${amount(total_hours)} hours in all`,
    ...estimateLines(content),
    ...perMonth(content, (month) => `${amount(numberAt(month, 'hours') ?? 0)} hours per month`),
    ...noMonth(content),
    ...mostTime(content, 'text', 'most time'),
    ...mostTime(content, 'person', 'by person'),
    ...mostTime(content, 'project', 'by project'),
  ];
}

function mostTime(content: unknown, dimension: string, label: string): string[] {
  const named = listAt(content, 'top', dimension)
    .slice(0, ACTIVITIES)
    .map((entry) => `${plain(textAt(entry, 'name') ?? '')} ${amount(numberAt(entry, 'share_percent') ?? 0)} %`);
  return named.length > 0 ? [`${label}: ${named.join(', ')}`] : [];
}

/** A line with its span, if there is one. */
function perMonth(content: unknown, told: (month: unknown) => string): string[] {
  const month = at(content, 'per_month');
  const months = numberAt(month, 'months');
  if (months === null) return [];
  return [`${told(month)} (${textAt(month, 'basis') ?? 'span'}, ${amount(months)} months)`];
}

function noMonth(content: unknown): string[] {
  const reason = textAt(content, 'per_month_reason');
  return reason === null ? [] : [`per month of the real span: unknown. ${plain(reason)}`];
}

interface Cost {
  total_hours: number;
  hourly_rate: number;
  monthly_cost: number;
  annual_cost: number;
}

export function costLines(content: Cost): string[] {
  const { total_hours, hourly_rate, monthly_cost, annual_cost } = content;
  const isByRow = textAt(content, 'rate_source') === 'file';
  const rate = isByRow
    ? `the rates in the file, ${amount(hourly_rate)} per hour on average`
    : `${amount(hourly_rate)} per hour`;
  return [
    `${amount(total_hours)} h at ${rate}: ${amount(monthly_cost)}; if the file is one month, ${amount(annual_cost)} per year`,
    ...estimateLines(content),
    ...perMonth(content, (month) => `${amount(numberAt(month, 'cost') ?? 0)} per month`),
  ];
}

interface Friction {
  total_rows: number;
  recurring_count: number;
  recurring_share: number;
  avoidable_percent: number;
  clusters: { count: number; sample_text: string }[];
}

export function recurringLines(content: Friction): string[] {
  const { total_rows, recurring_count, recurring_share, avoidable_percent, clusters } = content;
  const shown = clusters.toSorted((a, b) => b.count - a.count).slice(0, CLUSTERS);
  const left = clusters.length - shown.length;
  return [
    `${recurring_count} of ${plural(total_rows, 'row')} come more than once (${recurring_share} %); ` +
      `${avoidable_percent} % of the time counts as avoidable`,
    ...shown.map(({ count, sample_text }) => `${count} × ${plain(sample_text)}`),
    ...(left > 0 ? [`… and ${plural(left, 'rarer text')}`] : []),
    ...similarLines(content),
    ...dayLines(content),
  ];
}

function similarLines(content: unknown): string[] {
  const clusters = listAt(content, 'similar_clusters');
  if (clusters.length === 0) return [];
  const share = numberAt(content, 'similarity', 'share_percent') ?? 0;
  const all = numberAt(content, 'similarity', 'clusters') ?? clusters.length;
  return [
    `in similar words, numbers and names aside: ${plural(all, 'group')}, ${amount(share)} % of the time`,
    ...clusters.slice(0, CLUSTERS).map((cluster) => {
      const [rows, hours, mean] = ['rows', 'hours', 'mean_minutes'].map((key) => numberAt(cluster, key) ?? 0);
      return `${amount(hours ?? 0)} h · ${rows} × ${amount(mean ?? 0)} min · ${plain(textAt(cluster, 'samples', 0) ?? '')}`;
    }),
  ];
}

function dayLines(content: unknown): string[] {
  const short = numberAt(content, 'fragmentation', 'short_entries', 'share_percent');
  const under = numberAt(content, 'fragmentation', 'short_entries', 'under_minutes');
  const switches = numberAt(content, 'fragmentation', 'per_person_day', 'switches');
  const told = [
    ...(short === null ? [] : [`${amount(short)} % of entries under ${under} min`]),
    ...(switches === null ? [] : [`${amount(switches)} changes of activity per person and day`]),
  ];
  return told.length > 0 ? [told.join('; ')] : [];
}

export function savingsLines(content: { summary: string }): string[] {
  const bounds = ['low', 'base', 'high'].flatMap((name) => {
    const hours = numberAt(content, 'range', name, 'recovered_hours');
    const cost = numberAt(content, 'range', name, 'recovered_monthly_cost');
    return hours === null || cost === null ? [] : [`${name} ${amount(hours)} h, worth ${amount(cost)}`];
  });
  const note = textAt(content, 'range', 'assumption_note');
  const isNew = bounds.length > 0;
  return [
    plain(content.summary),
    ...estimateLines(content),
    ...(isNew ? [`of the whole file: ${bounds.join('; ')}`] : []),
    ...(isNew
      ? perMonth(
          content,
          (month) =>
            `${amount(numberAt(month, 'recovered_hours') ?? 0)} h per month, worth ${amount(numberAt(month, 'recovered_cost') ?? 0)}`,
        )
      : []),
    ...(note === null ? [] : [plain(note)]),
  ];
}
