import { hash, randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Keys } from '../../src/bus/keys.ts';
import { IdempotencyKeys } from '../../src/http/idempotency.ts';
import { RateLimiter } from '../../src/http/rate-limit.ts';
import { ANALYSIS, startPlatform, type TestPlatform } from './platform.ts';

const KEY_A = 'key-a-of-the-test';
const KEY_B = 'key-b-of-the-test';
const entry = (name: string, key: string) => `${name}:admin:${hash('sha256', key, 'hex')}`;
const as = (key: string) => ({ authorization: `Bearer ${key}` });

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({
    API_KEYS: [entry('a', KEY_A), entry('b', KEY_B)].join('\n'),
    RATE_LIMIT_PER_MINUTE: '4',
    TRUST_PROXY: '1',
  });
});
afterAll(() => platform.stop());

describe('the rate limit', () => {
  test('lets as many writes as configured and six times as many reads pass, per key', async () => {
    const write = (key: string) => platform.call('POST', '/api/projects', { json: {}, headers: as(key) });
    const writes = [];
    for (let n = 0; n < 6; n++) writes.push(await write(KEY_A));
    expect(writes.map(({ status }) => status)).toEqual([400, 400, 400, 400, 429, 429]);
    expect(writes.map(({ headers }) => headers.get('x-ratelimit-remaining'))).toEqual(['3', '2', '1', '0', '0', '0']);
    const { headers, json } = writes[5] as (typeof writes)[number];
    expect(headers.get('x-ratelimit-limit')).toBe('4');
    const retryAfter = Number(headers.get('retry-after'));
    expect(json.error).toMatchObject({ code: 'RATE_LIMITED', details: { retry_after: retryAfter } });
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(65);
    expect(Number(headers.get('x-ratelimit-reset')) * 1000).toBeGreaterThan(Date.now());
    expect((await write(KEY_B)).status).toBe(400);
    const reads = await Promise.all(
      Array.from({ length: 30 }, () => platform.call('GET', '/api/projects', { headers: as(KEY_A) })),
    );
    expect(reads.filter(({ status }) => status === 200)).toHaveLength(24);
    expect(reads.filter(({ status }) => status === 429)).toHaveLength(6);
  });

  test('counts callers without a key by the address the proxy saw', async () => {
    const guess = (forwarded: string) =>
      platform.call('POST', '/api/projects', {
        json: {},
        headers: { authorization: `Bearer ${randomUUID()}`, 'x-forwarded-for': forwarded },
      });
    const statuses = [];
    // The caller rotates what it may write itself; the last hop is the proxy's word.
    for (let n = 0; n < 8; n++) statuses.push((await guess(`10.1.1.${n}, 10.2.2.2`)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 429, 429, 429, 429]);
    expect((await guess('10.2.2.2, 10.3.3.3')).status).toBe(401);
  });

  test('does not count health, metrics, pages and documentation', async () => {
    for (const path of ['/health', '/health/live', '/metrics', '/', '/docs', '/openapi.json']) {
      for (let n = 0; n < 30; n++) {
        const answer = await platform.call('GET', path, { headers: as(KEY_B) });
        expect([path, answer.status, answer.headers.get('x-ratelimit-limit')]).toEqual([path, 200, null]);
      }
    }
  });

  test('holds over several processes that share Redis', async () => {
    const keys = new Keys({
      namespace: 'rate',
      prefix: `rate${randomUUID()}`,
      log: '',
      deadLetters: '',
      idempotence: '',
    });
    const clients = Array.from({ length: 3 }, () => new Redis(inject('redisSocket')));
    const limiters = clients.map((client) => new RateLimiter(client, keys));
    const taken = await Promise.all(
      Array.from({ length: 300 }, (_, n) => (limiters[n % 3] as RateLimiter).take('burst', 50)),
    );
    expect(taken.filter(({ allowed }) => allowed)).toHaveLength(50);
    const remaining = taken.filter(({ allowed }) => allowed).map((each) => each.remaining);
    expect(remaining.toSorted((a, b) => b - a)).toEqual(Array.from({ length: 50 }, (_, n) => 49 - n));
    const bucket = keys.under('http:rate:burst');
    expect(await clients[0]?.ttl(bucket)).toBeGreaterThan(60);
    expect(await clients[0]?.hlen(bucket)).toBeLessThanOrEqual(13);
    for (const client of clients) client.disconnect();
  });

  test('forgets requests after a minute, not before', async () => {
    const keys = new Keys({
      namespace: 'rate',
      prefix: `rate${randomUUID()}`,
      log: '',
      deadLetters: '',
      idempotence: '',
    });
    const client = new Redis(inject('redisSocket'));
    const limiter = new RateLimiter(client, keys);
    const slot = async () => Math.floor(Number((await client.time())[0]) / 5);
    const bucket = keys.under('http:rate:old');
    const now = await slot();
    await client.hset(bucket, now - 13, 7, now - 12, 2);
    // Two of limit 4 are still in the window, seven are not; a slot may end meanwhile.
    const { remaining } = await limiter.take('old', 4);
    expect(remaining).toBe((await slot()) === now ? 1 : 3);
    client.disconnect();
  });
});

