import { describe, expect, it } from 'vitest';
import {
  AGENTS,
  GROUPS,
  INSTANCE_FIELD,
  inProductOrder,
  instanceKeyFor,
  isAgent,
  isDispatchTarget,
  PRODUCT_ORDER,
  projectIdOf,
  ROLES,
  rolesFor,
  SUBSCRIBERS,
  TEAM_TARGETS,
  WORKER_TARGETS,
} from '../../schemas/catalog.ts';
import type { EventType } from '../../schemas/types.ts';
import { EVENT_TYPES, IDS, sampleEvent } from '../fixtures/events.ts';

describe('roles', () => {
  it('are the validator, the orchestrator, order intake, eight workers, and the teams with their agents', () => {
    expect(ROLES).toHaveLength(3 + 8 + TEAM_TARGETS.length + AGENTS.length);
    expect(WORKER_TARGETS).toHaveLength(8);
    // The built-in ones; a team of one's own adds to them.
    expect(TEAM_TARGETS.length).toBeGreaterThanOrEqual(5);
    expect(AGENTS.length).toBeGreaterThanOrEqual(14);
  });

  it('have a group of their own each', () => {
    expect(new Set(Object.values(GROUPS)).size).toBe(ROLES.length);
    expect(GROUPS).toMatchObject({
      requirements_manager: 'requirements_manager_workers',
      worker: 'workers',
      email_team: 'email_coordinators',
      support_context_agent: 'support_context_agents',
    });
  });

  it('that take dispatches are the workers and teams, and no property of objects', () => {
    expect(ROLES.filter(isDispatchTarget)).toEqual([...WORKER_TARGETS, ...TEAM_TARGETS]);
    expect(ROLES.filter(isAgent)).toEqual([...AGENTS]);
    for (const name of ['', '__proto__', 'constructor', 'validator', 'Worker']) {
      expect([name, isDispatchTarget(name), isAgent(name)]).toEqual([name, false, false]);
    }
  });
});

describe('routing', () => {
  const routed = (types: readonly EventType[]) => types.filter((type) => rolesFor(sampleEvent(type)).length > 0);

  it('leaves exactly the notices without a role', () => {
    const notices = EVENT_TYPES.filter((type) => !(type in SUBSCRIBERS));
    expect(notices).toHaveLength(45 - 19);
    expect(routed(notices)).toEqual([]);
    expect(EVENT_TYPES.filter((type) => !notices.includes(type) && !routed([type]).length)).toEqual([
      'CLARIFICATION.NEEDED', // the sample is a notice
    ]);
  });

  it.each<[EventType, object, string[]]>([
    ['PROJECT.INITIAL_REQUEST_RECEIVED', {}, ['orchestrator']],
    ['WORK.ITEM_COMPLETED', {}, ['orchestrator']],
    ['WORK.ITEM_STARTED', {}, []],
    ['WORK.ITEM_DISPATCHED', { agent_target: 'dev_worker' }, ['dev_worker']],
    ['WORK.ITEM_DISPATCHED', { agent_target: 'email_team' }, ['email_team']],
    ['TEAM.RUN_REQUESTED', { team_id: 'admin_team' }, ['admin_team']],
    ['AGENT.TASK_DISPATCHED', { agent: 'editor_agent' }, ['editor_agent']],
    ['AGENT.TASK_COMPLETED', { team_id: 'writing_team' }, ['writing_team']],
    ['AGENT.TASK_FAILED', { team_id: 'writing_team' }, ['writing_team']],
    ['ORDER.VALIDATED', {}, ['order_intake']],
    ['CLARIFICATION.NEEDED', { question_id: undefined }, ['orchestrator']],
    ['CLARIFICATION.NEEDED', { question_id: IDS.question }, []],
    ['QUESTION.CREATED', {}, []],
  ])('sends %s with %o to %o', (type, payload, roles) => {
    expect(rolesFor(sampleEvent(type, payload))).toEqual(roles);
  });

  it('finds an instance for every event that a role hears', () => {
    for (const type of EVENT_TYPES) {
      const event = sampleEvent(type, type === 'CLARIFICATION.NEEDED' ? { question_id: undefined } : {});
      for (const role of rolesFor(event)) expect(instanceKeyFor(role, event), type).toMatch(/^[0-9a-f-]{36}$/);
    }
    expect(Object.keys(INSTANCE_FIELD).sort()).toEqual(ROLES.filter((role) => role !== 'validator').sort());
  });
});

