/**
 * Many clients share a daily budget that is much smaller than what they want, over two processes; some hang up, and one
 * process is killed in the middle.
 *
 * At every instant spent and reserved together must be within the budget, to the nano-USD. Afterwards what is spent must
 * be the ledger's sum, at least what the upstream bills for answers that arrived, and exact for every call that is
 * neither estimated nor lost. Nobody who is refused may have reached the upstream. If nothing was at stake, that is a
 * violation too.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Redis } from 'ioredis';
import { stringify } from 'yaml';
import { Keys } from '../../src/bus/keys.ts';
import { type LedgerEntry, readLedger } from '../../src/llm/accounts/ledger.ts';
import { eventually } from '../support/eventually.ts';
import { askLlm, type CallRoute, type Got } from '../support/llm-asking.ts';
import type { Call } from '../support/mock-upstream/books.ts';
import type { MockUpstream } from '../support/mock-upstream.ts';
import { NodeProcess } from '../support/node-process.ts';
import { readLog } from '../support/oracle.ts';
import type { RedisProcess } from '../support/redis-process.ts';
import { mockEnv } from '../support/test-llm.ts';
import { testConfig } from '../support/test-node.ts';
import type { Watched, WatcherTask } from './budget-watcher.ts';
import type { ChaosReport } from './scene.ts';
import { staged } from './staged.ts';

export interface LlmBudgetPlan {
  /** Clients that ask at once, each until it has an answer or nothing is left. */
  clients: number;
  tokenDelayMs: number;
}

const NAMESPACE = 'budget';
const MODEL = 'gpt-6.1-terra';
/** Nano-USD per token. */
const INPUT_PRICE = 1_000;
const OUTPUT_PRICE = 5_000;
const ANSWER_TOKENS = 60;
const MAX_TOKENS = 100;
/** More than any call here may cost. */
const WORST_NANO_USD = 200 * INPUT_PRICE + MAX_TOKENS * OUTPUT_PRICE;
/** The budget, as a part of what all clients want. */
const BUDGET_PART = 0.3;
const KILL_AT = 0.4;
const HANG_UP_PART = 0.2;
const HANG_UP_WITHIN_MS = 400;
/** Clients and upstream share this process: more clients come back later, so that it keeps up. */
const COME_BACK_MS_PER_CLIENT = 4;
/** More than fit into what is left. */
const LAST_CALLS = 200;
const WITHIN_MS = 60_000;

export const llmBudget = (plan: LlmBudgetPlan): Promise<ChaosReport> =>
  staged(
    { name: 'budget', redis: ['--appendonly', 'no'], mock: { tokenDelayMs: plan.tokenDelayMs } },
    (dir, server, mock) => new Play(plan, dir, server, mock),
  );

/** One request and what became of it. */
interface Try {
  id: string;
  to: NodeProcess;
  /** Null: nothing arrived, as the client or the process was gone. */
  got: Got | null;
  hungUp: boolean;
}

class Play {
  readonly #plan: LlmBudgetPlan;
  readonly #server: RedisProcess;
  readonly #mock: MockUpstream;
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #env: Record<string, string>;
  readonly #limit: number;
  readonly #day = new Date().toISOString().slice(0, 10);
  readonly #nodes: NodeProcess[] = [];
  readonly #tries: Try[] = [];
  readonly #violations: string[] = [];
  #over = false;

  constructor({ clients, ...plan }: LlmBudgetPlan, dir: string, server: RedisProcess, mock: MockUpstream) {
    this.#plan = { clients, ...plan };
    this.#server = server;
    this.#mock = mock;
    this.#redis = server.connect();
    const { bus } = testConfig(NAMESPACE, dir);
    const { logStream: log, dlqStream: deadLetters, idempotencePrefix: idempotence } = bus;
    this.#keys = new Keys({ namespace: NAMESPACE, prefix: NAMESPACE, log, deadLetters, idempotence });
    this.#limit = Math.round(clients * ANSWER_TOKENS * OUTPUT_PRICE * BUDGET_PART);
    const config = join(dir, 'llm_config.yaml');
    const model = {
      context_window: 100_000,
      max_tokens: 1_000,
      cost_per_1k_input_tokens: INPUT_PRICE / 1e6,
      cost_per_1k_output_tokens: OUTPUT_PRICE / 1e6,
    };
    const openai = { models: { [MODEL]: model }, settings: { max_concurrency: 1_000 } };
    const file = {
      global: { default_provider: 'openai', fallback_order: ['openai'] },
      providers: { openai },
      rate_limiting: { enabled: false },
    };
    writeFileSync(config, stringify(file));
    this.#env = {
      ...mockEnv(mock.url),
      REDIS_URL: server.url,
      NAMESPACE,
      THREADS: '1',
      LLM_CONFIG_PATH: config,
      LLM_DAILY_BUDGET_USD: String(this.#limit / 1e9),
    };
  }

