import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requestedRun } from '../../machines/teams/acceptance.ts';
import { TEAMS } from '../../schemas/teams.ts';
import type { Envelope } from '../../schemas/types.ts';
import { anEvent } from '../support/events.ts';
import { eventually } from '../support/eventually.ts';
import { aRun } from '../support/team-runs.ts';
import { type Answer, create, pages, startPlatform, type TestPlatform, until } from './platform.ts';

const folder = mkdtempSync(join(tmpdir(), 'teams-test-'));
const script = join(folder, 'script.json');
writeFileSync(
  script,
  `[{"match": {"agent": "writer_agent", "contains": "never works"}, "then": {"fail": "server_error"}},
    {"match": {"agent": "parser_agent", "contains": "refused work"}, "then": {"fail": "content_filter"}}]`,
);

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({ LLM_TEST_SCRIPT: script, MAX_ATTEMPTS: '2', RETRY_BASE_MS: '1' });
});
afterAll(async () => {
  await platform.stop();
  rmSync(folder, { recursive: true });
});

const TEXT = 'Order 4711 has not arrived. Customers are angry. Please tell me by Monday what you will do.';
const post = (team: string, json: unknown, headers: Record<string, string> = {}) =>
  platform.call('POST', `/api/teams/${team}/runs`, { json, headers });
const read = (team: string, id: string, query = '') => platform.call('GET', `/api/teams/${team}/runs/${id}${query}`);

async function start(team: string, json: object): Promise<string> {
  const answer = await post(team, { request_text: TEXT, ...json });
  expect(answer.status, answer.text).toBe(202);
  return answer.json.run_id;
}

/** The run once it has ended. */
async function ended(team: string, id: string, query = ''): Promise<Answer['json']> {
  let run: Answer['json'];
  await eventually(`run ${id} of ${team} has ended`, async () => {
    const answer = await read(team, id, query);
    expect(answer.status, answer.text).toBe(200);
    run = answer.json;
    return run.status === 'COMPLETED' || run.status === 'FAILED';
  });
  return run;
}

const violationsOf = async (json: unknown, team = 'email_team') => {
  const { status, text, json: answer } = await post(team, json);
  expect(status, text).toBe(400);
  expect(answer.error.code).toBe('VALIDATION_ERROR');
  return answer.error.details.errors;
};

const teamIds = Object.keys(TEAMS) as (keyof typeof TEAMS)[];
const builtIn = teamIds.slice(0, 5);
const others = (team: string) => builtIn.filter((id) => id !== team).slice(0, 2);

describe('the list of teams', () => {
  test('says of every team what it is for, who is in it and what it hands over', async () => {
    const { status, json } = await platform.call('GET', '/api/teams');
    expect(status).toBe(200);
    expect(json.teams.map(({ id }: { id: string }) => id)).toEqual(teamIds);
    for (const { id, pattern, members, purpose, artifacts } of json.teams) {
      const { agents, pattern: own } = TEAMS[id as keyof typeof TEAMS];
      expect(members.map(({ agent }: { agent: string }) => agent)).toEqual([...agents]);
      expect([pattern, purpose.length > 0, artifacts.length > 0]).toEqual([own, true, true]);
    }
    expect(json.teams[2].members[1]).toEqual({
      agent: 'writer_agent',
      role: 'writer',
      purpose: expect.stringContaining('reply'),
      capabilities: ['reply in fitting tone'],
      task_type: 'text_generation',
      context_keys: ['email', 'guidelines', 'sender_name'],
    });
  });
});

