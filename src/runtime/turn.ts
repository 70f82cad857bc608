/**
 * One turn: everything that the deliveries at hand cause for one instance, up to the commit's verdict.
 *
 * Owns: folding deliveries through the step, performing effects, what a failure becomes, and running again after
 * NeedParts or CONFLICT. Does not own reading, connections or supervision.
 * Keeps I1–I5: a turn is one commit; effects carry a key; a slow effect commits its start first and holds on to
 * its delivery.
 */
import { hash } from 'node:crypto';
import { type EffectRequest, type Emission, NeedParts, type PlainFault, type Refusal } from '../../machines/kit.ts';
import type { Envelope, EventType } from '../../schemas/types.ts';
import type { DeliveryRef, Operation, TurnCommit, TurnReply } from '../bus/commit.ts';
import type { Keys } from '../bus/keys.ts';
import { Fault, faultData } from '../errors.ts';
import type { ChartState } from './chart.ts';
import type { Effect, EffectContext } from './define-actor.ts';
import type { Durations } from './durations.ts';
import { deriveId, newId } from './ids.ts';
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
import { type CompiledActor, closeState, openState, type StepResult, step } from './step.ts';
import type { Activity } from './suspects.ts';

/** One mailbox entry: events for one instance, in order. */
export interface Delivery {
  entryId: string;
  events: readonly Envelope[];
  logIds: readonly string[];
  /** Earlier attempts at the first event. */
  attempts: Attempts;
  /** A fault that happened where no code of ours could catch it (the thread died). */
  crashed?: PlainFault;
}

/** What is stored of an instance, as a turn needs it. */
export interface LoadedInstance {
  readonly nonce: string;
  readonly snapshot: string | null;
  get(name: string): unknown;
  require(names: readonly string[]): void;
  all(): readonly string[];
  merge(other: LoadedInstance): void;
  written(nonce: string, fields: readonly string[]): void;
}

export interface TurnSettings {
  maxAttempts: number;
  retryBaseMs: number;
  retryMaxMs: number;
  effectDeadlineMs: number;
}

/** Everything a turn needs from outside. */
export interface TurnPorts<Tools> {
  load(key: string, names: readonly string[]): Promise<LoadedInstance>;
  absent(): LoadedInstance;
  commit(turn: TurnCommit): Promise<TurnReply>;
  /** Null if the payload is what its schema says, else what is wrong. */
  invalid(type: EventType, payload: unknown): string | null;
  redact(text: string): string;
  /** Marks the code of an effect as running, so that a crash can be told from its neighbours. */
  enter(entryId: string, activity: Activity): number;
  mark(slot: number, activity: Activity): void;
  leave(slot: number): void;
  /** Resolves when no other suspect of this thread is at work, with what ends this one's turn. */
  alone(): Promise<() => void>;
  /** A timer was stored; whoever fires timers may want to know. */
  timerSet(dueMs: number): void;
  /** These were appended to the log. */
  emitted(products: readonly Product[]): void;
  tools: Tools;
  keys: Keys;
  settings: TurnSettings;
  stats: TurnStats;
}

/** Counted by the turn, read by metrics. */
export interface TurnStats {
  turns: number;
  conflicts: number;
  fenced: number;
  retries: number;
  deadLetters: number;
  ignored: number;
  lastError: string | null;
  durations: Durations;
}

/** What a machine is given: its type, and whatever goes with it. */
type MachineInput = { type: string } & Record<string, unknown>;

export type TurnOutcome = 'done' | 'fenced' | 'split';

let nonceCount = 0;
const nonceBase = newId();

export class Turn<Tools> {
  readonly instanceKey: string;
  readonly deliveries: readonly Delivery[];
  /** When the turn began to wait for an effect, ms of `performance.now()`; 0 while it does not. */
  waitingSinceMs = 0;
  slow = false;
  /** Waits for other suspects to finish, which its deadline does not count. */
  queued = false;
  readonly #actor: CompiledActor<Tools>;
  readonly #origin: Origin;
  readonly #ports: TurnPorts<Tools>;
  readonly #stateKey: string;
  readonly #outcomes = new Map<string, { output: unknown } | { fault: PlainFault } | { error: unknown }>();
  #controller: AbortController | null = null;
  #instance: LoadedInstance | null;
  #state: ChartState = { value: '', context: undefined };
  #before: string | null = null;
  #products: Product[] = [];
  #ordinals = new Ordinals();
  #applied: string[] = [];
  #handled = false;
  #deadLetters: string[] = [];
  #operations: Operation[] = [];
  #timers: number[] = [];
  #interim: Promise<void> | null = null;
  #lost = false;

