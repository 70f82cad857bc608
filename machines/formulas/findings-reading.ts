/**
 * Contents of deliverables as findings read them: of unchecked shape, since any worker may have made them.
 *
 * Owns: reading members of unknown objects, and how certain the minutes are.
 */
import { plainNumber } from './numbers.ts';

/** Of the analytic deliverables, by type. */
export type Contents = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

/** A sentence that was computed. */
export interface Finding {
  sentence: string;
  /** The numbers and names in it. */
  figures: Record<string, number | string | null>;
  /** `<deliverable type>.<field>`, or `input`. */
  source: string;
}

/** Lower ranks are more important. */
export interface RankedFinding {
  rank: number;
  finding: Finding;
}

/** The member at a path of keys and indexes; undefined where there is none. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string | number, unknown>)[key];
  }
  return found;
}

export function numberAt(value: unknown, ...path: (string | number)[]): number | null {
  const found = at(value, ...path);
  return typeof found === 'number' && Number.isFinite(found) ? found : null;
}

export function textAt(value: unknown, ...path: (string | number)[]): string | null {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : null;
}

export function listAt(value: unknown, ...path: (string | number)[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** How far minutes are recorded. */
export interface Certainty {
  /** Percent of the minutes that are estimated. */
  inferredPercent: number;
  /** Before a number of hours: `an estimated ` when nothing is recorded, else nothing. */
  estimated: string;
  /** After a number of hours or an amount: ` (25 % of it estimated)`, or nothing. */
  inPart: string;
}

export function certaintyOf(contents: Contents): Certainty {
  const shares = Object.values(contents).map((content) => numberAt(content, 'inferred', 'share_percent') ?? 0);
  const inferredPercent = Math.max(0, ...shares);
  const isPart = inferredPercent > 0 && inferredPercent < 100;
  return {
    inferredPercent,
    estimated: inferredPercent >= 100 ? 'an estimated ' : '',
    inPart: isPart ? ` (${plainNumber(inferredPercent)} % of it estimated)` : '',
  };
}
