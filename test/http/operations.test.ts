import { hash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Keys } from '../../src/bus/keys.ts';
import { Roles } from '../../src/store/roles.ts';
import { type Answer, create, startPlatform, type TestPlatform, until } from './platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({ DLQ_ALERT_PER_HOUR: '3' });
});
afterAll(() => platform.stop());

const get = async (path: string, headers = {}) => platform.call('GET', path, { headers });

describe('log lines', () => {
  const project = randomUUID();
  const levels = ['DEBUG', 'INFO', 'WARN', 'ERROR'];
  beforeAll(async () => {
    const { redis, keys } = platform.node;
    const pipeline = redis.pipeline();
    for (let n = 0; n < 1_200; n++) {
      const level = levels[n % 4] as string;
      const fields = [
        'timestamp',
        new Date(1_700_000_000_000 + n).toISOString(),
        'level',
        level,
        'service',
        `s${n % 3}`,
      ];
      if (n % 100 === 0) fields.push('project_id', project);
      pipeline.xadd(
        keys.logs,
        `${1_700_000_000_000 + n}-0`,
        ...fields,
        'message',
        `line ${n}`,
        'metadata',
        `{"n":${n}}`,
      );
    }
    pipeline.xadd(keys.logs, '1700000001200-0', 'something', 'else', 'metadata', '[');
    await pipeline.exec();
  });
  const numbers = ({ json }: Answer) => json.logs.map(({ metadata }: { metadata: { n: number } }) => metadata.n);

  test('are listed newest first with their number', async () => {
    const first = await get('/api/logs?level=error&limit=3');
    expect(first.json).toMatchObject({ total: 300, limit: 3, offset: 0 });
    expect(numbers(first)).toEqual([1199, 1195, 1191]);
    expect(first.json.logs[0]).toEqual({
      timestamp: '2023-11-14T22:13:21.199Z',
      level: 'ERROR',
      service: 's2',
      message: 'line 1199',
      metadata: { n: 1199 },
    });
    expect(numbers(await get('/api/logs?level=ERROR&limit=2&offset=298'))).toEqual([7, 3]);
    expect((await get('/api/logs')).json).toMatchObject({ total: 1201, limit: 100, offset: 0 });
    expect((await get('/api/logs')).json.logs).toHaveLength(100);
  });

  test('are filtered by level, service, project and time, all at once', async () => {
    expect((await get('/api/logs?level=Warn,error&service=s0')).json.total).toBe(200);
    expect((await get(`/api/logs?project_id=${project.toUpperCase()}`)).json.total).toBe(12);
    expect(numbers(await get('/api/logs?since=2023-11-14T22:13:21.190Z&service=s1'))).toEqual([1198, 1195, 1192]);
    expect((await get(`/api/logs?project_id=${project}&level=WARN`)).json.total).toBe(0);
  });

  test('refuse parameters that say nothing', async () => {
    for (const query of ['level=LOUD', 'level=', 'limit=501', 'offset=10001', 'since=now', 'project_id=1', 'q=x']) {
      expect([query, (await get(`/api/logs?${query}`)).status]).toEqual([query, 400]);
    }
  });
});

describe('actors', () => {
  test('are all there, with what they have done', async () => {
    const id = await create(platform);
    await until(platform, id, 'COMPLETED');
    const of = async (role: string) =>
      (await get('/api/actors')).json.actors.find((actor: { role: string }) => actor.role === role);
    await expect
      .poll(async () => (await of('cost_worker')).throughput_per_minute, { timeout: 5_000 })
      .toBeGreaterThan(0);
    const { mailbox, states, ...cost } = await of('cost_worker');
    expect(mailbox).toBe(platform.node.keys.mailbox('cost_worker'));
    expect(states.done).toBe(1);
    expect(cost).toMatchObject({
      group: 'cost_workers',
      machine: 'work_item',
      threads: 1,
      mailbox_depth: 0,
      pending: 0,
      lag_ms: 0,
      retries: 0,
      dead_letters: 0,
      restarts: 0,
      crashed: false,
      last_error: null,
    });
    expect((await of('orchestrator')).states.COMPLETED).toBe(1);
    const roles = (await get('/api/actors')).json.actors.map(({ role }: { role: string }) => role);
    expect(roles).toEqual(expect.arrayContaining(['orchestrator', 'time_waste_worker', 'worker']));
  });

  test('tell what waits in their mailbox, what is being worked on, and for how long', async () => {
    const { redis } = platform.node;
    const names = { namespace: randomUUID(), prefix: randomUUID(), log: 'l', deadLetters: 'd', idempotence: 'i' };
    const keys = new Keys(names);
    const mailbox = keys.mailbox('cost_worker');
    const group = 'cost_workers';
    const roles = new Roles(redis, keys);
    const nowMs = 1_700_000_140_000;
    const numbers = async () => (await roles.numbersOf([{ role: 'cost_worker', group }], nowMs))[0];
    expect(await numbers()).toMatchObject({ mailbox_depth: 0, pending: 0, lag_ms: 0, states: {} });
    await redis.xgroup('CREATE', mailbox, group, '0', 'MKSTREAM');
    for (const agoMs of [9_000, 5_000, 1_000]) await redis.xadd(mailbox, `${nowMs - agoMs}-0`, 'events', '[]');
    expect(await numbers()).toMatchObject({ mailbox_depth: 3, pending: 0, lag_ms: 9_000 });
    await redis.xreadgroup('GROUP', group, 'me', 'COUNT', 2, 'STREAMS', mailbox, '>');
    expect(await numbers()).toMatchObject({ mailbox_depth: 3, pending: 2, lag_ms: 1_000 });
    const minute = Math.floor(nowMs / 60_000);
    // 40 s of the minute that is five minutes back lie outside the window.
    await redis.hset(
      keys.actor('cost_worker'),
      `turns:${minute}`,
      20,
      `turns:${minute - 4}`,
      20,
      `turns:${minute - 5}`,
      30,
    );
    await redis.hset(
      keys.actor('cost_worker'),
      `turns:${minute - 6}`,
      999,
      'state:done',
      4,
      'state:working',
      -1,
      'retries',
      2,
    );
    expect(await numbers()).toMatchObject({ throughput_per_minute: 10, states: { done: 4, working: 0 }, retries: 2 });
  });
});

