/**
 * Keeps the threads of this process running.
 *
 * Owns: the Piscina pool, the verdict on a thread that ended or hangs, and the start and end of recovery, timers and
 * totals. Runs no user code, so its clock keeps going whatever an actor does. Keeps I6 (a dead thread's deliveries are
 * claimed at once).
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Redis } from 'ioredis';
import { Piscina } from 'piscina';
import type { PlainFault } from '../../machines/kit.ts';
import { Keys } from '../bus/keys.ts';
import { consumerName, Nodes } from '../bus/nodes.ts';
import { Timers } from '../bus/timers.ts';
import { faultData } from '../errors.ts';
import type { ClaimRequest, FromThread, HostTask, RuntimeSettings, ToThread } from './messages.ts';
import { Recovery, type Remains } from './recovery.ts';
import { RestartLimit } from './restart-limit.ts';
import { type Suspect, Suspects } from './suspects.ts';
import { Totals } from './totals.ts';

export interface SupervisorEvents {
  log(
    level: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR',
    service: string,
    message: string,
    metadata?: Record<string, unknown>,
  ): void;
  /** The process cannot go on: a role crashed for good. */
  gaveUp(role: string, fault: PlainFault): void;
}

/** Piscina's own name for it resolves to a browser type. */
type TransferList = NonNullable<NonNullable<Parameters<Piscina['run']>[1]>['transferList']>;

interface ThreadSlot {
  number: number;
  incarnation: number;
  consumer: string;
  port: MessagePort;
  suspects: Suspects;
  abort: AbortController;
  ready: boolean;
  /** Set when the supervisor ends the thread itself. */
  hung: boolean;
  /** The beat seen last, and how many looks ago it was new: a pause of the whole process is one look. */
  lastBeatMs: number;
  looksWithoutBeat: number;
}

const WATCH_MS = 250;
/** Room for what turns in work hold: with the default a tenth of the time goes into copying it to the old generation. */
const YOUNG_GENERATION_MB = 128;

export class Supervisor {
  readonly settings: RuntimeSettings;
  readonly keys: Keys;
  readonly totals: Totals;
  readonly #mark: string;
  readonly #nodes: Nodes;
  readonly #timers: Timers;
  readonly #events: SupervisorEvents;
  readonly #pool: Piscina;
  readonly #slots: ThreadSlot[] = [];
  readonly #running: Promise<void>[] = [];
  readonly #restarts: RestartLimit;
  readonly #recovery: Recovery;
  readonly #intervals: NodeJS.Timeout[] = [];
  #turn = 0;
  #draining = false;
  #readyWaiters: (() => void)[] = [];

