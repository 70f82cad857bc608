/**
 * What an agent is handed with a task.
 *
 * Owns: which text, which keys of the context and what else go into the task's payload. Owns neither when a task starts
 * nor what becomes of its answer.
 */
import type { AgentTaskDispatched, WorkContext } from '../../schemas/types.ts';
import { isPresent } from '../formulas/inputs.ts';
import { cutList, cutText, valueAt } from './cut.ts';
import type { Decision } from './memory.ts';
import type { Feedback } from './run-state.ts';
import type { Member, TaskNode } from './team.ts';

export interface Handed {
  task: AgentTaskDispatched['task'];
  context: Record<string, unknown>;
  /** What was cut on the way. */
  decisions: Decision[];
}

export interface Occasion {
  node: TaskNode;
  member: Member;
  /** What the run, or the sub-team, is asked to do. */
  request: string;
  /** The context as this task may see it. */
  view: Readonly<Record<string, unknown>>;
  feedback: Feedback | null;
  /** Further members of the payload, by the task's mode. */
  besides: Readonly<Record<string, unknown>>;
  /** The keys of an item's own material; [] for a run that has no item. */
  material: readonly string[];
}

/** Parts of an item's context that every member is shown. */
const MATERIAL = ['rows', 'upstream', 'clarifications', 'review_notes', 'messages', 'requirements', 'kpis'];
/** Of one such part. It travels with every task. */
const MAX_MATERIAL_BYTES = 64 * 1024;

export interface Material {
  /** What the run is given besides its text. */
  input: Record<string, unknown>;
  keys: string[];
  decisions: Decision[];
}

/** What a dispatched item brings; lists that are too long are cut at an element. */
export function materialOf({ request_text: _, ...workContext }: WorkContext): Material {
  const input: Record<string, unknown> = { ...workContext };
  const keys = MATERIAL.filter((key) => isPresent(key, input[key]));
  const decisions: Decision[] = [];
  for (const key of keys) {
    const list = input[key];
    if (!Array.isArray(list)) continue;
    const kept = cutList(list, MAX_MATERIAL_BYTES);
    if (kept.length < list.length)
      decisions.push({ input: key, truncated_from: list.length, truncated_to: kept.length });
    input[key] = kept;
  }
  if (input.rows !== undefined && !keys.includes('rows')) delete input.rows;
  return { input, keys, decisions };
}

function extrasOf({ extras }: Member, view: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const { key, default: otherwise, last } of extras) {
    const value = view[key] ?? otherwise;
    if (value === undefined) continue;
    values[key] = last !== undefined && Array.isArray(value) ? value.slice(-last) : value;
  }
  return values;
}

const pick = (view: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(keys.flatMap((key) => (view[key] === undefined ? [] : [[key, view[key]]])));

/** The task and the context that go to the agent. */
export function handOut({ node, member, request, view, feedback, besides, material }: Occasion): Handed {
  const own = node.mode === 'work' || node.mode === 'aggregate';
  const found = own && member.textFrom !== undefined ? valueAt(view, member.textFrom) : undefined;
  const { text, truncated } = cutText(typeof found === 'string' && found !== '' ? found : request, member.cap);
  const payload: Record<string, unknown> = {
    mode: node.mode,
    text,
    ...(truncated && { text_truncated: truncated }),
    ...pick(view, material),
    ...(own && extrasOf(member, view)),
    ...(feedback && { feedback }),
    ...besides,
  };
  return {
    task: { name: node.task, description: `${member.role}: ${member.purpose}`, payload },
    context: pick(view, member.reads),
    decisions: truncated ? [{ agent: node.agent, truncated_from: truncated.from, truncated_to: truncated.to }] : [],
  };
}
