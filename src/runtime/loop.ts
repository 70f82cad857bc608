/**
 * One role in one thread: reads its mailbox, gives each instance its turns one after another, holds what is slow.
 *
 * Owns: which deliveries are in work, the order per instance, the bounds on both, and draining.
 * Does not own: what a turn does. Keeps I5 (a slow effect neither loses its delivery nor blocks others) and I9.
 */
import { instanceKeyFor } from '../../schemas/catalog.ts';
import type { Envelope } from '../../schemas/types.ts';
import type { Entry } from '../bus/mailbox.ts';
import { Fault } from '../errors.ts';
import { addDuration } from './durations.ts';
import type { Delivery, LoadedInstance, TurnPorts } from './ports.ts';
import { type Attempts, deadLetterText, type Origin } from './products.ts';
import type { CompiledActor } from './step.ts';
import { Turn } from './turn.ts';

/** An effect that takes longer than this has its start committed while it goes on. */
const START_VISIBLE_AFTER_MS = 20;
/** Slow effects of one role in one thread at a time; beyond, the mailbox waits for others to take them. */
const MAX_SLOW_TURNS = 64;
/** Batches in work before the loop stops reading: the next is read while the last commits. */
const BATCHES_IN_WORK = 2;

/**
 * Deliveries of one instance that share a turn. More would make each restart of the turn (parts to load, a conflict)
 * and each copy of what it has changed so far cost too much.
 */
const MAX_DELIVERIES_PER_TURN = 16;

export interface LoopOptions<Tools> {
  actor: CompiledActor<Tools>;
  ports: TurnPorts<Tools>;
  origin: Origin;
  readCount: number;
  read(count: number, inWork: ReadonlySet<string>): Promise<Entry[]>;
  onError(error: unknown): void;
}

interface Lane {
  waiting: Delivery[];
  instance: LoadedInstance | null;
}

export class RoleLoop<Tools> {
  readonly #options: LoopOptions<Tools>;
  readonly #lanes = new Map<string, Lane>();
  readonly #inWork = new Set<string>();
  readonly #turns = new Set<Turn<Tools>>();
  #slow = 0;
  #draining = false;
  #wake: (() => void) | null = null;
  #idle: (() => void) | null = null;

  constructor(options: LoopOptions<Tools>) {
    this.#options = options;
  }

  get role(): string {
    return this.#options.actor.definition.name;
  }