  constructor(redis: Redis, mark: string, settings: RuntimeSettings, version: string, events: SupervisorEvents) {
    this.settings = settings;
    this.#mark = mark;
    this.#events = events;
    this.keys = new Keys(settings.keyNames);
    this.totals = new Totals(redis, this.keys, (error) => events.log('ERROR', 'supervisor', String(error)));
    const nodeId = `${settings.instanceId}#${randomBytes(6).toString('base64url')}`;
    const startedAt = new Date().toISOString();
    const facts = { host: hostname(), pid: process.pid, threads: settings.threads, version, startedAt };
    this.#nodes = new Nodes(redis, this.keys, nodeId, settings.nodeLeaseMs, mark, facts);
    this.#recovery = new Recovery({
      nodes: this.#nodes,
      keys: this.keys,
      settings,
      claim: (request) => this.#claim(request),
      log: (level, message) => events.log(level, 'supervisor', message),
      gaveUp: (fault) => events.gaveUp('supervisor', fault),
    });
    this.#restarts = new RestartLimit(settings.restartLimitPerMinute * settings.threads);
    this.#timers = new Timers(redis, this.keys, (error) => events.log('ERROR', 'timers', String(error)));
    this.#pool = new Piscina({
      filename: new URL('./thread.ts', import.meta.url).href,
      minThreads: settings.threads,
      maxThreads: settings.threads,
      concurrentTasksPerWorker: 1,
      // With the default an idle thread sleeps in Atomics.wait and its sockets stand still.
      atomics: 'disabled',
      idleTimeout: Number.POSITIVE_INFINITY,
      resourceLimits: {
        maxOldGenerationSizeMb: settings.threadMaxHeapMb,
        maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
      },
    });
    // A thread's end reaches us through its task.
    this.#pool.on('error', () => {});
  }

  get nodeId(): string {
    return this.#nodes.id;
  }
  get draining(): boolean {
    return this.#draining;
  }
  get threads(): { running: number; expected: number } {
    return { running: this.#slots.filter((slot) => slot.ready).length, expected: this.settings.threads };
  }

  /** Resolves when every thread reads its mailboxes. */
  async start(): Promise<void> {
    await this.#recovery.start();
    for (let number = 1; number <= this.settings.threads; number++) this.#launch(number, 0);
    this.#intervals.push(setInterval(() => this.#watch(), WATCH_MS));
    this.#timers.start();
    this.totals.start();
    await new Promise<void>((resolve) => {
      this.#readyWaiters.push(resolve);
      this.#checkReady();
    });
    void this.#recovery.sweep();
  }

  /** Stops reading, lets turns finish for the grace time, ends all threads. */
  async drain(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    const graceMs = this.settings.shutdownGraceMs;
    for (const slot of this.#slots) this.#tell(slot, { type: 'drain', graceMs });
    await within(graceMs + 1_000, Promise.allSettled(this.#running));
    this.#timers.stop();
    this.#recovery.stop();
    for (const interval of this.#intervals) clearInterval(interval);
    await this.#pool.destroy().catch(() => {});
    // Redis may be away, and would have both wait for ever.
    await within(this.settings.commandTimeoutMs, Promise.allSettled([this.totals.stop(), this.#nodes.leave()]));
  }

  #launch(number: number, incarnation: number): void {
    const { port1, port2 } = new MessageChannel();
    const consumer = consumerName(this.#nodes.id, number, incarnation);
    const slot: ThreadSlot = {
      number,
      incarnation,
      consumer,
      port: port1,
      suspects: new Suspects(),
      abort: new AbortController(),
      ready: false,
      hung: false,
      lastBeatMs: 0,
      looksWithoutBeat: 0,
    };
    this.#slots[number - 1] = slot;
    port1.on('message', (message: FromThread) => this.#hear(slot, message));
    const task: HostTask = {
      settings: this.settings,
      port: port2,
      consumer,
      threadNumber: number,
      mark: this.#mark,
      suspects: slot.suspects.buffer,
    };
    const options = { transferList: [port2] as unknown as TransferList, signal: slot.abort.signal };
    const run = this.#pool.run(task, options).then(
      () => this.#ended(slot, null),
      (error) => this.#ended(slot, error),
    );
    this.#running[number - 1] = run;
  }

  #ended(slot: ThreadSlot, error: unknown): void {
    slot.ready = false;
    slot.port.close();
    if (this.#draining) return;
    const { blamed, suspected } = slot.suspects.verdict();
    const data = faultData(error ?? new Error('the thread ended'));
    const message = slot.hung ? `it did not answer for ${this.settings.hungAfterMs} ms` : data.message;
    const fault = {
      ...data,
      code: 'THREAD_CRASHED' as const,
      message: `the thread running the effect ended: ${message}`,
    };
    const named = ({ role, entryId }: Suspect) => `${this.settings.roles[role]} ${entryId}`;
    const remains: Remains = {
      crashed: Object.fromEntries(blamed.map((suspect) => [named(suspect), fault])),
      suspected: suspected.map(named),
      explained: true,
    };
    this.#events.log('ERROR', 'supervisor', `thread ${slot.number} ended: ${message}`, {
      blamed: blamed.map(named),
      suspected: remains.suspected,
    });
    this.totals.restarted('thread');
    // A thread that an effect has killed is the effect's failure, counted as its attempt; others are ours.
    if (blamed.length + suspected.length === 0 && !this.#restarts.allows()) {
      this.#events.gaveUp('thread', fault);
      return;
    }
    this.#recovery.threadEnded(slot.consumer, remains);
    this.#launch(slot.number, slot.incarnation + 1);
  }

  #hear(slot: ThreadSlot, message: FromThread): void {
    switch (message.type) {
      case 'ready':
        slot.ready = true;
        this.#recovery.claimRemains();
        this.#checkReady();
        break;
      case 'counts':
        this.totals.add(message);
        break;
      case 'timer':
        this.#timers.expect(message.dueMs);
        break;
      case 'restarted':
        this.totals.restarted(message.role);
        this.#events.log('WARN', message.role, `loop restarted after: ${message.error.message}`, {
          thread: slot.number,
        });
        break;
      case 'crashed':
        this.totals.crashed.add(message.role);
        this.#events.gaveUp(message.role, message.error);
        break;
      case 'log':
        this.#events.log(message.level, message.service, message.message, message.metadata);
        break;
    }
  }

  #tell(slot: ThreadSlot, message: ToThread): void {
    slot.port.postMessage(message);
  }

  #checkReady(): void {
    if (this.#slots.length < this.settings.threads || !this.#slots.every((slot) => slot.ready)) return;
    for (const resolve of this.#readyWaiters.splice(0)) resolve();
  }

  #watch(): void {
    for (const slot of this.#slots) {
      if (!slot.ready || slot.hung) continue;
      const { lastBeatMs } = slot.suspects;
      slot.looksWithoutBeat = lastBeatMs === slot.lastBeatMs ? slot.looksWithoutBeat + 1 : 0;
      slot.lastBeatMs = lastBeatMs;
      if (slot.looksWithoutBeat * WATCH_MS < this.settings.hungAfterMs) continue;
      slot.hung = true;
      slot.abort.abort();
    }
  }

  /** Has the next thread in turn claim. */
  #claim(request: ClaimRequest): void {
    const ready = this.#slots.filter((slot) => slot.ready);
    const slot = ready[this.#turn++ % ready.length];
    if (slot) this.#tell(slot, { type: 'claim', request });
  }
}

/** Waits for the work, but no longer than that. */
async function within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([work, new Promise((resolve) => (timer = setTimeout(resolve, timeoutMs)))]);
  clearTimeout(timer);
}
