/**
 * What a turn has decided so far: the state it has reached and everything that is to become true with it.
 *
 * Owns: stepping the machine, products, what is put off or given up, and the commit made of all that. Does not own
 * the order of events, effects, or the commit's verdict (`turn.ts`). Begun anew whenever a turn runs again.
 * Keeps I1: what it holds goes into one commit, or nowhere.
 */
import type { Emission } from '../../machines/kit.ts';
import type { Envelope, EventType } from '../../schemas/types.ts';
import type { DeliveryRef, Operation, TurnCommit } from '../bus/commit.ts';
import { answeredEntry } from '../bus/keys.ts';
import { Fault } from '../errors.ts';
import type { ChartState } from './chart.ts';
import type { Projection } from './define-actor.ts';
import { newId } from './ids.ts';
import type { Delivery, LoadedInstance, TurnPorts } from './ports.ts';
import {
  type Attempts,
  backOffMs,
  deadLetterText,
  Ordinals,
  type Origin,
  type Product,
  parkOperations,
  product,
  route,
  timelineOf,
} from './products.ts';
import { type CompiledActor, closeState, fieldsOf, openState, type StepResult, step } from './step.ts';

/** What a machine is given: its type, and whatever goes with it. */
export type MachineInput = { type: string } & Record<string, unknown>;

let nonceCount = 0;
const nonceBase = newId();

export class Draft<Tools> {
  readonly stateKey: string;
  readonly #instanceKey: string;
  readonly #actor: CompiledActor<Tools>;
  readonly #origin: Origin;
  readonly #ports: TurnPorts<Tools>;
  #state: ChartState = { value: '', context: undefined };
  /** Value of the stored state that the next commit replaces; null = new. */
  #before: string | null = null;
  #products: Product[] = [];
  #ordinals = new Ordinals();
  #applied: string[] = [];
  #handled = false;
  /** Whether what was decided rests on the stored state. */
  #read = false;
  /** Nonce of that state. Another turn may write to the same loaded instance, so it is not asked later. */
  #nonce = '';
  #deadLetters: string[] = [];
  #operations: Operation[] = [];
  #timers: number[] = [];

  constructor(actor: CompiledActor<Tools>, instanceKey: string, origin: Origin, ports: TurnPorts<Tools>) {
    this.#actor = actor;
    this.#instanceKey = instanceKey;
    this.#origin = origin;
    this.#ports = ports;
    this.stateKey = ports.keys.state(actor.definition.name, instanceKey);
  }

  /** Starts over from what is stored. */
  begin(instance: LoadedInstance): void {
    this.#products = [];
    this.#ordinals = new Ordinals();
    this.#applied = [];
    this.#handled = false;
    this.#read = true;
    this.#nonce = instance.nonce;
    this.#deadLetters = [];
    this.#operations = [];
    this.#timers = [];
    this.#state = openState(this.#actor as CompiledActor, instance.snapshot, instance);
    this.#before = instance.snapshot === null ? null : this.#state.value;
  }

  /** The event has changed the instance. */
  applied(logId: string): void {
    this.#applied.push(logId);
  }

  /** So has the answer to its effect, which is listed by itself if the event is listed already. */
  answered(logId: string): void {
    if (!this.#applied.includes(logId)) this.#applied.push(answeredEntry(logId));
  }

  /** The n-th effect of its name that the event asks for. */
  effectOrdinal(event: Envelope, name: string): number {
    return this.#ordinals.next(event.event_id, `effect ${name}` as EventType);
  }

  /** Leaves the stored state alone, whatever was stepped through. */
  forgetState(): void {
    this.#handled = false;
    this.#read = false;
  }

  /** One step; its products join the turn's only if the whole step is sound. */
  step(input: MachineInput, cause: Envelope): StepResult {
    const result = step(this.#actor as CompiledActor, this.#state, input);
    if (result.refusal) return result;
    this.#emit(result.emissions, cause);
    this.#state = result.state;
    this.#handled ||= result.handled;
    return result;
  }

  #emit(emissions: readonly Emission[], cause: Envelope): void {
    const made: Product[] = [];
    for (const emission of emissions) {
      const wrong = this.#ports.invalid(emission.type, emission.payload);
      if (wrong)
        throw new Fault(
          'CONTRACT_VIOLATION',
          `${this.#actor.definition.name} emits an invalid ${emission.type}: ${wrong}`,
        );
      const { ordinal = this.#ordinals.next(cause.event_id, emission.type) } = emission;
      made.push(product(emission, cause, ordinal, this.#origin));
    }
    this.#products.push(...made);
  }

  /** Puts the event and what follows it off; the timer holds them until they are due. */
  park(delivery: Delivery, k: number, attempts: Attempts): void {
    const { settings, stats } = this.#ports;
    const delayMs = backOffMs(attempts.attempts, settings.retryBaseMs, settings.retryMaxMs, Math.random());
    this.#setTimer(delivery, { from: k, to: delivery.events.length }, delayMs, String(attempts.attempts), attempts);
    stats.retries++;
  }

  /** Has the event alone delivered once more, as its machine has asked for. */
  again(delivery: Delivery, k: number, delayMs: number): void {
    const { firstSeenMs, lastSeenMs } = delivery.attempts;
    this.#setTimer(delivery, { from: k, to: k + 1 }, delayMs, 'later', { attempts: 0, firstSeenMs, lastSeenMs });
  }

  #setTimer(
    delivery: Delivery,
    { from, to }: { from: number; to: number },
    delayMs: number,
    name: string,
    attempts: Attempts,
  ): void {
    const role = this.#actor.definition.name;
    const nowMs = Date.now();
    const dueMs = nowMs + delayMs;
    this.#operations.push(
      ...parkOperations(this.#ports.keys, {
        id: `${role}:${delivery.entryId}:${from}:${name}`,
        dueMs,
        role,
        instance: this.#instanceKey,
        events: JSON.stringify(delivery.events.slice(from, to)),
        logIds: delivery.logIds.slice(from, to).join(','),
        attempts: { ...attempts, lastSeenMs: nowMs },
      }),
    );
    this.#timers.push(dueMs);
  }

  bury(delivery: Delivery, k: number, attempts: Attempts, reason: string, error: Error | null): void {
    const { keys, stats } = this.#ports;
    const { definition } = this.#actor;
    const event = delivery.events[k] as Envelope;
    this.#deadLetters.push(
      deadLetterText(
        {
          reason,
          group: definition.group,
          stream: keys.mailbox(definition.name),
          entryId: delivery.entryId,
          event,
          eventId: event.event_id,
          eventType: event.event_type,
          fields: { event: JSON.stringify(event) },
          attempts: { ...attempts, lastSeenMs: Date.now() },
          error: error && { name: error.name, message: error.message, ...(error.stack && { stack: error.stack }) },
        },
        this.#ports.redact,
      ),
    );
    stats.deadLetters++;
  }

