/**
 * Runs of teams, read for people.
 *
 * Owns: the view of a run, made of what its coordinator has stored. Writes nothing: the commits of the coordinator do,
 * and the one that accepts a request. A dispatched item that lacked its request has made no run, so there is none to
 * show: its question tells what it waits for.
 */
import type { Redis } from 'ioredis';
import { type Memory, snapshot, type TokenUsage } from '../../machines/teams/memory.ts';
import type { Requested, RunIds, RunState, Step } from '../../machines/teams/run-state.ts';
import type { Failure, SharedContext, TeamResult } from '../../schemas/types.ts';
import type { Keys } from '../bus/keys.ts';

export const RUN_STATUSES = ['PENDING', 'RUNNING', 'COMPLETED', 'FAILED'] as const;
type RunStatus = (typeof RUN_STATUSES)[number];

export const STEP_STATUSES = ['PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'SKIPPED'] as const;

type StepView = Pick<
  Step,
  'task' | 'agent' | 'status' | 'attempt' | 'task_id' | 'duration_ms' | 'output' | 'usage' | 'failure'
>;

export interface TeamRunView extends RunIds {
  status: RunStatus;
  pattern: Requested['pattern'];
  request_text: string;
  created_at: string;
  completed_at: string | null;
  /** In the order of the plan; empty until the run is started. */
  steps: StepView[];
  result: TeamResult | null;
  error: { reason: string; failure: Failure } | null;
  token_usage: TokenUsage;
  /** Only when it was asked for; null until the run is started. */
  shared_context?: SharedContext | null;
}

/** What a coordinator keeps under `snapshot`. */
interface Stored {
  value: 'pending' | 'running' | 'completed' | 'failed' | 'asked';
  context: { requested: Requested | null; run: RunState | null };
}

const NOTHING_USED: Memory['token_usage'] = {
  requests: 0,
  input_tokens: 0,
  output_tokens: 0,
  total_tokens: 0,
  cost_usd: 0,
  agents: {},
};

export class TeamRuns {
  readonly #redis: Redis;
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** Undefined: the team has no such run. */
  async view(teamId: string, runId: string, options: { sharedContext: boolean }): Promise<TeamRunView | undefined> {
    const text = await this.#redis.hget(this.#keys.state(teamId, runId), 'snapshot');
    return text === null ? undefined : runView(JSON.parse(text) as Stored, options);
  }
}

function runView({ value, context }: Stored, { sharedContext }: { sharedContext: boolean }): TeamRunView | undefined {
  const { run } = context;
  const asked = run ?? context.requested;
  if (!asked || value === 'asked') return undefined;
  const { ids, pattern, request_text, created_at, refused } = asked;
  return {
    ...ids,
    status: value.toUpperCase() as RunStatus,
    pattern,
    request_text,
    created_at,
    completed_at: run?.completed_at ?? refused?.at ?? null,
    steps: run?.steps.map(stepView) ?? [],
    result: run?.result ?? null,
    error: run?.error ?? (refused ? { reason: refused.reason, failure: refused.failure } : null),
    token_usage: run?.memory.token_usage ?? NOTHING_USED,
    ...(sharedContext && { shared_context: run && snapshot(run.memory, ids.project_id) }),
  };
}

/** Without what only the coordinator needs. */
function stepView({ task, agent, status, attempt, task_id, duration_ms, output, usage, failure }: Step): StepView {
  return { task, agent, status, attempt, task_id, duration_ms, output, usage, failure };
}
