/**
 * Reading the stored state of instances.
 *
 * Owns: loading named parts on demand, many instances per call, and a bounded memory of what was loaded, which is
 * used only while the stored nonce is still the same. Does not own writing: that is the commit alone.
 * Keeps I10: a small instance is read whole, of a large one only what a step asked for.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { NeedParts, type Parts } from '../../machines/kit.ts';
import { refusesForNow } from './connection.ts';

/** Up to this many fields an instance is read whole: one plan of a dozen items, its results and questions. */
const SMALL_FIELDS = 64;
/** Fields of the hash that are not parts. */
const META = new Set(['nonce', 'snapshot']);
/** Instances remembered per thread, and how large one may be: 32 MiB of text at the most. */
const HELD_MAX = 512;
const HELD_MAX_CHARACTERS = 16 * 1024;

interface ScriptedRedis extends Redis {
  loadInstances(keyCount: number, ...args: string[]): Promise<[number, string, (string | null)[]][]>;
}

/** The state of one instance as far as it is loaded. */
export class Instance implements Parts {
  /** '' while the instance does not exist. */
  nonce: string;
  #raw: Map<string, string | null>;
  #parsed = new Map<string, unknown>();
  #whole: boolean;
  #characters = 0;

  constructor(nonce = '', raw = new Map<string, string | null>(), whole = true) {
    this.nonce = nonce;
    this.#raw = raw;
    this.#whole = whole;
    for (const text of raw.values()) this.#characters += text?.length ?? 0;
  }

  /** Length of the text held. */
  get characters(): number {
    return this.#characters;
  }

  /** Whether nothing needs to be read to know this part. */
  has(name: string): boolean {
    return this.#whole || this.#raw.has(name);
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
    if (other === this) return;
    if (other.nonce !== this.nonce) {
      this.#raw = new Map();
      this.#parsed.clear();
      this.#characters = 0;
      this.#whole = other.#whole;
      this.nonce = other.nonce;
    }
    for (const [name, text] of other.#raw) this.#set(name, text);
    this.#whole ||= other.#whole;
  }

  /** Takes over what a commit has written. */
  written(nonce: string, fields: readonly string[]): void {
    this.nonce = nonce;
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i] as string;
      this.#set(name, fields[i + 1] as string);
      this.#parsed.delete(name);
    }
  }

  #set(name: string, text: string | null): void {
    this.#characters += (text?.length ?? 0) - (this.#raw.get(name)?.length ?? 0);
    this.#raw.set(name, text);
  }
}

interface Waiting {
  key: string;
  names: readonly string[];
  resolve(instance: Instance): void;
  reject(error: unknown): void;
}

/** Loads that must in a row have found the held state unchanged before it is used without asking. */
const TRUST_AFTER = 64;

/** Loads instances; requests made together share a round trip. */
export class InstanceLoader {
  readonly #redis: ScriptedRedis;
  /** Least recently used first. */
  readonly #held = new Map<string, Instance>();
  #waiting: Waiting[] = [];
  /** Loads still to be found unchanged: as long as nobody else writes these instances, asking is a wasted round trip. */
  #doubts = TRUST_AFTER;

  constructor(redis: Redis) {
    redis.defineCommand('loadInstances', {
      lua: `#!lua flags=no-writes\n${readFileSync(new URL('./load.lua', import.meta.url), 'utf8')}`,
      readOnly: true,
    });
    this.#redis = redis as ScriptedRedis;
  }

  /**
   * The instance as it is stored now. One that was loaded before is the same object, with what was written since.
   * @param names parts wanted of an instance too large to be read whole; `['*']` reads all of it.
   */
  load(key: string, names: readonly string[] = []): Promise<Instance> {
    const held = this.#doubts === 0 ? this.#held.get(key) : undefined;
    if (held && names.every((name) => held.has(name))) return Promise.resolve(held);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, names, resolve, reject });
      if (this.#waiting.length === 1) queueMicrotask(() => void this.#flush());
    });
  }

  /** A commit found the instance changed: what is held of it is stale. */
  conflicted(key: string): void {
    this.#held.delete(key);
    this.#doubts = TRUST_AFTER;
  }

  async #flush(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    const keys: string[] = [];
    const args: string[] = [String(SMALL_FIELDS)];
    // The answers refer to what is held now, whatever is dropped or written until they come.
    const heldNow = batch.map(({ key }) => this.#held.get(key));
    for (const [i, { key, names }] of batch.entries()) {
      const held = heldNow[i];
      const wanted = held ? names.filter((name) => !held.has(name)) : names;
      keys.push(key);
      args.push(held?.nonce ?? '', String(wanted.length), ...wanted);
    }
    try {
      const replies = await this.#ask(keys, args);
      for (let i = 0; i < batch.length; i++) {
        const { key, resolve } = batch[i] as Waiting;
        resolve(this.#take(key, heldNow[i], replies[i] as [number, string, (string | null)[]]));
      }
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    }
  }

  /** Asks until Redis can answer; being told to wait is nobody's failed attempt. */
  async #ask(keys: string[], args: string[]): Promise<[number, string, (string | null)[]][]> {
    for (let delayMs = 10; ; delayMs = Math.min(1_000, delayMs * 2)) {
      try {
        return await this.#redis.loadInstances(keys.length, ...keys, ...args);
      } catch (error) {
        if (!refusesForNow(error)) throw error;
        await pause(delayMs);
      }
    }
  }

  #take(key: string, held: Instance | undefined, [what, nonce, flat]: [number, string, (string | null)[]]): Instance {
    const raw = new Map<string, string | null>();
    for (let f = 0; f < flat.length; f += 2) raw.set(flat[f] as string, flat[f + 1] ?? null);
    this.#held.delete(key);
    const read = new Instance(nonce, raw, what === 1);
    const instance = what === 2 && held ? held : read;
    if (what === 2) this.#doubts = Math.max(0, this.#doubts - 1);
    else if (held) this.#doubts = TRUST_AFTER;
    if (instance === held && held.nonce === nonce) held.merge(read);
    if (nonce === '' || instance.characters > HELD_MAX_CHARACTERS) return instance;
    this.#held.set(key, instance);
    if (this.#held.size > HELD_MAX) this.#held.delete(this.#held.keys().next().value as string);
    return instance;
  }
}
