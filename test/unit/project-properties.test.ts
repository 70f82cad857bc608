/** What holds for every sequence of events, whatever their order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowedFrom } from '../../machines/backlog-item.ts';
import type { Envelope, EventType, Payloads, PlanItem } from '../../schemas/types.ts';
import { type Outcome, PID, ProjectDriver } from '../fixtures/project-driver.ts';

const TARGETS = ['worker', 'cost_worker', 'time_waste_worker', 'dev_worker', 'email_team'];
const ENDS = ['COMPLETED', 'FAILED', 'STOPPED'];
const NOBODY = '9b9f6e0e-2f0c-4a57-9a0e-2a1c5a1d7c20';

/** Edges lead to earlier items only, so every plan can be carried out. */
const plans: fc.Arbitrary<PlanItem[]> = fc
  .array(
    fc.record({
      target: fc.constantFrom(...TARGETS),
      edges: fc.array(fc.nat(), { maxLength: 3 }),
      approval: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((shapes) =>
    shapes.map(({ target, edges, approval }, index) => ({
      key: `k${index}`,
      title: `Item ${index}`,
      agent_target: target,
      depends_on: index === 0 ? [] : [...new Set(edges.map((edge) => `k${edge % index}`))],
      requires_approval: approval,
    })),
  );

type Command = (project: ProjectDriver) => Outcome;

const idOf = (project: ProjectDriver, n: number): string => {
  const ids = project.items.map((part) => part.item.id);
  return ids[n % (ids.length + 1)] ?? NOBODY;
};
const about = (project: ProjectDriver, n: number) => ({ project_id: PID, backlog_item_id: idOf(project, n) });
const nth = (project: ProjectDriver, kind: 'question' | 'approval' | 'message' | 'deliverable', n: number): string => {
  const size = project.header?.sizes[kind] ?? 0;
  return size === 0 || n % (size + 1) === size ? NOBODY : project.part(`${kind}_at:${n % (size + 1)}`);
};

const given: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(100, '100', 'words', true, [{ text: 'x', estimated_minutes: 1 }]),
  fc.string(),
  fc.integer(),
);

const commands: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.nat().map(
      (n): Command =>
        (project) =>
          finish(project, n, { note: 'made' }),
    ),
  },
  fc.nat().map(
    (n): Command =>
      (project) =>
        finish(project, n, {}),
  ),
  fc.tuple(fc.nat(), fc.nat()).map(
    ([n, d]): Command =>
      (project) =>
        finish(project, n, { deliverable_id: nth(project, 'deliverable', d), note: 'x' }),
  ),
  fc.nat().map(
    (n): Command =>
      (project) =>
        project.send('DELIVERABLE.PUBLISHED', {
          ...about(project, n),
          deliverable: { type: 'note', content: { n }, timestamp: '2026-01-01T00:00:00Z', confidence: 1 },
        }),
  ),
  fc.nat().map(
    (n): Command =>
      (project) =>
        project.send('WORK.ITEM_FAILED', { ...about(project, n), reason: 'broken' }),
  ),
  fc.tuple(fc.nat(), fc.constantFrom('rows', 'hourly_rate', 'requirements', 'x', null)).map(
    ([n, field]): Command =>
      (project) =>
        project.send('CLARIFICATION.NEEDED', {
          ...about(project, n),
          reason: 'unsure',
          ...(field !== null && { missing_fields: [{ field, reason: 'needed' }] }),
        }),
  ),
  {
    weight: 4,
    arbitrary: fc.tuple(fc.nat(), given).map(
      ([n, answer]): Command =>
        (project) =>
          project.send('USER.ANSWER_SUBMITTED', { project_id: PID, question_id: nth(project, 'question', n), answer }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.nat(), fc.boolean()).map(
      ([n, approved]): Command =>
        (project) =>
          project.send('HUMAN.APPROVAL_SUBMITTED', {
            ...about(project, n),
            approval_id: nth(project, 'approval', n),
            approved,
          }),
    ),
  },
  fc.nat().map(
    (n): Command =>
      (project) =>
        project.send('PROJECT.MESSAGE_RECEIVED', {
          project_id: PID,
          message_id: nth(project, 'message', n),
          message: 'Hello',
        }),
  ),
  fc.tuple(fc.nat(), fc.string()).map(
    ([n, response]): Command =>
      (project) =>
        project.send('CUSTOMER.MESSAGE_RESPONDED', {
          project_id: PID,
          message_id: nth(project, 'message', n),
          response,
        }),
  ),
  fc.constant<Command>((project) => project.send('PROJECT.STOP_REQUESTED', { project_id: PID })),
  fc.constant<Command>((project) =>
    project.send('PROJECT.INITIAL_REQUEST_RECEIVED', { project_id: PID, request_text: 'again' }),
  ),
);

function finish(project: ProjectDriver, n: number, evidence: Payloads['WORK.ITEM_COMPLETED']['evidence']): Outcome {
  return project.send('WORK.ITEM_COMPLETED', { ...about(project, n), evidence });
}

const runs = fc.record({
  items: plans,
  request_text: fc.constantFrom('Do all of this, please', 'Fix it', 'Cover the KPIs of the desk'),
  commands: fc.array(commands, { maxLength: 25 }),
});

function begin(items: PlanItem[], request_text: string): ProjectDriver {
  const project = new ProjectDriver({ maxAttempts: 2 });
  project.send('PROJECT.INITIAL_REQUEST_RECEIVED', { project_id: PID, request_text, items });
  return project;
}

/** Whether an item may come from one status to another within one event: along moves of its machine. */
function reachable(from: string, to: string): boolean {
  const next = new Set([from]);
  for (const status of next) for (const other of allowedFrom(status as 'CREATED')) next.add(other);
  return next.has(to);
}

describe('every sequence of events', () => {
  it('leaves counts, blockers and the status of the project in agreement with the items (I7)', () => {
    fc.assert(
      fc.property(runs, ({ items, request_text, commands: steps }) => {
        const project = begin(items, request_text);
        for (const step of [null, ...steps]) {
          step?.(project);
          const parts = project.items.map((part) => part.item);
          const count = (status: string) => parts.filter((item) => item.status === status).length;
          expect(project.counts).toEqual({
            total: parts.length,
            created: count('CREATED'),
            ready: 0,
            blocked: count('BLOCKED'),
            in_progress: count('IN_PROGRESS'),
            done: count('DONE'),
            failed: count('FAILED'),
          });
          expect(count('READY')).toBe(0);
          if (!ENDS.includes(project.value)) {
            expect(project.value).toBe(count('BLOCKED') > 0 ? 'AWAITING_INPUT' : 'IN_PROGRESS');
            expect(count('DONE') + count('FAILED')).toBeLessThan(parts.length);
          } else if (project.value !== 'STOPPED') {
            expect(project.value).toBe(count('FAILED') > 0 ? 'FAILED' : 'COMPLETED');
          }
          for (const item of parts) {
            const dependencies = item.depends_on.map((id) => parts.find((other) => other.id === id)?.status);
            if (['BLOCKED', 'IN_PROGRESS', 'DONE'].includes(item.status))
              expect(new Set([...dependencies, 'DONE']).size).toBe(1);
            expect(item.blocked_by.every((id) => isOpen(project, id))).toBe(true);
            if (item.status === 'BLOCKED') expect(item.blocked_by).not.toEqual([]);
            if (item.status !== 'BLOCKED' && item.status !== 'CREATED') expect(item.blocked_by).toEqual([]);
            expect(item.attempts).toBeLessThanOrEqual(2);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('moves items along their machine and never out of a final status (I7)', () => {
    fc.assert(
      fc.property(runs, ({ items, request_text, commands: steps }) => {
        const project = begin(items, request_text);
        for (const step of steps) {
          const before = { value: project.value, items: project.items.map((part) => part.item) };
          const { emitted } = step(project);
          if (ENDS.includes(before.value)) {
            expect(project.value).toBe(before.value);
            expect(project.items.map((part) => part.item)).toEqual(before.items);
            expect(emitted.filter(({ event_type }) => !/^(ORCHESTRATOR|QUESTION)/.test(event_type))).toEqual([]);
          }
          for (const [index, item] of project.items.map((part) => part.item).entries()) {
            const from = before.items[index]?.status as string;
            // Within one event an item may leave a status and come back to it, by an answer and a new question never.
            if (item.status !== from)
              expect([from, item.status, reachable(from, item.status)]).toEqual([from, item.status, true]);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('ends a project once, and dispatches nothing afterwards', () => {
    fc.assert(
      fc.property(runs, ({ items, request_text, commands: steps }) => {
        const project = begin(items, request_text);
        for (const step of steps) step(project);
        const ends = ['PROJECT.COMPLETED', 'PROJECT.FAILED', 'PROJECT.STOPPED'] satisfies EventType[];
        const positions = project.log.flatMap(({ event_type }, n) =>
          (ends as string[]).includes(event_type) ? [n] : [],
        );
        expect(positions).toHaveLength(ENDS.includes(project.value) ? 1 : 0);
        const after = project.log.slice(positions[0] ?? project.log.length);
        expect(after.filter(({ event_type }) => event_type === 'WORK.ITEM_DISPATCHED')).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('gives the same state when the applied events are folded again (I8)', () => {
    fc.assert(
      fc.property(runs, ({ items, request_text, commands: steps }) => {
        const project = begin(items, request_text);
        for (const step of steps) step(project);
        const again = new ProjectDriver({ maxAttempts: 2 });
        for (const event of project.applied) again.apply(event, 2);
        expect(again.state).toEqual(project.state);
      }),
      { numRuns: 150 },
    );
  });

  it('says everything once: events and their subjects have ids of their own', () => {
    fc.assert(
      fc.property(runs, ({ items, request_text, commands: steps }) => {
        const project = begin(items, request_text);
        for (const step of steps) step(project);
        const of = (type: EventType, id: (event: Envelope) => unknown) =>
          project.log.filter((event) => event.event_type === type).map(id);
        for (const ids of [
          of('QUESTION.CREATED', (event) => (event as Envelope<'QUESTION.CREATED'>).payload.question.id),
          of(
            'HUMAN.APPROVAL_REQUESTED',
            (event) => (event as Envelope<'HUMAN.APPROVAL_REQUESTED'>).payload.approval_id,
          ),
          of(
            'ORCHESTRATOR.MESSAGE_SENT',
            (event) => (event as Envelope<'ORCHESTRATOR.MESSAGE_SENT'>).payload.message_id,
          ),
          of('BACKLOG.ITEM_CREATED', (event) => (event as Envelope<'BACKLOG.ITEM_CREATED'>).payload.backlog_item.id),
        ]) {
          expect(new Set(ids).size).toBe(ids.length);
        }
      }),
      { numRuns: 100 },
    );
  });
});

function isOpen(project: ProjectDriver, id: string): boolean {
  const name = project.parts.has(`question:${id}`) ? (`question:${id}` as const) : (`approval:${id}` as const);
  return project.part(name).status === 'OPEN';
}
