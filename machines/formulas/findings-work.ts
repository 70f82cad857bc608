/**
 * Findings about how work is done: repeats, similar work, cut-up days, cases.
 *
 * Owns: the sentences made of `friction_analysis`.
 */
import { type Certainty, type Contents, listAt, numberAt, type RankedFinding, textAt } from './findings-reading.ts';
import { counted, plainNumber, quoted } from './numbers.ts';

const TYPE = 'friction_analysis';
/** Days with fewer changes are not cut up. */
const LEAST_SWITCHES = 1;

export function workSentences(contents: Contents, certainty: Certainty): RankedFinding[] {
  const content = contents[TYPE];
  if (content === undefined) return [];
  return [
    repeats(content),
    similar(content, certainty),
    largestCluster(content, certainty),
    fragments(content),
    process(content),
  ].filter((found) => found !== null);
}

function repeats(content: unknown): RankedFinding | null {
  const recurring_count = numberAt(content, 'recurring_count');
  const total_rows = numberAt(content, 'total_rows');
  const recurring_share = numberAt(content, 'recurring_share');
  if (recurring_count === null || total_rows === null || recurring_share === null) return null;
  const sentence =
    recurring_count === 0
      ? `None of ${counted(total_rows, 'row')} recurs word for word.`
      : `${plainNumber(recurring_count)} of ${counted(total_rows, 'row')} (${plainNumber(recurring_share)} %) recur word for word.`;
  const figures = { recurring_count, total_rows, recurring_share };
  return { rank: 6, finding: { sentence, figures, source: `${TYPE}.recurring_count` } };
}

function similar(content: unknown, { estimated, inPart }: Certainty): RankedFinding | null {
  const clusters = numberAt(content, 'similarity', 'clusters');
  const spent = numberAt(content, 'similarity', 'minutes');
  const share_percent = numberAt(content, 'similarity', 'share_percent');
  if (!clusters || spent === null || share_percent === null) return null;
  const hours = spent / 60;
  const sentence =
    `Numbers, dates and names aside, ${plainNumber(clusters)} ${clusters === 1 ? 'activity' : 'activities'} ` +
    `${clusters === 1 ? 'recurs' : 'recur'} in similar words and take${clusters === 1 ? 's' : ''} ${estimated}` +
    `${plainNumber(hours)} hours, ${plainNumber(share_percent)} % of the time${inPart}.`;
  return {
    rank: 7,
    finding: {
      sentence,
      figures: { clusters, hours: Number(hours.toFixed(2)), share_percent },
      source: `${TYPE}.similarity`,
    },
  };
}

function largestCluster(content: unknown, { estimated }: Certainty): RankedFinding | null {
  const [largest] = listAt(content, 'similar_clusters');
  const sample = textAt(largest, 'samples', 0);
  const rows = numberAt(largest, 'rows');
  const hours = numberAt(largest, 'hours');
  const mean_minutes = numberAt(largest, 'mean_minutes');
  const spread_minutes = numberAt(largest, 'spread_minutes');
  if (sample === null || rows === null || hours === null || mean_minutes === null || spread_minutes === null)
    return null;
  const sentence =
    `The most time of these goes into work like ${quoted(sample)}: ${plainNumber(rows)} times, ${estimated}${plainNumber(hours)} hours, ` +
    `${plainNumber(mean_minutes)} minutes on average (standard deviation ${plainNumber(spread_minutes)}).`;
  const figures = { sample, rows, hours, mean_minutes, spread_minutes };
  return { rank: 8, finding: { sentence, figures, source: `${TYPE}.similar_clusters` } };
}

function fragments(content: unknown): RankedFinding | null {
  const share_percent = numberAt(content, 'fragmentation', 'short_entries', 'share_percent');
  const under = numberAt(content, 'fragmentation', 'short_entries', 'under_minutes');
  const minutes_share_percent = numberAt(content, 'fragmentation', 'short_entries', 'minutes_share_percent');
  const switches = numberAt(content, 'fragmentation', 'per_person_day', 'switches');
  const entries = numberAt(content, 'fragmentation', 'per_person_day', 'entries');
  const parts: string[] = [];
  if (share_percent) {
    parts.push(
      `${plainNumber(share_percent)} % of the entries take less than ${plainNumber(under ?? 0)} minutes (${plainNumber(minutes_share_percent ?? 0)} % of the time)`,
    );
  }
  if (switches !== null && entries !== null && switches >= LEAST_SWITCHES) {
    parts.push(
      `a person’s day has ${plainNumber(entries)} entries and ${plainNumber(switches)} changes of activity on average`,
    );
  }
  if (parts.length === 0) return null;
  const text = parts.join('; ');
  const sentence = `${text[0]?.toUpperCase()}${text.slice(1)}.`;
  return {
    rank: 8.5,
    finding: {
      sentence,
      figures: { share_percent, minutes_share_percent, entries, switches },
      source: `${TYPE}.fragmentation`,
    },
  };
}

function process(content: unknown): RankedFinding | null {
  const cases = numberAt(content, 'process', 'cases');
  const median_hours = numberAt(content, 'process', 'cycle_time_hours', 'median');
  const p90_hours = numberAt(content, 'process', 'cycle_time_hours', 'p90');
  const rework_percent = numberAt(content, 'process', 'rework', 'share_percent');
  if (cases === null || median_hours === null || p90_hours === null || rework_percent === null) return null;
  const sentence =
    `Half of ${counted(cases, 'case')} are through within ${plainNumber(median_hours)} hours, nine of ten within ${plainNumber(p90_hours)}; ` +
    `in ${plainNumber(rework_percent)} % an activity comes again.`;
  return {
    rank: 2.5,
    finding: { sentence, figures: { cases, median_hours, p90_hours, rework_percent }, source: `${TYPE}.process` },
  };
}