describe('instances', () => {
  it.each<[string, EventType, string]>([
    ['orchestrator', 'WORK.ITEM_COMPLETED', IDS.project],
    ['cost_worker', 'WORK.ITEM_DISPATCHED', IDS.item],
    ['order_intake', 'ORDER.INBOX_RECEIVED', IDS.order],
    ['email_team', 'TEAM.RUN_REQUESTED', IDS.run],
    ['email_team', 'AGENT.TASK_COMPLETED', IDS.run],
    ['email_team', 'WORK.ITEM_DISPATCHED', IDS.event],
    ['parser_agent', 'AGENT.TASK_DISPATCHED', IDS.task],
  ])('of %s for %s is %s', (role, type, key) => {
    expect(instanceKeyFor(role, sampleEvent(type))).toBe(key);
  });

  it('are the same for ids in upper case', () => {
    const event = sampleEvent('PROJECT.STOP_REQUESTED', { project_id: IDS.project.toUpperCase() });
    expect(instanceKeyFor('orchestrator', event)).toBe(IDS.project);
    expect(projectIdOf(event)).toBe(IDS.project);
    const dispatch = sampleEvent('WORK.ITEM_DISPATCHED', {}, { event_id: IDS.event.toUpperCase() });
    expect(instanceKeyFor('email_team', dispatch)).toBe(IDS.event);
  });

  it('do not exist for a role without instances or an event that it does not hear', () => {
    const event = sampleEvent('PROJECT.STOPPED');
    for (const role of ['validator', 'nobody', '__proto__', 'cost_worker']) {
      expect(() => instanceKeyFor(role, event)).toThrow(`PROJECT.STOPPED names no instance of ${role}`);
    }
  });
});

it('the project is found in every event that has one', () => {
  const withProject = EVENT_TYPES.filter((type) => projectIdOf(sampleEvent(type)) === IDS.project);
  expect(EVENT_TYPES.filter((type) => !withProject.includes(type)).sort()).toEqual([
    'AGENT.COLLABORATION_REQUEST', // null in the sample
    'DLQ.ENTRY_REDRIVEN',
    'LLM.BUDGET_ALERT',
    'ORDER.ANOMALY_DETECTED',
    'ORDER.DRAFT_CREATED',
    'ORDER.EXPORT_READY',
    'ORDER.INBOX_RECEIVED',
    'ORDER.MISSING_FIELDS_DETECTED',
    'ORDER.REJECTED',
    'ORDER.VALIDATED',
    'ORDER.VALIDATION_REQUIRED',
  ]);
  expect(projectIdOf(sampleEvent('TEAM.RUN_FAILED', { project_id: null }))).toBeNull();
  expect(projectIdOf(sampleEvent('QUESTION.CREATED'))).toBe(IDS.project);
});

describe('product order', () => {
  it('keeps question pairs together and other types in their places', () => {
    const products = (types: EventType[]) => types.map((type, n) => ({ type, n }));
    const shuffled = products([
      'PROJECT.COMPLETED',
      'WORK.ITEM_STARTED',
      'CLARIFICATION.NEEDED',
      'QUESTION.CREATED',
      'WORK.ITEM_DISPATCHED',
      'CLARIFICATION.NEEDED',
      'QUESTION.CREATED',
      'REPORT.FINAL_PUBLISHED',
      'BACKLOG.ITEM_CREATED',
      'TEAM.SELECTED',
      'BACKLOG.ITEM_CREATED',
    ]);
    expect(inProductOrder(shuffled).map(({ type, n }) => `${n} ${type}`)).toEqual([
      '9 TEAM.SELECTED',
      '8 BACKLOG.ITEM_CREATED',
      '10 BACKLOG.ITEM_CREATED',
      '2 CLARIFICATION.NEEDED',
      '3 QUESTION.CREATED',
      '5 CLARIFICATION.NEEDED',
      '6 QUESTION.CREATED',
      '4 WORK.ITEM_DISPATCHED',
      '7 REPORT.FINAL_PUBLISHED',
      '0 PROJECT.COMPLETED',
      '1 WORK.ITEM_STARTED',
    ]);
    expect(shuffled[0]?.type).toBe('PROJECT.COMPLETED');
  });

  it('has one place for each type that the orchestrator emits', () => {
    const listed = PRODUCT_ORDER.flat();
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed).toHaveLength(16);
  });
});
