/** Takes a request apart and judges it, for both ways in which the mock upstream serves. */
import { anthropic } from './anthropic.ts';
import type { Books } from './books.ts';
import { google } from './google.ts';
import { openai } from './openai.ts';
import type { Script } from './script.ts';
import { type Asked, isJson, type Refusal, Rejected, type RequestHead, type Wire } from './wire.ts';

export interface MockSettings {
  /** Accepted keys; without it, any and none. */
  keys?: readonly string[];
  /** Known models; without it, any. */
  models?: readonly string[];
  /** What a model answers with 400. */
  refuses?: Readonly<Record<string, readonly Refusal[]>>;
  /** Before the headers of every answer, unless the script says otherwise. */
  latencyMs?: number;
  /** Before every content event, unless the script says otherwise. */
  tokenDelayMs?: number;
}

export interface Desk {
  settings: MockSettings;
  script: Script;
  books: Books;
  /** Number of the next answer. */
  nextId(): number;
}

export function wireOf(path: string): Wire | null {
  if (path === '/v1/chat/completions') return openai;
  if (path === '/v1/messages' || path.startsWith('/v1/messages?')) return anthropic;
  return /^\/v1(?:beta)?\/models\/[^/:?]+:(?:streamG|g)enerateContent(?:\?|$)/.test(path) ? google : null;
}

/** @throws Rejected */
export function checkKey({ settings }: Desk, wire: Wire, head: RequestHead): void {
  const key = wire.key(head);
  if (!settings.keys || (key !== null && settings.keys.includes(key))) return;
  if (wire !== google) throw new Rejected(401, 'invalid API key', { code: 'invalid_api_key' });
  if (key === null) throw new Rejected(403, `Method doesn't allow unregistered callers.`);
  // This wire calls a wrong key an invalid argument.
  throw new Rejected(400, 'API key not valid. Please pass a valid API key.', { code: 'invalid_api_key' });
}

/** @throws Rejected */
export function readRequest({ settings }: Desk, wire: Wire, head: RequestHead, body: unknown): Asked {
  if (!isJson(body)) throw new Rejected(400, 'We could not parse the JSON body of your request.');
  const asked = wire.read(body, head, (model, what) => settings.refuses?.[model]?.includes(what) ?? false);
  if (settings.models && !settings.models.includes(asked.model)) {
    throw new Rejected(404, `The model \`${asked.model}\` does not exist or you do not have access to it.`);
  }
  return asked;
}

/** Undefined: the text is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