describe('a machine', () => {
  test('is described as it is, by its own name and by the name of any role that runs it', async () => {
    const { status, json } = await get('/api/machines/work_item');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      name: 'work_item',
      version: 1,
      initial: 'idle',
      effects: ['perform'],
      outcomes: ['perform.done', 'perform.failed'],
    });
    expect(json.roles).toEqual(expect.arrayContaining(['cost_worker', 'worker']));
    expect(json.states.idle.on['WORK.ITEM_DISPATCHED']).toContainEqual({ target: 'working', guard: 'inputs_present' });
    expect(json.states.working.on['perform.done']).toContainEqual({ target: 'done' });
    expect(json.states.done.type).toBe('final');
    expect((await get('/api/machines/cost_worker')).json).toEqual(json);
    const project = (await get('/api/machines/orchestrator')).json;
    expect(Object.keys(project.states)).toEqual(
      expect.arrayContaining(['CREATED', 'IN_PROGRESS', 'AWAITING_INPUT', 'COMPLETED', 'FAILED', 'STOPPED']),
    );
    for (const name of ['nothing', 'WORK_ITEM', '__proto__', 'constructor', '..', 'a'.repeat(65)]) {
      expect([name, (await get(`/api/machines/${name}`)).status]).toEqual([name, 404]);
    }
  });

  test('names every state that a transition leads to', async () => {
    for (const name of ['work_item', 'orchestrator']) {
      const { states, initial } = (await get(`/api/machines/${name}`)).json;
      expect(states[initial]).toBeDefined();
      for (const { on = {}, always = [] } of Object.values(states) as {
        on?: object;
        always?: { target?: string }[];
      }[]) {
        for (const { target } of [...Object.values(on).flat(), ...always] as { target?: string }[]) {
          if (target !== undefined) expect(Object.keys(states)).toContain(target);
        }
      }
    }
  });
});

