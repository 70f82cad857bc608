import { describe, expect, it } from 'vitest';
import { teams } from '../../actors/teams/index.ts';
import { type Request, requested } from '../../machines/orchestration/acceptance.ts';
import { checkPlan } from '../../machines/orchestration/plan-check.ts';
import { type PlanOutcome, readBackPlan } from '../../machines/orchestration/plans.ts';
import { matchTeams } from '../../machines/orchestration/teams.ts';
import type { Team } from '../../machines/teams/team.ts';
import type { BacklogItem, Envelope, PlanItem } from '../../schemas/types.ts';
import { deriveId } from '../../src/runtime/ids.ts';
import { PID, ProjectDriver, types } from '../fixtures/project-driver.ts';
import { dispatchOf, work } from '../fixtures/scripted-workers.ts';
import teamRouting from '../vectors/team_routing.json' with { type: 'json' };

const rows = [{ text: 'Ticket triage', estimated_minutes: 30 }];
const text = 'Find out where the team loses time';
const item = (key: string, depends_on?: string[], rest: Partial<PlanItem> = {}): PlanItem => ({
  key,
  title: `Title of ${key}`,
  agent_target: 'worker',
  ...(depends_on && { depends_on }),
  ...rest,
});

function plan(request: Partial<Request['payload']>, settings = {}): ProjectDriver {
  const project = new ProjectDriver(settings);
  project.send('PROJECT.INITIAL_REQUEST_RECEIVED', { project_id: PID, request_text: text, ...request });
  return project;
}

const outline = (project: ProjectDriver) =>
  project.items.map(({ item: { title, agent_target, depends_on } }) => [
    title,
    agent_target,
    depends_on.map((id) => project.items.findIndex((other) => other.item.id === id)),
  ]);

describe('accepting a request', () => {
  const event = new ProjectDriver().envelope('PROJECT.INITIAL_REQUEST_RECEIVED', {
    project_id: PID.toUpperCase(),
    request_text: `  ${text}\n and more  `,
  }) as Request;

  it('makes a CREATED project with the request as its description and nothing planned', () => {
    const { value, header, parts } = requested(event);
    expect(value).toBe('CREATED');
    expect(parts).toEqual({ description: event.payload.request_text });
    expect(header).toMatchObject({
      id: PID,
      name: `${text} and more`,
      plan: null,
      request_event_id: event.event_id,
      requester: null,
      file: null,
      requires_approval: false,
      counts: { total: 0 },
      failure: null,
      created_at: event.timestamp,
      updated_at: event.timestamp,
    });
    expect(Object.keys(header)).not.toContain('hourly_rate');
  });

  it('keeps what the request says about itself', () => {
    const payload = {
      ...event.payload,
      name: ' Audit ',
      requester: { name: 'Ada' },
      file_info: { filename: 'tasks.csv' },
      hourly_rate: 0,
      period: { type: 'month' },
      requires_approval: true,
    };
    expect(requested({ ...event, payload, timestamp: '2026-01-15T10:30:00Z' }).header).toMatchObject({
      name: 'Audit',
      requester: { name: 'Ada' },
      file: { filename: 'tasks.csv' },
      hourly_rate: 0,
      period: { type: 'month' },
      requires_approval: true,
      created_at: '2026-01-15T10:30:00.000Z',
    });
  });

  it('cuts a name made from a long text, and names a request that says nothing', () => {
    const named = (request_text: string) =>
      requested({ ...event, payload: { project_id: PID, request_text } }).header.name;
    expect(named('x'.repeat(81))).toBe(`${'x'.repeat(79)}…`);
    expect(named('x'.repeat(80))).toBe('x'.repeat(80));
    expect(named('   ')).toBe('Untitled project');
  });
});

