/**
 * Teams and their runs as the API shows them, and what the commands about them share.
 *
 * Owns: asking for a run until it is final, and how it is told. It is asked for, not listened to: the key needs no other
 * scope than that for running teams.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Failure, SharedContext, TeamResult, Usage } from '../../schemas/types.ts';
import type { Client } from './client.ts';
import { mayPass } from './event-feed.ts';
import type { ProgressLine } from './progress.ts';
import { statusStyle, statusText } from './projects.ts';
import { teamResult } from './report.ts';
import { type Column, cut, facts, plain, plural, type Terminal, table, time } from './terminal.ts';

export interface Team {
  id: string;
  purpose: string;
  pattern: string;
  members: { agent: string; role: string }[];
}

interface Step {
  task: string;
  agent: string;
  status: 'PENDING' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'SKIPPED';
  attempt: number;
  duration_ms: number | null;
  usage: Usage | null;
  failure: Failure | null;
}

export interface TeamRun {
  run_id: string;
  team_id: string;
  status: 'PENDING' | 'RUNNING' | 'COMPLETED' | 'FAILED';
  pattern: string;
  project_id: string | null;
  request_text: string;
  created_at: string;
  completed_at: string | null;
  steps: Step[];
  result: TeamResult | null;
  error: { reason: string } | null;
  token_usage: { requests: number; total_tokens: number; cost_usd: number };
  shared_context?: SharedContext | null;
}

export const runsPath = (team: string): string => `/api/teams/${encodeURIComponent(team)}/runs`;
export const runPath = (team: string, run: string): string => `${runsPath(team)}/${encodeURIComponent(run)}`;

const LOOK_FIRST_MS = 50;
const LOOK_MAX_MS = 1_000;
const SLOWER = 1.5;
const FAILURES_MAX = 30;

/** The run each time it has been looked at, from now until it is final. */
export async function* followRun(
  client: Client,
  path: string,
  note: (text: string) => void,
): AsyncGenerator<TeamRun, void> {
  let failures = 0;
  for (let delayMs = LOOK_FIRST_MS; ; delayMs = Math.min(LOOK_MAX_MS, delayMs * SLOWER)) {
    try {
      const run = await client.get<TeamRun>(path);
      failures = 0;
      yield run;
      if (isFinal(run)) return;
    } catch (error) {
      if (!mayPass(error) || failures++ >= FAILURES_MAX) throw error;
      if (failures === 1) note('The server does not answer; asking again.');
    }
    await pause(delayMs);
  }
}

const isFinal = ({ status }: TeamRun) => status === 'COMPLETED' || status === 'FAILED';

/** What has come of the steps since the last look. */
export function newsOf(run: TeamRun, before: TeamRun | null, afterSeconds: number): ProgressLine[] {
  const told = new Map(before?.steps.map((step) => [keyOf(step), step.status]));
  const done = run.steps.filter(({ status }) => status === 'COMPLETED').length;
  const changed = run.steps.filter((step) => step.status !== (told.get(keyOf(step)) ?? 'PENDING'));
  const finished = changed.filter(({ status }) => status === 'COMPLETED').length;
  let count = done - finished;
  return changed.map((step): ProgressLine => {
    const subject = `${step.task}${step.attempt > 1 ? ` (round ${step.attempt})` : ''} · ${step.agent}`;
    switch (step.status) {
      case 'COMPLETED': {
        const text = `${subject} (${++count} of ${run.steps.length})`;
        return { afterSeconds, label: 'done', style: 'green', text };
      }
      case 'FAILED':
        return { afterSeconds, label: 'failed', style: 'red', text: `${subject}: ${step.failure?.reason ?? ''}` };
      case 'SKIPPED':
        return { afterSeconds, label: 'skipped', style: 'yellow', text: subject };
      default:
        return { afterSeconds, label: 'working', style: 'dim', text: subject };
    }
  });
}

/** A task has one step per round; the same task of two sub-teams has two agents. */
const keyOf = ({ task, agent, attempt }: Step) => `${task} ${agent} ${attempt}`;

const REQUEST_MAX = 200;

export function runText(run: TeamRun, terminal: Terminal): string {
  const { run_id, team_id, status, pattern, project_id, request_text, created_at, completed_at, steps } = run;
  const rows: [string, string][] = [
    ['run', run_id],
    ['pattern', pattern],
    ['request', cut(plain(request_text).trim(), REQUEST_MAX)],
    ...(project_id === null ? [] : [['project', project_id] as [string, string]]),
    ['created', `${time(created_at)} UTC`],
    ['ended', completed_at === null ? '-' : `${time(completed_at)} UTC`],
    ['used', usedText(run)],
  ];
  const lines = [`${terminal.style('bold', plain(team_id))}  ${statusText(status, terminal)}`, facts(rows, terminal)];
  if (steps.length > 0) lines.push('', table(steps, stepColumns, terminal));
  for (const { task, agent, failure } of steps) if (failure) lines.push(`${task}:${agent}: ${plain(failure.reason)}`);
  const ending = endText(run, terminal);
  if (ending !== '') lines.push('', ending);
  if (run.shared_context) lines.push('', memoryText(run.shared_context, terminal));
  return lines.join('\n');
}

const stepColumns: Column<Step>[] = [
  { title: 'TASK', of: ({ task }) => task },
  { title: 'AGENT', of: ({ agent }) => agent },
  { title: 'STATUS', of: ({ status }) => status, style: ({ status }) => statusStyle(status) },
  { title: 'ROUND', of: ({ attempt }) => attempt, right: true },
  { title: 'MS', of: ({ duration_ms }) => duration_ms, right: true },
  { title: 'TOKENS', of: ({ usage }) => usage?.total_tokens ?? null, right: true },
  { title: 'MODEL', of: ({ usage }) => usage?.model ?? null },
];

const COST_FRACTION = 6;

function usedText({ token_usage: { requests, total_tokens, cost_usd } }: TeamRun): string {
  const cost = cost_usd.toLocaleString('en-US', { maximumFractionDigits: COST_FRACTION });
  return `${plural(total_tokens, 'token')} in ${plural(requests, 'call')}, ${cost} USD`;
}

/** What a run has brought: its result, or why there is none; '' while it works. */
export function endText({ result, error }: TeamRun, terminal: Terminal): string {
  if (error) return `${terminal.style('red', 'failed')}  ${plain(error.reason)}`;
  return result === null ? '' : teamResult(result, terminal).join('\n');
}

function memoryText({ findings = [], conversations, decisions }: SharedContext, terminal: Terminal): string {
  const title = (text: string) => terminal.style('bold', text);
  const said = conversations as { role: string; content: string }[];
  return [
    title('Findings'),
    ...findings.map(({ agent, finding }) => {
      const { task, headline } = finding as { task: string; headline: string };
      return `  ${task}:${agent}: ${plain(headline)}`;
    }),
    title('Said'),
    ...said.map(({ role, content }) => `  ${plain(role)}: ${plain(content)}`),
    title('Decided'),
    ...decisions.map((decision) => `  ${plain(JSON.stringify(decision))}`),
  ].join('\n');
}

export const teamColumns: Column<Team>[] = [
  { title: 'TEAM', of: ({ id }) => id },
  { title: 'PATTERN', of: ({ pattern }) => pattern },
  { title: 'AGENTS', of: ({ members }) => members.map(({ role }) => role).join(', ') },
  { title: 'PURPOSE', of: ({ purpose }) => purpose, flexible: true },
];
