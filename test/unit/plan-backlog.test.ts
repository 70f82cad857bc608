// biome-ignore-all lint/suspicious/noThenProperty: the script's own key; nothing awaits these objects.
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { planBacklog } from '../../actors/plan-backlog.ts';
import { plannerTargets } from '../../actors/planner-targets.ts';
import { teams } from '../../actors/teams/index.ts';
import type { Tools } from '../../actors/tools.ts';
import { checkPlan } from '../../machines/orchestration/plan-check.ts';
import { TEAM_TARGETS, WORKER_TARGETS } from '../../schemas/catalog.ts';
import type { PlanItem, ProjectInitialRequestReceived } from '../../schemas/types.ts';
import { createValidator } from '../../schemas/validate.ts';
import { Fault, type FaultCode } from '../../src/errors.ts';
import type { Failure, ScriptRule } from '../../src/llm/providers/test-script.ts';
import type { LlmSettings } from '../../src/llm/settings.ts';
import { anEvent } from '../support/events.ts';
import { noOrders } from '../support/no-orders.ts';
import { noRows } from '../support/no-rows.ts';
import { connectTo, narrowSettings, scriptedGateway, testSettings } from '../support/scripted-gateway.ts';

const TARGETS = plannerTargets(teams);
const validator = createValidator();
const SHIPPED = testSettings();
const redis = connectTo(inject('redisSocket'));
afterAll(() => redis.disconnect());

const TEXT = 'Repair the nightly export. It loses rows! Tell the finance team when it works';
const aRequest = (request_text = TEXT, rest: Partial<ProjectInitialRequestReceived> = {}) => ({
  project_id: randomUUID(),
  request_text,
  ...rest,
});
const item = (key: string, depends_on: string[] = [], agent_target = 'worker') => ({
  key,
  title: `Title of ${key}`,
  agent_target,
  description: '',
  depends_on,
});
const answering = (...items: object[]): ScriptRule[] => [
  { match: { agent: 'orchestrator' }, then: { json: { items } } },
];
const failing = (fail: Failure): ScriptRule[] => [{ match: {}, then: { fail } }];

interface World {
  script?: ScriptRule[];
  settings?: LlmSettings;
  final?: boolean;
  llm?: Tools['llm'];
  signal?: AbortSignal;
}

/** Performs the effect; gives its outcome, every request that reached the provider, and what operators are told. */
async function perform(
  request: ProjectInitialRequestReceived = aRequest(),
  { script, settings = SHIPPED, final = false, llm, signal = new AbortController().signal }: World = {},
) {
  const { client, calls } = scriptedGateway(redis, script, { settings });
  const told: unknown[] = [];
  const say = () => {};
  const tools: Tools = {
    ledger: { append: async () => {} },
    llm: llm ?? client,
    logFor: (service) => ({
      debug: say,
      info: say,
      error: say,
      warn: (...line) => void told.push([service, ...line]),
    }),
    isProjectFinal: async () => final,
    orders: noOrders,
    ...noRows,
  };
  const event = anEvent('PROJECT.INITIAL_REQUEST_RECEIVED', request);
  const outcome = await planBacklog(TARGETS)(request, { key: randomUUID(), event, signal, tools });
  return { outcome, calls, told };
}

const itemsOf = (outcome: Awaited<ReturnType<typeof perform>>['outcome']): readonly PlanItem[] =>
  'items' in outcome ? outcome.items : expect.fail(outcome.refused);
const refusalIn = (outcome: Awaited<ReturnType<typeof perform>>['outcome']): string =>
  'refused' in outcome ? outcome.refused : expect.fail('it was planned');