describe('the rules of planning', () => {
  it('rule 1 takes the items of the request, with edges from their keys', () => {
    const project = plan({
      rows,
      items: [
        item('a', ['c'], { description: 'first', work_context: { topic: 'x' } }),
        item('b', ['a', 'c'], { requires_approval: true }),
        item('c'),
      ],
    });
    expect(project.header?.plan).toBe('items');
    expect(outline(project)).toEqual([
      ['Title of a', 'worker', [2]],
      ['Title of b', 'worker', [0, 2]],
      ['Title of c', 'worker', []],
    ]);
    expect(project.items.map((part) => part.item.status)).toEqual(['CREATED', 'CREATED', 'IN_PROGRESS']);
    expect(project.part(`dependents:${project.itemId(2)}`)).toEqual([project.itemId(0), project.itemId(1)]);
    expect(project.part(`waiting:${project.itemId(1)}`)).toBe(2);
    expect(project.items[0]?.item).toMatchObject({ description: 'first', work_context: { topic: 'x' } });
    expect(dispatchOf(project, 2).payload).toEqual({
      project_id: PID,
      backlog_item_id: project.itemId(2),
      agent_target: 'worker',
      item_type: 'TASK',
      work_context: { request_text: text, rows },
    });
  });

  it('rule 2 plans the analysis of rows', () => {
    const project = plan({ rows, hourly_rate: 10, period: { type: 'month' } });
    expect(outline(project)).toEqual([
      ['Measure time spent', 'time_waste_worker', []],
      ['Estimate cost', 'cost_worker', []],
      ['Find recurring work', 'friction_worker', []],
      ['Project savings', 'scenario_worker', [1, 2]],
      ['Report findings', 'requirements_manager', [0, 1, 2, 3]],
    ]);
    expect(dispatchOf(project, 1).payload.work_context).toEqual({
      request_text: text,
      rows,
      hourly_rate: 10,
      period: { type: 'month' },
    });
  });

  it('rule 3 runs the teams that the text names, one after the other, and says which first', () => {
    const project = plan({ request_text: 'Draft an e-mail about the risks, and an analysis' });
    expect(project.header?.plan).toBe('teams');
    expect(outline(project)).toEqual([
      ['Run analysis_team', 'analysis_team', []],
      ['Run email_team', 'email_team', [0]],
    ]);
    expect(types(project.log)).toEqual([
      'PROJECT.INITIAL_REQUEST_RECEIVED',
      'TEAM.SELECTED',
      'TEAM.SELECTED',
      'BACKLOG.ITEM_CREATED',
      'BACKLOG.ITEM_CREATED',
      'WORK.ITEM_DISPATCHED',
    ]);
    const selected = project.log[1] as Envelope<'TEAM.SELECTED'>;
    expect(selected.payload).toMatchObject({
      team_id: 'analysis_team',
      reason: 'matched keywords: analysis, risk',
      plan: { strategy: 'sequential', team_id: 'analysis_team' },
    });
    expect(selected.payload.plan?.tasks.map(({ name, agent }) => [name, agent])).toContainEqual([
      'extract',
      'extraction_agent',
    ]);
  });

  it('rule 4 falls back to the default template, also when rows are an empty list', () => {
    const project = plan({ request_text: 'nothing to multitask about', rows: [] });
    expect(project.header?.plan).toBe('default');
    expect(outline(project)).toEqual([
      ['Collect requirements', 'requirements_manager', []],
      ['Run checks', 'dev_worker', [0]],
      ['Produce report', 'test_worker', [1]],
    ]);
  });

  it("the request's approval switch is every item's default, an item's own value wins", () => {
    const project = plan({ requires_approval: true, items: [item('a'), item('b', [], { requires_approval: false })] });
    expect(project.items.map((part) => [part.item.requires_approval, part.item.status])).toEqual([
      [true, 'BLOCKED'],
      [false, 'IN_PROGRESS'],
    ]);
  });

  it('plans the same ids when the same request is planned again', () => {
    const ids = [plan({ rows }), plan({ rows })].map((project) => project.items.map((part) => part.item.id));
    expect(ids[0]).toEqual(ids[1]);
    expect(new Set(ids[0]).size).toBe(5);
  });
});

describe('team keywords', () => {
  it('may be several words, and choose a team that is not built in after those that are', () => {
    const own: Team = { ...(teams[0] as Team), id: 'release_team', keywords: ['release note'] };
    const all = [own, ...teams];
    const chosen = (request: string) => matchTeams(request, all).map(({ team_id }) => team_id as string);
    expect(chosen('Two release notes, and an e-mail by email')).toEqual(['email_team', 'release_team']);
    expect(chosen('Note the release')).toEqual([]);
    expect(chosen('…')).toEqual([]);
  });

  it.each(teamRouting.cases)('"$request_text" asks for $expected', ({ request_text, expected }) => {
    expect(matchTeams(request_text, teams).map(({ team_id }) => team_id)).toEqual(expected);
  });

  it.each([
    ['multitask', []],
    ['nothing', []],
    ['tasks and risks', ['analysis_team', 'admin_team']],
    ['l’analyse', ['analysis_team']],
    ['re\u0301daction'.normalize('NFD'), ['writing_team']],
    ['HELP', ['support_team']],
    ['styles, editors', ['writing_team']],
  ])('"%s" asks for %j', (request, expected) => {
    expect(matchTeams(request, teams).map(({ team_id }) => team_id)).toEqual(expected);
  });
});