describe('a run', () => {
  test('can be read as soon as it is accepted, and ends with what its team hands over', async () => {
    const correlation = randomUUID();
    const answer = await post('email_team', { request_text: TEXT }, { 'x-correlation-id': correlation });
    const { run_id } = answer.json;
    expect([answer.status, answer.headers.get('location')]).toEqual([202, `/api/teams/email_team/runs/${run_id}`]);
    expect(answer.json).toEqual({ run_id, team_id: 'email_team', status: 'PENDING' });
    expect((await read('email_team', run_id)).status).toBe(200);
    const run = await ended('email_team', run_id);
    expect(run).toMatchObject({
      run_id,
      team_id: 'email_team',
      status: 'COMPLETED',
      pattern: 'sequential',
      project_id: null,
      backlog_item_id: null,
      request_text: TEXT,
      error: null,
      result: { team_id: 'email_team', artifacts: [{ kind: 'email_draft', agent: 'writer_agent' }] },
    });
    expect(run.steps.map(({ task, agent, status, attempt }: Answer['json']) => [task, agent, status, attempt])).toEqual(
      [
        ['parse', 'parser_agent', 'COMPLETED', 1],
        ['write', 'writer_agent', 'COMPLETED', 1],
      ],
    );
    const events = await logged(({ correlation_id }) => correlation_id === correlation);
    expect(events[0]).toMatchObject({ event_type: 'TEAM.RUN_REQUESTED', source: 'frontend_api', causation_id: null });
    expect(events.at(-1)?.event_type).toBe('TEAM.RUN_COMPLETED');
    expect(events.filter(({ event_type }) => /^(WORK|DELIVERABLE)/.test(event_type))).toEqual([]);
  });

  test('says what its agents have used, each and together', async () => {
    const { token_usage, steps } = await ended('support_team', await start('support_team', {}));
    const { agents, ...totals } = token_usage;
    expect(Object.keys(agents).sort()).toEqual([...TEAMS.support_team.agents].sort());
    expect(totals.requests).toBe(3);
    for (const name of ['requests', 'input_tokens', 'output_tokens', 'total_tokens']) {
      const parts = Object.values(agents).map((agent) => (agent as Record<string, number>)[name] as number);
      expect(parts.reduce((sum, part) => sum + part)).toBe(totals[name]);
      expect(totals[name]).toBeGreaterThan(0);
    }
    const used = steps.map(({ usage }: Answer['json']) => usage.total_tokens);
    expect(used.reduce((sum: number, tokens: number) => sum + tokens)).toBe(totals.total_tokens);
  });

  test.each(teamIds)('of %s completes in its own pattern', async (team) => {
    const { status, error, pattern } = await ended(team, await start(team, {}));
    expect([error, status, pattern]).toEqual([null, 'COMPLETED', TEAMS[team].pattern]);
  });

  test.each(builtIn.flatMap((team) => ['sequential', 'parallel', 'iterative', 'hierarchical'].map((p) => [team, p])))(
    'of %s completes in the %s pattern',
    async (team, pattern) => {
      const given = pattern === 'hierarchical' ? { context: { teams: others(team) } } : {};
      const run = await ended(team, await start(team, { pattern, ...given }));
      expect(run.error).toBeNull();
      expect([run.status, run.pattern, run.result.details.pattern]).toEqual(['COMPLETED', pattern, pattern]);
      expect(run.steps.every(({ status }: Answer['json']) => status === 'COMPLETED')).toBe(true);
    },
  );

  test('works in rounds as its request limits them', async () => {
    for (const max_iterations of [1, 2]) {
      const given = { pattern: 'iterative', max_iterations, quality_threshold: 1 };
      const run = await ended('writing_team', await start('writing_team', given));
      expect(run.result.details).toMatchObject({ accepted: false, iterations: max_iterations });
      const rounds = run.steps.filter(({ task }: Answer['json']) => task === 'review');
      expect(rounds.map(({ attempt }: Answer['json']) => attempt)).toEqual([1, 2].slice(0, max_iterations));
    }
    const easy = { pattern: 'iterative', quality_threshold: 0 };
    const run = await ended('writing_team', await start('writing_team', easy));
    expect(run.result.details).toMatchObject({ accepted: true, iterations: 1 });
  });

  test('shows what its members share only when that is asked for', async () => {
    const id = await start('email_team', { context: { guidelines: 'Be brief.' } });
    expect(await ended('email_team', id)).not.toHaveProperty('shared_context');
    const { shared_context } = await ended('email_team', id, '?include=shared_context');
    expect(shared_context.context).toMatchObject({ guidelines: 'Be brief.', email_draft: expect.any(Object) });
    expect(shared_context.findings.map(({ agent }: Answer['json']) => agent)).toEqual(['parser_agent', 'writer_agent']);
    expect(shared_context.conversations[0]).toMatchObject({ role: 'requester', content: TEXT });
    expect(shared_context.decisions[0]).toEqual({ pattern: 'sequential' });
    expect(Object.keys(shared_context.results)).toEqual(['parse:parser_agent', 'write:writer_agent']);
    expect(shared_context.state).toMatchObject({ status: 'COMPLETED' });
    expect((await read('email_team', id, '?include=everything')).status).toBe(400);
  });

  test('that fails says whose task failed and why, and keeps what was done before', async () => {
    const run = await ended('email_team', await start('email_team', { request_text: 'This never works.' }));
    expect(run).toMatchObject({ status: 'FAILED', result: null, completed_at: expect.any(String) });
    expect(run.error.reason).toMatch(/^write:writer_agent: ./);
    expect(run.error.failure).toMatchObject({ category: 'TOOL_FAILURE' });
    expect(run.steps.map(({ status }: Answer['json']) => status)).toEqual(['COMPLETED', 'FAILED']);
    expect(run.steps[1].failure.reason).toBe(run.error.failure.reason);
    const skipped = await ended('email_team', await start('email_team', { request_text: 'This is refused work.' }));
    expect(skipped.steps.map(({ status }: Answer['json']) => status)).toEqual(['FAILED', 'SKIPPED']);
  });

  test('that nobody has begun is pending, without steps', async () => {
    const run_id = randomUUID();
    const event = aRun('email_team', { run_id, request_text: TEXT });
    const { redis, keys } = platform.node;
    await redis.hset(keys.state('email_team', run_id), 'snapshot', JSON.stringify(requestedRun(event, 'sequential')));
    const { json } = await read('email_team', run_id, '?include=shared_context');
    expect(json).toMatchObject({ status: 'PENDING', steps: [], result: null, error: null, completed_at: null });
    expect([json.shared_context, json.token_usage.requests]).toEqual([null, 0]);
  });

  test('that came by the bus and is none shows why', async () => {
    const run_id = randomUUID();
    await publish(aRun('email_team', { run_id, request_text: TEXT, pattern: 'hierarchical' }));
    const run = await ended('email_team', run_id);
    const reason = 'invalid run: context.teams missing';
    expect(run).toMatchObject({ status: 'FAILED', steps: [], error: { reason, failure: { reason } } });
  });
});

