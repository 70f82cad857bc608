/**
 * Orders over HTTP whose process is killed at every step from the upload to the CSV, one process after the other.
 *
 * Each process reaches Redis over a wire that is cut at one command, before Redis gets it or before its answer arrives, or
 * has its file system held at one call: a kill there is a kill between two steps. The client, left without an answer, sends
 * the same again to the next process. In place of the process Redis may be killed; or the process stays, cut off, until
 * another has done its work, and comes back late. Afterwards every order that was taken must have been drafted once a
 * version and exported once, with the lines that it came with; a model must have been asked once, and once more for each
 * kill that met its call before that was settled (I1, I2, I3, I4).
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { GROUPS } from '../../schemas/catalog.ts';
import { Keys } from '../../src/bus/keys.ts';
import { compositionSettings, createActors } from '../../src/composition.ts';
import { compileActor } from '../../src/runtime/step.ts';
import { OrderExports } from '../../src/store/order-exports.ts';
import { Orders, type StoredOrder } from '../../src/store/orders.ts';
import { eventually } from '../support/eventually.ts';
import { type FileHold, HELD, RULE } from '../support/held-files.ts';
import type { MockUpstream } from '../support/mock-upstream.ts';
import { NodeProcess } from '../support/node-process.ts';
import { findings, openWork, readDeadLetters, readLog } from '../support/oracle.ts';
import { orderFindings } from '../support/order-oracle.ts';
import type { RedisProcess } from '../support/redis-process.ts';
import { type Cut, RedisWire } from '../support/redis-wire.ts';
import { mockEnv } from '../support/test-llm.ts';
import { testConfig } from '../support/test-node.ts';
import { anOrder, type Kind, type SentBody, type SentOrder } from './order-kinds.ts';
import type { ChaosReport } from './scene.ts';
import { staged } from './staged.ts';

/**
 * `upload`: a file takes its place on the disk. `append`: the commit that takes the order. `load`: its state is read for
 * the delivery. `read`: a file is. `claim`: its fingerprints. `call`: the upstream is asked. `settle`: the call is settled,
 * which records the answer. `draft`: the commit of a version. `wait`: a timer waits to ask once more. `fire`: it fires.
 * `decide`: the commit that takes the decision. `approve`: the one that shows it while the CSV is written. `lock`, `write`,
 * `unlock`: the CSV. `end`: the last commit, of a rejection too.
 */
export type Step =
  // biome-ignore format: two lines
  | 'upload'
  | 'append'
  | 'load'
  | 'read'
  | 'claim'
  | 'call'
  | 'settle'
  | 'draft'
  | 'wait'
  | 'fire'
  | 'decide'
  | 'approve'
  | 'lock'
  | 'write'
  | 'unlock'
  | 'end';
/** `late`: the process is cut off, and comes back when another has done its work. */
export type Fate = 'killed' | 'Redis killed' | 'late';
export interface Strike {
  step: Step;
  cut: Cut;
  fate?: Fate;
  /** Of the draft; 1 by default. */
  version?: number;
}

/** One order with what strikes it, in the order in which it comes by. */
export interface Journey {
  kind: Kind;
  /** True by default. */
  approves?: boolean;
  strikes: readonly Strike[];
}

export interface OrderKillPlan {
  journeys: readonly Journey[];
  /** At which steps one of two processes is killed that share the work. */
  shared?: readonly Strike[];
}

const BOTH: readonly Cut[] = ['before', 'after'];
const both = (step: Step, version = 1): Strike[] => BOTH.map((cut) => ({ step, cut, version }));
const INTAKE: readonly Strike[] = [
  ...both('upload'),
  ...both('append'),
  ...both('load'),
  ...both('read'),
  ...both('claim'),
  ...both('draft'),
];
const DECISION: readonly Strike[] = [
  ...both('decide'),
  ...both('approve'),
  ...both('lock'),
  ...both('write'),
  ...both('unlock'),
  ...both('end'),
];
const of = (fate: Fate, strikes: readonly Strike[]): Strike[] => strikes.map((strike) => ({ ...strike, fate }));