describe('a plan that is none', () => {
  it.each<[string, PlanItem[], { path: string; message: string }[]]>([
    ['no items', [], [{ path: '/items', message: 'must have at least 1 item' }]],
    ['a duplicate key', [item('a'), item('a')], [{ path: '/items/1/key', message: 'duplicate key: a' }]],
    [
      'an unknown dependency',
      [item('a', ['b'])],
      [{ path: '/items/0/depends_on/0', message: 'unknown dependency: b' }],
    ],
    ['a self-dependency', [item('a', ['a'])], [{ path: '/items/0/depends_on/0', message: 'self-dependency: a' }]],
    [
      'an unknown target',
      [item('a', [], { agent_target: 'nobody' })],
      [{ path: '/items/0/agent_target', message: 'unknown agent_target: nobody' }],
    ],
    ['a cycle of two', [item('a', ['b']), item('b', ['a'])], [{ path: '/items', message: 'cycle: a -> b -> a' }]],
    [
      'a cycle behind other items',
      [item('x', ['c']), item('b', ['c', 'ok']), item('c', ['d']), item('d', ['b']), item('ok')],
      [{ path: '/items', message: 'cycle: b -> c -> d -> b' }],
    ],
    [
      'a work context that no dispatch could carry',
      [item('a', [], { work_context: { rows: [{ text: 'x' }], hourly_rate: -1 } })],
      [
        { path: '/items/0/work_context/rows/0/estimated_minutes', message: 'is required' },
        { path: '/items/0/work_context/hourly_rate', message: 'must be >= 0' },
      ],
    ],
  ])('%s is refused, naming the place', (_, items, problems) => {
    expect(checkPlan(items)).toEqual(problems);
  });

  it('more than 5,000 items are refused', () => {
    const items = Array.from({ length: 5_001 }, (_, index) => item(`k${index}`));
    expect(checkPlan(items)).toEqual([{ path: '/items', message: 'must have at most 5000 items' }]);
    expect(checkPlan(items.slice(1))).toEqual([]);
  });

  it('a long cycle is named by its first keys and the number of the others', () => {
    const items = Array.from({ length: 30 }, (_, index) => item(`k${index}`, [`k${(index + 1) % 30}`]));
    const [problem] = checkPlan(items);
    expect(problem?.message).toMatch(/^cycle: k0 -> k1 -> .* -> k19 -> … \(10 more\) -> k0$/);
  });

  it('from the bus it ends the project as FAILED, with the reason and no items', () => {
    const project = plan({ items: [item('a', ['b']), item('b', ['a'])] });
    expect(project.value).toBe('FAILED');
    expect(types(project.log)).toEqual(['PROJECT.INITIAL_REQUEST_RECEIVED', 'PROJECT.FAILED']);
    expect(project.log[1]?.payload).toMatchObject({
      reason: 'invalid_plan: cycle: a -> b -> a',
      failed_items: [],
      counts: { total: 0 },
    });
    expect(project.header?.failure).toEqual({ reason: 'invalid_plan: cycle: a -> b -> a', failed_items: 0 });
  });

  it('names at most five problems in its reason', () => {
    const project = plan({ items: Array.from({ length: 9 }, () => item('a')) });
    expect(project.header?.failure?.reason).toBe(`invalid_plan: ${Array(5).fill('duplicate key: a').join('; ')}`);
  });
});

