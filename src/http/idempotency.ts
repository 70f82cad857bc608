/**
 * The same POST twice has one effect and one answer.
 *
 * Owns: the records `P:http:idem:*` and the ids of a keyed request. Every id of such a request is derived from a
 * seed stored with its key before it runs: a request that died half-way publishes the same events when it is sent
 * again, and the bus knows them (I2). Answers that may change on their own (5xx, 429) are not kept.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import type { Keys } from '../bus/keys.ts';
import type { Fault } from '../errors.ts';
import { asFault, conflict, HttpFault, invalid } from './errors.ts';
import { errorReply, type Reply } from './reply.ts';

const SCRIPT = readFileSync(new URL('./idempotency.lua', import.meta.url), 'utf8');
const KEEP_MS = 24 * 60 * 60 * 1000;
const KEY_FORM = /^[\x20-\x7e]{1,255}$/;

/** A claim outlives the longest request by this: an upload takes its time, then there is a wait, then Redis. */
export const CLAIM_MARGIN_MS = 30_000;

/** What is kept of an answer. */
export interface KeptResponse {
  status: number;
  headers: Record<string, string>;
  /** JSON text, null for an empty body. */
  body: string | null;
}

/** A key this request holds until it is settled. */
export interface Claim {
  seed: string;
  /** The same request has run before, without an answer that could be kept. */
  resumed: boolean;
  /** Keeps the answer for the next request with this key. */
  keep(response: KeptResponse): Promise<void>;
  /** Frees the key for the next try, which will use the same seed. */
  release(): Promise<void>;
}

interface ScriptedRedis extends Redis {
  httpClaim(
    record: string,
    fingerprint: string,
    seed: string,
    leaseMs: number,
    keepMs: number,
  ): Promise<[string, string?]>;
}

export class IdempotencyKeys {
  readonly #redis: ScriptedRedis;
  readonly #keys: Keys;
  /** Longer than a request can take, so only a dead one loses its claim. */
  readonly #leaseMs: number;

  constructor(redis: Redis, keys: Keys, leaseMs: number) {
    redis.defineCommand('httpClaim', { lua: SCRIPT, numberOfKeys: 1 });
    this.#redis = redis as ScriptedRedis;
    this.#keys = keys;
    this.#leaseMs = leaseMs;
  }

  /** The claim, or the answer that was kept. Throws 409 if the key is in use or was used for another request. */
  async claim(caller: string, key: string, fingerprint: string): Promise<Claim | KeptResponse> {
    const record = this.#keys.under(`http:idem:${caller}:${key}`);
    const [verdict, value = ''] = await this.#redis.httpClaim(
      record,
      fingerprint,
      randomUUID(),
      this.#leaseMs,
      KEEP_MS,
    );
    if (verdict === 'DONE') return JSON.parse(value) as KeptResponse;
    if (verdict === 'OTHER') {
      throw conflict('This Idempotency-Key was used for another request.');
    }
    if (verdict === 'RUNNING') {
      const message = 'The first request with this Idempotency-Key is still running.';
      throw new HttpFault('CONFLICT', message, { 'Retry-After': '1' });
    }
    return {
      seed: value,
      resumed: verdict === 'AGAIN',
      keep: async (response) => {
        await this.#redis.hset(record, 'response', JSON.stringify(response));
      },
      release: async () => {
        await this.#redis.hset(record, 'lease_until', 0);
      },
    };
  }
}

/**
 * Runs a request with an Idempotency-Key: once, however often it is sent.
 * @param request `fingerprint`: of method, path and body
 * @param onNotKept the work is done and its answer stands, but a repeat will run again, with the same ids
 */
export async function runOnce(
  keys: IdempotencyKeys,
  request: { caller: string; key: string; fingerprint: string },
  run: (claim: Claim) => Promise<Reply | Response>,
  onNotKept: (error: unknown) => void,
): Promise<Reply | Response> {
  if (!KEY_FORM.test(request.key)) {
    const message = 'must have 1 to 255 printable ASCII characters';
    throw invalid('The Idempotency-Key is not valid.', [{ path: 'header.Idempotency-Key', message }]);
  }
  const claim = await keys.claim(request.caller, request.key, request.fingerprint);
  if ('status' in claim) {
    const { status, headers, body } = claim;
    const replayed = { ...headers, 'Idempotency-Replayed': 'true' };
    return { status, headers: replayed, ...(body !== null && { body: JSON.parse(body) }) };
  }
  let fault: Fault | undefined;
  let reply: Reply | Response;
  try {
    reply = await run(claim);
  } catch (error) {
    fault = asFault(error);
    reply = errorReply(fault);
  }
  try {
    if (reply instanceof Response || reply.status >= 500 || reply.status === 429) await claim.release();
    else {
      const body = reply.body === undefined ? null : JSON.stringify(reply.body);
      await claim.keep({ status: reply.status, headers: reply.headers ?? {}, body });
    }
  } catch (error) {
    onNotKept(error);
  }
  if (fault) throw fault;
  return reply;
}