  async end(): Promise<void> {
    this.#over = true;
    this.#redis.disconnect();
    await Promise.all(this.#nodes.map((node) => node.end('SIGKILL')));
  }

  async run(): Promise<ChaosReport> {
    const [first, second] = await Promise.all(
      ['first', 'second'].map((INSTANCE_ID) => NodeProcess.start({ ...this.#env, INSTANCE_ID })),
    );
    if (!first || !second) throw new Error('no processes');
    this.#nodes.push(first, second);
    const endWatch = this.#watch();
    const startedMs = performance.now();
    const clients = Promise.all(Array.from({ length: this.#plan.clients }, (_, index) => this.#client(index)));

    const enough = Math.round((this.#limit / (ANSWER_TOKENS * OUTPUT_PRICE)) * KILL_AT);
    const atWork = (node: NodeProcess) => this.#openCalls().filter((call) => this.#sentTo(idOf(call)) === node).length;
    await eventually(
      'half of the budget is in use',
      () => this.#mock.calls.length >= enough && atWork(first) > 0,
      WITHIN_MS,
    );
    const atKill = atWork(first);
    await first.end('SIGKILL');

    await eventually('the budget is used up', async () => (await this.#left()) < WORST_NANO_USD, WITHIN_MS);
    await eventually('every upstream call has ended', () => this.#openCalls().length === 0, WITHIN_MS);
    // What that left unused is taken by those who come back.
    const isOver = async () => this.#openCalls().length === 0 && (await this.#left()) < WORST_NANO_USD;
    await eventually('nothing is left to take', isOver, WITHIN_MS);
    this.#over = true;
    await clients;
    const stormMs = performance.now() - startedMs;
    const lost = await this.#expireLost(first);
    await eventually('what was lost is settled', async () => (await this.#budget()).reserved === 0, WITHIN_MS);
    // Whoever asks next finds the alerts that are due.
    let code: string | null | undefined = null;
    for (let k = 0; k < LAST_CALLS && code !== 'BUDGET_EXCEEDED'; k++) {
      code = (await this.#ask(`last-${k}`, second, 'chat', false)).got?.code;
    }
    if (code !== 'BUDGET_EXCEEDED') this.#wrong(`a call that cannot fit any more ended with ${code}`);
    await eventually('both alerts are sent', async () => (await this.#alerts()).length >= 2, WITHIN_MS).catch(() => {});
    const { looks, highest, beyond } = await endWatch();
    for (const each of beyond) this.#wrong(each);

    await this.#audit(lost);
    const exit = await second.end('SIGTERM');
    if (exit.code !== 0) this.#wrong(`the surviving process ended with ${exit.signal ?? exit.code}`);
    for (const line of second.printed.split('\n'))
      if (line.includes('"level":"ERROR"')) this.#wrong(`it says: ${line}`);
    if (atKill === 0 || lost === 0) this.#wrong('vacuous: the killed process had reserved nothing');
    const { spent } = await this.#budget();
    const of = (part: (each: Try) => boolean) => this.#tries.filter(part).length;
    return {
      violations: this.#violations,
      facts: {
        clients: this.#plan.clients,
        'calls sent': this.#tries.length,
        'of them answered': of(({ got }) => got?.complete === true),
        'of them refused': of(({ got }) => got?.status === 429),
        'of them left by their client': of(({ hungUp }) => hungUp),
        'upstream calls': this.#mock.calls.length,
        'at work in the process when it was killed': atKill,
        'reservations it left': lost,
        'looks at the budget': looks,
        'budget (nano-USD)': this.#limit,
        'most that was spent and reserved': highest,
        'spent in the end': spent,
        'storm (ms)': Math.round(stormMs),
      },
    };
  }

  #wrong(violation: string): void {
    this.#violations.push(violation);
  }

  /** Asks until it is answered, has hung up, or nothing is left. */
  async #client(index: number): Promise<void> {
    await pause(Math.random() * 50);
    for (let k = 0; !this.#over; k++) {
      const alive = this.#nodes.filter(({ alive }) => alive);
      const node = alive[(index + k) % alive.length];
      if (!node) return;
      const route = (['chat', 'openai'] as const)[(index + k) % 2] ?? 'chat';
      const { got } = await this.#ask(`${index}-${k}`, node, route, Math.random() < HANG_UP_PART);
      if (got?.complete) return;
      await pause(COME_BACK_MS_PER_CLIENT * this.#plan.clients * (0.5 + Math.random()));
    }
  }

  async #ask(name: string, to: NodeProcess, route: CallRoute, hangsUp: boolean): Promise<Try> {
    const made: Try = { id: `c${name}c`, to, got: null, hungUp: false };
    this.#tries.push(made);
    const hangUp = new AbortController();
    const timer = hangsUp ? setTimeout(() => hangUp.abort(), Math.random() * HANG_UP_WITHIN_MS) : undefined;
    const body = {
      model: MODEL,
      messages: [{ role: 'user', content: `Count to sixty. ${made.id}` }],
      max_tokens: MAX_TOKENS,
      stream: name.length % 2 === 0,
      ...(route === 'chat' && { project_id: made.id }),
    };
    try {
      const headers = { 'x-project-id': made.id };
      const got = await askLlm(gatewayOf(to), route, body, { headers, signal: hangUp.signal });
      made.got = hangUp.signal.aborted && !got.complete ? null : got;
    } catch {
      // It hung up, or the process is gone: both are known.
    }
    clearTimeout(timer);
    made.hungUp = hangUp.signal.aborted && made.got === null;
    return made;
  }

  /** Looks at the budget all the time; what comes back ends it. */
  #watch(): () => Promise<Watched> {
    const key = this.#keys.under(`llm:budget:day:${this.#day}`);
    const workerData: WatcherTask = { socketPath: this.#server.socketPath, key, limit: this.#limit };
    const worker = new Worker(new URL('./budget-watcher.ts', import.meta.url), { workerData });
    const watched = once(worker, 'message') as Promise<[Watched]>;
    return async () => {
      worker.postMessage('end');
      const [seen] = await watched;
      return seen;
    };
  }

  async #budget(): Promise<{ spent: number; reserved: number }> {
    const key = this.#keys.under(`llm:budget:day:${this.#day}`);
    const [spent, reserved] = await this.#redis.hmget(key, 'spent', 'reserved');
    return { spent: Number(spent ?? 0), reserved: Number(reserved ?? 0) };
  }

  async #left(): Promise<number> {
    const { spent, reserved } = await this.#budget();
    return this.#limit - spent - reserved;
  }

  #openCalls(): Call[] {
    return this.#mock.calls.filter(({ finished, closedByClientMs }) => !finished && closedByClientMs === null);
  }

  #sentTo(id: string): NodeProcess | undefined {
    return this.#tries.find((each) => each.id === id)?.to;
  }

  /** Makes the reservations of the dead process expire now instead of in three minutes. */
  async #expireLost(dead: NodeProcess): Promise<number> {
    const key = this.#keys.under('llm:reservations');
    let members: string[] = [];
    await eventually(
      'only the dead process holds reservations',
      async () => {
        members = await this.#redis.zrange(key, 0, '-1');
        return members.every((member) => this.#tries.some(({ id, to }) => to === dead && member.includes(`"${id}"`)));
      },
      WITHIN_MS,
    );
    for (const member of members) await this.#redis.call('ZADD', key, 'XX', '1', member);
    return members.length;
  }

  async #alerts(): Promise<{ event_id: string; payload: { scope: string } }[]> {
    const log = await readLog(this.#redis, this.#keys);
    return log
      .map(({ event }) => event as unknown as { event_id: string; event_type: string; payload: { scope: string } })
      .filter(({ event_type }) => event_type === 'LLM.BUDGET_ALERT');
  }

  async #audit(lost: number): Promise<void> {
    if (new Date().toISOString().slice(0, 10) !== this.#day) this.#wrong('the day has changed: run it again');
    const entries = await readLedger(this.#redis, this.#keys, [this.#day]);
    const ledger = new Map(entries.map((entry) => [entry.projectId, entry]));
    const calls = Map.groupBy(this.#mock.calls, idOf);
    const { spent, reserved } = await this.#budget();
    const total = entries.reduce((sum, { counts }) => sum + counts.costNanoUsd, 0);
    if (spent !== total) this.#wrong(`${spent} spent, ${total} in the ledger`);
    if (reserved !== 0) this.#wrong(`${reserved} still reserved`);
    if (spent > this.#limit) this.#wrong(`${spent} spent of ${this.#limit}`);
    const countedLost = entries.reduce((sum, { counts }) => sum + counts.lost, 0);
    if (countedLost !== lost) this.#wrong(`${countedLost} calls in the ledger are lost, expected ${lost}`);
    let billed = 0;
    for (const each of this.#tries) billed += this.#auditTry(each, ledger.get(each.id), calls.get(each.id) ?? []);
    if (spent < billed) this.#wrong(`${spent} spent, ${billed} billed for answers that arrived`);
    const strangers = entries.filter(({ projectId }) => !this.#tries.some(({ id }) => id === projectId));
    if (strangers.length > 0) this.#wrong(`${strangers.length} entries of the ledger belong to nobody`);
    const alerts = await this.#alerts();
    const scopes = alerts.map(({ payload }) => payload.scope).filter((scope) => scope === `day:${this.#day}`);
    if (alerts.length !== 2 || scopes.length !== 2 || new Set(alerts.map(({ event_id }) => event_id)).size !== 2) {
      this.#wrong(`alerts: ${JSON.stringify(alerts.map(({ event_id, payload }) => [event_id, payload]))}`);
    }
  }

  /** @returns what the upstream bills for it, if its answer arrived */
  #auditTry({ id, to, got, hungUp }: Try, entry: LedgerEntry | undefined, calls: readonly Call[]): number {
    const [call] = calls;
    if (calls.length > 1) this.#wrong(`${id} reached the upstream ${calls.length} times`);
    if (got?.status === 429) this.#auditRefusal(id, got, entry, call);
    else if (got && !got.complete && to.alive) this.#wrong(`${id} ended with ${got.status} ${got.code}`);
    else if (!got && !hungUp && to.alive) this.#wrong(`${id} got nothing of a process that lives`);
    const { counts } = entry ?? {};
    // A process that died between reserving and sending had spent it as far as anybody can know.
    if (counts && !call && counts.lost === 0) this.#wrong(`${id} is in the ledger and never reached the upstream`);
    if (got?.complete && counts?.requests !== 1 && counts?.lost !== 1) {
      this.#wrong(`${id} was answered and counts as ${counts?.requests} requests`);
    }
    if (!call) return 0;
    const inputTokens = Math.ceil(Buffer.byteLength(textOf(call)) / 4);
    if (counts && counts.estimated + counts.lost === 0) {
      const told = `${counts.inputTokens} + ${counts.outputTokens}`;
      const sent = `${inputTokens} + ${call.tokensSent}`;
      if (told !== sent) this.#wrong(`${id}: ${told} tokens in the ledger, the upstream counts ${sent}`);
    }
    return got?.complete ? inputTokens * INPUT_PRICE + call.tokensSent * OUTPUT_PRICE : 0;
  }

  #auditRefusal(id: string, got: Got, entry: LedgerEntry | undefined, call: Call | undefined): void {
    const { code, details } = got.body.error;
    if (call || entry)
      this.#wrong(
        `${id} was refused and reached ${call ? 'the upstream' : 'the ledger'}: ${JSON.stringify([got.headers.get('x-llm-attempts'), entry?.counts])}`,
      );
    const { scope, limit_usd, spent_usd, reserved_usd, resets_at } = details ?? {};
    const isTold =
      code === 'BUDGET_EXCEEDED' &&
      scope === `day:${this.#day}` &&
      Math.round(limit_usd * 1e9) === this.#limit &&
      Math.round((spent_usd + reserved_usd) * 1e9) <= this.#limit &&
      Math.round((spent_usd + reserved_usd) * 1e9) + WORST_NANO_USD > this.#limit &&
      Date.parse(resets_at) > Date.now() &&
      Number(got.headers.get('retry-after')) > 0;
    if (!isTold) this.#wrong(`${id} was refused with ${JSON.stringify(got.body)}`);
  }
}

/** What a client wrote. */
const textOf = ({ body }: Call): string => (body as { messages: [{ content: string }] }).messages[0].content;
const idOf = (call: Call): string => textOf(call).split(' ').at(-1) as string;

function gatewayOf({ printed }: NodeProcess): string {
  const [, url] = /"llm_gateway":"([^"]+)"/.exec(printed) ?? [];
  if (!url) throw new Error('the process does not say where its gateway is');
  return url;
}
