/**
 * Teams of agents: which there are, letting one work on a request, and what became of it.
 *
 * Owns: the routes of `/api/teams…`, and what a request may bring along. Does not own what a pattern means for a team
 * (`machines/teams/run-plan.ts`), so that a run is refused here in the words in which its coordinator would fail it.
 */
import { utf8Bytes } from '../../../machines/teams/bytes.ts';
import { MAX_MEMORY_BYTES, MAX_VALUE_BYTES } from '../../../machines/teams/memory.ts';
import { planRun, type RunRequest } from '../../../machines/teams/run-plan.ts';
import { type Member, type Pattern, patternOf, type Team } from '../../../machines/teams/team.ts';
import { nestsDeeperThan, pointerPart } from '../../../schemas/json.ts';
import type { TeamId } from '../../../schemas/types.ts';
import { RUN_STATUSES, STEP_STATUSES, type TeamRuns } from '../../store/team-runs.ts';
import type { Edge } from '../edge.ts';
import { invalid, notFound, type Violation } from '../errors.ts';
import { type Call, type Route, route } from '../route.ts';
import * as shape from '../shapes.ts';

export interface TeamRoutesOptions {
  teams: readonly Team[];
  runs: TeamRuns;
  edge: Edge;
}

interface GivenRun {
  request_text: string;
  pattern?: Pattern;
  context?: Record<string, unknown>;
  max_iterations?: number;
  quality_threshold?: number;
}

const TAG = 'Teams';
const names = { team: /^[a-z][a-z0-9_]*_team$/ };
/** Events wrap the context some levels deeper, and may not nest deeper than 32 themselves. */
const CONTEXT_NESTING = 24;
const MESSAGE_MAX = 300;
const KEY_MAX = 64;

const usages = {
  requests: shape.count,
  input_tokens: shape.count,
  output_tokens: shape.count,
  total_tokens: shape.count,
  cost_usd: { type: 'number', minimum: 0 },
};

const step = shape.object({
  task: shape.text,
  agent: shape.text,
  status: shape.oneOf(STEP_STATUSES),
  attempt: { type: 'integer', minimum: 1, description: 'The round of a loop; 1 outside of loops.' },
  task_id: { ...shape.orNull(shape.uuid), description: 'Of its events; null until it is handed out.' },
  duration_ms: shape.orNull(shape.count),
  output: shape.orNull(shape.anyObject),
  usage: { ...shape.orNull(shape.objectRef('usage')), description: 'Null when no model was asked.' },
  failure: shape.orNull(shape.objectRef('failure')),
});

const run = shape.object({
  run_id: shape.uuid,
  team_id: shape.text,
  status: shape.oneOf(RUN_STATUSES),
  pattern: shape.objectRef('pattern'),
  project_id: { ...shape.orNull(shape.uuid), description: 'Null for a run that was asked for directly.' },
  backlog_item_id: shape.orNull(shape.uuid),
  request_text: shape.text,
  created_at: shape.time,
  completed_at: shape.orNull(shape.time),
  steps: { ...shape.list(step), description: 'In the order of the plan; empty until the run is started.' },
  result: shape.orNull(shape.objectRef('team_result')),
  error: shape.orNull(shape.object({ reason: shape.text, failure: shape.objectRef('failure') })),
  token_usage: shape.object({
    ...usages,
    agents: { type: 'object', additionalProperties: shape.object(usages) },
  }),
  'shared_context?': {
    ...shape.orNull(shape.objectRef('shared_context')),
    description: 'With `include=shared_context`; null until the run is started.',
  },
});

const member = shape.object({
  agent: shape.text,
  role: shape.text,
  purpose: shape.text,
  capabilities: shape.list(shape.text),
  task_type: shape.text,
  context_keys: { ...shape.list(shape.text), description: "Keys of a run's `context` that it is handed." },
});

const team = shape.object({
  id: shape.text,
  purpose: shape.text,
  pattern: shape.objectRef('pattern'),
  keywords: { ...shape.list(shape.text), description: 'Words of a request that choose it.' },
  members: shape.list(member),
  artifacts: { ...shape.list(shape.text), description: 'Kinds of what it hands over.' },
});

