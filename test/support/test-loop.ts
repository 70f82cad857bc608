/** One role's loop inside the test's process: takes deliveries when told to, on a real Redis. */
import type { Redis } from 'ioredis';
import { workItemMachine } from '../../machines/work-item.ts';
import { GROUPS } from '../../schemas/catalog.ts';
import { createValidator } from '../../schemas/validate.ts';
import { Committer } from '../../src/bus/commit.ts';
import { Instance, InstanceLoader } from '../../src/bus/instances.ts';
import type { Keys } from '../../src/bus/keys.ts';
import { claim } from '../../src/bus/mailbox.ts';
import { defineActor, type Effect } from '../../src/runtime/define-actor.ts';
import { noDurations } from '../../src/runtime/durations.ts';
import { RoleLoop } from '../../src/runtime/loop.ts';
import type { TurnPorts } from '../../src/runtime/ports.ts';
import { compileActor } from '../../src/runtime/step.ts';
import { Suspects, Turnstile } from '../../src/runtime/suspects.ts';

export const ROLE = 'worker';
const validator = createValidator();

export interface LoopRequest {
  redis: Redis;
  keys: Keys;
  consumer: string;
  perform: Effect<null>;
  maxAttempts?: number;
  effectDeadlineMs?: number;
}

export class TestLoop {
  readonly consumer: string;
  readonly errors: unknown[] = [];
  readonly stats = {
    turns: 0,
    conflicts: 0,
    fenced: 0,
    retries: 0,
    deadLetters: 0,
    ignored: 0,
    lastError: null,
    durations: noDurations(),
  };
  readonly #redis: Redis;
  readonly #stream: string;
  readonly #loop: RoleLoop<null>;

  constructor({ redis, keys, consumer, perform, maxAttempts = 3, effectDeadlineMs = 60_000 }: LoopRequest) {
    this.consumer = consumer;
    this.#redis = redis;
    this.#stream = keys.mailbox(ROLE);
    const actor = defineActor(workItemMachine)<null>({
      name: ROLE,
      group: GROUPS[ROLE],
      receives: ['WORK.ITEM_DISPATCHED'],
      instanceOf: 'backlog_item_id',
      effects: { perform },
      startsFresh: true,
    });
    const committer = new Committer(redis, {
      keys,
      mark: 'the-mark',
      consumer,
      gateGroup: GROUPS.validator,
      rememberSeconds: 3600,
      deadLettersMax: 100_000,
    });
    const loader = new InstanceLoader(redis);
    const suspects = new Suspects();
    const turnstile = new Turnstile();
    const ports: TurnPorts<null> = {
      load: (key, names) => loader.load(key, names) as ReturnType<TurnPorts<null>['load']>,
      absent: () => new Instance() as ReturnType<TurnPorts<null>['absent']>,
      conflicted: (key) => loader.conflicted(key),
      commit: (turn) => committer.commit(turn),
      invalid: (type, payload) => validator.checkPayload(type, 1, payload)?.reason ?? null,
      redact: (text) => text,
      enter: (entryId, activity) => suspects.enter(0, entryId, activity),
      mark: (slot, activity) => suspects.mark(slot, activity),
      leave: (slot) => suspects.leave(slot),
      alone: () => turnstile.enter(),
      timerSet: () => {},
      emitted: () => {},
      tools: null,
      keys,
      settings: { maxAttempts, retryBaseMs: 1, retryMaxMs: 1, effectDeadlineMs },
      stats: this.stats,
    };
    this.#loop = new RoleLoop({
      actor: compileActor(actor),
      ports,
      origin: { source: ROLE, instance: `${consumer}/1` },
      readCount: 64,
      read: async () => [],
      onError: (error) => void this.errors.push(error),
    });
  }

  /** Reads up to `count` deliveries and has them worked on; returns how many there were. */
  async take(count = 64): Promise<number> {
    const group = GROUPS[ROLE];
    const reply = await this.#redis.xreadgroup(
      'GROUP',
      group,
      this.consumer,
      'COUNT',
      count,
      'STREAMS',
      this.#stream,
      '>',
    );
    const entries = (reply as [string, [string, string[]][]][] | null)?.[0]?.[1] ?? [];
    for (const [id, fields] of entries) this.#loop.accept({ id, fields });
    return entries.length;
  }

  /** Takes over what another consumer holds. */
  async takeFrom(consumer: string): Promise<void> {
    const request = {
      stream: this.#stream,
      group: GROUPS[ROLE],
      from: consumer,
      to: this.consumer,
      count: 100,
      idleMs: 0,
      explained: false,
    };
    for (const entry of await claim(this.#redis, request)) this.#loop.accept(entry);
  }

  /** What the thread does every few ms, as at a time so much later. */
  tick(laterMs: number): void {
    this.#loop.tick(performance.now() + laterMs);
  }

  /** Resolves when nothing it took is in work any more. */
  rest(): Promise<void> {
    return this.#loop.drain();
  }
}
