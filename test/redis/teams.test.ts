// biome-ignore-all lint/suspicious/noThenProperty: the script's own key; nothing awaits these objects.
/** Teams on a real node, in test mode: the four patterns, what fails in them, and what strangers may not do to a run. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Envelope, EventType, PlanItem, TeamId, TeamResult } from '../../schemas/types.ts';
import { readLedger } from '../../src/llm/accounts/ledger.ts';
import type { ScriptRule } from '../../src/llm/providers/test-script.ts';
import { anEvent, aProjectOf } from '../support/events.ts';
import { eventually } from '../support/eventually.ts';
import { findings, openWork, readDeadLetters, readLog } from '../support/oracle.ts';
import { aRun, comparable, readRun } from '../support/team-runs.ts';
import { freshNamespace, TestNode } from '../support/test-node.ts';

const socketPath = inject('redisSocket');
const redis = new Redis(socketPath);
const dir = mkdtempSync(join(tmpdir(), 'devteam-teams-'));
const MAX_ATTEMPTS = 3;
/** Long enough for whatever a test does meanwhile. */
const HELD_MS = 1_500;

const nodes: TestNode[] = [];
async function startNode(rules: readonly ScriptRule[], env: Record<string, string> = {}, namespace = freshNamespace()) {
  const script = join(dir, `${randomUUID()}.json`);
  writeFileSync(script, JSON.stringify(rules));
  const node = await TestNode.start({
    socketPath,
    namespace,
    env: { THREADS: '1', MAX_ATTEMPTS: String(MAX_ATTEMPTS), LLM_TEST_SCRIPT: script, ...env },
  });
  nodes.push(node);
  return node;
}

// Each case has a word of its own in its request, by which the rules know it.
type Then = ScriptRule['then'];
const refuse: Then = { fail: 'content_filter' };
const rule = (word: string, agent: string, then: Then, more: Partial<ScriptRule> = {}): ScriptRule => ({
  match: { agent, contains: word },
  then,
  ...more,
});
const refusing = (word: string, ...agents: string[]) => agents.map((agent) => rule(word, agent, refuse));

const draft = (subject: string): Then => ({
  json: {
    email_draft: { subject, greeting: '', body: subject, closing: '', signature: '' },
    full_email: subject,
    tone_used: 'formal',
    key_points_addressed: [],
    suggested_attachments: [],
    follow_up_needed: false,
    alternative_versions: [],
  },
});
const review = (score: number): Then => ({
  json: { score, acceptable: score > 0.5, issues: [], summary: `scored ${score}` },
});
/** Writer and reviewer of the email team in each round; the reviewer has parsed the e-mail before. */
const rounds = (word: string, scores: readonly number[]): ScriptRule[] => [
  rule(word, 'parser_agent', {}, { times: 1 }),
  ...scores.flatMap((score, index) => [
    rule(word, 'writer_agent', draft(`round ${index + 1}`), { times: 1 }),
    rule(word, 'parser_agent', review(score), { times: 1 }),
  ]),
];

const FOUR = ['pattern_agent', 'extraction_agent', 'classifier_agent', 'remediation_agent'] as const;
const ORDERS: readonly (readonly [word: string, order: readonly (typeof FOUR)[number][]])[] = [
  ['ordera', FOUR],
  ['orderb', FOUR.toReversed()],
  ['orderc', ['classifier_agent', 'pattern_agent', 'remediation_agent', 'extraction_agent']],
];

const POOR = `
global: { max_retries: 0 }
cost_tracking: { agent_daily_budgets: { writer_agent: 0.000001 } }
providers: { test: { models: { test-1: { cost_per_1k_input_tokens: 1, cost_per_1k_output_tokens: 1 } } } }
rate_limiting: { enabled: false }
`;