describe('asking for a plan', () => {
  it('describes every target, shows the request as data, and says for whom it asks', async () => {
    const request = aRequest(TEXT, { name: 'Exports', hourly_rate: 90 });
    const { calls } = await perform(request);
    const [system, user] = calls[0]?.messages ?? [];
    for (const { name, purpose } of TARGETS) expect(system?.content).toContain(`- ${name}: ${purpose}\n`);
    expect(TARGETS.map(({ name }) => name).sort()).toEqual([...WORKER_TARGETS, ...TEAM_TARGETS].sort());
    expect(system?.content).not.toMatch(/nightly|Exports|90/);
    expect(user?.content).toContain(`${TEXT}\n`);
    expect(user?.content).toContain('{"name":"Exports"}\n{"hourly_rate":90}\n');
    expect(calls).toHaveLength(1);
    expect(calls[0]?.labels).toEqual({
      agent: 'orchestrator',
      task_type: 'reasoning',
      project_id: request.project_id,
    });
  });

  it('demands a closed shape in which everything is required', async () => {
    const { calls } = await perform();
    const schemas: unknown[] = [];
    const visit = (schema: unknown): void => {
      if (typeof schema !== 'object' || schema === null) return;
      if ('properties' in schema) schemas.push(schema);
      Object.values(schema).forEach(visit);
    };
    visit(calls[0]?.schema?.schema);
    expect(schemas).toHaveLength(2);
    for (const schema of schemas as { properties: object; required: string[]; additionalProperties: boolean }[]) {
      expect(schema.additionalProperties).toBe(false);
      expect([...schema.required].sort()).toEqual(Object.keys(schema.properties).sort());
    }
  });

  it('gives in test mode a plan for the sentences of the request, the same each time', async () => {
    const items = itemsOf((await perform()).outcome);
    expect(items.map(({ key, title, agent_target, depends_on }) => [key, title, agent_target, depends_on])).toEqual([
      ['requirements', 'Collect requirements', 'requirements_manager', []],
      ['part_1', 'Repair the nightly export', 'dev_worker', ['requirements']],
      ['part_2', 'It loses rows', 'dev_worker', ['requirements']],
      ['part_3', 'Tell the finance team when it works', 'dev_worker', ['requirements']],
      ['check', 'Check the results', 'test_worker', ['part_1', 'part_2', 'part_3']],
    ]);
    expect(itemsOf((await perform()).outcome)).toEqual(items);
  });

  it('gives in test mode a plan that can be carried out for any text', async () => {
    const llm = scriptedGateway(redis).client;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ unit: 'binary' }), fc.lorem({ mode: 'sentences', maxCount: 40 })),
        async (text) => {
          const items = itemsOf((await perform(aRequest(text), { llm })).outcome);
          expect(items.length).toBeGreaterThanOrEqual(2);
          expect(items.length).toBeLessThanOrEqual(20);
          expect(checkPlan(items)).toEqual([]);
          for (const each of items) expect(validator.checkObject('plan_item', each)).toBeNull();
        },
      ),
      { numRuns: 20 },
    );
  });

  it('lets each item know what it is about', async () => {
    const described = { ...item('a'), description: 'Write the query' };
    const { outcome } = await perform(aRequest(), { script: answering(described, item('b', ['a'])) });
    expect(itemsOf(outcome)).toEqual([{ ...described, work_context: { scope: 'Write the query' } }, item('b', ['a'])]);
  });

  it('cuts a request that is larger than the window', async () => {
    const settings = narrowSettings({ contextWindowTokens: 3_500, maxTokens: 500 });
    const { calls, outcome } = await perform(aRequest('A line of words\n'.repeat(1_000)), { settings });
    expect(calls[0]?.messages[1]?.content).toContain('paragraphs of "request_text" are given; the rest did not fit.');
    expect(itemsOf(outcome)).toHaveLength(20);
  });

  it('is not done for a project that has ended', async () => {
    const { calls, told, outcome } = await perform(aRequest(), { final: true });
    expect([calls, told, refusalIn(outcome)]).toEqual([[], [], 'the project has ended']);
  });
});

/** Without the gateway's own retries, which wait for a provider that limits the rate. */
function onceOnly(): LlmSettings {
  const providers = Object.entries(SHIPPED.providers).map(([name, provider]) => [name, { ...provider, maxRetries: 0 }]);
  return { ...SHIPPED, providers: Object.fromEntries(providers) };
}

