/** The cost of one event is that of what it changes, not that of the backlog (I10). */
import { describe, expect, it } from 'vitest';
import type { PlanItem } from '../../schemas/types.ts';
import { PID, ProjectDriver } from '../fixtures/project-driver.ts';
import { dispatchOf, work } from '../fixtures/scripted-workers.ts';

const item = (index: number, rest: Partial<PlanItem> = {}): PlanItem => ({
  key: `k${index}`,
  title: `Item ${index}`,
  agent_target: 'worker',
  ...rest,
});

function plan(items: PlanItem[]): ProjectDriver {
  const project = new ProjectDriver();
  const request_text = 'Do all that is listed here';
  project.send('PROJECT.INITIAL_REQUEST_RECEIVED', { project_id: PID, request_text, items });
  return project;
}

/** Independent items, and one at the end of a chain of two. */
const wide = (count: number) => [
  ...Array.from({ length: count - 1 }, (_, index) => item(index)),
  item(count - 1, { depends_on: ['k0'] }),
];
/** One item that needs all others. */
const funnel = (count: number) => [
  ...Array.from({ length: count - 1 }, (_, index) => item(index)),
  item(count - 1, { depends_on: Array.from({ length: count - 1 }, (_, index) => `k${index}`) }),
];

describe('the parts that an event reads and writes (I10)', () => {
  it.each([10, 3_000])('are a handful in a backlog of %d items', (count) => {
    const project = plan(wide(count));
    const last = count - 1;
    const written = new Map(project.parts);
    const { loaded } = work(project, 0);
    const [a, z] = [project.itemId(0), project.itemId(last)];
    const deliverable = project.part(`item:${a}`).item.deliverable_ids[0];
    expect([...loaded].sort()).toEqual(
      [
        `item:${a}`,
        `item:${z}`,
        `dependents:${a}`,
        `waiting:${z}`,
        `deliverable:${deliverable}`,
        'description',
        'rows',
      ].sort(),
    );
    const changed = [...project.parts].filter(([name, text]) => written.get(name) !== text).map(([name]) => name);
    expect(changed.sort()).toEqual(
      [`item:${a}`, `item:${z}`, `waiting:${z}`, `deliverable:${deliverable}`, 'deliverable_at:0'].sort(),
    );
  });

  it('do not include the item that waits for thousands, until it waits for none', () => {
    const project = plan(funnel(2_000));
    const z = project.itemId(1_999);
    const { loaded } = work(project, 0);
    expect([...loaded]).toContain(`waiting:${z}`);
    expect([...loaded]).not.toContain(`item:${z}`);
  });

  it('are those of the items below, when an item fails', () => {
    const project = plan([...wide(1_000), item(1_000, { depends_on: ['k999'] })]);
    const [a, b, c] = [0, 999, 1_000].map((index) => project.itemId(index)) as [string, string, string];
    const { loaded, emitted } = project.send('WORK.ITEM_FAILED', { project_id: PID, backlog_item_id: a, reason: 'x' });
    expect([...loaded].sort()).toEqual([a, b, c].flatMap((id) => [`item:${id}`, `dependents:${id}`]).sort());
    expect(emitted).toHaveLength(2);
  });

  it('are all of them only when the project ends', () => {
    const project = plan(wide(3));
    work(project, 0);
    expect([...work(project, 1).loaded]).not.toContain('*');
    expect([...work(project, 2).loaded]).toContain('*');
  });
});

describe('planning', () => {
  it('asks for parts a fixed number of times, whatever the number of items', () => {
    const request = (items: PlanItem[]) => {
      const project = new ProjectDriver();
      const payload = { project_id: PID, request_text: 'Do all that is listed here', items };
      return project.send('PROJECT.INITIAL_REQUEST_RECEIVED', payload).loaded.size;
    };
    expect(request(funnel(2_000))).toBe(request(funnel(5)));
  });

  it('carries out a plan of 5,000 items', () => {
    const project = plan(wide(5_000));
    expect(project.counts).toMatchObject({ total: 5_000, in_progress: 4_999, created: 1 });
    expect(dispatchOf(project, 4_998).payload.work_context.request_text).toBe('Do all that is listed here');
  });
});
