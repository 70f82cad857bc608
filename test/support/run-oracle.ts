/**
 * What must be true of the runs of teams when their work has come to rest.
 *
 * Owns: the checks that every run has ended and said so once (I2), that every task was answered once by who was asked
 * (I1, I2), that a run is what its events make of it (I8), and that nothing is kept for ever (I9).
 */
import type { Redis } from 'ioredis';
import { teamActors } from '../../actors/team-actors.ts';
import { teams } from '../../actors/teams/index.ts';
import type { TeamRunContext } from '../../machines/team-run.ts';
import { AGENTS, isAgent, TEAM_TARGETS } from '../../schemas/catalog.ts';
import type { Envelope, EventType } from '../../schemas/types.ts';
import type { Keys } from '../../src/bus/keys.ts';
import { derivesFrom } from '../../src/runtime/ids.ts';
import { type CompiledActor, compileActor, openState, step } from '../../src/runtime/step.ts';
import type { Logged } from './oracle.ts';

const ENDS: Readonly<Record<string, EventType>> = { completed: 'TEAM.RUN_COMPLETED', failed: 'TEAM.RUN_FAILED' };
const ANSWERS = new Set<EventType>(['AGENT.TASK_COMPLETED', 'AGENT.TASK_FAILED']);
const NO_PARTS = { part: () => undefined, all: () => [] } as never;

const coordinators = new Map<string, CompiledActor>(
  teamActors(teams)
    .filter(({ name }) => (TEAM_TARGETS as readonly string[]).includes(name))
    .map((actor) => [actor.name, compileActor(actor as never)]),
);

export async function auditRuns(redis: Redis, keys: Keys, log: readonly Logged[]): Promise<string[]> {
  const found: string[] = [...tasksAnsweredOnce(log)];
  const ofRun = Map.groupBy(
    log.map(({ event }) => event).filter((event) => runOf(event) !== null),
    (event) => runOf(event) as string,
  );
  for (const team of TEAM_TARGETS) {
    for (const key of await keysOf(redis, keys.state(team, '*'))) {
      const runId = key.slice(keys.state(team, '').length);
      found.push(...(await auditRun(redis, key, team, runId, ofRun.get(runId) ?? [])));
    }
  }
  for (const agent of AGENTS) {
    for (const key of await keysOf(redis, keys.state(agent, '*'))) {
      const { value } = JSON.parse((await redis.hget(key, 'snapshot')) ?? '{}');
      if (value !== 'answered' && value !== 'failed') found.push(`${key} is ${value}`);
      if ((await redis.pttl(key)) <= 0) found.push(`${key} is kept for ever`);
    }
  }
  return found;
}

async function auditRun(
  redis: Redis,
  key: string,
  team: string,
  runId: string,
  events: readonly Envelope[],
): Promise<string[]> {
  const found: string[] = [];
  if ((await redis.pttl(key)) <= 0) found.push(`${key} is kept for ever`);
  const { value, context } = JSON.parse((await redis.hget(key, 'snapshot')) ?? '{}') as {
    value: string;
    context: TeamRunContext;
  };
  const ends = events.map(({ event_type }) => event_type).filter((type) => Object.values(ENDS).includes(type));
  if (value === 'pending' || value === 'running') found.push(`run ${runId} of ${team} is still ${value}`);
  else if (String(ends) !== String(ENDS[value] ?? ''))
    found.push(`run ${runId} of ${team} is ${value} and has the ends ${ends.join(', ')}`);
  const { run } = context;
  const open = (run?.steps ?? []).filter(({ status }) => status === 'RUNNING' || status === 'PENDING');
  if (value === 'completed' && open.length > 0)
    found.push(`run ${runId} of ${team} has ended with open tasks: ${open.map(({ task }) => task)}`);
  const replayed = outcomeOf(replayRun(coordinators.get(team) as CompiledActor, runId, events));
  const stored = outcomeOf({ value, context });
  if (replayed !== stored) found.push(`run ${runId} of ${team}: replay differs:\n${replayed}\n${stored}`);
  return found;
}

/** What a run has come to, whatever the order in which answers arrived. */
function outcomeOf({ value, context: { run } }: { value: string; context: TeamRunContext }): string {
  const steps = run?.steps.map(({ path, status, output, failure }) => ({ path, status, output, failure }));
  return JSON.stringify({ value, steps, result: run?.result ?? null, error: run?.error ?? null });
}

function replayRun(actor: CompiledActor, runId: string, events: readonly Envelope[]) {
  let state = openState(actor, null, NO_PARTS);
  for (const event of events) {
    if (!actor.definition.receives.includes(event.event_type)) continue;
    const own = event.event_type !== 'WORK.ITEM_DISPATCHED' || event.event_id === runId;
    if (!own) continue;
    state = step(actor, state, { type: event.event_type, event, id: derivesFrom(event), attempt: 1 } as never).state;
  }
  return state as { value: string; context: TeamRunContext };
}

function tasksAnsweredOnce(log: readonly Logged[]): string[] {
  const asked = new Map<string, { agent: string; answers: number }>();
  const found: string[] = [];
  for (const { event, marked } of log) {
    if (!marked) continue;
    if (event.event_type === 'AGENT.TASK_DISPATCHED') {
      asked.set(event.event_id, { agent: event.payload.agent, answers: 0 });
    } else if (ANSWERS.has(event.event_type) && isAgent(event.source)) {
      const task = asked.get(event.causation_id ?? '');
      if (task?.agent === event.source) task.answers++;
      else found.push(`${event.source} answers ${event.causation_id}, which it was not asked`);
    }
  }
  for (const [id, { agent, answers }] of asked) {
    if (answers !== 1) found.push(`task ${id} of ${agent} was answered ${answers} times`);
  }
  return found;
}

function runOf(event: Envelope): string | null {
  if (event.event_type === 'WORK.ITEM_DISPATCHED') return event.event_id.toLowerCase();
  const { run_id } = event.payload as { run_id?: string };
  return run_id?.toLowerCase() ?? null;
}

async function keysOf(redis: Redis, pattern: string): Promise<string[]> {
  const all: string[] = [];
  for (let cursor = '0'; ; ) {
    const [next, page] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', 1000);
    all.push(...page);
    cursor = next;
    if (cursor === '0') return all;
  }
}
