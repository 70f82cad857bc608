/** Runs of teams as tests ask for them and look at them. */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { RunState } from '../../machines/teams/run-state.ts';
import { TEAMS } from '../../schemas/teams.ts';
import type { Envelope, Payloads, TeamId, TeamResult } from '../../schemas/types.ts';
import type { Keys } from '../../src/bus/keys.ts';
import { anEvent } from './events.ts';

type Requested = Payloads['TEAM.RUN_REQUESTED'];

export const REQUEST_TEXT =
  'The nightly export fails since the move to the new server. Ana must check the disk before Friday.';

export function aRun(team_id: TeamId, more: Partial<Requested> = {}): Envelope<'TEAM.RUN_REQUESTED'> {
  const request_text = REQUEST_TEXT;
  return anEvent('TEAM.RUN_REQUESTED', {
    run_id: randomUUID(),
    team_id,
    project_id: null,
    backlog_item_id: null,
    request_text,
    ...more,
  });
}

export interface RunRead {
  value: 'pending' | 'running' | 'completed' | 'failed' | 'asked';
  run: RunState | null;
}

/** What is stored of a run; null: nothing. */
export async function readRun(redis: Redis, keys: Keys, team: string, runId: string): Promise<RunRead | null> {
  const snapshot = await redis.hget(keys.state(team, runId), 'snapshot');
  if (snapshot === null) return null;
  const { value, context } = JSON.parse(snapshot);
  return { value, run: context.run };
}

const MEMBERS: readonly (readonly [agent: string, role: string])[] = [
  ['pattern_agent', 'pattern'],
  ['extraction_agent', 'extraction'],
  ['classifier_agent', 'classification'],
  ['remediation_agent', 'remediation'],
  ['report_agent', 'report'],
];
/** Members of the analysis team, in the order of its plan. */
export const ANALYSTS: readonly string[] = TEAMS.analysis_team.agents;

/** How a prompt of the analysis team names who is asked. */
export const addressOf = (agent: string): string =>
  `You are the ${MEMBERS.find(([name]) => name === agent)?.[1]} agent of a team.`;

/** Which member of the analysis team a request to an upstream is addressed to. */
export function addressee(body: unknown): string | undefined {
  const text = JSON.stringify(body);
  return MEMBERS.find(([name]) => text.includes(addressOf(name)))?.[0];
}

/** A result as text, without the time that a report carries. */
export const comparable = (result: TeamResult): string =>
  JSON.stringify(result).replace(/"generated_at":"[^"]*"/g, '"generated_at":"(time)"');