  constructor(
    actor: CompiledActor<Tools>,
    instanceKey: string,
    deliveries: readonly Delivery[],
    instance: LoadedInstance | null,
    origin: Origin,
    ports: TurnPorts<Tools>,
  ) {
    this.#actor = actor;
    this.instanceKey = instanceKey;
    this.deliveries = deliveries;
    this.#instance = instance;
    this.#origin = origin;
    this.#ports = ports;
    this.#stateKey = ports.keys.state(actor.definition.name, instanceKey);
  }

  /** The instance as the turn left it; of use only after `done`. */
  get instance(): LoadedInstance | null {
    return this.#instance;
  }

  /** @throws what even giving the delivery up has met, or what stops several deliveries from sharing a turn. */
  async run(): Promise<TurnOutcome> {
    try {
      return await this.#untilCommitted();
    } catch (error) {
      if (this.deliveries.length > 1) throw error;
      return this.#giveUp(this.deliveries[0] as Delivery, error);
    }
  }

  async #untilCommitted(): Promise<TurnOutcome> {
    const { stats } = this.#ports;
    if (this.#actor.definition.startsFresh) this.#instance ??= this.#ports.absent();
    for (;;) {
      const instance = this.#instance ?? (await this.#ports.load(this.#stateKey, this.#prefetch()));
      this.#instance = instance;
      try {
        await this.#fold(instance);
      } catch (need) {
        if (!(need instanceof NeedParts)) throw need;
        instance.merge(await this.#ports.load(this.#stateKey, need.names === '*' ? ['*'] : need.names));
        continue;
      }
      await this.#interim;
      if (this.#lost) return 'fenced';
      const commit = this.#commit(instance, 'done');
      const reply = await this.#ports.commit(commit);
      if (reply.verdict === 'CONFLICT') {
        stats.conflicts++;
        this.#instance = null;
        continue;
      }
      if (reply.verdict === 'FENCED') {
        stats.fenced++;
        return this.deliveries.length > 1 ? 'split' : 'fenced';
      }
      stats.turns++;
      this.#ports.emitted(this.#products);
      for (const dueMs of this.#timers) this.#ports.timerSet(dueMs);
      if (commit.state) instance.written(commit.state.nonce, commit.state.fields);
      return 'done';
    }
  }

  /** Makes visible what is decided so far while an effect goes on; the deliveries stay ours. */
  commitStart(): void {
    if (this.#interim || this.waitingSinceMs === 0) return;
    this.slow = true;
    const instance = this.#instance as LoadedInstance;
    const commit = this.#commit(instance, 'keep');
    if (!commit.state) return;
    // The effect may end while this commit is under way: what it adds then belongs to the next one.
    const shown = { products: this.#products.length, applied: this.#applied.length, value: this.#state.value };
    this.#interim = (async () => {
      const reply = await this.#ports.commit(commit);
      if (reply.verdict === 'FENCED') this.#lost = true;
      if (reply.verdict !== 'OK' && reply.verdict !== 'SAME') return;
      this.#ports.emitted(this.#products.splice(0, shown.products));
      this.#applied.splice(0, shown.applied);
      this.#before = shown.value;
      instance.written(
        (commit.state as { nonce: string }).nonce,
        (commit.state as { fields: readonly string[] }).fields,
      );
    })();
  }

  /** Ends a running effect: its deadline has passed or the thread drains. */
  abort(reason: Fault): void {
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
  }

  #prefetch(): readonly string[] {
    const prefetch = this.#actor.definition.prefetch;
    if (!prefetch) return [];
    return this.deliveries.flatMap((delivery) => delivery.events.flatMap((event) => prefetch(event)));
  }

  async #fold(instance: LoadedInstance): Promise<void> {
    this.#begin(instance);
    for (const delivery of this.deliveries) {
      for (let k = 0; k < delivery.events.length; k++) {
        const parked = await this.#event(delivery, k);
        if (parked) break;
      }
    }
  }

  #begin(instance: LoadedInstance): void {
    this.#products = [];
    this.#ordinals = new Ordinals();
    this.#applied = [];
    this.#handled = false;
    this.#deadLetters = [];
    this.#operations = [];
    this.#timers = [];
    this.#state = openState(this.#actor as CompiledActor, instance.snapshot, instance);
    this.#before = instance.snapshot === null ? null : this.#state.value;
  }

