/** What the mock upstream's wires have in common: what is asked, what is answered, and in which pieces it is sent. */

export type WireName = 'openai' | 'anthropic' | 'google';
export type Json = Record<string, unknown>;

/** Things that a model can be told to refuse, each with the 400 of its wire. */
export type Refusal = 'prefill' | 'sampling' | 'forced_tools' | 'max_tokens';

export interface Asked {
  wire: WireName;
  model: string;
  stream: boolean;
  /** Texts of all messages, system prompt and tool results included. */
  texts: readonly string[];
  /** `ceil(UTF-8 bytes of all texts / 4)`, at least 1. */
  inputTokens: number;
  /** Text of the last message; empty if that is not the user's. */
  lastUserText: string;
  /** Upper bound of the answer, tokens. */
  limit: number;
  stop: readonly string[];
  /** Schema of the arguments by name. */
  tools: ReadonlyMap<string, unknown>;
  /** Name of the tool that must be called; `*`: any. */
  forcedTool: string | null;
  /** JSON Schema demanded by the wire's own means. */
  schema: unknown;
  choices: number;
  /** OpenAI: a stream says its usage only when asked to. */
  tellsUsage: boolean;
}

export type Finish = 'end' | 'max_tokens' | 'stop_sequence' | 'tool_use' | 'content_filter';

/** `input` and `output` are all that is billed; the others are parts of them. */
export interface PlannedUsage {
  input: number;
  cached: number;
  cacheWrite: number;
  output: number;
  reasoning: number;
}

/** An answer before it is put on a wire. */
export interface Plan {
  model: string;
  choices: number;
  /** Text, one token each. */
  pieces: readonly string[];
  toolCalls: readonly { name: string; pieces: readonly string[] }[];
  /** Null: the answer does not say why it ends, nor what it used. */
  finish: Finish | null;
  stopSequence: string | null;
  /** The prompt itself was refused: nothing was generated. */
  promptBlocked: boolean;
  /** A stream sends the wire's mark that nothing follows. */
  marksEnd: boolean;
  /** Told to the client; null: the upstream says nothing about it. */
  usage: PlannedUsage | null;
  /** What the whole answer costs, told or not. */
  billed: PlannedUsage;
  /** Depends on nothing but model, limit, number of input tokens and the way of sending. */
  isDefault: boolean;
}

/** One event of a stream. Only content waits for the first token; faults come after the frames that open it. */
export interface Frame {
  phase: 'open' | 'content' | 'close';
  bytes: string;
  tokens: number;
}

export interface ErrorOptions {
  code?: string | undefined;
  message?: string | undefined;
  param?: string | undefined;
  /** What a Retry-After header says. */
  retryAfterS?: number | undefined;
}

export interface Wire {
  name: WireName;
  /** @throws Rejected */
  read(body: Json, request: RequestHead, refuses: (model: string, what: Refusal) => boolean): Asked;
  /** Key of the request, wherever this wire takes it from. @throws Rejected where it must not be */
  key(request: RequestHead): string | null;
  whole(plan: Plan, id: string): Json;
  frames(plan: Plan, id: string): Frame[];
  /** The body of an error; `status` may differ from what was asked for where the wire has one of its own. */
  error(status: number, options: ErrorOptions): { status: number; body: Json };
  /** An error in the middle of a stream. */
  errorFrame(status: number, options: ErrorOptions): string;
  /** Name of the header that carries the id of a request. */
  idHeader: string;
  /** Shape of an id: `prefix` + number. */
  idPrefix: string;
}

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

export interface RequestHead {
  /** With its query. */
  path: string;
  headers: Headers;
}

/** A request that the upstream does not take. */
export class Rejected extends Error {
  override readonly name = 'Rejected';
  readonly status: number;
  readonly options: ErrorOptions;

  constructor(status: number, message: string, options: ErrorOptions = {}) {
    super(message);
    this.status = status;
    this.options = { ...options, message };
  }
}

/** @throws Rejected if `condition` holds */
export function reject(condition: boolean, message: string, param?: string): void {
  if (condition) throw new Rejected(400, message, { param });
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectAt(value: unknown, path: string): Json {
  if (!isJson(value)) throw new Rejected(400, `Invalid type for '${path}': expected an object.`, { param: path });
  return value;
}

export function listAt(value: unknown, path: string): unknown[] {
  if (!Array.isArray(value)) {
    throw new Rejected(400, `Invalid type for '${path}': expected an array.`, { param: path });
  }
  return value;
}

export function stringAt(value: unknown, path: string): string {
  if (typeof value !== 'string') {
    throw new Rejected(400, `Invalid type for '${path}': expected a string.`, { param: path });
  }
  return value;
}

/** Token limits and the like. */
export function positiveAt(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) {
    throw new Rejected(400, `Invalid value for '${path}': expected an integer of at least 1.`, { param: path });
  }
  return value;
}

export function inputTokensOf(texts: readonly string[]): number {
  let bytes = 0;
  for (const text of texts) bytes += Buffer.byteLength(text);
  return Math.max(1, Math.ceil(bytes / 4));
}

/** A header that was sent once. */
export function headerOf(headers: Headers, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? value : null;
}

export function bearerOf(headers: Headers): string | null {
  return /^bearer (.+)$/i.exec(headerOf(headers, 'authorization') ?? '')?.[1] ?? null;
}

/** Seconds since 1970 in answers: the same bytes for the same request. */
export const CREATED_S = 1_795_000_000;
