// biome-ignore-all lint/suspicious/noThenProperty: the script's own key; nothing awaits these objects.
import { afterAll, describe, expect, inject, test } from 'vitest';
import { workers } from '../../actors/index.ts';
import type { Tools } from '../../actors/tools.ts';
import { evaluateDone } from '../../machines/formulas/done.ts';
import type { Withdrawn } from '../../machines/kit.ts';
import type { Product } from '../../machines/work-item.ts';
import { SUBSCRIBERS, WORKER_TARGETS } from '../../schemas/catalog.ts';
import type { Envelope, FactLedgerEntry, WorkContext } from '../../schemas/types.ts';
import { createValidator } from '../../schemas/validate.ts';
import { textOf } from '../../src/llm/chat.ts';
import type { ScriptRule } from '../../src/llm/providers/test-script.ts';
import type { LlmSettings } from '../../src/llm/settings.ts';
import type { Effect } from '../../src/runtime/define-actor.ts';
import { compileActor } from '../../src/runtime/step.ts';
import { noOrders } from '../support/no-orders.ts';
import { noRows } from '../support/no-rows.ts';
import { connectTo, narrowSettings, scriptedGateway, testSettings } from '../support/scripted-gateway.ts';

const PROJECT = '11111111-1111-4111-8111-111111111111';
const ITEM = '22222222-2222-4222-8222-222222222222';
const DISPATCH = '33333333-3333-4333-8333-333333333333';
const UPSTREAM = '44444444-4444-4444-8444-444444444444';
const validator = createValidator();

const V1: WorkContext = {
  rows: [
    { text: 'Ticket triage', estimated_minutes: 30, category: 'ops' },
    { text: 'Ticket triage', estimated_minutes: 45, category: 'ops' },
    { text: 'status meeting', estimated_minutes: 60, category: 'meetings' },
  ],
  hourly_rate: 100,
  request_text: 'Find out where the team loses time. Say what it costs!',
  upstream: [
    {
      backlog_item_id: ITEM,
      title: 'Measure time',
      agent_target: 'time_waste_worker',
      deliverable_id: UPSTREAM,
      type: 'time_waste_analysis',
      content: { total_minutes: 135 },
    },
  ],
};

const say = () => {};
const redis = connectTo(inject('redisSocket'));
afterAll(() => redis.disconnect());

/** Tools without a ledger: what it was given, and every request that reached the provider. */
function world({
  script = [],
  final = false,
  settings = testSettings(),
}: {
  script?: ScriptRule[];
  final?: boolean;
  settings?: LlmSettings;
} = {}) {
  const ledger: FactLedgerEntry[] = [];
  const { client, calls } = scriptedGateway(redis, script, { settings });
  const tools: Tools = {
    ledger: { append: async (entry) => ledger.push(entry) },
    llm: client,
    logFor: () => ({ debug: say, info: say, warn: say, error: say }),
    isProjectFinal: async () => final,
    orders: noOrders,
    ...noRows,
  };
  return { ledger, calls, tools };
}

async function perform(name: string, work_context: WorkContext, { tools } = world()): Promise<Product | Withdrawn> {
  const payload = { project_id: PROJECT, backlog_item_id: ITEM, agent_target: name, work_context };
  const event: Envelope<'WORK.ITEM_DISPATCHED'> = {
    event_id: DISPATCH,
    event_type: 'WORK.ITEM_DISPATCHED',
    event_version: 1,
    timestamp: '2026-01-15T10:30:00.000Z',
    source: 'orchestrator',
    instance: 'here/1',
    correlation_id: PROJECT,
    causation_id: null,
    payload,
  };
  const effect = workers.find((worker) => worker.name === name)?.effects?.perform as Effect<Tools>;
  const context = { key: 'key', event, signal: new AbortController().signal, tools };
  return (await effect(payload as never, context)) as Product | Withdrawn;
}

const product = async (...args: Parameters<typeof perform>) =>
  (await perform(...args)) as Product & { content: Record<string, unknown> };

test('there is one actor per worker of the catalog, each hears dispatches and fits the runtime (I7)', () => {
  for (const worker of workers) expect(compileActor(worker).chart.values).toContain('working');
  expect(workers.map(({ name }) => name)).toEqual([...WORKER_TARGETS]);
  for (const { receives } of workers) expect(receives).toEqual(['WORK.ITEM_DISPATCHED']);
  expect(SUBSCRIBERS['WORK.ITEM_DISPATCHED']).toEqual({ field: 'agent_target' });
});

