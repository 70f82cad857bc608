/**
 * What an agent is handed with a task.
 *
 * Owns: which text, which keys of the context and what else go into the task's payload. Owns neither when a task starts
 * nor what becomes of its answer.
 */
import type { AgentTaskDispatched, WorkContext } from '../../schemas/types.ts';
import { isPresent } from '../formulas/inputs.ts';
import { utf8Bytes } from './bytes.ts';
import { cutList, cutText, valueAt } from './cut.ts';
import { type Decision, fits } from './memory.ts';
import type { Member, TaskNode } from './team.ts';

/** What a worker is told when it is to do better. */
export interface Feedback {
  previous_output: unknown;
  issues: readonly unknown[];
  summary: string;
}

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
  /** What the run was given besides its text. */
  input: Readonly<Record<string, unknown>>;
  feedback: Feedback | null;
  /** Further members of the payload, by the task's mode. */
  besides: Readonly<Record<string, unknown>>;
  /** The keys of an item's own material; [] for a run that has no item. */
  material: readonly string[];
}

/** Parts of an item's context that every member is shown. */
const MATERIAL = [
  'scope',
  'rows',
  'rows_ref',
  'upstream',
  'clarifications',
  'review_notes',
  'messages',
  'requirements',
  'kpis',
];
/** Of one such part. It travels with every task. */
export const MAX_MATERIAL_BYTES = 64 * 1024;

export interface Material {
  /** What the run is given besides its text. */
  input: Record<string, unknown>;
  keys: string[];
  decisions: Decision[];
}

/** What a dispatched item brings; lists of material are cut at an element, other values that are too large left out. */
export function materialOf({ request_text = '', ...workContext }: WorkContext): Material {
  const input: Record<string, unknown> = { ...workContext };
  // Without a request it is the text itself.
  if (request_text.trim() === '') delete input.scope;
  const decisions: Decision[] = [];
  for (const [key, value] of Object.entries(workContext)) {
    if (fits(value) || (MATERIAL.includes(key) && Array.isArray(value))) continue;
    decisions.push({ input: key, truncated_from: utf8Bytes(JSON.stringify(value)), truncated_to: 0 });
    delete input[key];
  }
  const keys = MATERIAL.filter((key) => isPresent(key, input[key]));
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

type Values = Readonly<Record<string, unknown>>;

const pick = (from: Values, keys: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]])));

interface Cut {
  values: Record<string, unknown>;
  decisions: Decision[];
}

/** What the run was given that this agent wants to see. Its texts are cut like the text itself. */
function extrasOf(agent: string, { extras, cap }: Member, input: Values): Cut {
  const cut: Cut = { values: {}, decisions: [] };
  for (const { key, default: otherwise, last } of extras) {
    const value = input[key] ?? otherwise;
    if (value === undefined) continue;
    if (typeof value === 'string') {
      const { text, truncated } = cutText(value, cap);
      cut.values[key] = text;
      if (truncated)
        cut.decisions.push({ agent, input: key, truncated_from: truncated.from, truncated_to: truncated.to });
    } else {
      cut.values[key] = last !== undefined && Array.isArray(value) ? value.slice(-last) : value;
    }
  }
  return cut;
}

/** The task and the context that go to the agent. */
export function handOut({ node, member, request, view, input, feedback, besides, material }: Occasion): Handed {
  const own = node.mode === 'work' || node.mode === 'aggregate';
  const found = own && member.textFrom !== undefined ? valueAt(view, member.textFrom) : undefined;
  const { text, truncated } = cutText(typeof found === 'string' && found !== '' ? found : request, member.cap);
  const extras = own ? extrasOf(node.agent, member, input) : { values: {}, decisions: [] };
  const payload: Record<string, unknown> = {
    mode: node.mode,
    text,
    ...(truncated && { text_truncated: truncated }),
    ...pick(input, material),
    ...extras.values,
    ...(feedback && { feedback }),
    ...besides,
  };
  const cut = truncated ? [{ agent: node.agent, truncated_from: truncated.from, truncated_to: truncated.to }] : [];
  return {
    task: { name: node.task, description: `${member.role}: ${member.purpose}`, payload },
    context: pick(view, member.reads),
    decisions: [...cut, ...extras.decisions],
  };
}
