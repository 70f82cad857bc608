/** A gate inside the test's process: reads a log of its own when told to. */
import { Redis } from 'ioredis';
import { GROUPS } from '../../schemas/catalog.ts';
import { createValidator } from '../../schemas/validate.ts';
import { Committer } from '../../src/bus/commit.ts';
import { Keys } from '../../src/bus/keys.ts';
import { createGroup, type Entry } from '../../src/bus/mailbox.ts';
import { createRedactor } from '../../src/log.ts';
import { Gate, type GateStats } from '../../src/runtime/gate.ts';
import { freshNamespace } from './test-node.ts';

export const MAX_EVENT_BYTES = 1_000_000;
const MARK = 'the-mark';
const CONSUMER = 'gate';
const validator = createValidator();

export class TestGate {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly stats: GateStats = { accepted: new Map(), duplicate: new Map(), rejected: new Map(), deadLetters: 0 };
  readonly errors: unknown[] = [];
  readonly #gate: Gate;

  private constructor(redis: Redis, keys: Keys) {
    this.redis = redis;
    this.keys = keys;
    const committer = new Committer(redis, {
      keys,
      mark: MARK,
      consumer: CONSUMER,
      gateGroup: GROUPS.validator,
      rememberSeconds: 3600,
      deadLettersMax: 1_000_000,
    });
    this.#gate = new Gate({
      keys,
      mark: MARK,
      validator,
      maxEventBytes: MAX_EVENT_BYTES,
      maxAttempts: 3,
      origin: { source: 'validator', instance: 'test/1' },
      stats: this.stats,
      redis,
      commit: (turn) => committer.commit(turn),
      redact: createRedactor([]),
      read: async () => [],
      onError: (error) => void this.errors.push(error),
      readCount: 64,
    });
  }

  static async start(socketPath: string): Promise<TestGate> {
    const namespace = freshNamespace();
    const keys = new Keys({
      namespace,
      prefix: namespace,
      log: `${namespace}:events`,
      deadLetters: `${namespace}:dlq`,
      idempotence: `${namespace}:processed`,
    });
    const redis = new Redis(socketPath);
    await createGroup(redis, keys.log, GROUPS.validator);
    return new TestGate(redis, keys);
  }

  /** Appends an entry of any fields to the log, as any Redis client may. */
  async append(...fields: (string | Buffer)[]): Promise<string> {
    return (await this.redis.xadd(this.keys.log, '*', ...(fields as [string, string]))) as string;
  }

  /** Handles what earlier errors have left, then everything that is in the log by now. */
  async handle(): Promise<void> {
    await this.#gate.take(await this.#read('0'));
    for (let entries = await this.#read('>'); entries.length > 0; entries = await this.#read('>')) {
      await this.#gate.take(entries);
    }
  }

  async #read(from: '0' | '>'): Promise<Entry[]> {
    const { log } = this.keys;
    const reply = await this.redis.xreadgroup('GROUP', GROUPS.validator, CONSUMER, 'COUNT', 500, 'STREAMS', log, from);
    const entries = (reply as [string, [string, string[]][]][] | null)?.[0]?.[1] ?? [];
    return entries.map(([id, fields]) => ({ id, fields }));
  }

  async unacked(): Promise<number> {
    return Number((await this.redis.xpending(this.keys.log, GROUPS.validator))[0]);
  }

  stop(): void {
    this.redis.disconnect();
  }
}
