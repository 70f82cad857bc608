/**
 * Where the time goes: minutes in all and per category.
 *
 * Owns: the `time_waste_analysis` deliverable, and the total hours that every other figure starts from.
 */

import { sortByCodePoint } from './code-points.ts';
import { confidence } from './confidence.ts';
import { heaviest, MAX_LISTED } from './heaviest.ts';
import { finite, r2 } from './round.ts';
import { type Analyzed, type AnyRow, category, minutes, rowsOf } from './rows.ts';

/** One analytic deliverable without its identity; `evidence` without the ids the worker adds. */
export interface Analysis<Content> {
  type: string;
  confidence: number;
  content: Content;
  evidence: Record<string, number>;
}

export interface TimeWaste {
  total_minutes: number;
  total_hours: number;
  /** By category, in code point order; the 1,000 with most minutes if there are more. */
  breakdown: { category: string; minutes: number; hours: number; share_percent: number }[];
  /** Number of further categories; absent if all are there. */
  breakdown_omitted?: number;
}

export function timeWasteAnalysis(context: Analyzed): Analysis<TimeWaste> {
  const minutesByCategory = new Map<string, number>();
  let totalMinutes = 0;
  for (const row of rowsOf(context)) {
    const spent = minutes(row);
    const name = category(row);
    totalMinutes = finite(totalMinutes + spent);
    minutesByCategory.set(name, finite((minutesByCategory.get(name) ?? 0) + spent));
  }
  const categories = [...minutesByCategory.keys()];
  const listed = heaviest(categories, MAX_LISTED, (name) => minutesByCategory.get(name) as number);
  const breakdown = sortByCodePoint(listed).map((name) => {
    const spent = minutesByCategory.get(name) as number;
    return {
      category: name,
      minutes: r2(spent),
      hours: r2(spent / 60),
      share_percent: totalMinutes === 0 ? 0 : r2((spent / totalMinutes) * 100),
    };
  });
  const totals = { total_minutes: r2(totalMinutes), total_hours: r2(totalMinutes / 60) };
  return {
    type: 'time_waste_analysis',
    confidence: confidence(context),
    content: {
      ...totals,
      breakdown,
      ...(listed.length < categories.length && { breakdown_omitted: categories.length - listed.length }),
    },
    evidence: totals,
  };
}

/** Hours of all rows, rounded; costs and savings are computed from the rounded figure, as a reader would. */
export function totalHours(rows: readonly AnyRow[]): number {
  let totalMinutes = 0;
  for (const row of rows) totalMinutes = finite(totalMinutes + minutes(row));
  return r2(totalMinutes / 60);
}