  /**
   * The stored state cannot be read, or not be written as decided: an attempt like any other that failed, but one that
   * leaves the state alone. What the last failure means, the machine says from its first state.
   */
  async #giveUp(delivery: Delivery, error: unknown): Promise<TurnOutcome> {
    const { stats } = this.#ports;
    const instance = this.#ports.absent();
    this.#begin(instance);
    for (let k = 0; k < delivery.events.length; k++) {
      const attempts = { ...delivery.attempts, attempts: delivery.attempts.attempts + 1 };
      if (this.#failed(delivery, k, attempts, error)) break;
    }
    this.#handled = false;
    const { verdict } = await this.#ports.commit(this.#commit(instance, 'done'));
    if (verdict === 'FENCED') {
      stats.fenced++;
      return 'fenced';
    }
    this.#ports.emitted(this.#products);
    for (const dueMs of this.#timers) this.#ports.timerSet(dueMs);
    // What is held in memory of the instance is not what is stored.
    this.#instance = null;
    return 'done';
  }

  /** Applies one event; true if it and what follows it in the delivery were put off. */
  async #event(delivery: Delivery, k: number): Promise<boolean> {
    const event = delivery.events[k] as Envelope;
    const attempts: Attempts =
      k === 0
        ? { ...delivery.attempts, attempts: delivery.attempts.attempts + 1 }
        : { attempts: 1, firstSeenMs: delivery.attempts.firstSeenMs, lastSeenMs: delivery.attempts.lastSeenMs };
    const id = (kind: string, ordinal?: number) => deriveId(event.event_id, kind, ordinal);
    try {
      if (k === 0 && delivery.crashed) throw new Fault('THREAD_CRASHED', delivery.crashed.message);
      let result = this.#step({ type: event.event_type, event, id, attempt: attempts.attempts }, event);
      if (result.refusal) return this.#refused(delivery, k, attempts, result.refusal);
      if (!result.handled) this.#ports.stats.ignored++;
      else this.#applied.push(delivery.logIds[k] ?? '');
      for (const queue = [...result.effects]; queue.length > 0; ) {
        const request = queue.shift() as EffectRequest;
        const outcome = await this.#perform(request, event, delivery);
        result = this.#step({ ...outcome, event, id }, event);
        queue.push(...result.effects);
      }
      return false;
    } catch (error) {
      if (error instanceof NeedParts) throw error;
      return this.#failed(delivery, k, attempts, error);
    }
  }

  /** One step; its products join the turn's only if the whole step is sound. */
  #step(input: MachineInput, cause: Envelope): StepResult {
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
      made.push(product(emission, cause, this.#ordinals.next(cause.event_id, emission.type), this.#origin));
    }
    this.#products.push(...made);
  }