describe.each(WORKER_TARGETS)('%s', (name) => {
  test('gives the same bytes for the same dispatch', async () => {
    expect(JSON.stringify(await perform(name, V1))).toBe(JSON.stringify(await perform(name, V1)));
  });

  test('makes a deliverable that its schema allows and that is done', async () => {
    const { type, content, confidence, evidence } = await product(name, V1);
    const timestamp = '2026-01-15T10:30:00.000Z';
    expect(validator.checkObject('deliverable', { type, content, confidence, timestamp })).toBeNull();
    expect(confidence).toBe(0.75);
    const deliverables = [{ content }];
    expect(
      evaluateDone({ evidence: evidence as Record<string, unknown>, deliverables, maxMinutes: 480, rowCount: 3 }),
    ).toEqual([]);
  });
});

describe('an analytic worker', () => {
  const analytic = ['time_waste_worker', 'cost_worker', 'friction_worker', 'scenario_worker'] as const;

  test.each(analytic)('%s calls no model, also in a project that has ended', async (name) => {
    const { calls, tools, ledger } = world({ final: true });
    await perform(name, V1, { calls, tools, ledger });
    expect([calls.length, ledger.length]).toEqual([0, 1]);
  });

  test('records the facts it starts from under the id of its dispatch', async () => {
    const place = world();
    await perform('cost_worker', { rows: [{ estimated_minutes: 5, id: 'r-1' }], hourly_rate: 1 }, place);
    expect(place.ledger).toEqual([
      {
        entry_id: DISPATCH,
        project_id: PROJECT,
        backlog_item_id: ITEM,
        facts: [
          {
            id: 'fact-0',
            field: 'task_minutes',
            value: 5,
            provenance: { row_id: 'r-1', source_fields: ['estimated_minutes', 'id', 'text'], unit: 'minutes' },
          },
          {
            id: 'fact-text-0',
            field: 'task_text',
            value: '',
            provenance: { row_id: 'r-1', source_fields: ['estimated_minutes', 'id', 'text'], unit: null },
          },
        ],
        coefficients: { count: 2 },
      },
    ]);
    expect(validator.checkObject('fact_ledger_entry', place.ledger[0])).toBeNull();
  });

  test('makes nothing of rows whose facts cannot be recorded', async () => {
    const place = world();
    place.tools.ledger.append = () => Promise.reject(new Error('disk full'));
    await expect(perform('friction_worker', V1, place)).rejects.toThrow('disk full');
  });

  test.each([
    ['time_waste_worker', 'time_waste_analysis', { total_minutes: 135, total_hours: 2.25 }],
    ['cost_worker', 'cost_analysis', { total_hours: 2.25, monthly_cost: 225, annual_cost: 2700 }],
    ['friction_worker', 'friction_analysis', { recurring_share: 66.67, avoidable_percent: 60 }],
    ['scenario_worker', 'with_agent_scenario', { recovered_hours: 1.35, recovered_monthly_cost: 135 }],
  ])('%s says as evidence of its %s %j', async (name, type, evidence) => {
    expect(await perform(name, V1)).toMatchObject({ type, evidence, content: evidence });
  });
});

describe('requirements_manager', () => {
  const requirements = async (context: WorkContext) =>
    (await product('requirements_manager', context)).content.requirements;

  test('takes over given requirements as they are', async () => {
    expect(await requirements({ ...V1, requirements: ['fast', { text: 'safe' }] })).toEqual(['fast', { text: 'safe' }]);
  });

  test('takes the rows where no requirements are given', async () => {
    expect(await requirements({ ...V1, requirements: [] })).toEqual(V1.rows);
  });

  test('extracts one requirement per sentence from request and scope', async () => {
    const request_text = 'Repair the export. Make it fast! Why is it slow?\nTell us';
    expect(await requirements({ rows: [], request_text, scope: 'Nightly only.' })).toEqual(
      ['Repair the export', 'Make it fast', 'Why is it slow', 'Tell us', 'Nightly only'].map((text) => ({ text })),
    );
  });

  test('extracts a text without a sentence as one requirement', async () => {
    expect(await requirements({ rows: [], request_text: '...' })).toEqual([{ text: '...' }]);
  });

  test('drops no given requirement, whatever the model says', async () => {
    const analysis = { items: ['only one matters'], assumptions: [], open_questions: [] };
    const place = world({ script: [{ match: { agent: 'requirements_manager' }, then: { json: { analysis } } }] });
    const { content, evidence } = await product('requirements_manager', { ...V1, requirements: ['a', 'b'] }, place);
    expect(content).toMatchObject({ requirements: ['a', 'b'], summary: { requirements_count: 2 }, analysis });
    expect(evidence).toEqual({ requirements_count: 2 });
  });
});