const RULES: readonly ScriptRule[] = [
  ...refusing('seqone', 'extraction_agent'),
  ...refusing('parone', 'extraction_agent'),
  ...refusing('parall', ...FOUR),
  ...refusing('parlast', 'report_agent'),
  ...refusing('loopworker', 'writer_agent'),
  rule('loopreviewer', 'parser_agent', refuse, { skip: 1 }),
  ...refusing('subone', 'parser_agent'),
  ...refusing('suball', 'parser_agent', 'editor_agent'),
  ...refusing('subleader', 'report_agent'),
  rule('sublast', 'report_agent', refuse, { skip: 1 }),
  ...rounds('acceptone', [0.8]),
  ...rounds('accepttwo', [0.3, 0.9]),
  ...rounds('neverlater', [0.5, 0.7, 0.7]),
  ...rounds('neverfirst', [0.7, 0.5, 0.6]),
  ...rounds('twice', [0.1, 0.2]),
  ...ORDERS.flatMap(([word, order]) => order.map((agent, k) => rule(word, agent, { latency_ms: 40 * k }))),
  rule('toolong', 'parser_agent', { fail: 'context_length' }),
  rule('nojson', 'parser_agent', { fail: 'bad_json' }),
  rule('repaired', 'parser_agent', { fail: 'bad_json' }, { times: 1 }),
  ...['heldrun', 'helditem'].map((word) => rule(word, 'parser_agent', { latency_ms: HELD_MS })),
  rule(
    'assigned',
    'report_agent',
    {
      json: { assignments: [{ team_id: 'email_team', objective: 'Answer the assigned mail kindly.' }] },
    },
    { times: 1 },
  ),
];

let node: TestNode;
/** Has no money for a writer, and for `down` no provider. */
let poor: TestNode;
let pair: readonly TestNode[];
beforeAll(async () => {
  const config = join(dir, 'poor.yaml');
  writeFileSync(config, POOR);
  const together = freshNamespace();
  [node, poor, ...pair] = await Promise.all([
    startNode(RULES),
    startNode([rule('down', 'parser_agent', { fail: 'server_error' })], { LLM_CONFIG_PATH: config }),
    ...['one', 'two'].map((INSTANCE_ID) => startNode([], { INSTANCE_ID }, together)),
  ]);
}, 60_000);
afterAll(async () => {
  await Promise.all(nodes.map((each) => each.stop()));
  redis.disconnect();
  rmSync(dir, { recursive: true });
});

const runIdOf = ({ payload }: Envelope) => (payload as { run_id?: string }).run_id;

async function eventsOf(runId: string, { platform }: TestNode = node): Promise<Envelope[]> {
  const log = (await readLog(redis, platform.keys)).map(({ event }) => event);
  return log.filter((event) => runIdOf(event) === runId);
}
const ofType = <T extends EventType>(events: readonly Envelope[], type: T) =>
  events.filter(({ event_type }) => event_type === type) as Envelope[] as Envelope<T>[];

/** Runs a team to its end. */
async function play(
  team: TeamId,
  word: string,
  more: Partial<Envelope<'TEAM.RUN_REQUESTED'>['payload']> = {},
  on = node,
) {
  const request = aRun(team, { request_text: `Please handle ${word}: the export fails.`, ...more });
  await on.platform.publisher.publish(request);
  return outcome(team, request.payload.run_id, on);
}

async function outcome(team: TeamId, runId: string, on = node) {
  await eventually(`the run of ${team} ends`, async () =>
    ['completed', 'failed'].includes((await readRun(redis, on.platform.keys, team, runId))?.value ?? ''),
  );
  const { value, run } = (await readRun(redis, on.platform.keys, team, runId)) ?? {};
  const events = await eventsOf(runId, on);
  const steps = Object.fromEntries(
    (run?.steps ?? []).map(({ task, attempt, status }) => [`${task}${attempt > 1 ? attempt : ''}`, status]),
  );
  const reason = ofType(events, 'TEAM.RUN_FAILED')[0]?.payload.reason;
  return { runId, value, run, events, steps, reason, result: run?.result as TeamResult };
}

const rest = (on = node) =>
  eventually('all work is done', async () => Object.keys(await openWork(redis, on.platform.keys)).length === 0);
const audit = (on = node) =>
  findings({
    redis,
    keys: on.platform.keys,
    orchestrator: on.platform.actors.get('orchestrator') as never,
    maxAttempts: MAX_ATTEMPTS,
  });
/** Calls by agent, as the ledger has them. */
async function asked(on: TestNode, projectId?: string): Promise<Record<string, number>> {
  const entries = await readLedger(redis, on.platform.keys, [new Date().toISOString().slice(0, 10)]);
  const calls: Record<string, number> = {};
  for (const { agent, counts, projectId: id } of entries) {
    if (projectId === undefined || id === projectId)
      calls[agent] = (calls[agent] ?? 0) + counts.requests + counts.errors;
  }
  return calls;
}

