/**
 * Runs cases on a node, and what comes of them.
 *
 * Owns: a case's run as its expectations see it, and that form of it in which two runs of one case must be equal.
 */
import { randomUUID } from 'node:crypto';
import { TeamRuns, type TeamRunView } from '../../src/store/team-runs.ts';
import type { OwnNode } from '../own-node.ts';
import type { PlacedCase } from './cases.ts';
import { unmet } from './expectations.ts';

/** A run as `GET /api/teams/:team/runs/:id` shows it, without ids and times of its own. */
export interface RunView {
  status: string;
  pattern: string;
  steps: { task: string; agent: string; status: string; attempt: number; output: unknown }[];
  result: unknown;
  error: { reason: string } | null;
  token_usage: { requests: number; total_tokens: number; cost_usd: number };
}

export interface Outcome {
  place: string;
  team: string;
  pattern: string;
  run: RunView;
  latencyMs: number;
  /** What is not as expected; empty: passed. */
  unmet: string[];
}

/** Without the agents, whose order is that of their answers. */
const usageOf = ({ requests, total_tokens, cost_usd }: RunView['token_usage']) => ({
  requests,
  total_tokens,
  cost_usd,
});

export interface RunOptions {
  /** Cases at work at a time. */
  atOnce: number;
  /** For all of them. */
  withinMs: number;
  onEnd?: (outcome: Outcome) => void;
}

/** Outcomes in the order of the cases. @throws Error if some have not ended in time, naming them */
export async function runCases(
  own: OwnNode,
  cases: readonly PlacedCase[],
  { atOnce, withinMs, onEnd = () => {} }: RunOptions,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const waiting = new Map<string, { index: number; startedMs: number }>();
  const open = new Set(cases.keys());
  const left = [...cases.keys()];
  const startNext = async () => {
    const index = left.shift();
    if (index === undefined) return;
    const runId = randomUUID();
    waiting.set(runId, { index, startedMs: performance.now() });
    await own.publish('TEAM.RUN_REQUESTED', requestOf(cases[index] as PlacedCase, runId));
  };
  const all = async () => {
    const events = await own.events();
    for (let started = 0; started < atOnce; started++) await startNext();
    for await (const { event_type, payload } of events) {
      if (event_type !== 'TEAM.RUN_COMPLETED' && event_type !== 'TEAM.RUN_FAILED') continue;
      const { run_id, team_id } = payload as { run_id: string; team_id: string };
      const mine = waiting.get(run_id);
      if (!mine) continue;
      waiting.delete(run_id);
      const { index, startedMs } = mine;
      const { team, pattern, place, expect } = cases[index] as PlacedCase;
      const latencyMs = performance.now() - startedMs;
      const run = await readRun(own, team_id, run_id);
      const outcome = { place, team, pattern, run, latencyMs, unmet: unmet(run, expect) };
      outcomes[index] = outcome;
      onEnd(outcome);
      open.delete(index);
      if (open.size === 0) return;
      await startNext();
    }
  };
  if (cases.length === 0) return [];
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const places = [...open].map((index) => cases[index]?.place);
    const said = own.warnings.length > 0 ? `\n${own.warnings.join('\n')}` : '';
    reject(new Error(`not ended within ${withinMs / 1000} s: ${places.join(', ')}${said}`));
  }, withinMs);
  try {
    await Promise.race([all(), late]);
  } finally {
    clearTimeout(timer);
  }
  return outcomes;
}

function requestOf(
  { team, pattern, request_text, context, max_iterations, quality_threshold }: PlacedCase,
  id: string,
) {
  return {
    run_id: id,
    team_id: team,
    project_id: null,
    backlog_item_id: null,
    request_text,
    pattern,
    ...(context && { context: { ...context } }),
    ...(max_iterations !== undefined && { max_iterations }),
    ...(quality_threshold !== undefined && { quality_threshold }),
  };
}

async function readRun({ node: { redis, keys } }: OwnNode, team: string, id: string): Promise<RunView> {
  const view = (await new TeamRuns(redis, keys).view(team, id, { sharedContext: false })) as TeamRunView;
  return {
    status: view.status,
    pattern: view.pattern,
    steps: view.steps.map(({ task, agent, status, attempt, output }) => ({ task, agent, status, attempt, output })),
    result: view.result,
    error: view.error && { reason: view.error.reason },
    token_usage: usageOf(view.token_usage),
  };
}

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;

/** The bytes that two runs of a case must have in common: all but ids and times. */
export const comparable = ({ run }: Outcome): string => JSON.stringify(run).replace(ID, '<id>').replace(TIME, '<time>');

const SHOWN = 80;

/** The cases whose run differs between two rounds, each with the first place where it does. */
export function differing(one: readonly Outcome[], other: readonly Outcome[]): string[] {
  return one.flatMap((outcome, index) => {
    const [left, right] = [outcome, other[index] as Outcome].map(comparable) as [string, string];
    if (left === right) return [];
    let at = 0;
    while (left[at] === right[at]) at++;
    const [was, is] = [left, right].map((text) => text.slice(Math.max(0, at - SHOWN), at + SHOWN));
    return [`${outcome.place} differs: …${was}… and …${is}…`];
  });
}

/** What is not as expected, by case. */
export const failures = (outcomes: readonly Outcome[]): string[] =>
  outcomes.filter(({ unmet }) => unmet.length > 0).map(({ place, unmet }) => [place, ...unmet].join('\n    '));
