/**
 * The analytic deliverables among those of a project, and which of them are missing.
 *
 * Owns: which deliverables a report is made of. The report that ends a project and one that is asked for before read
 * the same ones.
 */
import type { BacklogItem } from '../../schemas/types.ts';
import { isFinal } from '../backlog-item.ts';
import { currentDeliverables } from './dispatch.ts';
import type { ItemPart } from './parts.ts';
import { clip } from './text.ts';

/** Sentences about what a report lacks. */
const MAX_MISSING = 20;
const MAX_SENTENCE = 1_000;

/** Type → what a report without it lacks. */
const ANALYTIC: ReadonlyMap<string, string> = new Map([
  ['time_waste_analysis', 'Time by category, person and project'],
  ['cost_analysis', 'What the time costs'],
  ['friction_analysis', 'Recurring work'],
  ['with_agent_scenario', 'What could be saved'],
]);
/** Worker → the type it delivers. */
export const ANALYTIC_WORKERS: ReadonlyMap<string, string> = new Map([
  ['time_waste_worker', 'time_waste_analysis'],
  ['cost_worker', 'cost_analysis'],
  ['friction_worker', 'friction_analysis'],
  ['scenario_worker', 'with_agent_scenario'],
]);

export type Contents = Record<string, Record<string, unknown>>;

/** Analytic type → its content; of several deliverables of a type, that of the last in the plan whose item is done. */
export function analyticContents(
  parts: readonly ItemPart[],
  deliverable: (id: string) => { type: string; content: Record<string, unknown> },
): Contents {
  const contents: Contents = {};
  for (const part of parts) {
    if (part.item.status !== 'DONE') continue;
    for (const id of currentDeliverables(part)) {
      const { type, content } = deliverable(id);
      if (ANALYTIC.has(type)) contents[type] = content;
    }
  }
  return contents;
}

/** What the contents say of the input; undefined if none of them does. */
export function inputOf(contents: Contents): Record<string, unknown> | undefined {
  return Object.values(contents)
    .map(({ input }) => input)
    .find((input) => typeof input === 'object' && input !== null && !Array.isArray(input)) as
    | Record<string, unknown>
    | undefined;
}

type PlannedItem = Pick<BacklogItem, 'title' | 'agent_target' | 'status' | 'failure'>;

/**
 * What was planned and is not there, and what deliverables say they lack: one sentence each, 20 at most.
 * @param delivered contents of all deliverables; a list `missing` in one says what it could not hold
 */
export function missingOf(
  items: readonly PlannedItem[],
  contents: Contents,
  delivered: readonly Record<string, unknown>[],
): string[] {
  const lacked = delivered.flatMap(({ missing }) =>
    Array.isArray(missing) ? missing.filter((entry): entry is string => typeof entry === 'string') : [],
  );
  const absent = items.flatMap((item) => {
    const type = ANALYTIC_WORKERS.get(item.agent_target);
    if (type !== undefined && contents[type] !== undefined) return [];
    const what = type === undefined ? '' : `${ANALYTIC.get(type)}: `;
    if (item.status === 'FAILED') {
      return [`${what}“${item.title}” failed${item.failure ? ` (${item.failure.reason})` : ''}.`];
    }
    if (!isFinal(item.status)) return [`${what}“${item.title}” is not done yet.`];
    return type === undefined ? [] : [`${what}“${item.title}” delivered nothing.`];
  });
  return [...absent, ...lacked].slice(0, MAX_MISSING).map((sentence) => clip(sentence, MAX_SENTENCE));
}
