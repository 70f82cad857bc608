/**
 * Reading a request body member by member.
 *
 * Owns: the checks that wires share, and the lists of what is wrong with a body and of what has no neutral form. Keeps
 * I11: total over any JSON value, and what is said names places and rules, never the client's values.
 *
 * Written by hand rather than compiled from a schema: the checks are the translation at the same time, and a wire with
 * unions everywhere would get a dozen contradictory messages for one wrong member.
 */
import { pointerPart } from '../../../schemas/json.ts';
import { invalid, type Violation } from '../../http/errors.ts';
import type { ChatRequest } from '../chat.ts';

export type Json = Readonly<Record<string, unknown>>;

/** Enough to learn from; the rest is not even remembered. */
const ERRORS_MAX = 1_000;
/** Names end up in a header. */
const NAMES_MAX = 50;
const NAME_MAX_CHARACTERS = 64;
/** Said of tools that budgets cannot hold. */
export const HOSTED_TOOL =
  'is run by the provider, at a price beyond tokens that no budget here could hold: offer a tool that the client runs';
const MEDIA_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** What becomes of the members of a body; those of no set are no parameters of the wire. */
interface Members {
  /** Have a place in the vocabulary. */
  neutral: ReadonlySet<string>;
  /** Passed on as they are, to this wire's family only. */
  foreign: ReadonlySet<string>;
  /** Of the neutral ones: what is set anew for each provider. */
  overwritten: ReadonlySet<string>;
}

interface Text {
  minLength?: number;
  /** Code points. */
  maxLength?: number;
}

/** Sets a member that has a value. */
export function put<T extends object, K extends keyof T>(target: T, key: K, value: T[K] | undefined): void {
  if (value !== undefined) target[key] = value;
}

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The step of a JSON pointer that leads to `key`. */
export const step = (key: string): string => `/${pointerPart(key.slice(0, 200))}`;

/** A name as the client chose it, fit for a header. */
export const printable = (name: string): string => name.slice(0, NAME_MAX_CHARACTERS).replace(/[^\w.-]/g, '_') || '_';