export const EVERY_JOURNEY: readonly Journey[] = [
  { kind: 'form', strikes: [...INTAKE, ...DECISION] },
  { kind: 'mail', strikes: INTAKE },
  {
    kind: 'text',
    strikes: [...both('append'), { step: 'call', cut: 'after' }, ...both('settle'), ...both('claim'), ...both('draft')],
  },
  {
    kind: 'late',
    strikes: [
      ...both('draft'),
      { step: 'wait', cut: 'after' },
      ...both('fire'),
      { step: 'call', cut: 'after', version: 2 },
      ...both('settle', 2),
      ...both('draft', 2),
      ...both('end'),
    ],
  },
  { kind: 'form', approves: false, strikes: [...both('decide'), ...both('end')] },
  {
    kind: 'form',
    strikes: of('Redis killed', [...both('append'), ...both('draft'), ...both('decide'), ...both('end')]),
  },
  // Another process does the work meanwhile, so an order comes by one step of its intake and one of its decision.
  {
    kind: 'text',
    strikes: of('late', [
      { step: 'draft', cut: 'before' },
      { step: 'write', cut: 'before' },
    ]),
  },
  {
    kind: 'form',
    strikes: of('late', [
      { step: 'draft', cut: 'after' },
      { step: 'write', cut: 'after' },
    ]),
  },
  {
    kind: 'form',
    strikes: of('late', [
      { step: 'claim', cut: 'before' },
      { step: 'end', cut: 'before' },
    ]),
  },
  {
    kind: 'form',
    strikes: of('late', [
      { step: 'claim', cut: 'after' },
      { step: 'end', cut: 'after' },
    ]),
  },
];
export const SHARED: readonly Strike[] = [...both('draft'), ...both('end')];

/** For a first look. */
export const SOME_JOURNEYS: readonly Journey[] = [
  {
    kind: 'text',
    strikes: [
      { step: 'append', cut: 'after' },
      { step: 'call', cut: 'after' },
      { step: 'draft', cut: 'after', fate: 'Redis killed' },
    ],
  },
  {
    kind: 'form',
    strikes: [
      { step: 'append', cut: 'before' },
      { step: 'draft', cut: 'before' },
      { step: 'lock', cut: 'after' },
      { step: 'write', cut: 'after' },
      { step: 'end', cut: 'before', fate: 'Redis killed' },
    ],
  },
];

const NAMESPACE = 'orderkill';
const ROLE = 'order_intake';
const CALL_MS = 150;
const WITHIN_MS = 60_000;
const DAY_MS = 24 * 60 * 60 * 1000;
const HELD_FILES = new URL('../support/held-files.ts', import.meta.url).href;
const DECIDING: ReadonlySet<Step> = new Set<Step>(['decide', 'approve', 'lock', 'write', 'unlock', 'end']);
/** Steps by which nothing has been taken yet. */
const untaken = ({ step, cut }: Strike): boolean => step === 'upload' || (step === 'append' && cut === 'before');

export const orderKill = (plan: OrderKillPlan): Promise<ChaosReport> =>
  staged({ name: 'orderkill', mock: { latencyMs: CALL_MS } }, (dir, server, mock) => new Play(plan, dir, server, mock));

/** A process and its wire. */
interface Victim {
  name: string;
  node: NodeProcess;
  wire: RedisWire;
}

/** An order on its way. */
interface Underway {
  order: SentOrder;
  /** Null: nobody has seen one yet. */
  id: string | null;
  /** What the client was told. */
  sent: boolean;
  decided: boolean;
  /** The model's answer is recorded. */
  settled: boolean;
  /** Kills that met the model's call before its settlement. */
  repeats: number;
}

const nameOf = ({ step, cut, fate = 'killed', version = 1 }: Strike): string =>
  `${fate} ${cut} ${step}${version > 1 ? ` of version ${version}` : ''}`;

class Play {
  readonly #plan: OrderKillPlan;
  readonly #server: RedisProcess;
  readonly #mock: MockUpstream;
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #orders: Orders;
  readonly #dir: string;
  readonly #storageDir: string;
  readonly #held: string;
  readonly #env: Record<string, string>;
  readonly #victims: Victim[] = [];
  readonly #all: Underway[] = [];
  readonly #violations: string[] = [];
  readonly #kills: Record<Fate, number> = { killed: 0, 'Redis killed': 0, late: 0 };
  readonly #takeoversMs: number[] = [];
  /** The process at work, if any. */
  #victim: Victim | null = null;
  /** What is done once the next strike is prepared. */
  #onPrepared: (() => void)[] = [];
  /** Calls of processes that are gone. */
  #seen = 0;