describe('a request that is not new', () => {
  it('with another event id is dead-lettered and changes nothing, whatever the status', () => {
    const project = plan({ rows, hourly_rate: 1 });
    const before = project.state;
    const again = { project_id: PID, request_text: text };
    const refusal = { reason: `project already exists: ${PID}`, retry: false };
    expect(project.send('PROJECT.INITIAL_REQUEST_RECEIVED', again).refusal).toEqual(refusal);
    expect(project.state).toEqual(before);
    for (const index of [0, 1, 2, 3, 4]) work(project, index);
    expect(project.value).toBe('COMPLETED');
    expect(project.send('PROJECT.INITIAL_REQUEST_RECEIVED', again).refusal).toEqual(refusal);
  });

  it('is refused while the accepted one waits to be planned', () => {
    const project = accepted();
    const again = { project_id: PID, request_text: text };
    expect(project.driver.send('PROJECT.INITIAL_REQUEST_RECEIVED', again).refusal?.reason).toMatch(/already exists/);
    expect(project.driver.value).toBe('CREATED');
    project.driver.apply(project.request);
    expect(project.driver.value).toBe('IN_PROGRESS');
  });

  it('is planned when it is the re-driven dead letter of the accepted one', () => {
    const { driver, request } = accepted();
    driver.send('PROJECT.INITIAL_REQUEST_RECEIVED', { project_id: PID, request_text: text }, { cause: request });
    expect(driver.value).toBe('IN_PROGRESS');
  });

  it('is ignored once it has been planned, or stopped before', () => {
    const { driver, request } = accepted();
    driver.send('PROJECT.STOP_REQUESTED', { project_id: PID });
    expect(driver.value).toBe('STOPPED');
    expect(driver.apply(request)).toMatchObject({ handled: false, refusal: null, emitted: [] });
  });

  function accepted() {
    const driver = new ProjectDriver();
    const request = driver.append('PROJECT.INITIAL_REQUEST_RECEIVED', {
      project_id: PID,
      request_text: text,
    }) as Request;
    driver.accept(request);
    return { driver, request };
  }
});

