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
import { Fault } from '../../src/errors.ts';
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
  /** Without figures of others, of which a report would be made. */
  const OWN = { ...V1, upstream: [] };

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
    // A report is made of figures, and never of rows.
    const rows = name === 'requirements_manager' ? [] : ['Ticket triage'];
    for (const text of [...told, ...rows, 'month-text', 'custom-text', '"total_minutes":135', UPSTREAM]) {
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
    await expect(perform(name, OWN, place)).rejects.toMatchObject({ code: 'PROVIDER_ERROR', disposition: 'retry' });
    expect(place.calls.length).toBe(2);
  });
});

/** Rows in a file, and the reference that names it. */
function inFile(count: number) {
  const rows = Array.from({ length: count }, (_, i) => ({ text: `Activity ${i}`, estimated_minutes: i % 60 }));
  const rows_ref = { artifact_id: UPSTREAM, count, bytes: 1, sha256: 'AB'.repeat(32) };
  const asked: unknown[] = [];
  const place = world();
  const load = async (...named: unknown[]) => {
    asked.push(named);
    return rows;
  };
  return { rows, rows_ref, asked, place: { ...place, tools: { ...place.tools, rows: { load } } } };
}

describe('rows in a file', () => {
  const analytic = ['time_waste_worker', 'cost_worker', 'friction_worker', 'scenario_worker'] as const;

  test.each(analytic)('%s computes from them what it computes from rows of a dispatch', async (name) => {
    const { rows, rows_ref, asked, place } = inFile(700);
    const context = { ...V1, rows: [], rows_ref };
    expect(await product(name, context, place)).toEqual(await product(name, { ...V1, rows }));
    expect(asked).toEqual([[PROJECT, rows_ref]]);
  });

  test('are in the ledger as their digest', async () => {
    const { rows_ref, place } = inFile(700);
    await perform('cost_worker', { ...V1, rows: [], rows_ref }, place);
    expect(place.ledger).toMatchObject([
      { facts: [], coefficients: { count: 1_400, rows_count: 700, rows_sha256: 'ab'.repeat(32) } },
    ]);
    expect(validator.checkObject('fact_ledger_entry', place.ledger[0])).toBeNull();
  });

  test('are requirements of which the first 50 are repeated and all are counted', async () => {
    const { rows, rows_ref, place } = inFile(700);
    const { content, evidence } = await product('requirements_manager', { ...V1, rows: [], rows_ref }, place);
    expect(content).toMatchObject({
      requirements: rows.slice(0, 50),
      rows_omitted: 650,
      work_context: { rows: rows.slice(0, 50), rows_omitted: 650, rows_ref },
      summary: { requirements_count: 700 },
    });
    expect(evidence).toEqual({ requirements_count: 700 });
  });

  test('with long texts are repeated as far as an event can hold them', async () => {
    const long = Array.from({ length: 60 }, () => ({ text: 'x'.repeat(20_000), estimated_minutes: 1 }));
    const { rows_ref, place } = inFile(1);
    const tools = { ...place.tools, rows: { load: async () => long } };
    const { content } = await product('requirements_manager', { ...V1, rows: [], rows_ref }, { ...place, tools });
    expect(JSON.stringify(content).length).toBeLessThan(300_000);
    expect(content).toMatchObject({ rows_omitted: 54, work_context: { rows_omitted: 54 } });
  });

  test('are shown to a model that works on them, but not where they lie', async () => {
    const { rows_ref, place } = inFile(700);
    await perform('dev_worker', { request_text: 'Write it down', rows: [], rows_ref }, place);
    const shown = place.calls.flatMap(({ messages }) => messages.map(({ content }) => textOf(content))).join();
    expect(shown).toContain('Activity 699');
    expect(shown).not.toContain('AB'.repeat(32));
  });

  test('that are not there fail a report too, for a retry', async () => {
    const { rows_ref } = inFile(1);
    const place = world();
    const gone = new Fault('SERVICE_UNAVAILABLE', 'the rows are not in STORAGE_DIR');
    const tools = { ...place.tools, rows: { load: () => Promise.reject(gone) } };
    await expect(perform('requirements_manager', { ...V1, rows: [], rows_ref }, { ...place, tools })).rejects.toBe(
      gone,
    );
  });
});

describe('a report of figures', () => {
  const manager = 'requirements_manager';

  test.each([
    ['is refused', { fail: 'content_filter' as const }, 'CONTENT_FILTERED: '],
    [
      'answers in another shape',
      { json: { analysis: 1 } },
      'PROVIDER_ERROR: the answer does not have the required shape (/analysis',
    ],
  ])('says what is missing when the model %s', async (_, then, reason) => {
    const place = world({ script: [{ match: {}, then }] });
    const { content, confidence, evidence } = await product(manager, V1, place);
    expect(content.analysis).toBeUndefined();
    expect(content.missing).toEqual([expect.stringContaining(`the language model's analysis: ${reason}`)]);
    expect(content).toMatchObject({ requirements: V1.rows, summary: { requirements_count: 3 } });
    expect([confidence, evidence]).toEqual([0.75, { requirements_count: 3 }]);
  });

  test('does not wait long for a rate limit of ours', async () => {
    const testLimits = { contextWindowTokens: 100_000, requestsPerMinute: 1, tokensPerMinute: 0 };
    const place = world({ settings: testSettings({ testLimits }) });
    const { signal } = new AbortController();
    const labels = { agent: manager, task_type: 'reasoning' };
    await place.tools.llm.complete({ instruction: 'Take the one.', data: [], labels, key: 'first', signal });
    const { content } = await product(manager, V1, place);
    expect(content.missing).toEqual([expect.stringContaining('RATE_LIMITED')]);
  });

  test('shows the model the heads of long lists with the heaviest first', async () => {
    const clusters = Array.from({ length: 900 }, (_, i) => ({ fingerprint: `f${i}`, count: i, sample_text: `t${i}` }));
    const [figures] = V1.upstream as [NonNullable<WorkContext['upstream']>[number]];
    const place = world();
    const upstream = [{ ...figures, type: 'friction_analysis', content: { total_rows: 9, clusters } }];
    await perform(manager, { ...V1, upstream }, place);
    const [, user] = place.calls.flatMap(({ messages }) => messages.map(({ content }) => textOf(content)));
    expect(user).toContain('"total_rows":9');
    expect(user).toContain('"clusters_omitted":880');
    expect([user?.includes('t899'), user?.includes('t880'), user?.includes('t879')]).toEqual([true, true, false]);
  });
});
