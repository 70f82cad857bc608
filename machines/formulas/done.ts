/**
 * The definition of done: what a result must not do to be accepted.
 *
 * Owns: the checks over evidence and deliverables, and the alerts they raise; no alert = done.
 * Does not own: what follows from an alert (the orchestrator's review).
 */
import type { FailureCategory } from '../../schemas/types.ts';
import { ContradictionError } from './facts.ts';

/** One reason why a result is not accepted; `text` goes into the review notes. */
export interface Alert {
  text: string;
  category: FailureCategory;
}

/** What a result is judged by. */
export interface Result {
  /** `evidence` of `WORK.ITEM_COMPLETED`. */
  evidence: Readonly<Record<string, unknown>>;
  /** Deliverables of the attempt under review; those of rejected attempts would be rejected again. */
  deliverables: readonly { id?: string | undefined; content: Readonly<Record<string, unknown>> }[];
  /** Cap of the task minutes that a result may assert. */
  maxMinutes: number;
  /** Number of input rows: claims may cite `row:<i>`, `fact-<i>` and `fact-text-<i>` for i below it. */
  rowCount?: number;
  /** Further ids that claims may cite: upstream deliverables. */
  citable?: readonly string[];
}

/** Alerts in the order of the checks, each text once. Empty: done. Total over any JSON. */
export function evaluateDone(result: Result): Alert[] {
  if (Object.keys(result.evidence).length === 0) {
    return [{ text: 'missing evidence', category: 'DATA_INSUFFICIENCY' }];
  }
  const facts = listOf(result.evidence.facts);
  const texts = [...factAlerts(facts, result.maxMinutes), ...claimAlerts(result, facts)];
  return [...new Set(texts)].map((text) => ({ text, category: 'REASONING_CONTRADICTION' }));
}

/** Statements of fact in a result: those of the evidence first. Any JSON value may stand for a claim. */
export function claimsOf(result: Pick<Result, 'evidence' | 'deliverables'>): unknown[] {
  return [
    ...listOf(member(result.evidence.deliverable, 'claims')),
    ...result.deliverables.flatMap(({ content }) => listOf(content.claims)),
  ];
}

/**
 * The same rule where a result is made: a worker refuses to publish a claim without sources.
 * @throws {ContradictionError} `unsourced_claim:<index>` of the first such claim.
 */
export function requireSources(claims: readonly unknown[]): void {
  const index = claims.findIndex((claim) => sourcesOf(claim).length === 0);
  if (index >= 0) throw new ContradictionError(`unsourced_claim:${index}`);
}

function factAlerts(facts: readonly unknown[], maxMinutes: number): string[] {
  const alerts: string[] = [];
  const units = new Set<unknown>();
  let sum = 0;
  for (const fact of facts) {
    const value = member(fact, 'value');
    if (member(fact, 'field') === 'task_minutes' && typeof value === 'number') sum += value;
    units.add(member(member(fact, 'provenance'), 'unit') ?? null);
  }
  if (sum > maxMinutes) alerts.push(`total_minutes_exceeds_cap:${sum}`);
  if (units.size > 1 && !units.has(null)) alerts.push('unit_mismatch');
  return alerts;
}

function claimAlerts(result: Result, facts: readonly unknown[]): string[] {
  const claims = claimsOf(result);
  if (claims.length === 0) return [];
  const known = new Set<unknown>([
    ...facts.map((fact) => member(fact, 'id')),
    ...result.deliverables.map(({ id }) => id),
    ...(result.citable ?? []),
  ]);
  return claims.flatMap((claim, index) => {
    const sources = sourcesOf(claim);
    if (sources.length === 0) return [`unsourced_claim:${index}`];
    return sources
      .filter((source) => typeof source !== 'string' || !(known.has(source) || isOfRow(source, result.rowCount ?? 0)))
      .map((source) => `unknown_source:${typeof source === 'string' ? source : JSON.stringify(source)}`);
  });
}

const ROW_SOURCE = /^(?:row:|fact-|fact-text-)(0|[1-9]\d*)$/;

function isOfRow(source: string, rowCount: number): boolean {
  const index = ROW_SOURCE.exec(source)?.[1];
  return index !== undefined && Number(index) < rowCount;
}

function sourcesOf(claim: unknown): readonly unknown[] {
  return listOf(member(claim, 'sources'));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function member(value: unknown, key: string): unknown {
  return (value as Record<string, unknown> | null | undefined)?.[key];
}
