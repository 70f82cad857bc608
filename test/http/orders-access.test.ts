/** Who may do what with orders, how often, and what the surface is apart from its routes. */
import { hash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { FROM, orderForm } from '../support/orders.ts';
import { startPlatform, type TestPlatform } from './platform.ts';

const KEYS = {
  reader: 'orders:read',
  writer: 'orders:write',
  approver: 'orders:approve',
  admin: 'admin',
  other: 'projects:read',
};
const entries = Object.entries(KEYS).map(
  ([name, scopes]) => `${name}:${scopes}:${hash('sha256', `key of ${name}`, 'hex')}`,
);
const as = (name: keyof typeof KEYS) => ({ authorization: `Bearer key of ${name}` });

let platform: TestPlatform;
let limited: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({ API_KEYS: entries.join(','), HTTP_WAIT_MS: '20000' });
  limited = await startPlatform({ API_KEYS: entries.join(','), ORDER_RATE_LIMIT_PER_MINUTE: '30', HTTP_WAIT_MS: '0' });
});
afterAll(async () => {
  await platform.stop();
  await limited.stop();
});

/** A path that matches the route, with ids that do not exist. */
const pathOf = (path: string) => path.replace(':file', 'docs.0123456789abcdef.js').replace(/:[a-z]+/g, randomUUID());
const bodyFor = (method: string) => (method === 'POST' ? { json: {} } : {});

describe('the table of routes', () => {
  test('opens only what everyone may have', () => {
    const open = platform.orders.routes.filter(({ access }) => access === 'open');
    expect(open.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual([
      'GET /assets/:file',
      'GET /docs',
      'GET /health',
      'GET /openapi.json',
    ]);
  });

  test('is the same under /api on the other surface', () => {
    const shown = ({ method, path, access }: { method: string; path: string; access: unknown }) =>
      `${method} ${path} ${access}`;
    const here = platform.orders.routes.filter(({ path }) => path.startsWith('/orders')).map(shown);
    const there = platform.routes.filter(({ path }) => path.startsWith('/api/orders')).map(shown);
    expect(here.length).toBeGreaterThan(7);
    expect(there).toEqual(here.map((line) => line.replace(' /orders', ' /api/orders')));
  });

  test('answers 401 without a key, 403 without the scope, and neither with it', async () => {
    for (const { method, path, access } of platform.orders.routes) {
      if (access === 'open') continue;
      const at = pathOf(path);
      const without = await platform.callOrders(method, at, bodyFor(method));
      expect([at, without.status, without.headers.get('www-authenticate')]).toEqual([at, 401, 'Bearer']);
      const holder = (name: string) => KEYS[name as keyof typeof KEYS] === access;
      for (const name of ['reader', 'writer', 'approver', 'other'] as const) {
        const { status, json } = await platform.callOrders(method, at, { ...bodyFor(method), headers: as(name) });
        if (holder(name))
          expect([at, name, [401, 403, 405].includes(status), status < 500]).toEqual([at, name, false, true]);
        else expect([at, name, status, json.error.details]).toEqual([at, name, 403, { scope: access }]);
      }
      const { status } = await platform.callOrders(method, at, { ...bodyFor(method), headers: as('admin') });
      expect([at, [401, 403, 405].includes(status), status < 500]).toEqual([at, false, true]);
    }
  });

  test('answers other methods of a known path with 405 and Allow, and HEAD as GET', async () => {
    for (const path of new Set(platform.orders.routes.map((route) => route.path))) {
      const known = platform.orders.routes
        .filter((route) => route.path === path)
        .map((route) => route.method as string);
      const allowed = known.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        const answer = await platform.callOrders(method, pathOf(path), { headers: as('admin') });
        if (allowed.includes(method)) expect([method, path, answer.status === 405]).toEqual([method, path, false]);
        else
          expect([method, path, answer.status, answer.headers.get('allow')]).toEqual([
            method,
            path,
            405,
            allowed.join(', '),
          ]);
      }
    }
    const head = await platform.callOrders('HEAD', '/orders', { headers: as('reader') });
    expect([head.status, head.text]).toEqual([200, '']);
  });
});

test('a decision bears the name of its key', async () => {
  const body = orderForm({ from_email: FROM }, [{ name: 'a.csv', content: 'sku,qty\nA,1\n' }]);
  const { json } = await platform.callOrders('POST', '/orders/inbox', { body, headers: as('writer') });
  const corrections = { delivery_address: null, delivery_date: null };
  const decided = await platform.callOrders('POST', `/orders/${json.order_id}/validate`, {
    json: { corrections },
    headers: as('approver'),
  });
  expect(decided.status, decided.text).toBe(200);
  const order = await platform.callOrders('GET', `/orders/${json.order_id}`, { headers: as('reader') });
  expect(order.json.decision.by).toBe('approver');
});

