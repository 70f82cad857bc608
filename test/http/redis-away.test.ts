import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { ORDER_CSV, orderForm, storedFiles } from '../support/orders.ts';
import { RedisProcess } from '../support/redis-process.ts';
import { ANALYSIS, type Answer, startPlatform, type TestPlatform, until } from './platform.ts';

let redis: RedisProcess;
let platform: TestPlatform;
beforeAll(async () => {
  redis = await RedisProcess.start();
  platform = await startPlatform(
    { REDIS_COMMAND_TIMEOUT_MS: '1000', RATE_LIMIT_PER_MINUTE: '10000' },
    { socketPath: redis.socketPath },
  );
});
afterAll(async () => {
  redis.thaw();
  await platform.stop();
  await redis.stop();
});

const ORDER_FILE = { name: 'order.csv', content: ORDER_CSV };
const REQUESTS = [
  ['GET', '/api/projects', undefined],
  ['GET', '/api/questions', undefined],
  ['GET', '/api/orders', undefined],
  ['GET', '/api/dlq', undefined],
  ['GET', '/api/logs', undefined],
  ['GET', '/api/actors', undefined],
  ['GET', '/metrics', undefined],
  ['GET', '/api/stream?last_event_id=0-0', undefined],
  ['POST', '/api/projects', ANALYSIS],
] as const;

async function expectUnavailable(): Promise<void> {
  const answers = await Promise.all(
    REQUESTS.map(async ([method, path, json]) => ({
      path: `${method} ${path}`,
      ...(await platform.call(method, path, json ? { json } : {})),
    })),
  );
  for (const { path, status, headers, json, text } of answers) {
    expect([path, status], text).toEqual([path, 503]);
    expect([json.error.code, headers.get('retry-after')]).toEqual(['SERVICE_UNAVAILABLE', '2']);
    expect(text).not.toMatch(/sock|ECONN|ioredis/i);
  }
  const order = await platform.callOrders('POST', '/orders/inbox', { body: orderForm(undefined, [ORDER_FILE]) });
  expect([order.status, order.headers.get('retry-after')], order.text).toEqual([503, '2']);
  expect(storedFiles(platform).incoming).toEqual([]);
  const health = await platform.call('GET', '/health');
  expect([health.status, health.json.status, health.json.live, health.json.ready]).toEqual([
    503,
    'unavailable',
    true,
    false,
  ]);
  expect(health.json.checks.redis).toEqual({ status: 'unavailable', latency_ms: null });
  expect((await platform.call('GET', '/health/live')).status).toBe(200);
  expect((await platform.call('GET', '/health/ready')).status).toBe(503);
  for (const path of ['/', '/docs', '/openapi.json']) expect((await platform.call('GET', path)).status).toBe(200);
}

async function expectWorking(): Promise<void> {
  let answer: Answer | undefined;
  await eventually('a project is accepted', async () => {
    answer = await platform.call('POST', '/api/projects', { json: ANALYSIS });
    return answer.status === 201;
  });
  await until(platform, answer?.json.project_id, 'COMPLETED');
  await eventually('it is ready', async () => (await platform.call('GET', '/health/ready')).status === 200);
}

describe('while Redis', () => {
  test('is frozen, every request is told so in time, and all is well afterwards', async () => {
    await expectWorking();
    redis.freeze();
    await expectUnavailable();
    redis.thaw();
    await expectWorking();
  });

  test('is gone, every request is told so, and all is well when it is back', async () => {
    await redis.kill();
    await expectUnavailable();
    await redis.start();
    await expectWorking();
  });

  test('is full, reads go on and writes are refused', async () => {
    const client = redis.connect();
    await client.config('SET', 'maxmemory', '1mb');
    expect((await platform.call('GET', '/api/projects')).status).toBe(200);
    const answer = await platform.call('POST', '/api/projects', { json: ANALYSIS });
    expect([answer.status, answer.json.error.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    expect((await platform.call('GET', '/health/ready')).status).toBe(503);
    await client.config('SET', 'maxmemory', '0');
    client.disconnect();
    await expectWorking();
  });
});
