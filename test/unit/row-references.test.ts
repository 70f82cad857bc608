import { describe, expect, it, test } from 'vitest';
import { withFirstRows } from '../../actors/work-rows.ts';
import { missingInputs } from '../../machines/formulas/inputs.ts';
import { type Request, requested } from '../../machines/orchestration/acceptance.ts';
import { fieldProblems, isOwnField } from '../../machines/orchestration/fields.ts';
import { countRows, referenceOf, travelsInline, withOwn } from '../../machines/orchestration/row-sets.ts';
import { materialOf } from '../../machines/teams/handing-out.ts';
import type { AgentTaskDispatched, PlanItem } from '../../schemas/types.ts';
import { createCalculate } from '../../src/runtime/calculations.ts';
import { PID, ProjectDriver } from '../fixtures/project-driver.ts';
import { dispatchOf, work } from '../fixtures/scripted-workers.ts';

const rows_ref = {
  artifact_id: '9b9f6e0e-2f0c-4a57-9a0e-2a1c5a1d7c20',
  count: 50_000,
  bytes: 6_000_000,
  sha256: 'ab'.repeat(32),
};
const rows = [{ text: 'Ticket triage', estimated_minutes: 30 }];

function plan(request: Partial<Request['payload']>, settings = {}): ProjectDriver {
  const project = new ProjectDriver(settings);
  const request_text = 'Find out where the team loses time';
  project.send('PROJECT.INITIAL_REQUEST_RECEIVED', { project_id: PID, request_text, ...request });
  return project;
}
const contextOf = (project: ProjectDriver, index: number) => dispatchOf(project, index).payload.work_context;