  /**
   * Remembers what a commit is about to show, so that it can be taken out once it is shown.
   * @param nonce of the state that the commit writes
   */
  shown(nonce: string): () => void {
    const products = this.#products.length;
    const applied = this.#applied.length;
    const { value } = this.#state;
    return () => {
      this.#ports.emitted(this.#products.splice(0, products));
      this.#applied.splice(0, applied);
      this.#before = value;
      this.#nonce = nonce;
    };
  }

  /** After the commit: what others are told. */
  committed(): void {
    this.#ports.emitted(this.#products);
    for (const dueMs of this.#timers) this.#ports.timerSet(dueMs);
  }

  /** @param handling `keep` shows what is decided and holds on to the deliveries. */
  commit(instance: LoadedInstance, deliveries: readonly Delivery[], handling: DeliveryRef['handling']): TurnCommit {
    const { keys } = this.#ports;
    const { definition } = this.#actor;
    const stream = keys.mailbox(definition.name);
    const operations = [...this.#operations];
    const counters: { key: string; field: string; by: number }[] = [];
    let state: TurnCommit['state'];
    if (!this.#handled && this.#read) {
      // Nothing to write, but what was ignored, refused or put off was so by this state and no other.
      state = { key: this.stateKey, expected: this.#nonce, nonce: '', fields: [], mode: 'compare' };
    } else if (this.#handled) {
      const closed = closeState(this.#actor as CompiledActor, this.#state);
      const fields = fieldsOf(closed);
      state = { key: this.stateKey, expected: this.#nonce, nonce: `${nonceBase}:${++nonceCount}`, fields };
      if (definition.retainMs) state.keepMs = definition.retainMs;
      if (this.#before !== closed.value) {
        const key = keys.actor(definition.name);
        counters.push({ key, field: `state:${closed.value}`, by: 1 });
        if (this.#before !== null) counters.push({ key, field: `state:${this.#before}`, by: -1 });
      }
      if (definition.replayable && this.#applied.length > 0) {
        operations.push(['RPUSH', keys.applied(this.#instanceKey), ...this.#applied]);
      }
      for (const change of this.#projections(instance, closed)) operations.push(change);
    }
    const timeline = timelineOf(this.#products, keys);
    return {
      ...(state && { state }),
      deliveries: deliveries.map(({ entryId }) => ({ stream, group: definition.group, entryId, handling })),
      events: this.#products.map(({ text }) => text),
      mailboxes: route(this.#products, keys, definition.name),
      ...(timeline && { timeline }),
      deadLetters: handling === 'done' ? this.#deadLetters : [],
      counters,
      operations: handling === 'done' ? operations : operations.slice(this.#operations.length),
    };
  }

  #projections(instance: LoadedInstance, after: ReturnType<typeof closeState>): Operation[] {
    const { project } = this.#actor.definition;
    if (!project) return [];
    const before = instance.snapshot === null ? null : JSON.parse(instance.snapshot);
    const changes = project(this.#instanceKey, before, { value: after.value, context: after.stored }, after.parts);
    return changes.map((change) => operationOf(change, this.#ports.keys.under(change.key)));
  }
}

function operationOf(change: Projection, key: string): Operation {
  switch (change.op) {
    case 'zadd':
      return ['ZADD', key, String(change.score), change.member];
    case 'zrem':
      return ['ZREM', key, change.member];
    case 'sadd':
      return ['SADD', key, change.member];
    case 'srem':
      return ['SREM', key, change.member];
    case 'hset':
      return ['HSET', key, change.field, change.value];
    case 'set':
      return ['SET', key, change.value];
    case 'expire':
      return ['PEXPIRE', key, String(change.afterMs)];
  }
}
