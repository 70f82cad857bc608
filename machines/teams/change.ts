/**
 * A run while one event changes it.
 *
 * Owns: the state as it becomes, what is emitted meanwhile, and where times, ids and members come from. The state it was
 * forked from is never touched. Owns no decision. Keeps I8: times and ids come from the event.
 */
import type { Envelope, EventType, Payloads } from '../../schemas/types.ts';
import type { DeriveId, Emission } from '../kit.ts';
import { instant } from '../orchestration/text.ts';
import type { Memory } from './memory.ts';
import type { PatternState } from './patterns/pattern.ts';
import { nodeAt, type Path } from './places.ts';
import type { RunState, Step } from './run-state.ts';
import type { Member, Members, Node } from './team.ts';

/** The event a run is changed by. */
export interface Cause {
  event: Envelope;
  id: DeriveId;
}

export class Change {
  state: RunState;
  readonly products: Emission[] = [];
  readonly #cause: Cause;
  readonly #members: Members;

  constructor(state: RunState, cause: Cause, members: Members) {
    this.state = state;
    this.#cause = cause;
    this.#members = members;
  }

  /** Time of the event: the only time there is. */
  get now(): string {
    return instant(this.#cause.event.timestamp);
  }

  /** An id in the namespace of the event, or of the run. */
  id(kind: string): string {
    return this.#cause.id(kind);
  }

  /** The same in every life of the run: the task at a place, in a round. */
  taskId(path: Path, attempt: number): string {
    return this.#cause.id(path, attempt, this.state.ids.run_id);
  }

  emit<T extends EventType>(type: T, payload: Payloads[T]): void {
    this.products.push({ type, payload } as Emission);
  }

  patch(patch: Partial<RunState>): void {
    this.state = { ...this.state, ...patch };
  }

  memory(change: (memory: Memory) => Memory): void {
    this.patch({ memory: change(this.state.memory) });
  }

  step(path: Path, patch: Partial<Step>): void {
    this.patch({ steps: this.state.steps.map((step) => (step.path === path ? { ...step, ...patch } : step)) });
  }

  node(path: Path): Node {
    return nodeAt(this.state.plan, path);
  }

  /** The pattern at a node, which has begun. */
  pattern(path: Path): PatternState {
    return this.state.patterns[path] as PatternState;
  }

  /** @throws {RangeError} for an agent of no team: a bug, teams are checked at start-up. */
  member(agent: string): Member {
    const member = this.#members[agent];
    if (!member) throw new RangeError(`no team has the agent ${agent}`);
    return member;
  }
}
