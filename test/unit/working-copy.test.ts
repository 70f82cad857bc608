import { describe, expect, it } from 'vitest';
import { initialTransition, transition } from 'xstate';
import { type Request, requested } from '../../machines/orchestration/acceptance.ts';
import { Project } from '../../machines/orchestration/working-copy.ts';
import { createProjectMachine } from '../../machines/project.ts';
import { deriveId } from '../../src/runtime/ids.ts';
import { deepFreeze, PID, ProjectDriver, SETTINGS } from '../fixtures/project-driver.ts';

const request = new ProjectDriver().envelope('PROJECT.INITIAL_REQUEST_RECEIVED', {
  project_id: PID,
  request_text: 'Do all that is listed here',
}) as Request;
const id = (kind: string, ordinal?: number) => deriveId(request.event_id, kind, ordinal);
const nothing = { get: () => undefined, require: () => {}, all: () => [] };

describe('a working copy', () => {
  it('is changed on a fork, which leaves what it was forked from as it was', () => {
    const { header } = requested(request);
    const project = Project.open(deepFreeze(header), nothing);
    const first = project.fork({ event: request, id });
    first.put('order', ['a']);
    first.header.counts.total = 1;
    const second = first.fork({ event: request, id });
    second.put('order', ['b']);
    second.header.counts.total = 2;
    second.header.sizes.message = 3;
    expect([project.header.counts.total, first.header.counts.total]).toEqual([0, 1]);
    expect(first.header.sizes.message).toBe(0);
    expect([project.changes.size, first.get('order'), second.get('order')]).toEqual([0, ['a'], ['b']]);
  });

  it('gives out the ids of its event, one after the other by kind', () => {
    const fork = Project.open(undefined, nothing).fork({ event: request, id });
    expect([fork.nextId('item'), fork.nextId('item'), fork.nextId('question')]).toEqual([
      id('item', 0),
      id('item', 1),
      id('question', 0),
    ]);
  });

  it('begins every fork without products', () => {
    const first = Project.open(requested(request).header, nothing).fork({ event: request, id });
    first.emit('PROJECT.STOP_REQUESTED', { project_id: PID });
    expect(first.products).toHaveLength(1);
    expect(first.fork({ event: request, id }).products).toEqual([]);
  });

  it('says what is missing when it is asked for what cannot be', () => {
    const absent = Project.open(undefined, nothing);
    expect(() => absent.header).toThrow('the project does not exist');
    expect(() => absent.item(PID)).toThrow(`the project has no part 'item:${PID}'`);
    expect(() => absent.now).toThrow('only a fork can be changed');
  });
});

describe('the machine', () => {
  it('runs from its own initial state, without anything stored', () => {
    const machine = createProjectMachine(SETTINGS);
    const [initial] = initialTransition(machine);
    expect(initial.value).toBe('CREATED');
    const [planned] = transition(machine, initial, { type: request.event_type, event: request, id, attempt: 1 });
    expect(planned.value).toBe('IN_PROGRESS');
    const type = 'PROJECT.STOP_REQUESTED';
    const event = { ...request, event_type: type, payload: { project_id: PID } } as const;
    const [stopped] = transition(machine, planned, { type, event, id, attempt: 1 });
    expect(stopped.value).toBe('STOPPED');
    expect(stopped.context.project.header.counts).toMatchObject({ total: 3, failed: 3 });
    expect(initial.context.project.exists).toBe(false);
  });
});
