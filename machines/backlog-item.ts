/**
 * The life of one backlog item.
 *
 * Owns: its statuses and the moves between them. Does not own when a move is made (`orchestration/*`).
 * Keeps I7: `moveItem` is the only way an item gets another status, and it knows no move but the machine's.
 */
import { setup, transition } from 'xstate';
import type { BacklogItem, BacklogItemStatus } from '../schemas/types.ts';

export type ItemMove = 'ready' | 'block' | 'dispatch' | 'complete' | 'fail';

export const backlogItemMachine = setup({ types: { events: {} as { type: ItemMove } } }).createMachine({
  id: 'backlog_item',
  version: '1',
  initial: 'CREATED',
  states: {
    CREATED: { on: { ready: 'READY', block: 'BLOCKED', fail: 'FAILED' } },
    READY: { on: { dispatch: 'IN_PROGRESS', block: 'BLOCKED', fail: 'FAILED' } },
    BLOCKED: { on: { ready: 'READY', fail: 'FAILED' } },
    IN_PROGRESS: { on: { complete: 'DONE', block: 'BLOCKED', fail: 'FAILED' } },
    DONE: { type: 'final' },
    FAILED: { type: 'final' },
  },
});

type Moves = ReadonlyMap<ItemMove, BacklogItemStatus>;

/** Read off the machine once: `transition()` builds an inert actor system for every call. */
const table: ReadonlyMap<BacklogItemStatus, Moves> = new Map(
  (Object.keys(backlogItemMachine.states) as BacklogItemStatus[]).map((from) => {
    const moves = new Map<ItemMove, BacklogItemStatus>();
    for (const type of backlogItemMachine.events as ItemMove[]) {
      const [next] = transition(backlogItemMachine, backlogItemMachine.resolveState({ value: from }), { type });
      if (next.value !== from) moves.set(type, next.value);
    }
    return [from, moves];
  }),
);

/** Where each move leads; the same from every status that allows it. */
const targets = new Map([...table.values()].flatMap((moves) => [...moves]));

/** Statuses that an item in status `from` may get next. */
export const allowedFrom = (from: BacklogItemStatus): BacklogItemStatus[] => [...(table.get(from) as Moves).values()];

/** An item was told to make a move that its status does not allow. */
export class IllegalTransition extends Error {
  readonly item_id: string;
  readonly from: BacklogItemStatus;
  readonly to: BacklogItemStatus;
  readonly allowed: readonly BacklogItemStatus[];
  constructor(item_id: string, from: BacklogItemStatus, to: BacklogItemStatus) {
    const allowed = allowedFrom(from);
    super(`illegal transition: item ${item_id} ${from} -> ${to} (allowed: ${allowed.join(', ')})`);
    this.name = 'IllegalTransition';
    this.item_id = item_id;
    this.from = from;
    this.to = to;
    this.allowed = allowed;
  }
}

/**
 * The item in its next status; the one given is left as it is.
 * @throws {IllegalTransition} when the status does not allow the move.
 */
export function moveItem(item: BacklogItem, move: ItemMove): BacklogItem {
  const status = table.get(item.status)?.get(move);
  if (status === undefined) throw new IllegalTransition(item.id, item.status, targets.get(move) as BacklogItemStatus);
  return { ...item, status };
}

/** Whether nothing can happen to the item any more. */
export const isFinal = (status: BacklogItemStatus): boolean => table.get(status)?.size === 0;