  /** Whether the delivery may ask for an effect. */
  #asks({ events }: Delivery): boolean {
    const { effects, asks } = this.#options.actor.definition;
    return effects !== undefined && (asks === undefined || events.some(({ event_type }) => asks.includes(event_type)));
  }

  /**
   * The deliveries of the next turn. One that may ask for an effect is alone in it: the effect may have its start
   * committed while it goes on, and what was done before it would then not be acked.
   */
  #next({ waiting }: Lane): Delivery[] {
    const alone = waiting.slice(0, MAX_DELIVERIES_PER_TURN).findIndex((delivery) => this.#asks(delivery));
    return waiting.splice(0, alone < 0 ? MAX_DELIVERIES_PER_TURN : Math.max(1, alone));
  }

  /** Reads until drained; rejects if reading fails for good. */
  async run(): Promise<void> {
    const { readCount, read } = this.#options;
    while (!this.#draining) {
      while (
        !this.#draining &&
        (this.#inWork.size - this.#slow >= readCount * BATCHES_IN_WORK || this.#slow >= MAX_SLOW_TURNS)
      ) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      if (this.#draining) break;
      for (const entry of await read(readCount, this.#inWork)) this.accept(entry);
    }
  }

  /**
   * Takes one delivery, read or claimed.
   * @param crashed what its thread died of, if the delivery is to blame
   * @param suspected whether it may be
   */
  accept(entry: Entry, crashed?: Delivery['crashed'], suspected = crashed !== undefined): void {
    if (this.#inWork.has(entry.id)) return;
    this.#inWork.add(entry.id);
    const delivery = this.#parse(entry, crashed, suspected);
    if (!delivery) return;
    const key = instanceKeyFor(this.role, delivery.events[0] as Envelope) ?? '';
    const lane = this.#lanes.get(key);
    if (lane) {
      lane.waiting.push(delivery);
      return;
    }
    const fresh: Lane = { waiting: [delivery], instance: null };
    this.#lanes.set(key, fresh);
    void this.#serve(key, fresh);
  }

  /**
   * Called every few ms while effects are waited for: shows the start of slow ones, ends those past their deadline.
   * False if none is.
   */
  tick(nowMs: number): boolean {
    let waiting = false;
    const deadlineMs = this.#options.ports.settings.effectDeadlineMs;
    for (const turn of this.#turns) {
      if (turn.waitingSinceMs === 0) continue;
      waiting = true;
      const waitedMs = nowMs - turn.waitingSinceMs;
      if (waitedMs > START_VISIBLE_AFTER_MS && !turn.slow) {
        turn.commitStart();
        if (turn.slow) {
          this.#slow++;
          this.#resume();
        }
      }
      if (waitedMs > deadlineMs && !turn.queued)
        turn.abort(new Fault('DEADLINE_EXCEEDED', `no result after ${Math.round(deadlineMs / 1000)} s`));
    }
    return waiting;
  }

  /** Stops reading; resolves when nothing is in work. */
  async drain(): Promise<void> {
    this.#draining = true;
    this.#resume();
    if (this.#inWork.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }

  async #serve(key: string, lane: Lane): Promise<void> {
    const { asks } = this.#options.actor.definition;
    while (lane.waiting.length > 0) {
      const deliveries = this.#next(lane);
      const turn = this.#turn(key, deliveries, lane.instance);
      const ended = this.#finish(key, lane, turn, deliveries);
      if (asks === undefined || !this.#asks(deliveries[0] as Delivery)) await ended;
      else await Promise.race([ended, shown(turn)]);
    }
    this.#lanes.delete(key);
  }

  #turn(key: string, deliveries: readonly Delivery[], instance: LoadedInstance | null): Turn<Tools> {
    const { actor, ports, origin } = this.#options;
    const turn = new Turn(actor, key, deliveries, instance, origin, ports);
    this.#turns.add(turn);
    return turn;
  }

  /** Runs the turn to its end, whatever that is. */
  async #finish(key: string, lane: Lane, turn: Turn<Tools>, deliveries: readonly Delivery[]): Promise<void> {
    const { ports, onError } = this.#options;
    const startedMs = performance.now();
    try {
      const outcome = await turn.run();
      addDuration(ports.stats.durations, performance.now() - startedMs);
      lane.instance = outcome === 'done' ? turn.instance : null;
      if (outcome === 'split') await this.#split(key, deliveries);
    } catch (error) {
      lane.instance = null;
      if (deliveries.length > 1) await this.#split(key, deliveries);
      else onError(error);
    } finally {
      this.#turns.delete(turn);
      if (turn.slow) this.#slow--;
      for (const { entryId } of deliveries) this.#inWork.delete(entryId);
      this.#resume();
      if (this.#inWork.size === 0) this.#idle?.();
    }
  }

  /** Runs deliveries one by one after their common turn could not be committed. */
  async #split(key: string, deliveries: readonly Delivery[]): Promise<void> {
    for (const delivery of deliveries) {
      const turn = this.#turn(key, [delivery], null);
      await turn.run().catch(this.#options.onError);
      this.#turns.delete(turn);
      if (turn.slow) this.#slow--;
    }
  }

  #resume(): void {
    this.#wake?.();
    this.#wake = null;
  }

  #parse(entry: Entry, crashed: Delivery['crashed'], suspected: boolean): Delivery | null {
    const { maxAttempts } = this.#options.ports.settings;
    const survived = entry.survived ?? 0;
    const nowMs = Date.now();
    const fields: Record<string, string> = {};
    for (let i = 0; entry.fields && i + 1 < entry.fields.length; i += 2)
      fields[entry.fields[i] as string] = entry.fields[i + 1] as string;
    try {
      const events = JSON.parse(fields.events ?? '[]') as Envelope[];
      const first = events[0];
      if (!first || !instanceKeyFor(this.role, first)) throw new Error('no event for this role');
      const attempts: Attempts = fields.attempts
        ? JSON.parse(fields.attempts)
        : { attempts: 0, firstSeenMs: nowMs, lastSeenMs: nowMs };
      if (suspected || survived > 1) attempts.alone = true;
      const delivery = { entryId: entry.id, events, logIds: (fields.log_ids ?? '').split(','), attempts };
      if (crashed) return { ...delivery, crashed };
      if (survived < maxAttempts) return delivery;
      // Whole processes end while it is at work, and none of them can say why: that was its last attempt.
      attempts.attempts = maxAttempts - 1;
      const message = `${survived} consumers ended while it was at work`;
      return { ...delivery, crashed: { code: 'THREAD_CRASHED', message } };
    } catch (error) {
      // Nobody but the gate and commits writes here; whoever did makes one dead letter.
      void this.#discard(entry, fields, error instanceof Error ? error : new Error(String(error)));
      return null;
    }
  }

  async #discard(entry: Entry, fields: Record<string, string>, error: Error): Promise<void> {
    const { actor, ports, onError } = this.#options;
    const { group, name } = actor.definition;
    const stream = ports.keys.mailbox(name);
    const nowMs = Date.now();
    const attempts = { attempts: 1, firstSeenMs: nowMs, lastSeenMs: nowMs };
    const letter = { group, stream, entryId: entry.id, event: null, eventId: null, eventType: null, fields, attempts };
    // An entry deleted under the group has no content: there is nothing to keep, only to ack.
    const deadLetters = entry.fields
      ? [deadLetterText({ ...letter, reason: `unreadable delivery: ${error.message}` }, ports.redact)]
      : [];
    try {
      await ports.commit({
        deliveries: [{ stream, group, entryId: entry.id, handling: 'done' }],
        events: [],
        mailboxes: [],
        deadLetters,
        operations: [],
      });
      ports.stats.deadLetters += deadLetters.length;
    } catch (failure) {
      onError(failure);
    } finally {
      this.#inWork.delete(entry.id);
      this.#resume();
      if (this.#inWork.size === 0) this.#idle?.();
    }
  }
}

/** Resolves when the start of the turn's effect has been committed: what comes later need not wait for its end. */
function shown<Tools>(turn: Turn<Tools>): Promise<void> {
  return new Promise((resolve) => {
    turn.onShown = resolve;
  });
}
