/**
 * What the members of one run share.
 *
 * Owns: the functions that read and change it (memory in, memory out), and its bounds. Lists lose their oldest entry
 * and count it. What does not fit is not put in: who changes a run asks first (`run.ts`). Keeps I9.
 */
import { nestsDeeperThan } from '../../schemas/json.ts';
import type { SharedContext, Usage } from '../../schemas/types.ts';
import { utf8Bytes } from './bytes.ts';

export interface Finding {
  agent: string;
  finding: { task: string; headline: string; keys: string[] };
  /** RFC 3339. */
  timestamp: string;
}

/** The request, a review, a hand-over. */
export interface Conversation {
  role: string;
  content: string;
  /** RFC 3339. */
  at: string;
}

export type Decision = Readonly<Record<string, unknown>>;

export interface Usages {
  requests: number;
  input_tokens: number;
  output_tokens: number;
  total_tokens: number;
  cost_usd: number;
}

export interface TokenUsage extends Usages {
  agents: Readonly<Record<string, Usages>>;
}

export interface MemoryState {
  status: string;
  /** Task started or ended last. */
  step: string | null;
  /** RFC 3339. */
  started_at: string | null;
  /** Entries that lists have lost. */
  dropped: { findings: number; conversations: number; decisions: number };
}

export interface Memory {
  context: Readonly<Record<string, unknown>>;
  findings: readonly Finding[];
  results: Readonly<Record<string, unknown>>;
  conversations: readonly Conversation[];
  decisions: readonly Decision[];
  state: MemoryState;
  token_usage: TokenUsage;
}

export const MAX_VALUE_BYTES = 256 * 1024;
/** Results carry outputs some levels further down, and an event nests 32 deep at most. */
const MAX_OUTPUT_NESTING = 16;
/** Of all that a run remembers. */
export const MAX_MEMORY_BYTES = 1024 * 1024;
export const MAX_ENTRIES = { findings: 500, conversations: 200, decisions: 500 } as const;

type List = keyof typeof MAX_ENTRIES;

const NO_USAGE: Usages = { requests: 0, input_tokens: 0, output_tokens: 0, total_tokens: 0, cost_usd: 0 };

/** The memory that a run begins with. */
export function newMemory(context: Readonly<Record<string, unknown>>, startedAt: string): Memory {
  const dropped = { findings: 0, conversations: 0, decisions: 0 };
  return {
    context,
    findings: [],
    results: {},
    conversations: [],
    decisions: [],
    state: { status: 'RUNNING', step: null, started_at: startedAt, dropped },
    token_usage: { ...NO_USAGE, agents: {} },
  };
}

export const context = (memory: Memory): Readonly<Record<string, unknown>> => memory.context;

/** Whether the value is within the bound of one key. */
export const fits = (value: unknown): boolean => utf8Bytes(JSON.stringify(value)) <= MAX_VALUE_BYTES;

/** Whether an agent's answer may be kept: as a whole, so that each part of it may be too. */
export const isKeepable = (output: Readonly<Record<string, unknown>>): boolean =>
  fits(output) && !nestsDeeperThan(JSON.stringify(output), MAX_OUTPUT_NESTING);

/** Shallow: a key of the patch takes the place of what was there. */
export function updateContext(memory: Memory, patch: Readonly<Record<string, unknown>>): Memory {
  return { ...memory, context: { ...memory.context, ...patch } };
}

export const addFinding = (memory: Memory, finding: Finding): Memory => append(memory, 'findings', finding);

export const findingsBy = (memory: Memory, agent: string): Finding[] =>
  memory.findings.filter((finding) => finding.agent === agent);

export function setResult(memory: Memory, key: string, value: unknown): Memory {
  return { ...memory, results: { ...memory.results, [key]: value } };
}

export const result = (memory: Memory, key: string): unknown => memory.results[key];

export const appendConversation = (memory: Memory, entry: Conversation): Memory =>
  append(memory, 'conversations', entry);

export const appendDecision = (memory: Memory, entry: Decision): Memory => append(memory, 'decisions', entry);

export function setState(memory: Memory, patch: Partial<MemoryState>): Memory {
  return { ...memory, state: { ...memory.state, ...patch } };
}

export function addUsage(memory: Memory, agent: string, usage: Usage): Memory {
  const { agents, ...totals } = memory.token_usage;
  const own = plus(agents[agent] ?? NO_USAGE, usage);
  return { ...memory, token_usage: { ...plus(totals, usage), agents: { ...agents, [agent]: own } } };
}

/** What others may see of it. */
export function snapshot(memory: Memory, projectId: string | null): SharedContext {
  const { context, findings, results, conversations, decisions, state, token_usage } = memory;
  return {
    project_id: projectId,
    context,
    findings: [...findings],
    results,
    conversations: conversations.map((entry) => ({ ...entry })),
    decisions: [...decisions],
    state: { ...state },
    token_usage: { ...token_usage },
  };
}

/** Prices come in billionths of a dollar: sums of doubles are brought back to them. */
const nano = (usd: number): number => Math.round(usd * 1e9) / 1e9;
/** An answer from outside may claim any number; a sum must stay one. */
const sum = (a: number, b: number): number => Math.min(a + b, Number.MAX_SAFE_INTEGER);

function plus(sofar: Usages, { input_tokens, output_tokens, total_tokens, cost_usd = 0 }: Usage): Usages {
  return {
    requests: sofar.requests + 1,
    input_tokens: sum(sofar.input_tokens, input_tokens),
    output_tokens: sum(sofar.output_tokens, output_tokens),
    total_tokens: sum(sofar.total_tokens, total_tokens),
    cost_usd: nano(sum(sofar.cost_usd, cost_usd)),
  };
}

function append<L extends List>(memory: Memory, list: L, entry: Memory[L][number]): Memory {
  const entries = [...memory[list], entry];
  const over = entries.length - MAX_ENTRIES[list];
  if (over <= 0) return { ...memory, [list]: entries };
  const { dropped } = memory.state;
  const state = { ...memory.state, dropped: { ...dropped, [list]: dropped[list] + over } };
  return { ...memory, [list]: entries.slice(over), state };
}