describe('the rate limit', () => {
  test('is 30 writes and 180 reads a minute for a key, of both surfaces together', async () => {
    const write = (call: TestPlatform['call'], prefix: string) =>
      call('POST', `${prefix}/orders/${randomUUID()}/validate`, { json: {}, headers: as('admin') });
    for (let n = 0; n < 30; n += 1) {
      const { status, headers } = await (n % 2 === 0 ? write(limited.callOrders, '') : write(limited.call, '/api'));
      expect([status, headers.get('x-ratelimit-limit'), headers.get('x-ratelimit-remaining')]).toEqual([
        404,
        '30',
        `${29 - n}`,
      ]);
    }
    for (const answer of [await write(limited.callOrders, ''), await write(limited.call, '/api')]) {
      expect([answer.status, answer.json.error.code]).toEqual([429, 'RATE_LIMITED']);
      expect(Number(answer.headers.get('retry-after'))).toBe(answer.json.error.details.retry_after);
    }
    const read = () => limited.callOrders('GET', '/orders', { headers: as('admin') });
    for (let n = 0; n < 180; n += 1) expect((await read()).status).toBe(200);
    expect((await read()).status).toBe(429);
    // What is not about orders is counted apart, and another key for itself.
    expect((await limited.call('GET', '/api/projects', { headers: as('admin') })).status).toBe(200);
    expect((await limited.callOrders('GET', '/orders', { headers: as('reader') })).status).toBe(200);
    expect((await limited.callOrders('GET', '/health')).status).toBe(200);
  });
});

describe('a caller who does not wait', () => {
  test('is told that the order has been received, and that the decision has been taken', async () => {
    const body = orderForm({ from_email: FROM, delivery_address: 'x', delivery_date: '2199-01-01' }, [
      { name: 'a.csv', content: 'sku,qty\nZ,1\n' },
    ]);
    const { status, json } = await limited.callOrders('POST', '/orders/inbox', { body, headers: as('writer') });
    expect([status, json]).toEqual([
      201,
      {
        order_id: json.order_id,
        status: 'RECEIVED',
        extracted_data: null,
        validation_required: true,
        missing_fields: [],
      },
    ]);
    await eventually('there is a draft', async () => {
      const { node } = limited;
      const snapshot = await node.redis.hget(node.keys.state('order_intake', json.order_id), 'snapshot');
      return JSON.parse(snapshot ?? '{}').value === 'VALIDATION_REQUIRED';
    });
    const decided = await limited.callOrders('POST', `/orders/${json.order_id}/validate`, {
      json: {},
      headers: as('approver'),
    });
    expect([decided.status, decided.json]).toEqual([
      202,
      { order_id: json.order_id, status: 'SUBMITTED', export_path: null, message: 'Approval submitted' },
    ]);
  });
});

describe('beside its routes the surface', () => {
  test('says how it is, and more to those with a key', async () => {
    const anonymous = await platform.callOrders('GET', '/health');
    expect(anonymous.json).toEqual({ status: 'ok', live: true, ready: true });
    const { json } = await platform.callOrders('GET', '/health', { headers: as('reader') });
    expect(json).toMatchObject({ version: '1.0.0', checks: { redis: { status: 'ok' } } });
  });

  test('describes itself', async () => {
    const { json } = await platform.callOrders('GET', '/openapi.json');
    expect(json.info.title).toBe('DevTeamAutomated order intake');
    const routes = platform.orders.routes.map(({ method, path }) => `${method} ${path.replace(/:([a-z]+)/g, '{$1}')}`);
    const shown = Object.entries(json.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(shown.toSorted()).toEqual(routes.toSorted());
    const { content } = json.paths['/orders/inbox'].post.requestBody;
    expect(Object.keys(content)).toEqual(['multipart/form-data', 'message/rfc822']);
    expect(content['multipart/form-data'].schema).toMatchObject({
      required: ['from_email'],
      properties: { files: { type: 'array', maxItems: 10 }, delivery_date: { format: 'date' } },
    });
    const page = await platform.callOrders('GET', '/docs');
    const [script] = page.text.match(/\/assets\/docs\.[^"]+/) ?? [];
    expect((await platform.callOrders('GET', script ?? '')).status).toBe(200);
  });

  test('does not keep what it answers, and forbids browsers what it does not need', async () => {
    for (const path of ['/orders', '/health', `/orders/${randomUUID()}`]) {
      const { headers } = await platform.callOrders('GET', path, { headers: as('reader') });
      expect([path, headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual([
        path,
        'no-store',
        'nosniff',
      ]);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    }
  });

  test('takes no new work while the process shuts down', async () => {
    limited.runtime.draining = true;
    const { status, headers } = await limited.callOrders('GET', '/orders', { headers: as('reader') });
    limited.runtime.draining = false;
    expect([status, headers.get('connection')]).toEqual([503, 'close']);
  });
});
