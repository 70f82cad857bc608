import { describe, expect, it } from 'vitest';
import { createOrchestrator } from '../../actors/orchestrator.ts';
import type { Parts } from '../../machines/kit.ts';
import { SUBSCRIBERS } from '../../schemas/catalog.ts';
import type { Envelope, EventType } from '../../schemas/types.ts';
import type { StateCodec } from '../../src/runtime/define-actor.ts';
import { compileActor } from '../../src/runtime/step.ts';
import { EVENT_TYPES, sampleEvent } from '../fixtures/events.ts';
import { PID, ProjectDriver, SETTINGS } from '../fixtures/project-driver.ts';
import { work } from '../fixtures/scripted-workers.ts';

const actor = createOrchestrator({ ...SETTINGS });
/** Types that are routed to the orchestrator. */
const routed = EVENT_TYPES.filter((type) => {
  const roles: unknown = (SUBSCRIBERS as Partial<Record<EventType, unknown>>)[type];
  return Array.isArray(roles) && roles.includes('orchestrator');
});
const noParts: Parts = { get: () => undefined, require: () => {}, all: () => [] };

/** The changes of read models between two states of a driver. */
function projected(project: ProjectDriver, before: { value: string } | null, changed: readonly string[]) {
  const parts = new Map(changed.map((name) => [name, JSON.parse(project.parts.get(name) as string)]));
  return actor.project?.(
    PID,
    before && { ...before, context: null },
    { value: project.value, context: project.header },
    parts,
  );
}

describe('the orchestrator', () => {
  it('has a machine that the runtime can make durable', () => {
    expect(compileActor(actor).chart.values).toEqual([
      'CREATED',
      'PLANNING',
      'IN_PROGRESS',
      'AWAITING_INPUT',
      'COMPLETED',
      'FAILED',
      'STOPPED',
    ]);
  });

  it('receives the types that are routed to it', () => {
    expect([...actor.receives].sort()).toEqual([...routed].sort());
  });

  it('opens what it has closed', () => {
    const codec = actor.state as unknown as StateCodec<{ project: { exists: boolean } }>;
    expect(codec.open(undefined, noParts).project.exists).toBe(false);
    const { header } = planned();
    expect(codec.close(codec.open(header, noParts))).toEqual({ stored: header, parts: new Map() });
  });
});

describe('the parts that are loaded with an event', () => {
  it.each(routed)('for %s are named by its ids', (type) => {
    const event: Envelope = sampleEvent(type);
    const text = JSON.stringify(event);
    const ids = (actor.prefetch?.(event) ?? []).flatMap((name) => name.split(':')[1] ?? []);
    expect(ids.filter((id) => !text.includes(`"${id}"`))).toEqual([]);
  });

  it('are all that a worker result needs, when it starts nothing', () => {
    const project = planned();
    const first = project.log.length;
    const { loaded } = work(project, 0);
    const completed = project.log
      .slice(first)
      .find(({ event_type }) => event_type === 'WORK.ITEM_COMPLETED') as Envelope;
    expect([...loaded].sort()).toEqual([...(actor.prefetch?.(completed) ?? [])].sort());
  });

  it('include no deliverable when the evidence names none, and that of the event when it has no id', () => {
    const project = planned();
    const about = { project_id: PID, backlog_item_id: project.itemId(0) };
    const bare = project.envelope('WORK.ITEM_COMPLETED', { ...about, evidence: {} });
    expect(actor.prefetch?.(bare)).toEqual([`item:${about.backlog_item_id}`, `dependents:${about.backlog_item_id}`]);
    const deliverable = { type: 'x', content: {}, timestamp: bare.timestamp, confidence: 1 };
    const published = project.envelope('DELIVERABLE.PUBLISHED', { ...about, deliverable });
    expect(actor.prefetch?.(published)).toContain(`deliverable:${published.event_id}`);
  });
});

describe('the lists that people read', () => {
  it('hold a project under its status, by the time it was created', () => {
    const project = planned();
    const score = Date.parse(project.header?.created_at as string);
    expect(projected(project, null, [])).toEqual([
      { op: 'zadd', key: 'projects:all', score, member: PID },
      { op: 'zadd', key: 'projects:status:AWAITING_INPUT', score, member: PID },
    ]);
    expect(projected(project, { value: 'CREATED' }, [])).toEqual([
      { op: 'zrem', key: 'projects:status:CREATED', member: PID },
      { op: 'zadd', key: 'projects:status:AWAITING_INPUT', score, member: PID },
    ]);
    expect(projected(project, { value: 'AWAITING_INPUT' }, ['order'])).toEqual([]);
  });

  it('hold a question while it is open, then among the closed ones', () => {
    const project = planned();
    const id = project.part('question_at:0');
    const score = Date.parse(project.part(`question:${id}`).created_at);
    const same = { value: project.value };
    expect(projected(project, same, [`question:${id}`])).toEqual([
      { op: 'hset', key: 'questions:index', field: id, value: PID },
      { op: 'zadd', key: 'questions:OPEN', score, member: `${PID}:${id}` },
    ]);
    project.send('USER.ANSWER_SUBMITTED', { project_id: PID, question_id: id, answer: 1 });
    expect(projected(project, { value: project.value }, [`question:${id}`])).toEqual([
      { op: 'zrem', key: 'questions:OPEN', member: `${PID}:${id}` },
      { op: 'zadd', key: 'questions:CLOSED', score, member: `${PID}:${id}` },
    ]);
  });

  it('hold an approval under its status, by the time it was asked for', () => {
    const project = planned();
    const id = project.part('approval_at:0');
    const score = Date.parse(project.part(`approval:${id}`).requested_at);
    const member = `${PID}:${id}`;
    expect(projected(project, { value: project.value }, [`approval:${id}`])).toEqual([
      { op: 'hset', key: 'approvals:index', field: id, value: PID },
      { op: 'zadd', key: 'approvals:OPEN', score, member },
    ]);
    project.send('PROJECT.STOP_REQUESTED', { project_id: PID });
    expect(projected(project, { value: project.value }, [`approval:${id}`])).toEqual([
      { op: 'zrem', key: 'approvals:OPEN', member },
      { op: 'zadd', key: 'approvals:CANCELED', score, member },
    ]);
  });
});

/** One item that works, one that waits for an answer, one for an approval. */
function planned(): ProjectDriver {
  const project = new ProjectDriver();
  const rows = [{ text: 'Ticket triage', estimated_minutes: 30 }];
  project.send('PROJECT.INITIAL_REQUEST_RECEIVED', {
    project_id: PID,
    request_text: 'Do the three things listed here',
    rows,
    items: [
      { key: 'a', title: 'a', agent_target: 'worker' },
      { key: 'b', title: 'b', agent_target: 'cost_worker' },
      { key: 'c', title: 'c', agent_target: 'worker', requires_approval: true },
    ],
  });
  return project;
}