describe('no plan', () => {
  const SHAPE = 'PROVIDER_ERROR: the answer does not have the required shape';

  it.each<[string, ScriptRule[], string]>([
    ['a cycle', answering(item('a', ['b']), item('b', ['a'])), 'refused plan: cycle: a -> b -> a'],
    ['an unknown dependency', answering(item('a', ['b'])), 'refused plan: unknown dependency: b'],
    ['two items of one key', answering(item('a'), item('a')), 'refused plan: duplicate key: a'],
    ['itself', answering(item('a', ['a'])), 'refused plan: self-dependency: a'],
    [
      'an unknown target',
      answering(item('a', [], 'nobody')),
      `${SHAPE} (/items/0/agent_target must be equal to one of the allowed values)`,
    ],
    [
      'more than 20 items',
      answering(...Array.from({ length: 21 }, (_, n) => item(`k${n}`))),
      `${SHAPE} (/items must NOT have more than 20 items)`,
    ],
    ['no items', answering(), `${SHAPE} (/items must NOT have fewer than 1 items)`],
    ['another key', answering({ ...item('a'), secret: 1 }), `${SHAPE} (/items/0 must NOT have additional properties)`],
    ['no JSON, twice', failing('bad_json'), `${SHAPE} (the answer is not JSON)`],
    ['a provider that is down', failing('unavailable'), 'SERVICE_UNAVAILABLE: no provider could answer'],
    ['a provider that is silent', failing('timeout'), 'PROVIDER_TIMEOUT: the provider did not answer in time'],
    ['a key that is refused', failing('auth'), 'PROVIDER_ERROR: the provider refused our key'],
    ['a provider that limits the rate', failing('rate_limited'), 'RATE_LIMITED: the provider limits the rate'],
    [
      'a refusal for its content',
      failing('content_filter'),
      'CONTENT_FILTERED: the provider refused to answer for reasons of content',
    ],
    [
      'a window that is too small',
      failing('context_length'),
      'CONTEXT_LENGTH_EXCEEDED: the input is longer than the context window of every candidate',
    ],
    ['an answer that ends early', failing('cut_stream'), 'SERVICE_UNAVAILABLE: the provider ended its answer early'],
  ])('with %s: the reason is the outcome and one line of the log, at once', async (_, script, reason) => {
    const request = aRequest();
    const { outcome, told } = await perform(request, { script, settings: onceOnly() });
    expect(refusalIn(outcome)).toBe(reason);
    expect(told).toEqual([['orchestrator', `planned by the rules: ${reason}`, { project_id: request.project_id }]]);
  });

  it.each<[FaultCode, string]>([
    ['BUDGET_EXCEEDED', 'budget exceeded: day:2026-01-15'],
    ['STREAM_INTERRUPTED', 'the answer broke off'],
    ['SERVICE_UNAVAILABLE', 'every provider that could answer has failed too often and is left alone for a while'],
  ])('is had for %s either', async (code, message) => {
    const llm = { complete: () => Promise.reject(new Fault(code, message)), close: async () => {} };
    const { outcome } = await perform(aRequest(), { llm });
    expect(refusalIn(outcome)).toBe(`${code}: ${message}`);
  });

  it('is no outcome when it is ours to try again', async () => {
    const ours = [
      new Fault('SERVICE_UNAVAILABLE', 'Redis cannot be reached', { details: { retry_after: 1, dependency: 'redis' } }),
      new Fault('REDIS_UNAVAILABLE', 'away'),
      new Fault('DEADLINE_EXCEEDED', 'no result after 300 s'),
      new Error('a bug'),
    ];
    for (const error of ours) {
      const llm = { complete: () => Promise.reject(error), close: async () => {} };
      await expect(perform(aRequest(), { llm })).rejects.toBe(error);
    }
    await expect(perform(aRequest(), { signal: AbortSignal.abort() })).rejects.toThrow();
  });
});