describe('health', () => {
  test('says what works', async () => {
    const { status, json } = await get('/health');
    expect(status).toBe(200);
    expect(json).toEqual({
      status: 'ok',
      live: true,
      ready: true,
      version: '1.0.0',
      uptime_s: expect.any(Number),
      checks: {
        redis: { status: 'ok', latency_ms: expect.any(Number) },
        gate: { status: 'ok', lag_ms: expect.any(Number) },
        threads: { status: 'ok', running: 1, expected: 1 },
        roles: { status: 'ok', crashed: [] },
        dlq: { status: 'ok', entries: 0 },
        llm: { status: 'ok', test_mode: true },
      },
    });
    expect((await get('/health/live')).json).toEqual({ status: 'ok' });
    expect((await get('/health/ready')).json).toEqual({ status: 'ok' });
  });

  test('is degraded by more new dead letters than are usual', async () => {
    const { redis, keys } = platform.node;
    for (let n = 0; n < 4; n++) await redis.xadd(keys.log, '*', 'event', `{"n":${n}}`);
    await expect.poll(async () => (await get('/health')).json.status).toBe('degraded');
    const { status, json } = await get('/health');
    expect([status, json.ready, json.checks.dlq]).toEqual([200, true, { status: 'degraded', entries: 4 }]);
  });

  test('ends, and so does the API, while the process drains', async () => {
    platform.runtime.draining = true;
    try {
      const health = await get('/health');
      expect([health.status, health.json.status, health.json.live, health.json.ready]).toEqual([
        503,
        'unavailable',
        true,
        false,
      ]);
      expect((await get('/health/ready')).status).toBe(503);
      expect((await get('/health/live')).status).toBe(200);
      const refused = await get('/api/projects');
      expect([refused.status, refused.json.error.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
      expect([refused.headers.get('retry-after'), refused.headers.get('connection')]).toEqual(['2', 'close']);
    } finally {
      platform.runtime.draining = false;
    }
  });

  test('shows its details only to who has a key', async () => {
    const key = 'health-key-of-the-test';
    const keyed = await startPlatform({
      API_KEYS: `x:ops:read`.replace('ops:read', `ops:read:${hash('sha256', key, 'hex')}`),
    });
    try {
      const open = await keyed.call('GET', '/health');
      expect(open.json).toEqual({ status: 'ok', live: true, ready: true });
      const wrong = await keyed.call('GET', '/health', { headers: { authorization: 'Bearer wrong' } });
      expect(Object.keys(wrong.json)).toEqual(['status', 'live', 'ready']);
      const known = await keyed.call('GET', '/health', { headers: { authorization: `Bearer ${key}` } });
      expect(known.json.checks).toBeDefined();
    } finally {
      await keyed.stop();
    }
  });
});

describe('metrics', () => {
  test('are in the text format and count requests by route, not by path', async () => {
    const id = await create(platform);
    await until(platform, id, 'COMPLETED');
    await get('/nowhere/at/all');
    const { status, headers, text } = await get('/metrics');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(text).toMatch(
      /^dta_http_requests_total\{server="project_api",route="\/api\/projects",method="POST",status="201"\} \d+$/m,
    );
    expect(text).toMatch(
      /^dta_http_requests_total\{server="project_api",route="unmatched",method="GET",status="404"\} \d+$/m,
    );
    expect(text).toMatch(/^dta_http_request_seconds_count\{server="project_api",route="\/api\/projects\/:id"\} \d+$/m);
    expect(text).toMatch(/^dta_projects\{status="COMPLETED"\} 2$/m);
    expect(text).toMatch(/^dta_open_questions 0$/m);
    expect(text).toMatch(/^dta_open_approvals 0$/m);
    expect(text).toMatch(/^dta_mailbox_depth\{role="cost_worker"\} 0$/m);
    expect(text).not.toContain(id);
  });
});

describe('the documentation', () => {
  test('describes every route, with schemas that resolve', async () => {
    const { json } = await get('/openapi.json');
    expect(json).toMatchObject({ openapi: '3.1.0', info: { title: 'DevTeamAutomated', version: '1.0.0' } });
    for (const { method, path, access } of platform.routes) {
      const operation = json.paths[path.replace(/:([a-z]+)/g, '{$1}')]?.[method.toLowerCase()];
      expect(operation, `${method} ${path}`).toMatchObject({
        summary: expect.any(String),
        responses: expect.any(Object),
      });
      expect(operation.security).toEqual(access === 'open' ? [] : [{ key: [] }]);
    }
    const ids = Object.values(json.paths).flatMap((path) =>
      Object.values(path as object).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    const refs = [...JSON.stringify(json).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref as string);
    expect(refs.length).toBeGreaterThan(10);
    for (const ref of refs) {
      expect(ref).toMatch(/^#\/components\/schemas\/[a-z_]+$/);
      expect(Object.keys(json.components.schemas[ref.slice('#/components/schemas/'.length)]).length).toBeGreaterThan(0);
    }
    const create = json.paths['/api/projects'].post;
    expect(Object.keys(create.requestBody.content)).toEqual(['application/json', 'multipart/form-data']);
    expect(Object.keys(create.responses)).toEqual([
      '200',
      '201',
      '400',
      '401',
      '403',
      '409',
      '413',
      '415',
      '429',
      '500',
      '503',
    ]);
    expect(json.components.schemas.plan_item.properties.key.pattern).toBe('^[A-Za-z0-9_.-]{1,64}$');
  });

  test('is a page that needs nothing from elsewhere', async () => {
    for (const path of ['/', '/docs']) {
      const page = await get(path);
      expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      expect(page.text).not.toMatch(/<script(?![^>]*\bsrc=)|<style|style=|\son[a-z]+=/i);
      const linked = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url as string);
      for (const url of linked) {
        if (url === 'data:,') continue;
        expect(url).toMatch(/^\/[a-z]/);
        const answer = await get(url);
        expect([url, answer.status]).toEqual([url, 200]);
        if (!url.startsWith('/assets/')) continue;
        expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
        const zipped = await platform.app.request(url, { headers: { 'accept-encoding': 'br, gzip' } });
        expect(zipped.headers.get('content-encoding')).toBe('gzip');
        expect(Number((await zipped.arrayBuffer()).byteLength)).toBeLessThan(answer.text.length);
      }
    }
    const named = async (origin: string) => (await platform.app.request(`${origin}/`)).text();
    expect(await named('http://127.0.0.1:8123')).toContain('curl -s http://127.0.0.1:8123/api/projects');
    expect(await named("http://a'&b.example")).toContain('curl -s http://localhost:3000/api/projects');
    for (const file of ['home.0000000000000000.css', 'home.css', '..%2f..%2fserve.ts', 'swagger-ui-bundle.js']) {
      expect([file, (await get(`/assets/${file}`)).status]).toEqual([file, 404]);
    }
  });
});
