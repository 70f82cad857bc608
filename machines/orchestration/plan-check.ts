/**
 * Whether a list of items is a plan.
 *
 * Owns: what makes a plan unacceptable, said per place, for the HTTP edge, the planner and LLM plans alike.
 * Does not own the shape of one item (its schema). Linear in items and dependencies. Keeps I11.
 */
import { isDispatchTarget } from '../../schemas/catalog.ts';
import type { PlanItem } from '../../schemas/types.ts';
import { workContextProblems } from './fields.ts';
import { MAX_LIST } from './text.ts';

export interface PlanProblem {
  /** JSON pointer from the holder of the list, `/items/3/depends_on/0`. */
  path: string;
  message: string;
}

/** Keys of a long cycle that are named before the rest is only counted. */
const NAMED_KEYS = 20;

/** All problems of a plan; none: it can be carried out. */
export function checkPlan(items: readonly PlanItem[]): PlanProblem[] {
  if (items.length === 0) return [{ path: '/items', message: 'must have at least 1 item' }];
  if (items.length > MAX_LIST) return [{ path: '/items', message: `must have at most ${MAX_LIST} items` }];
  const problems: PlanProblem[] = [];
  const known = new Map<string, number>();
  for (const [index, { key }] of items.entries()) {
    if (known.has(key)) problems.push({ path: `/items/${index}/key`, message: `duplicate key: ${key}` });
    else known.set(key, index);
  }
  for (const [index, item] of items.entries()) {
    const at = `/items/${index}`;
    if (!isDispatchTarget(item.agent_target)) {
      problems.push({ path: `${at}/agent_target`, message: `unknown agent_target: ${item.agent_target}` });
    }
    for (const [n, key] of (item.depends_on ?? []).entries()) {
      const path = `${at}/depends_on/${n}`;
      if (key === item.key) problems.push({ path, message: `self-dependency: ${key}` });
      else if (!known.has(key)) problems.push({ path, message: `unknown dependency: ${key}` });
    }
    for (const { path, message } of workContextProblems(item.work_context ?? {})) {
      problems.push({ path: `${at}/work_context${path}`, message });
    }
  }
  const cycle = findCycle(items, known);
  if (cycle) problems.push({ path: '/items', message: `cycle: ${nameCycle(cycle)}` });
  return problems;
}

/** Keys of one cycle in the direction of `depends_on`, from the item that is first in the plan; null without one. */
function findCycle(items: readonly PlanItem[], known: ReadonlyMap<string, number>): string[] | null {
  const edges = items.map((item, index) =>
    (item.depends_on ?? []).flatMap((key) => {
      const to = known.get(key);
      return to === undefined || to === index ? [] : [to];
    }),
  );
  const left = freeOfCycles(edges);
  const start = left.findIndex((stays) => stays);
  if (start < 0) return null;
  // Whatever is left depends on something that is left, so that following it must come back to where it was.
  const seen = new Map<number, number>();
  let at = start;
  while (!seen.has(at)) {
    seen.set(at, seen.size);
    at = (edges[at] as number[]).find((to) => left[to]) as number;
  }
  const cycle = [...seen.keys()].slice(seen.get(at));
  const first = cycle.indexOf(Math.min(...cycle));
  return [...cycle.slice(first), ...cycle.slice(0, first)].map((index) => (items[index] as PlanItem).key);
}

/** Takes away, again and again, what depends on nothing; true = left, so in a cycle or behind one. */
function freeOfCycles(edges: readonly (readonly number[])[]): boolean[] {
  const waiting = edges.map((to) => to.length);
  const dependents = edges.map((): number[] => []);
  for (const [from, targets] of edges.entries()) for (const to of targets) (dependents[to] as number[]).push(from);
  const free = waiting.flatMap((count, index) => (count === 0 ? [index] : []));
  const left = edges.map(() => true);
  for (let at = free.pop(); at !== undefined; at = free.pop()) {
    left[at] = false;
    for (const dependent of dependents[at] as number[]) {
      waiting[dependent] = (waiting[dependent] as number) - 1;
      if (waiting[dependent] === 0) free.push(dependent);
    }
  }
  return left;
}

function nameCycle(keys: readonly string[]): string {
  const named = keys.slice(0, NAMED_KEYS);
  const more = keys.length - named.length;
  return [...named, ...(more > 0 ? [`… (${more} more)`] : []), named[0]].join(' -> ');
}