/** Whether lists and objects in a parsed value nest deeper than `levels`. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((item) => isDeeper(item, levels - 1));
  for (const key in value) if (isDeeper((value as Json)[key], levels - 1)) return true;
  return false;
}

export class Reading {
  readonly #nullIsAbsent: boolean;
  readonly #errors: Violation[] = [];
  readonly #foreign = new Set<string>();
  readonly #bound = new Set<string>();
  readonly #unknown = new Set<string>();

  /** @param nullIsAbsent a member that is null counts as one that is not there */
  constructor({ nullIsAbsent }: { nullIsAbsent: boolean }) {
    this.#nullIsAbsent = nullIsAbsent;
  }

  isAbsent(value: unknown): value is undefined | null {
    return value === undefined || (value === null && this.#nullIsAbsent);
  }

  wrong(path: string, message: string): undefined {
    if (this.#errors.length < ERRORS_MAX) this.#errors.push({ path, message });
  }

  /** A member, or a kind of content, that other families do without. */
  foreign(name: string): void {
    if (this.#foreign.size < NAMES_MAX) this.#foreign.add(name);
  }

  /** Content that only this wire's family can be asked about. */
  bound(name: string): void {
    this.foreign(name);
    if (this.#bound.size < NAMES_MAX) this.#bound.add(name);
  }

  /** A member that is no parameter of the wire. */
  unknown(name: string): void {
    if (this.#unknown.size < NAMES_MAX) this.#unknown.add(printable(name));
  }

  /** What of the body a provider of the same family is sent as it is. */
  forwarded(body: Json, { neutral, foreign, overwritten }: Members): Json {
    const copy: Record<string, unknown> = {};
    for (const key in body) {
      if (neutral.has(key)) {
        if (!overwritten.has(key)) copy[key] = body[key];
      } else if (foreign.has(key)) {
        copy[key] = body[key];
        if (body[key] !== null) this.foreign(key);
      } else this.unknown(key);
    }
    return copy;
  }

  /** What to do without, as part of the request. */
  describe(request: ChatRequest): void {
    if (this.#foreign.size > 0) request.foreign = [...this.#foreign];
    if (this.#bound.size > 0) request.bound = [...this.#bound];
    if (this.#unknown.size > 0) request.unknown = [...this.#unknown];
  }

  /** @throws Fault VALIDATION_ERROR if anything was wrong */
  end(): void {
    const [first] = this.#errors;
    if (!first) return;
    const more = this.#errors.length > 1 ? ` (and ${this.#errors.length - 1} more)` : '';
    throw invalid(`The request is not acceptable: ${first.path || 'the body'} ${first.message}${more}.`, this.#errors);
  }

  required(value: unknown, path: string): boolean {
    if (!this.isAbsent(value)) return true;
    this.wrong(path, 'is required');
    return false;
  }

  object(value: unknown, path: string): Json | undefined {
    if (this.isAbsent(value)) return undefined;
    return isObject(value) ? value : this.wrong(path, 'must be an object');
  }

  list(
    value: unknown,
    path: string,
    minItems = 0,
    maxItems = Number.POSITIVE_INFINITY,
  ): readonly unknown[] | undefined {
    if (this.isAbsent(value)) return undefined;
    if (!Array.isArray(value)) return this.wrong(path, 'must be a list');
    if (value.length < minItems)
      return this.wrong(path, `must have at least ${minItems} item${minItems === 1 ? '' : 's'}`);
    if (value.length > maxItems) return this.wrong(path, `must have at most ${maxItems} items`);
    return value;
  }

  text(value: unknown, path: string, { minLength = 0, maxLength }: Text = {}): string | undefined {
    if (this.isAbsent(value)) return undefined;
    if (typeof value !== 'string') return this.wrong(path, 'must be a string');
    if (value.length < minLength) return this.wrong(path, 'must not be empty');
    if (maxLength !== undefined && isLonger(value, maxLength)) {
      return this.wrong(path, `must have at most ${maxLength} characters`);
    }
    return value;
  }

  boolean(value: unknown, path: string): boolean | undefined {
    if (this.isAbsent(value)) return undefined;
    return typeof value === 'boolean' ? value : this.wrong(path, 'must be true or false');
  }

  number(value: unknown, path: string, minimum: number, maximum: number): number | undefined {
    if (this.isAbsent(value)) return undefined;
    if (typeof value === 'number' && value >= minimum && value <= maximum) return value;
    return this.wrong(path, `must be a number from ${minimum} to ${maximum}`);
  }

  integer(value: unknown, path: string, minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER) {
    if (this.isAbsent(value)) return undefined;
    if (Number.isSafeInteger(value) && (value as number) >= minimum && (value as number) <= maximum) {
      return value as number;
    }
    const from = minimum === Number.MIN_SAFE_INTEGER ? '' : ` from ${minimum}`;
    const to = maximum === Number.MAX_SAFE_INTEGER ? '' : ` to ${maximum}`;
    return this.wrong(path, `must be an integer${from}${to}`);
  }

  oneOf<T extends string>(value: unknown, path: string, values: readonly T[]): T | undefined {
    if (this.isAbsent(value)) return undefined;
    if (values.includes(value as T)) return value as T;
    return this.wrong(path, `must be ${values.length > 1 ? 'one of ' : ''}${values.join(', ')}`);
  }

  /** Stop strings. */
  stops(value: unknown, path: string, maxItems?: number): readonly string[] | undefined {
    const items = this.list(value, path, 0, maxItems);
    if (!items) return undefined;
    items.forEach((item, index) => {
      if (typeof item !== 'string' || item === '') this.wrong(`${path}/${index}`, 'must be a string that is not empty');
    });
    return items as readonly string[];
  }

  /** Members beyond `known` are violations. */
  closed(object: Json, path: string, known: ReadonlySet<string>): void {
    for (const key in object) if (!known.has(key)) this.wrong(path + step(key), 'is not a known field');
  }

  /** Members beyond `known` have no neutral form; null says nothing. */
  open(object: Json, place: string, known: ReadonlySet<string>): void {
    for (const key in object) {
      if (!known.has(key) && object[key] !== null) {
        this.foreign(key === 'cache_control' ? key : `${place}.${printable(key)}`);
      }
    }
  }

  mediaType(value: unknown, path: string): string | undefined {
    if (!this.required(value, path)) return undefined;
    return this.oneOf(value === 'image/jpg' && this.#nullIsAbsent ? 'image/jpeg' : value, path, MEDIA_TYPES);
  }

  base64(value: unknown, path: string): string | undefined {
    if (!this.required(value, path)) return undefined;
    if (typeof value === 'string' && value.length % 4 === 0 && BASE64.test(value)) return value;
    return this.wrong(path, 'must be base64');
  }
}

/** Code points are at most the code units, so most texts need no count. */
function isLonger(text: string, maxCodePoints: number): boolean {
  if (text.length <= maxCodePoints) return false;
  return text.length > 2 * maxCodePoints || Array.from(text).length > maxCodePoints;
}
