/**
 * A worker thread: hosts a loop for every role, until told to drain.
 *
 * Owns: the thread's connections, its loops and their restarts, claims on behalf of dead consumers.
 * Does not own other threads or the node's lease (`supervisor.ts`). Keeps I6: the main thread sees its heartbeat.
 */

import { GROUPS } from '../../schemas/catalog.ts';
import { createValidator } from '../../schemas/validate.ts';
import { Committer } from '../bus/commit.ts';
import { connectForCommands, connectForDeliveries } from '../bus/connection.ts';
import { Instance, InstanceLoader } from '../bus/instances.ts';
import { Keys } from '../bus/keys.ts';
import { claim, createGroup, Mailbox } from '../bus/mailbox.ts';
import { faultData } from '../errors.ts';
import { createRedactor, type ServiceLog } from '../log.ts';
import type { ActorDefinition } from './define-actor.ts';
import { Gate } from './gate.ts';
import { RoleLoop } from './loop.ts';
import type { ClaimRequest, FromThread, HostTask, RuntimeSettings, ToThread } from './messages.ts';
import type { TurnPorts } from './ports.ts';
import { RestartLimit } from './restart-limit.ts';
import { compileActor } from './step.ts';
import { Suspects, Turnstile } from './suspects.ts';
import { ThreadCounts } from './thread-counts.ts';

/** What the composition's actors module exports. */
export interface ActorsModule<Tools> {
  createActors(settings: unknown): readonly ActorDefinition<Tools>[];
  createTools(
    settings: unknown,
    context: {
      redis: ReturnType<typeof connectForCommands>;
      keys: Keys;
      logFor(service: string): ServiceLog;
      threadNumber: number;
    },
  ): Tools & { close?(): Promise<void> };
}

const TICK_MS = 20;
const BEAT_MS = 200;
const COUNTS_EVERY_MS = 1_000;
const VALIDATOR = 'validator';
/** Pause before deliveries that an error left in our name are tried again. */
const RECHECK_AFTER_MS = 1_000;

/** Something that reads one role's stream in this thread. */
interface Hosted {
  role: string;
  stream: string;
  group: string;
  run(): Promise<void>;
  drain(): Promise<void>;
  take(entries: Awaited<ReturnType<typeof claim>>, request: ClaimRequest): void;
  /** Looks again for deliveries in this thread's name that nobody works on. */
  recheck(): void;
  disconnect(): void;
}

/** Entry of the Piscina task. */
export default async function host(task: HostTask): Promise<void> {
  const thread = new Thread(task);
  try {
    await thread.start();
    await thread.drained;
  } finally {
    thread.close();
  }
}

class Thread {
  readonly #task: HostTask;
  readonly #settings: RuntimeSettings;
  readonly #keys: Keys;
  readonly #redis;
  readonly #suspects: Suspects;
  readonly #turnstile = new Turnstile();
  readonly #hosted = new Map<string, Hosted>();
  readonly #loops: RoleLoop<unknown>[] = [];
  readonly #counts = new ThreadCounts();
  #ticking: NodeJS.Timeout | null = null;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Connections for commands made so far. */
  #connections = 0;
  readonly drained: Promise<void>;
  #resolveDrained: () => void = () => {};
  #draining = false;
  #closeTools: () => Promise<void> = async () => {};