describe('a set of rows', () => {
  it('travels in events up to 500 rows and 128 KiB', () => {
    expect([travelsInline(500, 131_072), travelsInline(501, 1), travelsInline(1, 131_073)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('that is there itself counts before a reference', () => {
    expect([referenceOf({ rows, rows_ref }), countRows({ rows, rows_ref })]).toEqual([undefined, 1]);
    expect([referenceOf({ rows: [], rows_ref }), countRows({ rows_ref }), countRows({})]).toEqual([
      rows_ref,
      50_000,
      0,
    ]);
  });

  it("of an item stands in the place of the project's, wherever those are", () => {
    expect(withOwn({ rows: [], rows_ref }, { rows })).toEqual({ rows });
    expect(withOwn({ rows: [], rows_ref }, {})).toEqual({ rows: [], rows_ref });
  });
});

describe('a request with rows in a file', () => {
  it('gets the plan of an analysis, and its header has the reference', () => {
    const project = plan({ rows_ref, hourly_rate: 100 });
    expect(project.header).toMatchObject({ plan: 'analysis', rows_ref, open_questions: 0 });
    expect(project.parts.has('rows')).toBe(false);
  });

  it('is planned by the rules also where a model plans open requests', () => {
    expect(plan({ rows_ref, hourly_rate: 100 }, { planner: 'llm' }).header?.plan).toBe('analysis');
  });

  it('asks for the rate and not for rows', () => {
    const project = plan({ rows_ref });
    expect(project.header?.open_questions).toBe(1);
    expect(project.part(`question:${project.part('question_at:0')}`)).toMatchObject({ field: 'hourly_rate' });
  });

  it('dispatches its items with the reference and no rows', () => {
    const project = plan({ rows_ref, hourly_rate: 100 });
    for (const index of [0, 1, 2]) expect(contextOf(project, index)).toMatchObject({ rows: [], rows_ref });
  });

  it('makes events of a size that does not depend on the number of rows', () => {
    const sizeOf = (count: number) =>
      JSON.stringify(plan({ rows_ref: { ...rows_ref, count }, hourly_rate: 1 }).log).length;
    expect(sizeOf(99_999)).toBe(sizeOf(10_000));
  });

  it('has no reference when it has rows too', () => {
    const project = plan({ rows, rows_ref, hourly_rate: 100 });
    expect(project.header?.rows_ref).toBeUndefined();
    expect(contextOf(project, 0).rows).toEqual(rows);
    expect(contextOf(project, 0).rows_ref).toBeUndefined();
  });

  it('gives an item with rows of its own those alone, and judges its claims by them', () => {
    const item = (key: string, rest: Partial<PlanItem> = {}): PlanItem => {
      return { key, title: key, agent_target: 'worker', depends_on: [], ...rest };
    };
    const project = plan({ rows_ref, items: [item('own', { work_context: { rows } }), item('shared')] });
    expect(contextOf(project, 0).rows_ref).toBeUndefined();
    expect(contextOf(project, 1).rows_ref).toEqual(rows_ref);
    const claiming = (source: string) => ({ content: { claims: [{ text: 'x', sources: [source] }] } });
    work(project, 0, claiming('row:1'));
    work(project, 1, claiming('row:49999'));
    expect(project.items.map(({ item: { status } }) => status)).toEqual(['IN_PROGRESS', 'DONE']);
  });

  it('is stored with its reference at once', () => {
    const event = new ProjectDriver().envelope('PROJECT.INITIAL_REQUEST_RECEIVED', {
      project_id: PID,
      request_text: 'x',
      rows_ref,
    }) as Request;
    expect(requested(event).header.rows_ref).toEqual(rows_ref);
  });
});

test.each([
  ['time_waste_worker', { rows: [], rows_ref }],
  ['scenario_worker', { rows: [], rows_ref, hourly_rate: 1 }],
  ['requirements_manager', { rows: [], rows_ref }],
])('%s misses nothing when its rows are in a file', (worker, context) => {
  expect(missingInputs(worker, context)).toBeNull();
  expect(missingInputs(worker, { ...context, rows_ref: undefined })).not.toBeNull();
});

test('neither a plan nor an answer can name a file of rows', () => {
  expect(isOwnField('rows_ref')).toBe(true);
  expect(fieldProblems('rows_ref', rows_ref)).toEqual([{ path: '/rows_ref', message: 'is set by the orchestrator' }]);
});

describe('an agent of a team', () => {
  const task = (payload: object): AgentTaskDispatched => ({
    run_id: PID,
    task_id: PID,
    attempt: 1,
    team_id: 'analysis_team',
    agent: 'parser_agent',
    project_id: PID,
    backlog_item_id: PID,
    task: { name: 'parse', description: '', payload: payload as Record<string, unknown> },
    context: {},
  });
  const stored = Array.from({ length: 5_000 }, (_, i) => ({ text: `Activity ${i}`, estimated_minutes: i }));
  const load = async () => stored;

  it('is told which file its rows are in', () => {
    const { input, keys } = materialOf({ request_text: 'x', rows: [], rows_ref });
    expect([input, keys]).toEqual([{ rows_ref }, ['rows_ref']]);
  });

  it('is shown as many of them as a task may bring, and how many there are besides', async () => {
    const { payload } = (await withFirstRows(task({ text: 'x', rows_ref }), { rows: { load } })).task;
    const { rows: shown, rows_omitted, ...rest } = payload as { rows: object[]; rows_omitted: number };
    expect(rest).toEqual({ text: 'x' });
    expect(shown).toEqual(stored.slice(0, shown.length));
    expect(shown.length + rows_omitted).toBe(5_000);
    expect(JSON.stringify(shown).length).toBeGreaterThan(60_000);
    expect(JSON.stringify(shown).length).toBeLessThanOrEqual(65_536);
  });

  it.each([{}, { rows_ref: 'a file' }, { rows_ref: { artifact_id: 1 } }])('reads no file for %j', async (payload) => {
    const given = task(payload);
    const refuse = { load: () => Promise.reject(new Error('a file is read')) };
    expect(await withFirstRows(given, { rows: refuse })).toBe(given);
  });
});

test('the event loop turns between long calculations, and one that throws does not stop the others', async () => {
  const calculate = createCalculate();
  const seen: string[] = [];
  setTimeout(() => seen.push('timer'), 0);
  const slowly = (name: string) => () => {
    for (const untilMs = performance.now() + 5; performance.now() < untilMs; );
    seen.push(name);
    return name;
  };
  const fail = () => {
    throw new Error('broken');
  };
  const results = await Promise.allSettled([calculate(slowly('a')), calculate(fail), calculate(slowly('b'))]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(seen.indexOf('timer')).toBeLessThan(seen.indexOf('b'));
});
