/**
 * The effects of one turn.
 *
 * Owns: performing them, remembering their outcomes while the turn runs again, their deadline, and who else may run.
 * Keeps I4: an effect has a key derived from its cause, and its outcome is asked for once per turn.
 */
import { hash } from 'node:crypto';
import type { EffectRequest, PlainFault } from '../../machines/kit.ts';
import type { Envelope } from '../../schemas/types.ts';
import { Fault, faultData } from '../errors.ts';
import type { Effect, EffectContext } from './define-actor.ts';
import type { MachineInput } from './draft.ts';
import type { Delivery, TurnPorts } from './ports.ts';
import type { CompiledActor } from './step.ts';

type Outcome = { output: unknown } | { fault: PlainFault } | { error: unknown };

export class Effects<Tools> {
  /** When the turn began to wait for an effect, ms of `performance.now()`; 0 while it does not. */
  waitingSinceMs = 0;
  /** Waits for other suspects to finish, which its deadline does not count. */
  queued = false;
  readonly #actor: CompiledActor<Tools>;
  readonly #ports: TurnPorts<Tools>;
  readonly #outcomes = new Map<string, Outcome>();
  #controller: AbortController | null = null;
  #interrupt: ((reason: Fault) => void) | null = null;

  constructor(actor: CompiledActor<Tools>, ports: TurnPorts<Tools>) {
    this.#actor = actor;
    this.#ports = ports;
  }

  /** What the machine is told of the effect. @throws what a retry may mend. */
  async perform(request: EffectRequest, event: Envelope, ordinal: number, delivery: Delivery): Promise<MachineInput> {
    const { name } = request;
    const id = `${event.event_id}:${name}:${ordinal}`;
    let outcome = this.#outcomes.get(id);
    if (!outcome) {
      outcome = await this.#run(request, event, delivery, id);
      this.#outcomes.set(id, outcome);
    }
    if ('error' in outcome) throw outcome.error;
    if ('fault' in outcome) return { type: `${name}.failed`, fault: outcome.fault };
    return { type: `${name}.done`, output: outcome.output };
  }

  /** Ends the running effect: its deadline has passed or the thread drains. */
  abort(reason: Fault): void {
    this.#controller?.abort(reason);
    this.#interrupt?.(reason);
  }

  async #run(
    request: EffectRequest,
    event: Envelope,
    { entryId, attempts: { alone = false } }: Delivery,
    id: string,
  ): Promise<Outcome> {
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
      const interrupted = new Promise<never>((_, reject) => {
        this.#interrupt = reject;
      });
      return { output: await Promise.race([started, interrupted]) };
    } catch (error) {
      const fault = Fault.from(error);
      // A fault that no retry can mend is the machine's to judge, if it has an answer to it.
      return fault.disposition === 'retry' ? { error } : { fault: plainFault(error, this.#ports.redact) };
    } finally {
      this.waitingSinceMs = 0;
      this.#interrupt = null;
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
}

/** A fault as machines and events may see it: without secrets and stack. */
export function plainFault(error: unknown, redact: (text: string) => string): PlainFault {
  const { code, message, details } = faultData(error);
  return { code, message: redact(message), ...(details && { details: JSON.parse(redact(JSON.stringify(details))) }) };
}