  async #perform(
    request: EffectRequest,
    event: Envelope,
    delivery: Delivery,
  ): Promise<{ type: string; output?: unknown; fault?: PlainFault }> {
    const name = request.name;
    const id = `${event.event_id}:${name}:${this.#ordinals.next(event.event_id, `effect ${name}` as EventType)}`;
    let outcome = this.#outcomes.get(id);
    if (!outcome) {
      outcome = await this.#effect(request, event, delivery, id);
      this.#outcomes.set(id, outcome);
    }
    if ('error' in outcome) throw outcome.error;
    if ('fault' in outcome) return { type: `${name}.failed`, fault: outcome.fault };
    return { type: `${name}.done`, output: outcome.output };
  }

  async #effect(
    request: EffectRequest,
    event: Envelope,
    { entryId, attempts: { alone = false } }: Delivery,
    id: string,
  ) {
    const effect = this.#actor.definition.effects?.[request.name] as Effect<Tools> | undefined;
    if (!effect) throw new Error(`actor '${this.#actor.definition.name}' has no effect '${request.name}'`);
    // The deadline of an earlier effect of this turn is not this one's.
    this.#controller = null;
    const signal = () => {
      this.#controller ??= new AbortController();
      return this.#controller.signal;
    };
    // Most effects look at neither, and both cost more than such an effect.
    const context: EffectContext<Tools> = {
      get key() {
        return hash('sha256', id);
      },
      get signal() {
        return signal();
      },
      event,
      tools: this.#ports.tools,
    };
    const { enter, mark, leave } = this.#ports;
    const slot = enter(entryId, alone ? 'queued' : 'running');
    const done = alone ? await this.#untilAlone() : null;
    mark(slot, 'running');
    try {
      const started = effect(request.input as never, context);
      if (!(started instanceof Promise)) return { output: started };
      mark(slot, alone ? 'alone' : 'waiting');
      this.waitingSinceMs = performance.now();
      return { output: await Promise.race([started, aborted(signal())]) };
    } catch (error) {
      const fault = Fault.from(error);
      // A fault that no retry can mend is the machine's to judge, if it has an answer to it.
      return fault.disposition === 'retry' ? { error } : { fault: this.#plain(error) };
    } finally {
      this.waitingSinceMs = 0;
      leave(slot);
      done?.();
    }
  }

  async #untilAlone(): Promise<() => void> {
    this.waitingSinceMs = performance.now();
    this.queued = true;
    const done = await this.#ports.alone();
    this.queued = false;
    this.waitingSinceMs = 0;
    return done;
  }

  /** A fault as machines and events may see it: without secrets and stack. */
  #plain(error: unknown): PlainFault {
    const { code, message, details } = faultData(error);
    const { redact } = this.#ports;
    return { code, message: redact(message), ...(details && { details: JSON.parse(redact(JSON.stringify(details))) }) };
  }

  #refused(delivery: Delivery, k: number, attempts: Attempts, refusal: Refusal): boolean {
    if (refusal.retry && attempts.attempts < this.#ports.settings.maxAttempts) {
      this.#park(delivery, k, attempts);
      return true;
    }
    this.#bury(delivery, k, attempts, refusal.reason, null);
    return false;
  }

  #failed(delivery: Delivery, k: number, attempts: Attempts, error: unknown): boolean {
    const fault = Fault.from(error);
    const { stats, settings } = this.#ports;
    stats.lastError = this.#ports.redact(fault.message);
    if (fault.disposition === 'retry' && attempts.attempts < settings.maxAttempts) {
      this.#park(delivery, k, attempts);
      return true;
    }
    const event = delivery.events[k] as Envelope;
    const data = this.#plain(error);
    const reason = fault.disposition === 'retry' ? 'max attempts exceeded' : `handler_error: ${fault.message}`;
    this.#bury(delivery, k, attempts, reason, error instanceof Error ? error : fault);
    const id = (kind: string, ordinal?: number) => deriveId(event.event_id, kind, ordinal);
    const input = { type: 'exhausted', fault: data, attempts: attempts.attempts, event, id };
    try {
      this.#step(input, event);
    } catch (secondError) {
      if (secondError instanceof NeedParts) throw secondError;
      stats.lastError = this.#ports.redact(String(secondError));
    }
    return false;
  }

  /** Puts the event and what follows it off; the timer holds them until they are due. */
  #park(delivery: Delivery, k: number, attempts: Attempts): void {
    const { settings, keys, stats } = this.#ports;
    const role = this.#actor.definition.name;
    const nowMs = Date.now();
    const dueMs = nowMs + backOffMs(attempts.attempts, settings.retryBaseMs, settings.retryMaxMs, Math.random());
    this.#operations.push(
      ...parkOperations(keys, {
        id: `${role}:${delivery.entryId}:${k}:${attempts.attempts}`,
        dueMs,
        role,
        instance: this.instanceKey,
        events: JSON.stringify(delivery.events.slice(k)),
        logIds: delivery.logIds.slice(k).join(','),
        attempts: { ...attempts, lastSeenMs: nowMs },
      }),
    );
    this.#timers.push(dueMs);
    stats.retries++;
  }

  #bury(delivery: Delivery, k: number, attempts: Attempts, reason: string, error: Error | null): void {
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

  #commit(instance: LoadedInstance, handling: DeliveryRef['handling']): TurnCommit {
    const { keys } = this.#ports;
    const { definition } = this.#actor;
    const stream = keys.mailbox(definition.name);
    const operations = [...this.#operations];
    const counters: { key: string; field: string; by: number }[] = [];
    let state: TurnCommit['state'];
    if (this.#handled) {
      const closed = closeState(this.#actor as CompiledActor, this.#state);
      const fields = ['snapshot', JSON.stringify({ value: closed.value, context: closed.stored })];
      for (const [name, value] of closed.parts) fields.push(name, JSON.stringify(value));
      state = { key: this.#stateKey, expected: instance.nonce, nonce: `${nonceBase}:${++nonceCount}`, fields };
      if (definition.retainMs) state.keepMs = definition.retainMs;
      if (this.#before !== closed.value) {
        const key = keys.actor(definition.name);
        counters.push({ key, field: `state:${closed.value}`, by: 1 });
        if (this.#before !== null) counters.push({ key, field: `state:${this.#before}`, by: -1 });
      }
      if (definition.replayable && this.#applied.length > 0) {
        operations.push(['RPUSH', keys.applied(this.instanceKey), ...this.#applied]);
      }
      for (const change of this.#projections(instance, closed)) operations.push(change);
    }
    const timeline = timelineOf(this.#products, keys);
    return {
      ...(state && { state }),
      deliveries: this.deliveries.map(({ entryId }) => ({ stream, group: definition.group, entryId, handling })),
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
    const changes = project(this.instanceKey, before, { value: after.value, context: after.stored }, after.parts);
    return changes.map((change): Operation => {
      const key = this.#ports.keys.under(change.key);
      if (change.op === 'zadd') return ['ZADD', key, String(change.score), change.member];
      if (change.op === 'zrem') return ['ZREM', key, change.member];
      return ['HSET', key, change.field, change.value];
    });
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