describe('a sequential run', () => {
  it('fails with a member that fails, and asks nobody after it', async () => {
    const { value, steps, reason } = await play('analysis_team', 'seqone');
    expect([value, reason]).toEqual(['failed', expect.stringMatching(/^extract:extraction_agent: /)]);
    expect(steps).toEqual({
      pattern: 'COMPLETED',
      extract: 'FAILED',
      classify: 'SKIPPED',
      remediate: 'SKIPPED',
      report: 'SKIPPED',
    });
  });
});

describe('a parallel run', () => {
  it('goes on without one that fails and says so', async () => {
    const { value, steps, result } = await play('analysis_team', 'parone', { pattern: 'parallel' });
    expect([value, steps.extract, steps.report]).toEqual(['completed', 'FAILED', 'COMPLETED']);
    expect(result.details.failed).toMatchObject([
      { task: 'extract', agent: 'extraction_agent', reason: expect.any(String) },
    ]);
    expect(result.details.steps?.map(({ task }) => task)).toEqual(['pattern', 'classify', 'remediate', 'report']);
  });

  it('fails when all fail, or the one that brings the rest together does', async () => {
    const all = await play('analysis_team', 'parall', { pattern: 'parallel' });
    expect([all.value, all.steps.report, all.reason]).toEqual([
      'failed',
      'SKIPPED',
      expect.stringMatching(/^pattern:pattern_agent: /),
    ]);
    const last = await play('analysis_team', 'parlast', { pattern: 'parallel' });
    expect([last.value, last.steps.remediate, last.reason]).toEqual([
      'failed',
      'COMPLETED',
      expect.stringMatching(/^report:report_agent: /),
    ]);
  });

  it('has the same result, to the byte, in whatever order its members end', async () => {
    const results = [];
    for (const [word] of ORDERS) {
      const { result, events } = await play('analysis_team', word, { pattern: 'parallel' });
      const arrived = ofType(events, 'AGENT.TASK_COMPLETED').map(({ payload }) => payload.agent);
      results.push({ text: comparable(result).replaceAll(word, 'word'), arrived: arrived.slice(0, 4) });
    }
    expect(new Set(results.map(({ text }) => text)).size).toBe(1);
    expect(new Set(results.map(({ arrived }) => String(arrived))).size).toBeGreaterThan(1);
  });
});

describe('an iterative run', () => {
  const iterate = (word: string, more = {}) => play('email_team', word, { pattern: 'iterative', ...more });
  const subjectOf = (result: TeamResult) =>
    (result.artifacts as { content: { email_draft: { subject: string } } }[])[0]?.content.email_draft.subject;

  it.each<[string, { accepted: boolean; iterations: number }, string]>([
    ['acceptone', { accepted: true, iterations: 1 }, 'round 1'],
    ['accepttwo', { accepted: true, iterations: 2 }, 'round 2'],
    ['neverlater', { accepted: false, iterations: 3 }, 'round 3'],
    ['neverfirst', { accepted: false, iterations: 3 }, 'round 1'],
  ])('ends as the scores of %s want it, with the best round', async (word, details, subject) => {
    const { value, result, events } = await iterate(word);
    expect(value).toBe('completed');
    expect(result.details).toMatchObject(details);
    expect(subjectOf(result)).toBe(subject);
    expect(ofType(events, 'AGENT.COLLABORATION_REQUEST')).toHaveLength(details.iterations - 1);
  });

  it('stops at the number of rounds that was asked for', async () => {
    const { result } = await iterate('twice', { max_iterations: 2 });
    expect([result.details.iterations, result.details.accepted, subjectOf(result)]).toEqual([2, false, 'round 2']);
  });

  it('fails with its worker or its reviewer', async () => {
    const worker = await iterate('loopworker');
    expect([worker.value, worker.reason]).toEqual(['failed', expect.stringMatching(/^write:writer_agent: /)]);
    const reviewer = await iterate('loopreviewer');
    expect([reviewer.value, reviewer.reason]).toEqual(['failed', expect.stringMatching(/:parser_agent: /)]);
  });
});