export function teamRoutes(options: TeamRoutesOptions): Route[] {
  const { teams, runs } = options;
  return [
    route({
      method: 'GET',
      path: '/api/teams',
      access: 'teams:run',
      tag: TAG,
      summary: 'List the teams',
      responses: { 200: { description: 'All teams', schema: shape.object({ teams: shape.list(team) }) } },
      handler: () => ({ status: 200, body: { teams: teams.map(teamView) } }),
    }),
    route<Record<string, never>, GivenRun>({
      method: 'POST',
      path: '/api/teams/:team/runs',
      access: 'teams:run',
      tag: TAG,
      summary: 'Let a team work on a request',
      names,
      body: {
        schema: shape.object({
          request_text: { ...shape.longText, pattern: '\\S' },
          'pattern?': shape.objectRef('pattern'),
          'context?': {
            ...shape.anyObject,
            description: `What the members may look at besides the text; at most ${MAX_VALUE_BYTES} bytes a key.`,
          },
          'max_iterations?': { type: 'integer', minimum: 1, maximum: 10 },
          'quality_threshold?': { type: 'number', minimum: 0, maximum: 1 },
        }),
      },
      responses: {
        202: {
          description: 'Accepted',
          headers: { Location: 'Path of the run' },
          schema: shape.object({ run_id: shape.uuid, team_id: shape.text, status: shape.oneOf(['PENDING']) }),
        },
      },
      errors: [400, 404, 409, 413, 415],
      handler: (call) => start(options, call),
    }),
    route<{ include?: 'shared_context'[] }>({
      method: 'GET',
      path: '/api/teams/:team/runs/:id',
      access: 'teams:run',
      tag: TAG,
      summary: 'Show a run of a team',
      names,
      query: {
        include: {
          description: '`shared_context`: also what the members share, up to 1 MiB.',
          schema: shape.list(shape.oneOf(['shared_context'])),
        },
      },
      responses: { 200: { description: 'The run', schema: run } },
      errors: [400, 404],
      async handler({ params, query }) {
        const { id: teamId } = teamOf(teams, params.team);
        const { id: runId = '' } = params;
        const sharedContext = query.include?.includes('shared_context') ?? false;
        const body = await runs.view(teamId, runId, { sharedContext });
        if (!body) throw notFound(`Run ${runId} of ${teamId}`);
        return { status: 200, body };
      },
    }),
  ];
}

function teamOf(teams: readonly Team[], name = ''): Team {
  const found = teams.find(({ id }) => id === name);
  if (!found) throw notFound(`Team ${name.slice(0, KEY_MAX)}`);
  return found;
}

function teamView(declared: Team) {
  const { id, purpose, keywords, members, artifacts } = declared;
  const shown = Object.entries(members).map(([agent, about]) => memberView(agent, about));
  return { id, purpose, pattern: patternOf(declared), keywords, members: shown, artifacts };
}

function memberView(agent: string, { role, purpose, capabilities, taskType, extras }: Member) {
  return { agent, role, purpose, capabilities, task_type: taskType, context_keys: extras.map(({ key }) => key) };
}

async function start({ teams, edge }: TeamRoutesOptions, call: Call<unknown, GivenRun>) {
  const { body } = call;
  const asked = teamOf(teams, call.params.team);
  const tooMuch = contextViolations(body.context ?? {});
  const violations = tooMuch.length > 0 ? tooMuch : planViolations(asked, body, teams);
  if (violations.length > 0) throw invalid('The team cannot run like this.', violations);
  const runId = call.id('run');
  const team_id = asked.id as TeamId;
  const payload = { run_id: runId, team_id, project_id: null, backlog_item_id: null, ...body };
  const ids = { eventId: call.id('event'), correlationId: call.correlationId };
  await edge.publish(edge.envelope('TEAM.RUN_REQUESTED', payload, ids));
  return {
    status: 202,
    headers: { Location: `/api/teams/${team_id}/runs/${runId}` },
    body: { run_id: runId, team_id, status: 'PENDING' },
  };
}

function planViolations(asked: Team, request: RunRequest, teams: readonly Team[]): Violation[] {
  const plan = planRun(asked, request, teams);
  // It may quote the name of a team, which is as long as its sender pleases.
  return 'message' in plan ? [{ path: plan.path, message: plan.message.slice(0, MESSAGE_MAX) }] : [];
}

/** What no memory of a run could hold: all of it, where a plan names the first. */
function contextViolations(context: Readonly<Record<string, unknown>>): Violation[] {
  const text = JSON.stringify(context);
  if (nestsDeeperThan(text, CONTEXT_NESTING)) {
    return [{ path: '/context', message: `must not nest deeper than ${CONTEXT_NESTING} levels` }];
  }
  const large = Object.entries(context).filter(([, value]) => utf8Bytes(JSON.stringify(value)) > MAX_VALUE_BYTES);
  const violations = large.map(([key]) => ({
    path: `/context/${pointerPart(key.slice(0, KEY_MAX))}`,
    message: `must not be larger than ${MAX_VALUE_BYTES} bytes`,
  }));
  if (utf8Bytes(text) > MAX_MEMORY_BYTES) {
    violations.push({ path: '/context', message: `must not be larger than ${MAX_MEMORY_BYTES} bytes` });
  }
  return violations;
}