  constructor(task: HostTask) {
    this.#task = task;
    this.#settings = task.settings;
    this.#keys = new Keys(task.settings.keyNames);
    this.#redis = connectForCommands(task.settings.address, task.settings.commandTimeoutMs);
    this.#redis.on('ready', () => {
      this.#connections++;
    });
    this.#suspects = new Suspects(task.suspects);
    this.drained = new Promise((resolve) => {
      this.#resolveDrained = resolve;
    });
  }

  async start(): Promise<void> {
    const { settings, mark, consumer, threadNumber, port } = this.#task;
    const module = (await import(settings.actorsModule)) as ActorsModule<unknown>;
    const validator = createValidator(settings.schemaDirectory, { trusted: true });
    const redact = createRedactor(settings.secrets);
    const options = {
      keys: this.#keys,
      mark,
      consumer,
      gateGroup: GROUPS.validator,
      rememberSeconds: settings.rememberSeconds,
      deadLettersMax: settings.deadLettersMax,
      onCall: (ms: number) => this.#counts.called(ms),
    };
    const committer = new Committer(this.#redis, options);
    const loader = new InstanceLoader(this.#redis);
    const tools = module.createTools(settings.actorsSettings, {
      redis: this.#redis,
      keys: this.#keys,
      logFor: (service) => this.#logFor(service),
      threadNumber,
    });
    this.#closeTools = async () => tools.close?.();
    const instance = `${settings.instanceId}/${threadNumber}`;
    const commit = committer.commit.bind(committer);

    if (settings.roles.includes(VALIDATOR)) {
      const read = await this.#reader(VALIDATOR, this.#keys.log, GROUPS.validator);
      const gate = new Gate({
        keys: this.#keys,
        mark,
        validator,
        maxEventBytes: settings.maxEventBytes,
        maxAttempts: settings.maxAttempts,
        origin: { source: VALIDATOR, instance },
        stats: this.#counts.gate,
        redis: this.#redis,
        commit,
        redact,
        read: read.read,
        readCount: settings.readCount,
        onError: (error) => this.#failed(VALIDATOR, error),
      });
      this.#hosted.set(VALIDATOR, {
        ...read.hosted,
        run: () => gate.run(),
        drain: () => gate.drain(),
        take: (entries) => void gate.take(entries),
      });
    }
    for (const definition of module.createActors(settings.actorsSettings)) {
      const { name, group } = definition;
      if (!settings.roles.includes(name)) continue;
      const actor = compileActor(definition);
      const roleIndex = settings.roles.indexOf(name);
      const ports: TurnPorts<unknown> = {
        load: (key, names) => loader.load(key, names) as ReturnType<TurnPorts<unknown>['load']>,
        absent: () => new Instance() as ReturnType<TurnPorts<unknown>['absent']>,
        conflicted: (key) => loader.conflicted(key),
        commit,
        invalid: (type, payload) => validator.checkPayload(type, 1, payload)?.reason ?? null,
        redact,
        enter: (entryId, activity) => this.#suspects.enter(roleIndex, entryId, activity),
        mark: (slot, activity) => {
          this.#suspects.mark(slot, activity);
          if (activity !== 'running') this.#ticking ??= setInterval(() => this.#tick(), TICK_MS);
        },
        leave: (slot) => this.#suspects.leave(slot),
        alone: () => this.#turnstile.enter(),
        timerSet: (dueMs) => this.#say({ type: 'timer', dueMs }),
        tools,
        emitted: (products) => this.#counts.emitted(products),
        keys: this.#keys,
        settings,
        stats: this.#counts.role(name),
      };
      const read = await this.#reader(name, this.#keys.mailbox(name), group);
      const loop = new RoleLoop({
        actor,
        ports,
        origin: { source: name, instance },
        readCount: settings.readCount,
        read: read.read,
        onError: (error) => this.#failed(name, error),
      });
      this.#loops.push(loop);
      this.#hosted.set(name, {
        ...read.hosted,
        run: () => loop.run(),
        drain: () => loop.drain(),
        take: (entries, { crashed, suspected }) => {
          for (const entry of entries) {
            const key = `${name} ${entry.id}`;
            loop.accept(entry, crashed[key], key in crashed || suspected.includes(key));
          }
        },
      });
    }
    port.on('message', (message: ToThread) => void this.#hear(message));
    this.#timers.add(setInterval(() => this.#suspects.beat(Date.now()), BEAT_MS));
    this.#timers.add(setInterval(() => this.#sendCounts(), COUNTS_EVERY_MS));
    this.#suspects.beat(Date.now());
    // Whatever is in our name but in nobody's hands is found again, however it came about.
    const recheck = () => {
      for (const hosted of this.#hosted.values()) hosted.recheck();
    };
    this.#timers.add(setInterval(recheck, settings.idleReclaimMs));
    for (const hosted of this.#hosted.values()) void this.#keepRunning(hosted);
    this.#say({ type: 'ready' });
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    if (this.#ticking) clearInterval(this.#ticking);
    for (const hosted of this.#hosted.values()) hosted.disconnect();
    this.#redis.disconnect();
    this.#task.port.close();
  }

  async #reader(role: string, stream: string, group: string) {
    const { blockMs, address } = this.#settings;
    await createGroup(this.#redis, stream, group);
    const connection = connectForDeliveries(address, blockMs);
    const mailbox = new Mailbox(connection, {
      stream,
      group,
      consumer: this.#task.consumer,
      blockMs,
      onGroupLost: () =>
        this.#say({
          type: 'log',
          level: 'ERROR',
          service: role,
          message: `the stream ${stream} was lost and made anew`,
        }),
    });
    return {
      read: async (count: number, inWork: ReadonlySet<string>) => {
        try {
          return await mailbox.read(count, inWork);
        } catch (error) {
          if (this.#draining) return [];
          throw error;
        }
      },
      hosted: { role, stream, group, disconnect: () => connection.disconnect(), recheck: () => mailbox.recheck() },
    };
  }

  /** Runs a loop again when it fails, up to a number of times per minute. */
  async #keepRunning(hosted: Hosted): Promise<void> {
    const limit = new RestartLimit(this.#settings.restartLimitPerMinute);
    while (!this.#draining) {
      try {
        await hosted.run();
        return;
      } catch (error) {
        if (this.#draining) return;
        if (!limit.allows()) {
          this.#say({ type: 'crashed', role: hosted.role, error: faultData(error) });
          return;
        }
        this.#say({ type: 'restarted', role: hosted.role, error: faultData(error) });
        hosted.recheck();
        await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** Math.min(limit.count, 5)));
      }
    }
  }

  async #hear(message: ToThread): Promise<void> {
    if (message.type === 'claim') await this.#claim(message.request);
    else await this.#drain(message.graceMs);
  }

  async #claim(request: ClaimRequest): Promise<void> {
    const { from, idleMs, explained } = request;
    const count = this.#settings.reclaimCount;
    await Promise.all(
      [...this.#hosted.values()].map(async ({ role, stream, group, take, recheck }) => {
        try {
          for (;;) {
            const connections = this.#connections;
            const to = this.#task.consumer;
            const entries = await claim(this.#redis, { stream, group, from, to, count, idleMs, explained });
            take(entries, request);
            // The claim was sent again after its reply was lost: what the first one took is ours, and unseen.
            if (connections !== this.#connections) recheck();
            if (entries.length < count) return;
          }
        } catch (error) {
          this.#failed(role, error);
        }
      }),
    );
  }

  async #drain(graceMs: number): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    const drains = Promise.all([...this.#hosted.values()].map((hosted) => hosted.drain()));
    // A blocked read would hold the drain up to BLOCK_MS; what it may just have been given is claimed by others.
    for (const hosted of this.#hosted.values()) hosted.disconnect();
    const grace = new Promise<void>((resolve) => {
      this.#timers.add(setTimeout(resolve, graceMs));
    });
    await Promise.race([drains, grace]);
    await this.#closeTools();
    this.#sendCounts();
    this.#resolveDrained();
  }

  /** Runs only while an effect is waited for: an idle thread has nothing to look at. */
  #tick(): void {
    const nowMs = performance.now();
    let waiting = false;
    for (const loop of this.#loops) waiting = loop.tick(nowMs) || waiting;
    if (waiting || !this.#ticking) return;
    clearInterval(this.#ticking);
    this.#ticking = null;
  }

  #sendCounts(): void {
    const counts = this.#counts.take();
    if (counts) this.#say(counts);
  }

  /** Tells of an error that kept deliveries from being finished, and has them looked for again in a while. */
  #failed(role: string, error: unknown): void {
    this.#report(role, error);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#hosted.get(role)?.recheck();
    }, RECHECK_AFTER_MS);
    this.#timers.add(timer);
  }

  #report(role: string, error: unknown): void {
    const { code, message, stack } = faultData(error);
    this.#say({ type: 'log', level: 'ERROR', service: role, message, metadata: { code, stack } });
  }

  /** What tools have to say; an error among the metadata crosses threads as plain data. */
  #logFor(service: string): ServiceLog {
    const at =
      (level: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR') =>
      (message: string, { error, ...metadata }: Readonly<Record<string, unknown>> = {}) =>
        this.#say({
          type: 'log',
          level,
          service,
          message,
          metadata: error === undefined ? metadata : { ...metadata, error: faultData(error) },
        });
    return { debug: at('DEBUG'), info: at('INFO'), warn: at('WARN'), error: at('ERROR') };
  }

  #say(message: FromThread): void {
    this.#task.port.postMessage(message);
  }
}