describe('a hierarchical run', () => {
  const teams = ['email_team', 'writing_team'] as const;
  const delegate = (word: string) =>
    play('analysis_team', word, { pattern: 'hierarchical', context: { teams: [...teams] } });

  it('runs its sub-teams, tells each what it is to do, and brings together what they found', async () => {
    const { value, events, run, result } = await delegate('assigned');
    expect(value).toBe('completed');
    const asked = ofType(events, 'AGENT.TASK_DISPATCHED').map(({ payload }) => payload);
    expect(asked.map(({ agent }) => agent)).toEqual(
      expect.arrayContaining(['report_agent', 'parser_agent', 'writer_agent', 'editor_agent', 'style_keeper_agent']),
    );
    const textOf = (agent: string) => asked.find((task) => task.agent === agent)?.task.payload.text;
    expect(textOf('parser_agent')).toBe('Answer the assigned mail kindly.');
    expect(textOf('editor_agent')).toMatch(/^Please handle assigned/);
    expect(ofType(events, 'AGENT.COLLABORATION_REQUEST').map(({ payload }) => payload.target)).toEqual(['email_team']);
    expect(Object.keys((run?.memory.context.teams ?? {}) as object)).toEqual([...teams]);
    expect(result.details.pattern).toBe('hierarchical');
  });

  it('goes on without a sub-team that fails, and fails when all do or its leader does', async () => {
    const one = await delegate('subone');
    expect([one.value, Object.keys((one.run?.memory.context.teams ?? {}) as object)]).toEqual([
      'completed',
      ['writing_team'],
    ]);
    expect(one.result.details.failed).toMatchObject([{ agent: 'parser_agent' }]);
    expect((await delegate('suball')).reason).toMatch(/^parse:parser_agent: /);
    expect((await delegate('subleader')).reason).toMatch(/:report_agent: /);
    expect((await delegate('sublast')).reason).toMatch(/:report_agent: /);
  });
});

describe('an answer', () => {
  const attemptsAt = async (runId: string) => {
    const [dispatched] = ofType(await eventsOf(runId), 'AGENT.TASK_DISPATCHED');
    return (await readDeadLetters(redis, node.platform.keys)).filter(
      ({ event_id }) => event_id === dispatched?.event_id,
    );
  };

  it.each(['content_filter', 'context_length'] as const)(
    'refused as %s fails the run at once, without a dead letter',
    async (kind) => {
      const { runId, value, events } = await play('email_team', kind === 'content_filter' ? 'loopworker' : 'toolong');
      expect(value).toBe('failed');
      expect(ofType(events, 'AGENT.TASK_FAILED')[0]?.payload.failure).not.toHaveProperty('attempts');
      expect(await attemptsAt(runId)).toEqual([]);
    },
  );

  it('that is no JSON is asked for again with its errors named, and kept when it is right then', async () => {
    const { value, result } = await play('email_team', 'repaired');
    expect(value).toBe('completed');
    expect(result.details.token_usage).toMatchObject({ requests: 2 });
  });

  it('that is never JSON is tried to the last attempt, then it is a dead letter and the run has failed', async () => {
    const { runId, value, events } = await play('email_team', 'nojson');
    expect(value).toBe('failed');
    expect(ofType(events, 'AGENT.TASK_FAILED')).toMatchObject([
      { payload: { failure: { category: 'TOOL_FAILURE', attempts: MAX_ATTEMPTS } } },
    ]);
    expect(await attemptsAt(runId)).toMatchObject([
      { consumer_group: 'parser_agents', reason: 'max attempts exceeded', attempts: MAX_ATTEMPTS },
    ]);
  });

  it('that nobody waits for changes nothing: of another agent, of no task, of another run, or again', async () => {
    const { publisher, supervisor, keys } = node.platform;
    const ignored = () => supervisor.totals.roles.get('email_team')?.ignored ?? 0;
    const request = aRun('email_team', { request_text: 'This is a heldrun.' });
    const { run_id } = request.payload;
    await publisher.publish(request);
    let task: Envelope<'AGENT.TASK_DISPATCHED'> | undefined;
    await eventually('the parser is asked', async () => {
      task = ofType(await eventsOf(run_id), 'AGENT.TASK_DISPATCHED')[0];
      return task !== undefined;
    });
    const { task_id } = (task as Envelope<'AGENT.TASK_DISPATCHED'>).payload;
    const before = ignored();
    const forged = (more: object) =>
      anEvent('AGENT.TASK_COMPLETED', {
        run_id,
        team_id: 'email_team',
        project_id: null,
        backlog_item_id: null,
        task_id,
        agent: 'parser_agent',
        output: { forged: true },
        ...more,
      });
    await publisher.publish(forged({ agent: 'writer_agent' }));
    await publisher.publish(forged({ task_id: randomUUID() }));
    await publisher.publish(forged({ run_id: randomUUID() }));
    const { value, result, events } = await outcome('email_team', run_id);
    await publisher.publish(forged({}));
    await eventually('all four are counted', () => ignored() - before === 4);
    expect(value).toBe('completed');
    expect(JSON.stringify(result)).not.toContain('forged');
    expect(ofType(events, 'TEAM.RUN_COMPLETED')).toHaveLength(1);
    expect(JSON.stringify((await readRun(redis, keys, 'email_team', run_id))?.run?.result)).toBe(
      JSON.stringify(result),
    );
  });
});

