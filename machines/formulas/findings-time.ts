/**
 * Findings about time: how much, on what, and how it changes.
 *
 * Owns: the sentences made of `time_waste_analysis`.
 */
import { at, type Certainty, type Contents, listAt, numberAt, type RankedFinding, textAt } from './findings-reading.ts';
import { counted, plainNumber, quoted } from './numbers.ts';

const TYPE = 'time_waste_analysis';

export function timeSentences(contents: Contents, certainty: Certainty): RankedFinding[] {
  const content = contents[TYPE];
  if (content === undefined) return [];
  return [
    total(content, certainty),
    largestCategory(content),
    concentration(content),
    largestProject(content),
    change(content, certainty),
  ].filter((found) => found !== null);
}

function total(content: unknown, { estimated, inPart }: Certainty): RankedFinding | null {
  const total_hours = numberAt(content, 'total_hours');
  if (total_hours === null) return null;
  const first_date = textAt(content, 'trend', 'span', 'first_date');
  const last_date = textAt(content, 'trend', 'span', 'last_date');
  const hours_per_month = numberAt(content, 'per_month', 'hours');
  const span = first_date === null ? '' : ` from ${first_date} to ${last_date}`;
  const monthly = hours_per_month === null ? '' : `, about ${plainNumber(hours_per_month)} hours per month`;
  const sentence = `The activities add up to ${estimated}${counted(total_hours, 'hour')}${span}${monthly}${inPart}.`;
  return {
    rank: 1,
    finding: {
      sentence,
      figures: { total_hours, first_date, last_date, hours_per_month },
      source: `${TYPE}.total_hours`,
    },
  };
}

interface Named {
  name: string;
  hours: number;
  share_percent: number;
}

const namedIn = (list: readonly unknown[]): Named[] =>
  list.flatMap((entry) => {
    const name = textAt(entry, 'name') ?? textAt(entry, 'category');
    const hours = numberAt(entry, 'hours');
    const share_percent = numberAt(entry, 'share_percent');
    return name === null || hours === null || share_percent === null ? [] : [{ name, hours, share_percent }];
  });

function largestCategory(content: unknown): RankedFinding | null {
  const all = namedIn(listAt(content, 'breakdown'));
  const [largest] = all.toSorted((a, b) => b.share_percent - a.share_percent);
  if (!largest || all.length < 2) return null;
  const { name: category, hours, share_percent } = largest;
  const sentence = `The largest of ${plainNumber(all.length)} categories, ${quoted(category)}, takes ${plainNumber(share_percent)} % of the time.`;
  return { rank: 3, finding: { sentence, figures: { category, hours, share_percent }, source: `${TYPE}.breakdown` } };
}

const FEW = 5;

/** The few activities that take much of the time: where looking closer pays. */
function concentration(content: unknown): RankedFinding | null {
  const entries = listAt(content, 'top', 'text');
  const others = numberAt(content, 'top', 'others', 'text', 'count') ?? 0;
  const count = entries.length + others;
  const cumulative_percent = numberAt(entries[FEW - 1], 'cumulative_percent');
  const name = textAt(entries[0], 'name');
  if (count <= FEW || cumulative_percent === null || name === null) return null;
  const sentence = `${plainNumber(FEW)} of ${plainNumber(count)} activities take ${plainNumber(cumulative_percent)} % of the time, ${quoted(name)} the most.`;
  return {
    rank: 5,
    finding: { sentence, figures: { activities: count, cumulative_percent, largest: name }, source: `${TYPE}.top` },
  };
}

function largestProject(content: unknown): RankedFinding | null {
  const entries = namedIn(listAt(content, 'top', 'project'));
  const [largest] = entries;
  if (!largest || entries.length < 2) return null;
  const { name: project, hours, share_percent } = largest;
  const sentence = `Among the projects, ${quoted(project)} takes the most time: ${plainNumber(share_percent)} %.`;
  return { rank: 9, finding: { sentence, figures: { project, hours, share_percent }, source: `${TYPE}.top` } };
}

/** Least months to speak of a change: the first and the last of a file are often not whole. */
const LEAST_MONTHS = 4;

/** From the second to the last month but one: neither is cut off by the ends of the file. */
function change(content: unknown, { estimated }: Certainty): RankedFinding | null {
  const months = listAt(content, 'trend', 'months');
  if (months.length < LEAST_MONTHS || at(content, 'trend', 'earlier') !== undefined) return null;
  const [first, last] = [months[1], months[months.length - 2]];
  const [from, to] = [numberAt(first, 'hours'), numberAt(last, 'hours')];
  const [from_month, to_month] = [textAt(first, 'month'), textAt(last, 'month')];
  if (from === null || to === null || from === 0 || from_month === null || to_month === null) return null;
  const change_percent = Math.round(((to - from) / from) * 100);
  const way = change_percent > 0 ? 'rose' : change_percent < 0 ? 'fell' : 'stayed';
  const by = change_percent === 0 ? 'the same' : `by ${plainNumber(Math.abs(change_percent))} %`;
  const sentence = `Between the whole months ${from_month} and ${to_month}, time per month ${way} ${by}, from ${estimated}${plainNumber(from)} to ${plainNumber(to)} hours.`;
  return {
    rank: 10,
    finding: {
      sentence,
      figures: { from_month, to_month, from_hours: from, to_hours: to, change_percent },
      source: `${TYPE}.trend`,
    },
  };
}
