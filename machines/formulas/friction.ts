/**
 * What is done again and again, and how much of it could be avoided.
 *
 * Owns: the `friction_analysis` deliverable and the share of time that can be avoided.
 */

import { firstCodePoints, sortByCodePoint } from './code-points.ts';
import { confidence } from './confidence.ts';
import { heaviest, MAX_LISTED } from './heaviest.ts';
import { r2 } from './round.ts';
import { type Analyzed, type AnyRow, fingerprint, rowsOf, textOf } from './rows.ts';
import { type Analysis, totalHours } from './time-waste.ts';

const SAMPLE_CODE_POINTS = 120;
const AVOIDABLE_CAP_PERCENT = 60;

export interface Friction {
  total_hours: number;
  total_rows: number;
  /** Rows in clusters, first occurrences included. */
  recurring_count: number;
  /** Percent of all rows. */
  recurring_share: number;
  /** Percent of the time, at most 60. */
  avoidable_percent: number;
  /** Activities that occur at least twice, by fingerprint in code point order; the 1,000 with most rows if there are more. */
  clusters: { fingerprint: string; count: number; sample_text: string }[];
  /** Number of further ones; absent if all are there. */
  clusters_omitted?: number;
}

export function frictionAnalysis(context: Analyzed): Analysis<Friction> {
  const rows = rowsOf(context);
  const groups = groupByFingerprint(rows);
  const recurring = [...groups.keys()].filter((print) => (groups.get(print) as Group).count > 1);
  const listed = heaviest(recurring, MAX_LISTED, (print) => (groups.get(print) as Group).count);
  const clusters = sortByCodePoint(listed).map((print) => {
    const { count, firstText } = groups.get(print) as Group;
    return { fingerprint: print, count, sample_text: firstCodePoints(firstText, SAMPLE_CODE_POINTS) };
  });
  const recurring_count = countRecurring(groups);
  const shares = {
    recurring_share: r2(sharePercent(recurring_count, rows.length)),
    avoidable_percent: cappedPercent(recurring_count, rows.length),
  };
  return {
    type: 'friction_analysis',
    confidence: confidence(context),
    content: {
      total_hours: totalHours(rows),
      total_rows: rows.length,
      recurring_count,
      ...shares,
      clusters,
      ...(listed.length < recurring.length && { clusters_omitted: recurring.length - listed.length }),
    },
    evidence: shares,
  };
}

/** Percent of the time that need not be spent again. */
export function avoidablePercent(rows: readonly AnyRow[]): number {
  return cappedPercent(countRecurring(groupByFingerprint(rows)), rows.length);
}

interface Group {
  count: number;
  firstText: string;
}

function groupByFingerprint(rows: readonly AnyRow[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const text = textOf(row);
    const print = fingerprint(text);
    if (print === '') continue;
    const group = groups.get(print);
    if (group) group.count += 1;
    else groups.set(print, { count: 1, firstText: text });
  }
  return groups;
}

function countRecurring(groups: Map<string, Group>): number {
  let count = 0;
  for (const group of groups.values()) if (group.count > 1) count += group.count;
  return count;
}

function sharePercent(recurringCount: number, totalRows: number): number {
  return totalRows === 0 ? 0 : (recurringCount / totalRows) * 100;
}

function cappedPercent(recurringCount: number, totalRows: number): number {
  return Math.min(AVOIDABLE_CAP_PERCENT, r2(sharePercent(recurringCount, totalRows) * 1.25));
}
