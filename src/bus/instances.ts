/**
 * Reading the stored state of instances.
 *
 * Owns: loading named parts on demand, many instances per call, and remembering which are known to be absent.
 * Does not own writing: that is the commit alone. Keeps I10: a small instance is read whole, of a large one only
 * what a step asked for.
 */
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { NeedParts, type Parts } from '../../machines/kit.ts';

/** Up to this many fields an instance is read whole: one plan of a dozen items, its results and questions. */
const SMALL_FIELDS = 64;
/** Fields of the hash that are not parts. */
const META = new Set(['nonce', 'snapshot']);

interface ScriptedRedis extends Redis {
  loadInstances(keyCount: number, ...args: string[]): Promise<[number, string | null, (string | null)[]][]>;
}

/** The state of one instance as far as it is loaded. */
export class Instance implements Parts {
  /** '' while the instance does not exist. */
  nonce: string;
  #raw: Map<string, string | null>;
  #parsed = new Map<string, unknown>();
  #whole: boolean;

  constructor(nonce = '', raw = new Map<string, string | null>(), whole = true) {
    this.nonce = nonce;
    this.#raw = raw;
    this.#whole = whole;
  }

  get snapshot(): string | null {
    return this.#raw.get('snapshot') ?? null;
  }

  get(name: string): unknown {
    if (this.#parsed.has(name)) return this.#parsed.get(name);
    const text = this.#raw.get(name);
    if (text === undefined && !this.#whole) throw new NeedParts([name]);
    const value = text === undefined || text === null ? undefined : JSON.parse(text);
    this.#parsed.set(name, value);
    return value;
  }

  require(names: readonly string[]): void {
    if (this.#whole) return;
    const missing = names.filter((name) => !this.#raw.has(name));
    if (missing.length > 0) throw new NeedParts(missing);
  }

  all(): readonly string[] {
    if (!this.#whole) throw new NeedParts('*');
    const names: string[] = [];
    for (const [name, text] of this.#raw) if (text !== null && !META.has(name)) names.push(name);
    return names;
  }

  /** All fields that exist, as text. */
  fields(): Record<string, string> {
    const fields: Record<string, string> = {};
    for (const [name, text] of this.#raw) if (text !== null) fields[name] = text;
    return fields;
  }

  /** Takes over what was read besides what is known. */
  merge(other: Instance): void {
    if (other.nonce !== this.nonce) this.#parsed.clear();
    for (const [name, text] of other.#raw) this.#raw.set(name, text);
    this.#whole ||= other.#whole;
    this.nonce = other.nonce;
  }

  /** Takes over what a commit has written. */
  written(nonce: string, fields: readonly string[]): void {
    this.nonce = nonce;
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i] as string;
      this.#raw.set(name, fields[i + 1] as string);
      this.#parsed.delete(name);
    }
  }
}

interface Waiting {
  key: string;
  names: readonly string[];
  resolve(instance: Instance): void;
  reject(error: unknown): void;
}

/** Loads instances; requests of one event-loop turn share a round trip. */
export class InstanceLoader {
  readonly #redis: ScriptedRedis;
  #waiting: Waiting[] = [];

  constructor(redis: Redis) {
    redis.defineCommand('loadInstances', {
      lua: `#!lua flags=no-writes\n${readFileSync(new URL('./load.lua', import.meta.url), 'utf8')}`,
      readOnly: true,
    });
    this.#redis = redis as ScriptedRedis;
  }

  /** `names`: parts wanted of an instance too large to be read whole; `['*']` reads all of it. */
  load(key: string, names: readonly string[] = []): Promise<Instance> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, names, resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => void this.#flush());
    });
  }

  async #flush(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    const keys: string[] = [];
    const args: string[] = [String(SMALL_FIELDS)];
    for (const { key, names } of batch) {
      keys.push(key);
      args.push(String(names.length));
      for (const name of names) args.push(name);
    }
    try {
      const replies = await this.#redis.loadInstances(keys.length, ...keys, ...args);
      for (let i = 0; i < batch.length; i++) {
        const [whole, nonce, flat] = replies[i] as [number, string | null, (string | null)[]];
        const raw = new Map<string, string | null>();
        for (let f = 0; f < flat.length; f += 2) raw.set(flat[f] as string, flat[f + 1] ?? null);
        batch[i]?.resolve(new Instance(nonce ?? '', raw, whole === 1));
      }
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    }
  }
}