describe('a plan of an LLM', () => {
  const llm = { planner: 'llm' as const };
  const request = (project: ProjectDriver) => project.log[0] as Request;
  const items = [item('a', [], { description: 'look' }), item('b', ['a'], { requires_approval: false })];

  it('is asked for only when rules 1 and 2 leave the plan open', () => {
    expect(plan({ rows }, llm).header?.plan).toBe('analysis');
    expect(plan({ items }, llm).header?.plan).toBe('items');
    const project = new ProjectDriver(llm);
    const payload = { project_id: PID, request_text: text };
    const outcome = project.send('PROJECT.INITIAL_REQUEST_RECEIVED', payload);
    expect(outcome.effects).toEqual([{ name: 'plan', input: payload }]);
    expect(project.value).toBe('PLANNING');
    expect(project.header?.plan).toBeNull();
  });

  it('says of each team that it names that it was chosen, before the items', () => {
    const project = plan({}, llm);
    const named = [item('a'), item('b', ['a'], { agent_target: 'email_team', title: 'Answer them' })];
    const { emitted } = project.planned(request(project), { output: { items: named } });
    expect(types(emitted).slice(0, 2)).toEqual(['TEAM.SELECTED', 'BACKLOG.ITEM_CREATED']);
    const reason = 'chosen by the LLM plan: Answer them';
    expect(emitted[0]?.payload).toEqual({ project_id: PID, team_id: 'email_team', reason });
  });

  it('is carried out as it came, and can be read back from its items', () => {
    const project = plan({}, llm);
    const { emitted } = project.planned(request(project), { output: { items } });
    expect(project.value).toBe('IN_PROGRESS');
    expect(project.header?.plan).toBe('llm');
    expect(outline(project)).toEqual([
      ['Title of a', 'worker', []],
      ['Title of b', 'worker', [0]],
    ]);
    const again = plan({}, llm);
    again.planned(request(again), { output: readBackPlan(createdBy(emitted), idsOf(project)) });
    expect(again.state).toEqual(project.state);
  });

  const many = Array.from({ length: 21 }, (_, index) => item(`k${index}`));
  it.each<[string, PlanOutcome, string]>([
    ['too many items', { items: many }, 'refused plan: 21 items, at most 20 are allowed'],
    ['a cycle', { items: [item('a', ['b']), item('b', ['a'])] }, 'refused plan: cycle: a -> b -> a'],
    ['no items', { items: [] }, 'refused plan: must have at least 1 item'],
    [
      'several problems',
      { items: [item('a', ['c']), item('a', [], { agent_target: 'nobody' })] },
      'refused plan: duplicate key: a; unknown dependency: c; unknown agent_target: nobody',
    ],
    ['a refusal', { refused: 'PROVIDER_ERROR: no answer' }, 'PROVIDER_ERROR: no answer'],
  ])('with %s gives way to the rules, and each selection of a team says why', (_, output, why) => {
    const project = plan({ request_text: 'Analyse the support requests' }, llm);
    const { emitted } = project.planned(request(project), { output });
    expect(project.header?.plan).toBe('teams');
    expect(reasons(emitted)).toEqual([
      `matched keywords: analyse; no LLM plan: ${why}`,
      `matched keywords: support; no LLM plan: ${why}`,
    ]);
    expect(readBackPlan(createdBy(emitted), idsOf(project))).toEqual({ refused: 'the rules made the plan' });
  });

  it('takes 20 items, and one that is refused without keywords gives way to the default template', () => {
    const whole = plan({}, llm);
    whole.planned(request(whole), { output: { items: many.slice(1) } });
    expect([whole.header?.plan, whole.counts.total]).toEqual(['llm', 20]);
    const refused = plan({}, llm);
    const { emitted } = refused.planned(request(refused), { output: { refused: 'no' } });
    expect([refused.header?.plan, reasons(emitted)]).toEqual(['default', []]);
  });

  it('has at most 300 code points said about why it is not carried out', () => {
    const project = plan({ request_text: 'Support, please' }, llm);
    const { emitted } = project.planned(request(project), { output: { refused: 'é'.repeat(301) } });
    expect(reasons(emitted)).toEqual([`matched keywords: support; no LLM plan: ${'é'.repeat(299)}…`]);
  });

  it('that cannot be had, for good or after all attempts, gives way to the rules', () => {
    const request_text = 'Support, please';
    const failed = plan({ request_text }, llm);
    const outcome = failed.planned(request(failed), { fault: { code: 'DATA_INSUFFICIENCY', message: 'secret' } });
    expect(reasons(outcome.emitted)).toEqual([
      'matched keywords: support; no LLM plan: the planner was given up (DATA_INSUFFICIENCY)',
    ]);
    expect([failed.value, failed.header?.plan]).toEqual(['IN_PROGRESS', 'teams']);
    const exhausted = plan({ request_text }, llm);
    expect(reasons(exhausted.exhausted(request(exhausted)).emitted)).toEqual([
      'matched keywords: support; no LLM plan: the planner was given up (TIMEOUT)',
    ]);
    expect([exhausted.value, exhausted.header?.plan]).toEqual(['IN_PROGRESS', 'teams']);
  });

  it.each([
    ['llm', llm],
    ['rules', {}],
  ])('is read from the log when it is folded again, with PLANNER=%s now (I8)', (_, settings) => {
    const text = { request_text: 'Support, please' };
    const made: [ProjectDriver, PlanOutcome | null][] = [
      [plan(text, llm), { items }],
      [plan(text, llm), { refused: 'no' }],
      [plan(text), null],
    ];
    for (const [project, output] of made) {
      const emitted = output ? project.planned(request(project), { output }).emitted : project.log.slice(1);
      const again = new ProjectDriver(settings);
      expect(again.replay(request(project)).effects).toHaveLength(1);
      again.planned(request(project), { output: readBackPlan(createdBy(emitted), idsOf(project)) });
      expect(again.state).toEqual(project.state);
    }
    const given = plan({ items });
    const again = new ProjectDriver(settings);
    expect(again.replay(request(given)).effects).toEqual([]);
    expect(again.state).toEqual(given.state);
  });

  it('is not there to be read back before there are items', () => {
    expect(readBackPlan([], idsOf(plan({}, llm)))).toBeUndefined();
  });

  it('is asked for again when the turn that waited for it did not end', () => {
    const project = plan({}, llm);
    expect(project.apply(request(project)).effects).toEqual([{ name: 'plan', input: request(project).payload }]);
    const other = project.send('PROJECT.INITIAL_REQUEST_RECEIVED', { project_id: PID, request_text: text });
    expect(other.refusal?.reason).toBe(`project already exists: ${PID}`);
    expect(
      project.exhausted(project.append('PROJECT.MESSAGE_RECEIVED', { project_id: PID, message_id: PID, message: 'x' }))
        .handled,
    ).toBe(false);
    expect(project.value).toBe('PLANNING');
  });

  it('that comes after a stop changes nothing', () => {
    const project = plan({}, llm);
    project.send('PROJECT.STOP_REQUESTED', { project_id: PID });
    expect(project.planned(request(project), { output: { items } }).handled).toBe(false);
    expect([project.value, project.counts.total]).toEqual(['STOPPED', 0]);
  });

  const idsOf = (project: ProjectDriver) => (kind: string, ordinal?: number) =>
    deriveId(request(project).event_id, kind, ordinal);

  const reasons = (events: readonly Envelope[]): string[] =>
    events.flatMap((event) => (event.event_type === 'TEAM.SELECTED' ? [event.payload.reason] : []));

  function createdBy(events: readonly Envelope[]): BacklogItem[] {
    return events.flatMap((event) => (event.event_type === 'BACKLOG.ITEM_CREATED' ? [event.payload.backlog_item] : []));
  }
});