describe('a request for a run', () => {
  test.each([
    ['/request_text', {}],
    ['/request_text', { request_text: '' }],
    ['/request_text', { request_text: ' \n' }],
    ['/request_text', { request_text: 'x'.repeat(20_001) }],
    ['/request_text', { request_text: 7 }],
    ['/pattern', { request_text: TEXT, pattern: 'circular' }],
    ['/max_iterations', { request_text: TEXT, max_iterations: 0 }],
    ['/max_iterations', { request_text: TEXT, max_iterations: 11 }],
    ['/max_iterations', { request_text: TEXT, max_iterations: 1.5 }],
    ['/quality_threshold', { request_text: TEXT, quality_threshold: 1.1 }],
    ['/quality_threshold', { request_text: TEXT, quality_threshold: -0.1 }],
    ['/context', { request_text: TEXT, context: [] }],
    ['/team_id', { request_text: TEXT, team_id: 'email_team' }],
    ['/project_id', { request_text: TEXT, project_id: randomUUID() }],
    ['/context/a~1b', { request_text: TEXT, context: { 'a/b': 'x'.repeat(262_143) } }],
    ['/context', { request_text: TEXT, context: { deep: JSON.parse('['.repeat(24) + ']'.repeat(24)) } }],
    ['/context/teams', { request_text: TEXT, pattern: 'hierarchical' }],
    ['/context/teams', { request_text: TEXT, pattern: 'hierarchical', context: { teams: [] } }],
    ['/context/teams', { request_text: TEXT, pattern: 'hierarchical', context: { teams: ['email_team'] } }],
    ['/context/teams/1', { request_text: TEXT, pattern: 'hierarchical', context: { teams: ['admin_team', 'nobody'] } }],
    ['/context/teams/0', { request_text: TEXT, pattern: 'hierarchical', context: { teams: ['x'.repeat(9_000)] } }],
  ])('that no run can come of is told what is wrong: %s (case %#)', async (path, json) => {
    const errors = await violationsOf(json);
    expect([...new Set(errors.map((error: { path: string }) => error.path))]).toEqual([path]);
    expect(errors[0].message.length).toBeLessThanOrEqual(300);
  });

  test('is told of every key that is too large at once', async () => {
    const large = 'x'.repeat(262_143);
    const errors = await violationsOf({ request_text: TEXT, context: { a: large, b: 'small', c: large } });
    expect(errors.map(({ path }: { path: string }) => path)).toEqual(['/context/a', '/context/c']);
  });

  test('may fill every key of the context up to its bound', async () => {
    const context = { guidelines: 'x'.repeat(262_142), unread: 'y'.repeat(262_142) };
    expect((await ended('email_team', await start('email_team', { context }))).status).toBe('COMPLETED');
  });

  test('is one run, however often it is sent with one key', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const first = await post('email_team', { request_text: TEXT }, key);
    const again = await post('email_team', { request_text: TEXT }, key);
    expect([again.status, again.text]).toEqual([202, first.text]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    const requests = await logged(
      ({ event_type, payload }) =>
        event_type === 'TEAM.RUN_REQUESTED' && (payload as { run_id: string }).run_id === first.json.run_id,
    );
    expect(requests).toHaveLength(1);
    expect((await post('email_team', { request_text: 'Another' }, key)).status).toBe(409);
  });

  test('for a team that does not exist is 404, and so is a run of another team', async () => {
    const id = await start('email_team', {});
    for (const team of [
      'nobody_team',
      'email',
      'EMAIL_TEAM',
      'orchestrator',
      '__proto___team',
      encodeURIComponent('../x_team'),
    ]) {
      expect((await post(team, { request_text: TEXT })).status).toBe(404);
      expect((await read(team, id)).status).toBe(404);
    }
    for (const other of ['admin_team', 'support_team']) expect((await read(other, id)).status).toBe(404);
    for (const none of [randomUUID(), 'none', '%00']) expect((await read('email_team', none)).status).toBe(404);
    expect((await read('email_team', id.toUpperCase())).status).toBe(200);
  });
});