describe('an Idempotency-Key', () => {
  const post = (key: string, json: unknown = ANALYSIS, as_ = KEY_A) =>
    unlimited.call('POST', '/api/projects', { json, headers: { ...as(as_), 'idempotency-key': key } });
  let unlimited: TestPlatform;
  beforeAll(async () => {
    unlimited = await startPlatform({ API_KEYS: [entry('a', KEY_A), entry('b', KEY_B)].join('\n') });
  });
  afterAll(() => unlimited.stop());

  test('makes a repeated request one request with one answer', async () => {
    const first = await post('k1');
    const again = await post('k1');
    expect([first.status, again.status, again.json]).toEqual([201, 201, first.json]);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect([first, again].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
    const { json } = await unlimited.call('GET', `/api/projects?q=${ANALYSIS.name}`, { headers: as(KEY_A) });
    expect(json.projects).toHaveLength(1);
  });

  test('of another caller, or on another path, is another key', async () => {
    const first = await post('k2');
    const other = await post('k2', ANALYSIS, KEY_B);
    expect(other.json.project_id).not.toBe(first.json.project_id);
    const { status } = await unlimited.call('POST', `/api/projects/${first.json.project_id}/message`, {
      json: ANALYSIS,
      headers: { ...as(KEY_A), 'idempotency-key': 'k2' },
    });
    expect(status).toBe(409);
  });

  test('with another body is a conflict', async () => {
    await post('k3');
    const other = await post('k3', { ...ANALYSIS, hourly_rate: 101 });
    expect([other.status, other.json.error.code]).toEqual([409, 'CONFLICT']);
  });

  test('keeps a refusal too', async () => {
    const first = await post('k4', {});
    const again = await post('k4', {});
    expect([first.status, again.status, again.headers.get('idempotency-replayed')]).toEqual([400, 400, 'true']);
    expect(again.json).toEqual(first.json);
  });

  test('sent a hundred times at once has one effect; who comes too early is told to wait', async () => {
    const many = await Promise.all(Array.from({ length: 100 }, () => post('k5', { ...ANALYSIS, name: 'Hundred' })));
    const statuses = new Set(many.map(({ status }) => status));
    expect([...statuses].every((status) => status === 201 || status === 409)).toBe(true);
    for (const { status, headers } of many) if (status === 409) expect(headers.get('retry-after')).toBe('1');
    const ids = new Set(many.filter(({ status }) => status === 201).map(({ json }) => json.project_id));
    expect(ids.size).toBe(1);
    const { json } = await unlimited.call('GET', '/api/projects?q=Hundred', { headers: as(KEY_A) });
    expect(json.projects).toHaveLength(1);
  });

  test('must be 1 to 255 printable ASCII characters', async () => {
    for (const key of ['', 'a'.repeat(256), 'é', 'a\tb']) {
      expect([key, (await post(key)).status]).toEqual([key, 400]);
    }
    expect((await post('~'.repeat(255))).status).toBe(201);
  });

  test('of a request that died half-way lets the repeat finish with the same ids', async () => {
    const keys = new Keys({
      namespace: 'idem',
      prefix: `idem${randomUUID()}`,
      log: '',
      deadLetters: '',
      idempotence: '',
    });
    const client = new Redis(inject('redisSocket'));
    const dying = new IdempotencyKeys(client, keys, 0);
    const first = await dying.claim('a', 'k', 'f');
    const second = await dying.claim('a', 'k', 'f');
    if ('status' in first || 'status' in second) throw new Error('nothing was kept');
    expect([first.resumed, second.resumed, second.seed]).toEqual([false, true, first.seed]);
    const living = new IdempotencyKeys(client, keys, 60_000);
    const third = await living.claim('a', 'k', 'f');
    await expect(living.claim('a', 'k', 'f')).rejects.toThrow('still running');
    if ('status' in third) throw new Error('nothing was kept');
    await third.keep({ status: 201, headers: {}, body: '{}' });
    expect(await living.claim('a', 'k', 'f')).toEqual({ status: 201, headers: {}, body: '{}' });
    await expect(living.claim('a', 'k', 'other')).rejects.toThrow('another request');
    expect(await client.pttl(keys.under('http:idem:a:k'))).toBeGreaterThan(23 * 60 * 60 * 1000);
    client.disconnect();
  });

  test('publishes one event when the answer of the first try was lost', async () => {
    const id = unlimited.node.keys.under('http:idem:a:k6');
    const first = await post('k6', { ...ANALYSIS, name: 'Lost answer' });
    // What a process leaves that was killed before it could keep its answer, one lease later.
    await unlimited.node.redis.hdel(id, 'response');
    await unlimited.node.redis.hset(id, 'lease_until', 0);
    const again = await post('k6', { ...ANALYSIS, name: 'Lost answer' });
    expect([again.status, again.json, again.headers.get('idempotency-replayed')]).toEqual([201, first.json, null]);
    const { json } = await unlimited.call('GET', '/api/projects?q=Lost answer', { headers: as(KEY_A) });
    expect(json.projects).toHaveLength(1);
    const events = await unlimited.call(
      'GET',
      `/api/projects/${first.json.project_id}/events?type=PROJECT.INITIAL_REQUEST_RECEIVED`,
      { headers: as(KEY_A) },
    );
    expect(events.json.events).toHaveLength(1);
  });
});
