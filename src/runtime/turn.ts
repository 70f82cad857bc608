/**
 * One turn: everything that the deliveries at hand cause for one instance, up to the commit's verdict.
 *
 * Owns: the order of events and effects, what a failure becomes, and running again after NeedParts or CONFLICT.
 * Does not own what is decided (`draft.ts`), reading, connections or supervision.
 * Keeps I1–I5: a turn is one commit; effects carry a key; a slow effect commits its start first and holds on to
 * its delivery.
 */
import { type EffectRequest, NeedParts, type Refusal } from '../../machines/kit.ts';
import type { Envelope } from '../../schemas/types.ts';
import { Fault } from '../errors.ts';
import { Draft } from './draft.ts';
import { Effects, plainFault } from './effects.ts';
import { derivesFrom } from './ids.ts';
import type { Delivery, LoadedInstance, TurnPorts } from './ports.ts';
import type { Attempts, Origin } from './products.ts';
import type { CompiledActor } from './step.ts';

export type TurnOutcome = 'done' | 'fenced' | 'split';

export class Turn<Tools> {
  readonly deliveries: readonly Delivery[];
  /** Its start has been committed while an effect goes on. */
  slow = false;
  /** Called once that commit is over. */
  onShown: (() => void) | null = null;
  readonly #actor: CompiledActor<Tools>;
  readonly #ports: TurnPorts<Tools>;
  readonly #draft: Draft<Tools>;
  readonly #effects: Effects<Tools>;
  #instance: LoadedInstance | null;
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
    this.deliveries = deliveries;
    this.#instance = instance;
    this.#ports = ports;
    this.#draft = new Draft(actor, instanceKey, origin, ports);
    this.#effects = new Effects(actor, ports);
  }

  /** The instance as the turn left it; of use only after `done`. */
  get instance(): LoadedInstance | null {
    return this.#instance;
  }
  /** When the turn began to wait for an effect, ms of `performance.now()`; 0 while it does not. */
  get waitingSinceMs(): number {
    return this.#effects.waitingSinceMs;
  }
  /** Waits for other suspects to finish, which its deadline does not count. */
  get queued(): boolean {
    return this.#effects.queued;
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
      const instance = this.#instance ?? (await this.#ports.load(this.#draft.stateKey, this.#prefetch()));
      this.#instance = instance;
      try {
        await this.#fold(instance);
      } catch (need) {
        if (!(need instanceof NeedParts)) throw need;
        await this.#loadMore(instance, need);
        continue;
      }
      await this.#interim;
      if (this.#lost) return this.deliveries.length > 1 ? 'split' : 'fenced';
      const commit = this.#draft.commit(instance, this.deliveries, 'done');
      const reply = await this.#ports.commit(commit);
      if (reply.verdict === 'CONFLICT') {
        stats.conflicts++;
        this.#ports.conflicted(this.#draft.stateKey);
        this.#instance = null;
        continue;
      }
      if (reply.verdict === 'FENCED') {
        stats.fenced++;
        return this.deliveries.length > 1 ? 'split' : 'fenced';
      }
      stats.turns++;
      this.#draft.committed();
      if (commit.state && commit.state.mode !== 'compare') instance.written(commit.state.nonce, commit.state.fields);
      return 'done';
    }
  }

  /** Makes visible what is decided so far while an effect goes on; the deliveries stay ours. */
  commitStart(): void {
    if (this.#interim || this.waitingSinceMs === 0) return;
    this.slow = true;
    const instance = this.#instance as LoadedInstance;
    const commit = this.#draft.commit(instance, this.deliveries, 'keep');
    const { state } = commit;
    if (!state || state.mode === 'compare') return;
    // The effect may end while this commit is under way: what it adds then belongs to the next one.
    const takeOut = this.#draft.shown(state.nonce);
    this.#interim = (async () => {
      const { verdict } = await this.#ports.commit(commit);
      if (verdict === 'FENCED') this.#lost = true;
      if (verdict !== 'OK' && verdict !== 'SAME') return;
      takeOut();
      instance.written(state.nonce, state.fields);
    })().finally(() => this.onShown?.());
    // Met by whoever awaits it; until then the effect may go on for long.
    this.#interim.catch(() => {});
  }

  /** Ends a running effect: its deadline has passed or the thread drains. */
  abort(reason: Fault): void {
    this.#effects.abort(reason);
  }

  #prefetch(): readonly string[] {
    const prefetch = this.#actor.definition.prefetch;
    if (!prefetch) return [];
    return this.deliveries.flatMap((delivery) => delivery.events.flatMap((event) => prefetch(event)));
  }

  async #fold(instance: LoadedInstance): Promise<void> {
    this.#draft.begin(instance);
    for (const delivery of this.deliveries) {
      for (let k = 0; k < delivery.events.length; k++) {
        if (await this.#eventWithParts(instance, delivery, k)) break;
      }
    }
  }

  /**
   * The stored state cannot be read, or not be written as decided: an attempt like any other that failed, but one that
   * leaves the state alone. What the last failure means, the machine says from its first state.
   */
  async #giveUp(delivery: Delivery, error: unknown): Promise<TurnOutcome> {
    const { stats } = this.#ports;
    const instance = this.#ports.absent();
    this.#draft.begin(instance);
    for (let k = 0; k < delivery.events.length; k++) {
      const attempts = { ...delivery.attempts, attempts: delivery.attempts.attempts + 1 };
      if (this.#failed(delivery, k, attempts, error, 'for good')) break;
    }
    this.#draft.forgetState();
    const { verdict } = await this.#ports.commit(this.#draft.commit(instance, this.deliveries, 'done'));
    if (verdict === 'FENCED') {
      stats.fenced++;
      return 'fenced';
    }
    this.#draft.committed();
    // What is held in memory of the instance is not what is stored.
    this.#instance = null;
    return 'done';
  }

  /** Applies one event, again if it needs parts that are not loaded; what was folded before it stands. */
  async #eventWithParts(instance: LoadedInstance, delivery: Delivery, k: number): Promise<boolean> {
    for (;;) {
      try {
        return await this.#event(delivery, k);
      } catch (need) {
        // Parts of a state that moved on meanwhile, or wanted in the middle of an event: the whole turn folds again.
        if (!(need instanceof NeedParts) || need.midway) throw need;
        const { nonce } = instance;
        await this.#loadMore(instance, need);
        if (instance.nonce !== nonce) throw new NeedParts([]);
      }
    }
  }

  async #loadMore(instance: LoadedInstance, { names }: NeedParts): Promise<void> {
    if (names.length > 0) instance.merge(await this.#ports.load(this.#draft.stateKey, names === '*' ? ['*'] : names));
  }

  /** Applies one event; true if it and what follows it in the delivery were put off. */
  async #event(delivery: Delivery, k: number): Promise<boolean> {
    const event = delivery.events[k] as Envelope;
    const attempts: Attempts =
      k === 0
        ? { ...delivery.attempts, attempts: delivery.attempts.attempts + 1 }
        : { attempts: 1, firstSeenMs: delivery.attempts.firstSeenMs, lastSeenMs: delivery.attempts.lastSeenMs };
    const id = derivesFrom(event);
    let stepped = false;
    try {
      if (k === 0 && delivery.crashed) throw new Fault('THREAD_CRASHED', delivery.crashed.message);
      let result = this.#draft.step({ type: event.event_type, event, id, attempt: attempts.attempts }, event);
      stepped = true;
      if (result.refusal) return this.#refused(delivery, k, attempts, result.refusal);
      if (!result.handled) this.#ports.stats.ignored++;
      else if (result.changed) this.#draft.applied(delivery.logIds[k] ?? '');
      if (result.again) this.#draft.again(delivery, k, result.again.delayMs);
      for (const queue = [...result.effects]; queue.length > 0; ) {
        const request = queue.shift() as EffectRequest;
        const ordinal = this.#draft.effectOrdinal(event, request.name);
        const outcome = await this.#effects.perform(request, event, ordinal, delivery);
        result = this.#draft.step({ ...outcome, event, id }, event);
        if (result.changed) this.#draft.answered(delivery.logIds[k] ?? '');
        if (result.again) this.#draft.again(delivery, k, result.again.delayMs);
        queue.push(...result.effects);
      }
      return false;
    } catch (error) {
      if (error instanceof NeedParts) throw stepped ? new NeedParts(error.names, true) : error;
      return this.#failed(delivery, k, attempts, error);
    }
  }

  #refused(delivery: Delivery, k: number, attempts: Attempts, refusal: Refusal): boolean {
    if (refusal.retry && attempts.attempts < this.#ports.settings.maxAttempts) {
      this.#draft.park(delivery, k, attempts);
      return true;
    }
    this.#draft.bury(delivery, k, attempts, refusal.reason, null);
    return false;
  }

  /** @throws what the machine makes of the last failure, unless it is `for good`. */
  #failed(delivery: Delivery, k: number, attempts: Attempts, error: unknown, end?: 'for good'): boolean {
    const fault = Fault.from(error);
    const { stats, settings } = this.#ports;
    stats.lastError = this.#ports.redact(fault.message);
    if (fault.disposition === 'retry' && attempts.attempts < settings.maxAttempts) {
      this.#draft.park(delivery, k, attempts);
      return true;
    }
    const event = delivery.events[k] as Envelope;
    const data = plainFault(error, this.#ports.redact);
    const reason = fault.disposition === 'retry' ? 'max attempts exceeded' : `handler_error: ${fault.message}`;
    this.#draft.bury(delivery, k, attempts, reason, error instanceof Error ? error : fault);
    const id = derivesFrom(event);
    const input = { type: 'exhausted', fault: data, attempts: attempts.attempts, event, id };
    try {
      if (this.#draft.step(input, event).changed) this.#draft.answered(delivery.logIds[k] ?? '');
    } catch (secondError) {
      if (secondError instanceof NeedParts) throw new NeedParts(secondError.names, true);
      if (end === undefined) throw secondError;
      stats.lastError = this.#ports.redact(String(secondError));
    }
    return false;
  }
}