  constructor(plan: OrderKillPlan, dir: string, server: RedisProcess, mock: MockUpstream) {
    this.#plan = plan;
    this.#dir = dir;
    this.#storageDir = join(dir, 'storage');
    this.#held = join(dir, 'held');
    mkdirSync(this.#storageDir);
    mkdirSync(this.#held);
    this.#server = server;
    this.#mock = mock;
    this.#redis = server.connect();
    const { logStream: log, dlqStream: deadLetters, idempotencePrefix: idempotence } = testConfig(NAMESPACE, dir).bus;
    this.#keys = new Keys({ namespace: NAMESPACE, prefix: NAMESPACE, log, deadLetters, idempotence });
    this.#orders = new Orders(this.#redis, this.#keys);
    this.#env = {
      NAMESPACE,
      STORAGE_DIR: this.#storageDir,
      THREADS: '1',
      NODE_LEASE_MS: '500',
      BLOCK_MS: '200',
      // One delivery outlives many processes here.
      MAX_ATTEMPTS: '20',
      RETRY_BASE_MS: '10',
      ORDER_RATE_LIMIT_PER_MINUTE: '0',
      ...mockEnv(mock.url),
      LLM_MAX_RETRIES: '0',
      HELD_FILES: this.#held,
      NODE_OPTIONS: `--import ${HELD_FILES}`,
    };
  }

  async end(): Promise<void> {
    this.#redis.disconnect();
    await Promise.all(this.#victims.map(({ node }) => node.end('SIGKILL')));
    await Promise.all(this.#victims.map(({ wire }) => wire.close()));
  }

  async run(): Promise<ChaosReport> {
    const startedMs = performance.now();
    for (const journey of this.#plan.journeys) await this.#journey(journey);
    for (const strike of this.#plan.shared ?? []) await this.#share(strike);
    const ms = performance.now() - startedMs;
    await this.#audit();
    const exit = await this.#victim?.node.end('SIGTERM');
    if (exit?.code !== 0)
      this.#violations.push(
        `the last process ended with ${exit?.signal ?? exit?.code}:\n${this.#victim?.node.printed}`,
      );
    const takeovers = this.#takeoversMs.toSorted((a, b) => a - b).map(Math.round);
    return {
      violations: this.#violations,
      facts: {
        orders: this.#all.length,
        'processes killed': this.#kills.killed,
        'Redis killed': this.#kills['Redis killed'],
        'processes that came back late': this.#kills.late,
        'calls of a model': this.#mock.calls.length,
        'of them repeated by a kill': this.#all.reduce((sum, { repeats }) => sum + repeats, 0),
        'deliveries taken over': takeovers.length,
        'after (ms), half of them': takeovers[Math.floor(takeovers.length / 2)] ?? 0,
        'after (ms), all of them': takeovers.at(-1) ?? 0,
        'ended after (ms)': Math.round(ms),
      },
    };
  }

  async #journey({ kind, approves, strikes }: Journey): Promise<void> {
    const underway = await this.#begin(kind, approves);
    if (kind === 'late') this.#mock.script([{ match: { contains: underway.order.mark }, do: { status: 503 } }]);
    for (const strike of strikes) {
      if (!(await this.#strike(underway, strike))) break;
    }
    this.#mock.script([]);
    await this.#finish([underway]);
  }

  async #begin(kind: Kind, approves?: boolean): Promise<Underway> {
    const order = await anOrder(kind, approves);
    const underway = { order, id: null, sent: false, decided: false, settled: false, repeats: 0 };
    this.#all.push(underway);
    return underway;
  }

  /** False if the order did not come by. */
  async #strike(underway: Underway, strike: Strike): Promise<boolean> {
    const { step, fate = 'killed', version = 1 } = strike;
    if (step === 'fire' || version > 1) this.#mock.script([]);
    const struck = new AbortController();
    const wire = this.#victim?.wire ?? (await RedisWire.start(this.#server.port));
    const cut = this.#arm(wire, [underway], strike, struck.signal);
    const victim = this.#victim ?? this.#launch(wire);
    for (const ready of this.#onPrepared.splice(0)) ready();
    const client = this.#client(victim, underway, DECIDING.has(step), struck.signal);
    const came = await Promise.race([cut.then(() => true), pause(WITHIN_MS, false, { signal: struck.signal })]);
    struck.abort();
    if (!came) this.#violations.push(`vacuous: ${underway.order.kind} did not come by '${nameOf(strike)}'`);
    this.#kills[fate]++;
    if (fate === 'Redis killed' && came) {
      await this.#server.kill();
      await this.#server.start();
      this.#onPrepared.push(() => wire.mend());
    } else if (fate === 'late' && came) await this.#overtake(victim, underway, DECIDING.has(step));
    else await this.#kill(victim);
    await client;
    if (came && fate === 'killed') await this.#checkTaken(underway, strike);
    return came;
  }

  async #checkTaken({ order }: Underway, strike: Strike): Promise<void> {
    const log = await readLog(this.#redis, this.#keys);
    const taken = log.filter(
      ({ event }) => event.event_type === 'ORDER.INBOX_RECEIVED' && event.payload.subject === order.mark,
    ).length;
    if (taken !== (untaken(strike) ? 0 : 1)) this.#violations.push(`taken ${taken} times when ${nameOf(strike)}`);
  }

  async #kill(victim: Victim): Promise<void> {
    await victim.node.end('SIGKILL');
    await victim.wire.close();
    this.#victim = this.#victim === victim ? null : this.#victim;
    this.#letGo();
    await eventually('the upstream sees it go', () => this.#openCalls().length === 0, WITHIN_MS);
    this.#note();
    if ((await this.#heldBy(victim)) > 0) this.#takeover(victim);
  }

  /** From the moment that somebody is there who can take over, until everything is. */
  #takeover(victim: Victim): void {
    this.#onPrepared.push(() => {
      const heir = this.#victims.at(-1) as Victim;
      void (async () => {
        await heir.node.ready();
        const readyMs = performance.now();
        const free = async () => (await this.#heldBy(victim).catch(() => 1)) === 0;
        await eventually('its deliveries are taken over', free, WITHIN_MS);
        this.#takeoversMs.push(performance.now() - readyMs);
      })().catch(() => {});
    });
  }

  /** Another process does what this one was at; then it comes back. */
  async #overtake(late: Victim, underway: Underway, decides: boolean): Promise<void> {
    this.#victim = null;
    this.#note();
    if (decides) await this.#finish([underway]);
    else {
      const { node } = await this.#running();
      await this.#client(this.#victim as unknown as Victim, underway, false);
      await this.#rest(`an order is drafted by ${node.pid}`);
    }
    this.#letGo();
    late.wire.mend();
    await eventually('it is back', async () => (await this.#heldBy(late)) === 0, WITHIN_MS);
    const exit = await late.node.end('SIGTERM');
    if (exit.code !== 0)
      this.#violations.push(`a late process ended with ${exit.signal ?? exit.code}:\n${late.node.printed}`);
    await late.wire.close();
    this.#note();
  }

  /** Two processes share the work of some orders until one comes by. */
  async #share(strike: Strike): Promise<void> {
    const heir = await this.#running();
    const wire = await RedisWire.start(this.#server.port);
    const victim = this.#launch(wire);
    await victim.node.ready();
    this.#victim = heir;
    const batch: Underway[] = [];
    const struck = new AbortController();
    const cut = this.#arm(wire, batch, strike, struck.signal).then(() => struck.abort());
    const clients: Promise<void>[] = [];
    const startedMs = performance.now();
    while (!struck.signal.aborted && performance.now() - startedMs < WITHIN_MS) {
      const underway = await this.#begin('form');
      batch.push(underway);
      const to = batch.length % 2 === 0 ? heir : victim;
      clients.push(this.#client(to, underway, DECIDING.has(strike.step), struck.signal));
      await Promise.race([cut, pause(100)]);
    }
    if (!struck.signal.aborted) this.#violations.push(`vacuous: nobody came by '${nameOf(strike)}' of two`);
    struck.abort();
    this.#kills.killed++;
    await victim.node.end('SIGKILL');
    const killedMs = performance.now();
    const held = await this.#heldBy(victim);
    await eventually('its deliveries are taken over', async () => (await this.#heldBy(victim)) === 0, WITHIN_MS);
    if (held > 0) this.#takeoversMs.push(performance.now() - killedMs);
    await victim.wire.close();
    await Promise.all(clients);
    await this.#finish(batch);
  }

  async #running(): Promise<Victim> {
    const victim = this.#victim ?? this.#launch(await RedisWire.start(this.#server.port));
    for (const ready of this.#onPrepared.splice(0)) ready();
    await victim.node.ready();
    return victim;
  }

  #launch(wire: RedisWire): Victim {
    const name = `process-${this.#victims.length + 1}`;
    const node = NodeProcess.launch({ ...this.#env, INSTANCE_ID: name, REDIS_URL: wire.url });
    const victim = { name, node, wire };
    this.#victims.push(victim);
    this.#victim = victim;
    return victim;
  }

  /** Resolves when the process is cut off where the strike wants it. */
  #arm(wire: RedisWire, batch: readonly Underway[], strike: Strike, struck: AbortSignal): Promise<void> {
    let locks = 0;
    const cut = wire.cutWhere((command) => {
      const underway = batch.find((candidate) => this.#isOf(candidate, command));
      if (!underway) {
        if (isSettlement(command)) return this.#settling(batch, strike);
        return null;
      }
      if (underway.id !== null && command.includes(this.#keys.lock(`order:${underway.id}:export`))) locks++;
      const where = this.#isStruck(strike, command, underway.id as string, locks) ? strike.cut : null;
      return where;
    });
    const file = holdOf(strike);
    const held = join(this.#held, HELD);
    if (file) writeFileSync(join(this.#held, RULE), JSON.stringify(file));
    const cutWhen = (what: string, holds: () => boolean | Promise<boolean>) =>
      void eventually(what, () => struck.aborted || holds(), WITHIN_MS).then(
        () => struck.aborted || wire.cut(),
        () => {},
      );
    if (file && strike.step !== 'approve') cutWhen('a file is held', () => existsSync(held));
    if (strike.step === 'call') {
      cutWhen('a model is being asked', () =>
        this.#openCalls().some((mark) => batch.some(({ order }) => order.mark === mark)),
      );
    }
    if (strike.step === 'wait') cutWhen('a timer waits', async () => (await this.#redis.zcard(this.#keys.timers)) > 0);
    return cut;
  }

  #settling(batch: readonly Underway[], { step, cut }: Strike): Cut | null {
    if (step === 'settle' && cut === 'before') return cut;
    for (const underway of batch) underway.settled = true;
    return step === 'settle' ? cut : null;
  }

  /** Whether the command is about the order; notes its id when it is first seen. */
  #isOf(underway: Underway, command: readonly string[]): boolean {
    if (underway.id !== null) return command.some((text) => text.includes(underway.id as string));
    const taken = command.find((text) => isEvent(text, 'ORDER.INBOX_RECEIVED') && text.includes(underway.order.mark));
    if (taken === undefined) return false;
    underway.id = JSON.parse(taken).payload.order_id;
    return true;
  }

  #isStruck({ step, version = 1 }: Strike, command: readonly string[], id: string, locks: number): boolean {
    const keys = this.#keys;
    const [name = '', ...args] = command;
    const emits = (type: string) => args.some((text) => isEvent(text, type) && text.includes(id));
    const stores = (status: string, wanted = version) =>
      args.some((text) => text.startsWith(`{"value":"${status}"`) && text.includes(`"version":${wanted},`));
    switch (step) {
      case 'append':
        return emits('ORDER.INBOX_RECEIVED');
      case 'load':
        return /^eval/i.test(name) && args[1] === '1' && args[2] === keys.state(ROLE, id);
      case 'claim':
        return args.some((text) => text.includes(':fingerprint:'));
      case 'draft':
        return emits('ORDER.DRAFT_CREATED') && stores('VALIDATION_REQUIRED');
      case 'fire':
        return args[1] === '3' && args[2] === keys.timers && args[4] === keys.mailbox(ROLE);
      case 'decide':
        return emits('ORDER.VALIDATED') || emits('ORDER.REJECTED');
      case 'approve':
        return args.some((text) => text.startsWith('{"value":"VALIDATED"')) && !emits('ORDER.EXPORT_READY');
      case 'lock':
      case 'unlock':
        return locks === (step === 'lock' ? 1 : 2) && command.includes(keys.lock(`order:${id}:export`));
      case 'end':
        return emits('ORDER.EXPORT_READY') || args.some((text) => text.startsWith('{"value":"REJECTED"'));
      default:
        return false;
    }
  }

  /** What a client does until it has its answer, or `struck`: sends the order, and decides on it if it `decides`. */
  async #client({ node }: Victim, underway: Underway, decides: boolean, struck?: AbortSignal): Promise<void> {
    const { order } = underway;
    const over = () => struck?.aborted || !node.alive;
    await node.ready().catch(() => {});
    const post = async (path: string, key: string, body: SentBody, headers: Record<string, string>) => {
      await this.#expireClaims(key);
      const answer = await fetch(`${node.orderIntake}${path}`, {
        ...{ method: 'POST', body, headers: { ...headers, 'Idempotency-Key': key } },
        ...(struck && { signal: struck }),
      }).catch(() => null);
      // Cut off is what it was to be.
      if (!answer) return false;
      if (answer.ok) {
        const { order_id } = (await answer.json()) as { order_id: string };
        if (underway.id !== null && underway.id !== order_id)
          this.#violations.push(`${order.mark} is order ${underway.id}, and told as ${order_id}`);
        underway.id ??= order_id;
        return true;
      }
      const text = await answer.text();
      if (answer.status !== 503) this.#violations.push(`${order.kind} ${path}: ${answer.status} ${text}`);
      return answer.status !== 503;
    };
    const until = async (done: () => Promise<boolean>) => {
      const deadlineMs = performance.now() + WITHIN_MS;
      while (!over() && !(await done().catch(() => false))) {
        if (performance.now() > deadlineMs) throw new Error(`${order.kind} ${order.mark} waits for ever`);
        await pause(20);
      }
    };
    if (!underway.sent) {
      await until(async () => {
        const { body, headers } = order.request();
        underway.sent = await post('/orders/inbox', order.keys.send, body, headers);
        return underway.sent;
      });
    }
    if (!decides || underway.decided) return;
    await until(async () => {
      const stored = await this.#stored(underway);
      return (
        stored !== undefined && (stored.status !== 'VALIDATION_REQUIRED' || stored.head.version === order.versions)
      );
    });
    await until(async () => {
      const path = `/orders/${underway.id}/validate`;
      const json = { 'Content-Type': 'application/json' };
      underway.decided = await post(path, order.keys.decide, JSON.stringify(order.decision), json);
      return underway.decided;
    });
  }

  /** The time of a request that died with its process is over. */
  async #expireClaims(key: string): Promise<void> {
    for (const record of await this.#redis.keys(this.#keys.under(`http:idem:*:${key}`))) {
      await this.#redis.hset(record, 'lease_until', 0);
    }
  }

  /** Of an order that has been read. */
  async #stored({ id }: Underway): Promise<StoredOrder | undefined> {
    const order = id === null ? undefined : await this.#orders.order(id);
    return order?.status === 'RECEIVED' ? undefined : order;
  }

  /** Until all has come of the orders that is to come of them. */
  async #finish(batch: readonly Underway[]): Promise<void> {
    const victim = await this.#running();
    // Nothing is struck any more, and settlements are still of interest.
    void this.#arm(victim.wire, batch, { step: 'upload', cut: 'after', version: 0 }, AbortSignal.abort());
    this.#letGo();
    await Promise.all(batch.map((underway) => this.#client(victim, underway, true)));
    await this.#rest(batch.map(({ order }) => order.mark).join());
  }

  async #rest(of: string): Promise<void> {
    let open: Record<string, number> = {};
    const rested = async () => {
      open = await openWork(this.#redis, this.#keys);
      return Object.keys(open).length === 0;
    };
    await eventually('nothing is left to do', rested, WITHIN_MS).catch(() =>
      this.#violations.push(`not at rest for ${of}: ${JSON.stringify(open)}`),
    );
  }

  #letGo(): void {
    rmSync(join(this.#held, RULE), { force: true });
    rmSync(join(this.#held, HELD), { force: true });
  }

  /** Which orders have a question at the upstream. */
  #openCalls(): string[] {
    return this.#mock.calls
      .filter(({ finished, closedByClientMs }) => !finished && closedByClientMs === null)
      .map(({ body }) => this.#askedFor(body));
  }

  #askedFor(body: unknown): string {
    const text = JSON.stringify(body);
    return this.#all.find(({ order }) => text.includes(order.mark))?.order.mark ?? '?';
  }

  /** Whose calls of the process that is gone have to be made again. */
  #note(): void {
    const calls = this.#mock.calls.slice(this.#seen).filter(({ status }) => status !== 503);
    this.#seen = this.#mock.calls.length;
    for (const mark of calls.map(({ body }) => this.#askedFor(body))) {
      const underway = this.#all.find(({ order }) => order.mark === mark);
      if (underway && !underway.settled) underway.repeats++;
    }
  }

  /** Deliveries of orders in the name of a process. */
  async #heldBy({ name }: Victim): Promise<number> {
    const rows = (await this.#redis.xinfo('CONSUMERS', this.#keys.mailbox(ROLE), GROUPS[ROLE])) as unknown[][];
    return rows
      .filter((row) => String(row[row.indexOf('name') + 1]).startsWith(`${name}#`))
      .reduce((sum, row) => sum + Number(row[row.indexOf('pending') + 1]), 0);
  }

  async #audit(): Promise<void> {
    const { redis, keys } = { redis: this.#redis, keys: this.#keys };
    await this.#rest('all');
    const config = testConfig(NAMESPACE, this.#dir);
    const actor = createActors(compositionSettings(config)).find(({ name }) => name === 'orchestrator');
    const orchestrator = compileActor(actor as never);
    this.#violations.push(...(await findings({ redis, keys, orchestrator, maxAttempts: 20 })));
    this.#violations.push(...(await orderFindings({ redis, keys, storageDir: this.#storageDir })));
    for (const { error_message, event_type } of await readDeadLetters(redis, keys))
      this.#violations.push(`a dead letter: ${event_type}: ${error_message}`);
    const taken = await redis.zcard(keys.under('orders:index'));
    if (taken !== this.#all.length) this.#violations.push(`${this.#all.length} orders were sent, ${taken} are there`);
    for (const underway of this.#all) await this.#auditOrder(underway);
    // What was begun goes with the files of old orders.
    await new OrderExports({ redis, keys, storageDir: this.#storageDir, lockTtlMs: 1 }).sweep(Date.now() + DAY_MS);
    const left = (await readdir(join(this.#storageDir, 'exports'))).filter((name) => !name.endsWith('.csv'));
    if (left.length > 0) this.#violations.push(`left among the CSV files: ${left.join()}`);
  }

  async #auditOrder(underway: Underway): Promise<void> {
    const { order, id, sent, decided, repeats } = underway;
    const found = (what: string) => void this.#violations.push(`${order.kind} ${id}: ${what}`);
    if (!sent || !decided) found(`the client has ${sent ? 'no answer to its decision' : 'no answer'}`);
    const stored = await this.#stored(underway);
    if (!stored) return found('is not there');
    const { status, head, parts } = stored;
    if (status !== (order.approves ? 'EXPORTED' : 'REJECTED')) found(`is ${status}`);
    if (head.version !== order.versions) found(`has version ${head.version}`);
    const duplicates = parts.anomalies?.filter(({ type }) => type === 'duplicate_order') ?? [];
    if (duplicates.length > 0) found(`is a duplicate: ${duplicates.map(({ description }) => description).join()}`);
    const csv = await readFile(join(this.#storageDir, 'exports', `${id}.csv`), 'utf8').catch(() => null);
    if (csv !== (order.approves ? order.csv : null)) found(`its CSV is ${csv}`);
    const calls = this.#mock.calls.filter(({ body, status }) => status !== 503 && this.#askedFor(body) === order.mark);
    const expected = order.questions + repeats;
    if (calls.length !== expected) found(`a model was asked ${calls.length} times, expected ${expected}`);
  }
}

const isEvent = (text: string, type: string): boolean =>
  text.startsWith('{"event_id"') && text.includes(`"event_type":"${type}"`);

/** A settlement with an answer to keep; it names the agent, not the order. */
const isSettlement = (command: readonly string[]): boolean =>
  /^eval/i.test(command[0] ?? '') &&
  command.some((text) => text.includes(':effect:')) &&
  command.some((text) => text.includes(`"${ROLE}"`));

/** The call of the file system that a strike wants held. */
function holdOf({ step, cut, version }: Strike): FileHold | null {
  if (version === 0) return null;
  if (step === 'upload') return { call: 'rename', path: '/artifacts/', cut };
  if (step === 'read') return { call: 'readFile', path: '/artifacts/', cut };
  if (step === 'write') return { call: 'rename', path: '/exports/', cut };
  return step === 'approve' ? { call: 'rename', path: '/exports/', cut: 'before' } : null;
}