test('dev_worker delivers its outputs with their notes', async () => {
  const { content, evidence } = await product('dev_worker', V1);
  expect(Object.keys(content)).toEqual(['status', 'message', 'outputs', 'claims', 'work_context']);
  expect(content).toMatchObject({ status: 'success', message: 'Find out where the team loses time', claims: [] });
  expect(content.outputs).toEqual([{ name: 'notes.md', kind: 'document', body: 'Find out where the team loses time' }]);
  expect(evidence).toEqual({ notes: 'Find out where the team loses time' });
});

test('test_worker finds no bugs and passes all checks in test mode', async () => {
  const { content, evidence } = await product('test_worker', V1);
  expect(Object.keys(content)).toEqual(['bugs_found', 'checks', 'claims', 'work_context']);
  expect(content).toMatchObject({ bugs_found: [], checks: [{ passed: true }] });
  expect(evidence).toEqual({ bugs_found: 0, checks_run: 1 });
});

test('worker delivers a note and a result', async () => {
  const { content, evidence } = await product('worker', { rows: [] });
  expect(content).toEqual({ note: 'test', result: {} });
  expect(evidence).toEqual({ note: 'test' });
});

describe('a worker that asks a model', () => {
  const asking = ['requirements_manager', 'dev_worker', 'test_worker', 'worker'] as const;

  test.each(asking)('%s does not ask for a project that has ended', async (name) => {
    const place = world({ final: true });
    expect(await perform(name, V1, place)).toEqual({ withdrawn: true });
    expect(place.calls).toEqual([]);
  });

  test.each([
    ['requirements_manager', 'reasoning'],
    ['dev_worker', 'code_generation'],
    ['test_worker', 'code_review'],
    ['worker', 'text_generation'],
  ])('%s asks once, as itself, for %s', async (name, task_type) => {
    const place = world();
    await perform(name, V1, place);
    expect(place.calls.map(({ labels }) => labels)).toEqual([{ agent: name, task_type, project_id: PROJECT }]);
  });

  test.each(asking)('%s shows the model all data of the item and none of it as instruction', async (name) => {
    const place = world();
    const context: WorkContext = {
      ...V1,
      scope: 'scope-text',
      kpis: 'kpis-text',
      requirements: ['requirement-text'],
      review_notes: ['note-text'],
      clarifications: [{ question_id: UPSTREAM, field: 'scope', answer: 'answer-text' }],
      messages: [{ message_id: UPSTREAM, message: 'message-text' }],
      period: { type: 'month-text' },
      custom: 'custom-text',
    };
    await perform(name, context, place);
    const [system, user] = place.calls.flatMap(({ messages }) => messages.map(({ content }) => textOf(content)));
    const told = [
      'Find out',
      'scope-text',
      'kpis-text',
      'requirement-text',
      'note-text',
      'answer-text',
      'message-text',
    ];
    for (const text of [...told, 'month-text', 'custom-text', 'Ticket triage', '"total_minutes":135', UPSTREAM]) {
      expect(user).toContain(text);
      expect(system).not.toContain(text);
    }
  });

  test('repeats its context without earlier content and without rows after the 50th', async () => {
    const rows = Array.from({ length: 53 }, (_, i) => ({ estimated_minutes: i }));
    const { content } = await product('dev_worker', { ...V1, rows });
    const { upstream, ...rest } = V1;
    expect(content.work_context).toEqual({
      ...rest,
      rows: rows.slice(0, 50),
      rows_omitted: 3,
      upstream: upstream?.map(({ content: _, ...reference }) => reference),
    });
  });

  test('repeats all of 50 rows and counts none as omitted', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => ({ estimated_minutes: i }));
    const { content } = await product('dev_worker', { rows });
    expect(content.work_context).toEqual({ rows });
  });

  test('states in its content what did not fit the model', async () => {
    const settings = narrowSettings({ contextWindowTokens: 1200, maxTokens: 200 });
    const rows = Array.from({ length: 500 }, (_, i) => ({ estimated_minutes: i }));
    const { content } = await product('dev_worker', { ...V1, rows }, world({ settings }));
    expect(content.truncated).toMatchObject([
      { part: 'rows', unit: 'rows' },
      { part: 'upstream', unit: 'rows', kept: 0, omitted: 1 },
    ]);
  });

  test.each(asking)('%s fails for a retry when the answer stays invalid', async (name) => {
    const place = world({ script: [{ match: {}, then: { fail: 'bad_json' } }] });
    await expect(perform(name, V1, place)).rejects.toMatchObject({ code: 'PROVIDER_ERROR', disposition: 'retry' });
    expect(place.calls.length).toBe(2);
  });
});