describe('an item for a team', () => {
  const anItem = (more: Partial<PlanItem> = {}): PlanItem => ({
    key: 'a',
    title: 'Answer the mail',
    agent_target: 'email_team',
    ...more,
  });
  async function begin(word: string, item = anItem(), on = node) {
    const request = aProjectOf([item], { request_text: `Please handle ${word}: the export fails, tell the customer.` });
    const { project_id } = request.payload;
    const events = async () =>
      (await readLog(redis, on.platform.keys))
        .map(({ event }) => event)
        .filter(({ correlation_id }) => correlation_id === request.correlation_id);
    const all = async <T extends EventType>(type: T) => ofType(await events(), type);
    const said = (type: EventType, times = 1) =>
      eventually(`${type} is said`, async () => (await all(type)).length >= times);
    const say = (event: Envelope) =>
      on.platform.publisher.publish({ ...event, correlation_id: request.correlation_id });
    await on.platform.publisher.publish(request);
    return { project_id, all, said, say };
  }

  it('is a run named after its dispatch, and ends with a deliverable', async () => {
    const { all, said } = await begin('plainitem');
    await said('PROJECT.COMPLETED');
    const [dispatch] = await all('WORK.ITEM_DISPATCHED');
    expect(await all('TEAM.RUN_COMPLETED')).toMatchObject([{ payload: { run_id: dispatch?.event_id } }]);
    expect(await all('DELIVERABLE.PUBLISHED')).toMatchObject([{ payload: { deliverable: { type: 'team_result' } } }]);
  });

  it('is run anew when its result is turned down', async () => {
    const { project_id, all, said, say } = await begin('helditem');
    await said('AGENT.TASK_DISPATCHED');
    const [dispatch] = await all('WORK.ITEM_DISPATCHED');
    const backlog_item_id = dispatch?.payload.backlog_item_id as string;
    const deliverable = {
      id: randomUUID(),
      type: 'generic_output',
      project_id,
      backlog_item_id,
      agent: 'email_team',
      timestamp: new Date().toISOString(),
      confidence: 0.5,
      content: { claims: [{ text: 'Nobody can say why.', sources: [] }] },
    };
    await say(anEvent('DELIVERABLE.PUBLISHED', { project_id, backlog_item_id, deliverable } as never));
    await said('PROJECT.COMPLETED');
    expect((await all('WORK.ITEM_REVIEWED')).map(({ payload }) => payload.review.result)).toEqual([
      'needs_changes',
      'approved',
    ]);
    const runs = (await all('TEAM.RUN_COMPLETED')).map(({ payload }) => payload.run_id);
    expect(runs).toEqual((await all('WORK.ITEM_DISPATCHED')).map(({ event_id }) => event_id));
    expect(new Set(runs).size).toBe(2);
  });

  it('without a text is asked about, and runs with the answer', async () => {
    const { project_id, all, said, say } = await begin('blankitem', anItem({ work_context: { request_text: ' ' } }));
    await said('QUESTION.CREATED');
    const [asked] = await all('QUESTION.CREATED');
    expect(asked?.payload.question.field).toBe('request_text');
    const answer = {
      project_id,
      question_id: asked?.payload.question.id as string,
      answer: 'Tell Ana that it works again.',
    };
    await say(anEvent('USER.ANSWER_SUBMITTED', answer));
    await said('PROJECT.COMPLETED');
    const [run] = await all('TEAM.RUN_COMPLETED');
    expect(
      (await readRun(redis, node.platform.keys, 'email_team', run?.payload.run_id as string))?.run?.request_text,
    ).toBe(answer.answer);
  });

  it('dispatched without a text is asked about by its team, and the work goes on with the answer', async () => {
    const { project_id, all, said, say } = await begin('helditem');
    await said('AGENT.TASK_DISPATCHED');
    const [dispatch] = await all('WORK.ITEM_DISPATCHED');
    const { work_context: _, ...payload } = (dispatch as Envelope<'WORK.ITEM_DISPATCHED'>).payload;
    await say(anEvent('WORK.ITEM_DISPATCHED', { ...payload, work_context: { rows: [] } }));
    await said('QUESTION.CREATED');
    expect(await all('CLARIFICATION.NEEDED')).toMatchObject([
      { source: 'email_team', payload: { agent: 'email_team', missing_fields: [{ field: 'request_text' }] } },
    ]);
    const [asked] = await all('QUESTION.CREATED');
    await say(
      anEvent('USER.ANSWER_SUBMITTED', {
        project_id,
        question_id: asked?.payload.question.id as string,
        answer: 'Tell Ana that it works again.',
      }),
    );
    await said('PROJECT.COMPLETED');
  });

  it('of a project that is stopped ends soon, and no further model is asked', async () => {
    const { project_id, all, said, say } = await begin('helditem');
    await said('AGENT.TASK_DISPATCHED');
    await say(anEvent('PROJECT.STOP_REQUESTED', { project_id, reason: 'enough' } as never));
    await said('TEAM.RUN_FAILED');
    expect(await all('AGENT.TASK_FAILED')).toMatchObject([
      { payload: { agent: 'writer_agent', reason: 'project final' } },
    ]);
    expect(await asked(node, project_id)).toEqual({ parser_agent: 1 });
  });

  it('fails at once when its budget is used up', async () => {
    const { all, said } = await begin('poor', anItem(), poor);
    await said('PROJECT.FAILED');
    expect((await all('AGENT.TASK_FAILED')).map(({ payload }) => [payload.reason, payload.failure?.attempts])).toEqual([
      [expect.stringMatching(/^budget exceeded: agent:writer_agent:/), undefined],
    ]);
    expect(await all('WORK.ITEM_FAILED')).toMatchObject([
      { payload: { reason: expect.stringMatching(/^budget exceeded/) } },
    ]);
    expect(await readDeadLetters(redis, poor.platform.keys)).toEqual([]);
  });

  it('fails when no provider answers to the last attempt, and says so on the way up', async () => {
    const { all, said } = await begin('down', anItem(), poor);
    await said('PROJECT.FAILED');
    const said_ = [
      ...(await all('AGENT.TASK_FAILED')),
      ...(await all('TEAM.RUN_FAILED')),
      ...(await all('WORK.ITEM_FAILED')),
    ];
    expect(said_.map(({ payload }) => payload.failure?.attempts)).toEqual([MAX_ATTEMPTS, MAX_ATTEMPTS, MAX_ATTEMPTS]);
    expect(await readDeadLetters(redis, poor.platform.keys)).toMatchObject([
      { consumer_group: 'parser_agents', reason: 'max attempts exceeded', attempts: MAX_ATTEMPTS },
    ]);
    await rest(poor);
    expect(await audit(poor)).toEqual([]);
  });
});

it('afterwards nothing is left over, every run has ended once and is what its events make of it (I1, I2, I8, I9)', async () => {
  await rest();
  // Answers that were forged have no task.
  expect(await audit()).toEqual([]);
});

it('two nodes share the work of one namespace: each task is done once (I2, I3)', async () => {
  const [on] = pair as [TestNode];
  const requests = Array.from({ length: 12 }, (_, k) =>
    aRun('analysis_team', { pattern: k % 2 === 0 ? 'parallel' : 'sequential' }),
  );
  await Promise.all(requests.map((request, k) => (pair[k % 2] as TestNode).platform.publisher.publish(request)));
  for (const { payload } of requests)
    expect((await outcome('analysis_team', payload.run_id, on)).value).toBe('completed');
  await rest(on);
  expect(await audit(on)).toEqual([]);
  const instances = new Set((await readLog(redis, on.platform.keys)).map(({ event }) => event.instance.split('/')[0]));
  expect(instances.size).toBe(3);
  expect(await asked(on)).toEqual(
    Object.fromEntries([...FOUR, 'report_agent'].map((agent) => [agent, requests.length])),
  );
});