describe('an item of a project that is for a team', () => {
  test('is a run named after its dispatch, with its events in order, each caused by the one before', async () => {
    const id = await create(platform, {
      name: 'Reply',
      description: TEXT,
      items: [{ key: 'a', title: 'Answer the customer', agent_target: 'email_team' }],
    });
    await until(platform, id, 'COMPLETED');
    const rows = (await pages(platform, `/api/projects/${id}/events`, 'events', 200)).flat();
    const events = rows.map(({ event }) => event as Envelope);
    const dispatch = events.find(({ event_type }) => event_type === 'WORK.ITEM_DISPATCHED') as Envelope;
    const from = events.indexOf(dispatch);
    const told = events.slice(from, from + 12);
    const name = ({ event_type, payload }: Envelope) => {
      const { agent, agent_id } = payload as { agent?: string; agent_id?: string };
      return [event_type, event_type === 'WORK.ITEM_DISPATCHED' ? undefined : (agent ?? agent_id)]
        .filter(Boolean)
        .join(' ');
    };
    const causeOf = ({ causation_id }: Envelope) => told.findIndex(({ event_id }) => event_id === causation_id);
    expect(told.map((event) => `${causeOf(event)} ${name(event)}`)).toEqual([
      '-1 WORK.ITEM_DISPATCHED',
      '0 WORK.ITEM_STARTED',
      '0 AGENT.TASK_DISPATCHED parser_agent',
      '2 AGENT.TASK_COMPLETED parser_agent',
      '3 AGENT.RESULT_SHARED parser_agent',
      '3 AGENT.TASK_DISPATCHED writer_agent',
      '5 AGENT.TASK_COMPLETED writer_agent',
      '6 AGENT.RESULT_SHARED writer_agent',
      '6 TEAM.SYNTHESIS_COMPLETE',
      '6 DELIVERABLE.PUBLISHED',
      '6 WORK.ITEM_COMPLETED',
      '6 TEAM.RUN_COMPLETED',
    ]);
    const { backlog_item_id } = dispatch.payload as { backlog_item_id: string };
    const run = await ended('email_team', dispatch.event_id);
    expect(run).toMatchObject({ project_id: id, backlog_item_id, request_text: TEXT, status: 'COMPLETED' });
    const { json } = await platform.call('GET', `/api/projects/${id}/deliverables?type=team_result`);
    expect(json.deliverables).toMatchObject([{ agent: 'email_team', backlog_item_id }]);
    const [{ id: deliverable }] = json.deliverables;
    const whole = await platform.call('GET', `/api/projects/${id}/deliverables/${deliverable}`);
    expect(whole.json.content).toEqual(run.result);
    expect((await platform.call('GET', `/api/projects/${id}/replay`)).json.equal).toBe(true);
  });

  test('is no run as long as nobody has said what it is to do', async () => {
    const payload = {
      project_id: randomUUID(),
      backlog_item_id: randomUUID(),
      agent_target: 'email_team',
      work_context: { rows: [] },
    };
    const event = anEvent('WORK.ITEM_DISPATCHED', payload);
    const { event_id } = event;
    await publish(event);
    await eventually('it asks', async () => {
      const asked = await logged(({ causation_id }) => causation_id === event_id);
      return asked.some(({ event_type }) => event_type === 'CLARIFICATION.NEEDED');
    });
    expect((await read('email_team', event_id)).status).toBe(404);
  });
});

test('a team is chosen by the words of a description, and its project completes', async () => {
  const id = await create(platform, { name: 'Reply', description: `Draft an email. ${TEXT}` });
  const project = await until(platform, id, 'COMPLETED');
  expect([project.plan, project.counts.done]).toEqual(['teams', 1]);
});

/** Events of the log, in its order. */
async function logged(matches: (event: Envelope) => boolean): Promise<Envelope[]> {
  const { redis, keys } = platform.node;
  const entries = await redis.xrange(keys.log, '-', '+');
  return entries
    .map(([, fields]) => JSON.parse(fields[fields.indexOf('event') + 1] as string) as Envelope)
    .filter(matches);
}

async function publish(event: Envelope): Promise<void> {
  await platform.node.publisher.publish(event);
}
