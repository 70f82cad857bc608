import { describe, expect, it } from 'vitest';
import { initialTransition } from 'xstate';
import {
  allowedFrom,
  backlogItemMachine,
  IllegalTransition,
  type ItemMove,
  isFinal,
  moveItem,
} from '../../machines/backlog-item.ts';
import type { BacklogItem, BacklogItemStatus } from '../../schemas/types.ts';

/** The contract's table, by hand. */
const contract: Record<BacklogItemStatus, BacklogItemStatus[]> = {
  CREATED: ['READY', 'BLOCKED', 'FAILED'],
  READY: ['IN_PROGRESS', 'BLOCKED', 'FAILED'],
  BLOCKED: ['READY', 'FAILED'],
  IN_PROGRESS: ['DONE', 'FAILED', 'BLOCKED'],
  DONE: [],
  FAILED: [],
};
const statuses = Object.keys(contract) as BacklogItemStatus[];
const moveTo: Partial<Record<BacklogItemStatus, ItemMove>> = {
  READY: 'ready',
  BLOCKED: 'block',
  IN_PROGRESS: 'dispatch',
  DONE: 'complete',
  FAILED: 'fail',
};

const itemIn = (status: BacklogItemStatus): BacklogItem =>
  Object.freeze({
    id: '00000000-0000-4000-8000-000000000001',
    project_id: '00000000-0000-4000-8000-000000000002',
    type: 'TASK',
    title: 'Estimate cost',
    description: '',
    status,
    agent_target: 'cost_worker',
    work_context: {},
    depends_on: [],
    requires_approval: false,
    attempts: 0,
    evidence: {},
    deliverable_ids: [],
    blocked_by: [],
    failure: null,
    created_at: '2026-01-15T10:30:00.000Z',
    updated_at: '2026-01-15T10:30:00.000Z',
  });

describe('backlog item (I7)', () => {
  it('starts in CREATED and has the statuses of the contract', () => {
    expect(initialTransition(backlogItemMachine)[0].value).toBe('CREATED');
    expect(Object.keys(backlogItemMachine.states).sort()).toEqual([...statuses].sort());
  });

  const pairs = statuses.flatMap((from) => statuses.map((to) => ({ from, to, legal: contract[from].includes(to) })));
  it.each(pairs)('$from -> $to is legal: $legal', ({ from, to, legal }) => {
    const item = itemIn(from);
    const move = moveTo[to];
    // No move leads back to CREATED, so there is none to try.
    if (move === undefined) return expect(statuses.flatMap(allowedFrom)).not.toContain(to);
    if (legal) return expect(moveItem(item, move)).toEqual({ ...item, status: to });
    let thrown: unknown;
    try {
      moveItem(item, move);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(IllegalTransition);
    expect(thrown).toMatchObject({ item_id: item.id, from, to });
    const { allowed, message } = thrown as IllegalTransition;
    expect([...allowed].sort()).toEqual([...contract[from]].sort());
    expect(message).toBe(`illegal transition: item ${item.id} ${from} -> ${to} (allowed: ${allowed.join(', ')})`);
  });

  it.each(statuses)('%s is final only if nothing follows it', (status) => {
    expect(isFinal(status)).toBe(contract[status].length === 0);
  });
});
