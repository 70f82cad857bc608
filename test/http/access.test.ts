import { hash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientAddress, SCOPES } from '../../src/http/auth.ts';
import { ANALYSIS, startPlatform, type TestPlatform } from './platform.ts';

const ADMIN = 'admin-key-of-the-test';
const READER = 'reader-key-of-the-test';
const NONE = 'ops-key-of-the-test';
const entry = (name: string, scopes: string, key: string) => `${name}:${scopes}:${hash('sha256', key, 'hex')}`;

let platform: TestPlatform;
beforeAll(async () => {
  const keys = [
    entry('admin', 'admin', ADMIN),
    entry('reader', 'projects:read', READER),
    entry('ops', 'ops:read', NONE),
  ];
  platform = await startPlatform({ API_KEYS: keys.join(','), CORS_ORIGINS: 'https://app.example' });
});
afterAll(() => platform.stop());

const as = (key: string) => ({ authorization: `Bearer ${key}` });
/** A path that matches the route, with ids that do not exist. */
const pathOf = (path: string) =>
  path
    .replace(':file', 'home.0123456789abcdef.css')
    .replace(':name', 'nothing')
    .replace(':team', 'email_team')
    .replace('/api/dlq/:id', '/api/dlq/1-1')
    .replace(/:[a-z]+/g, randomUUID());
const bodyFor = (method: string) => (method === 'POST' ? { json: {} } : {});

describe('the table of routes', () => {
  test('opens only what everyone may have', () => {
    const open = platform.routes
      .filter(({ access }) => access === 'open')
      .map(({ method, path }) => `${method} ${path}`);
    expect(open.sort()).toEqual([
      'GET /',
      'GET /assets/:file',
      'GET /docs',
      'GET /health',
      'GET /health/live',
      'GET /health/ready',
      'GET /openapi.json',
      'POST /api/session',
    ]);
  });

  test('names a known scope for every other route, and no method and path twice', () => {
    const seen = new Set<string>();
    for (const { method, path, access } of platform.routes) {
      if (access !== 'open' && access !== 'any key') expect(SCOPES).toContain(access);
      expect(seen.has(`${method} ${path}`)).toBe(false);
      seen.add(`${method} ${path}`);
    }
    expect(platform.routes.filter(({ access }) => access === 'any key').map(({ path }) => path)).toEqual([
      '/api/session',
    ]);
  });

  test('answers 401 without a key, 403 without the scope, and neither with it', async () => {
    for (const { method, path, access } of platform.routes) {
      if (access === 'open') continue;
      const at = pathOf(path);
      const without = await platform.call(method, at, bodyFor(method));
      expect([method, path, without.status, without.headers.get('www-authenticate')]).toEqual([
        method,
        path,
        401,
        'Bearer',
      ]);
      if (access !== 'any key') {
        const wrong = access === 'ops:read' ? READER : NONE;
        const forbidden = await platform.call(method, at, { ...bodyFor(method), headers: as(wrong) });
        expect([method, path, forbidden.status, forbidden.json?.error.details]).toEqual([
          method,
          path,
          403,
          { scope: access },
        ]);
      }
      if (path === '/api/stream') continue;
      const allowed = await platform.call(method, at, { ...bodyFor(method), headers: as(ADMIN) });
      expect([method, path, [401, 403, 405].includes(allowed.status), allowed.status < 500]).toEqual([
        method,
        path,
        false,
        true,
      ]);
    }
  });

  test('answers other methods of a known path with 405 and Allow', async () => {
    for (const path of new Set(platform.routes.map((route) => route.path))) {
      const known = platform.routes.filter((route) => route.path === path).map((route) => route.method as string);
      const allowed = known.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        if (known.includes(method)) continue;
        const answer = await platform.call(method, pathOf(path), { headers: as(ADMIN) });
        // A fixed path may also be read as another's parameter.
        if (answer.status === 404 && path === '/api/dlq/redrive') continue;
        expect([method, path, answer.status]).toEqual([method, path, 405]);
        expect(answer.json.error.code).toBe('METHOD_NOT_ALLOWED');
        expect(answer.headers.get('allow')).toBe(allowed.join(', '));
      }
    }
  });
});

describe('authentication', () => {
  test('takes exactly a Bearer key, and nothing that only looks like one', async () => {
    const bad = [
      READER,
      `bearer ${READER}`,
      `BEARER ${READER}`,
      `Basic ${btoa(`x:${READER}`)}`,
      `Bearer  ${READER}`,
      `Bearer ${READER}x`,
      `Bearer ${READER}, Bearer ${READER}`,
      `Bearer ${READER.slice(0, -1)}`,
      `Bearer ${hash('sha256', READER, 'hex')}`,
      'Bearer',
      'Bearer ',
      '',
      `Bearer ${'a'.repeat(1_000_000)}`,
    ];
    for (const authorization of bad) {
      const { status } = await platform.call('GET', '/api/projects', { headers: { authorization } });
      expect([authorization.slice(0, 60), status]).toEqual([authorization.slice(0, 60), 401]);
    }
    expect((await platform.call('GET', '/api/projects', { headers: as(READER) })).status).toBe(200);
    expect((await platform.call('GET', `/api/projects?key=${READER}`)).status).toBe(401);
  });

  test('cannot be walked around by another spelling of the path or method', async () => {
    for (const path of [
      '//api/projects',
      '/api//projects',
      '/api/projects/',
      '/%61pi/projects',
      '/api%2fprojects',
      '/api/./projects',
      '/api/x/../projects',
      '/API/projects',
      '/api/projects;a=1',
      '/api/projects%00',
      '/assets/../api/projects',
    ]) {
      for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS', 'TRACE']) {
        const response = await Promise.resolve()
          .then(() => platform.app.request(path, { method, headers: { 'x-http-method-override': 'GET' } }))
          .catch(() => undefined);
        if (!response) continue;
        expect([method, path, response.status, [401, 404, 405].includes(response.status)]).toEqual([
          method,
          path,
          response.status,
          true,
        ]);
      }
    }
  });

  test('is the same for HEAD, which has no body', async () => {
    expect((await platform.app.request('/api/projects', { method: 'HEAD' })).status).toBe(401);
    const response = await platform.app.request('/api/projects', { method: 'HEAD', headers: as(READER) });
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect((await platform.app.request('/api/stream', { method: 'HEAD', headers: as(ADMIN) })).status).toBe(200);
  });

  test('names its key in what it does', async () => {
    const created = await platform.call('POST', '/api/projects', {
      json: { ...ANALYSIS, requires_approval: true },
      headers: as(ADMIN),
    });
    const { project_id } = created.json;
    const stop = () => platform.call('POST', `/api/projects/${project_id}/stop`, { headers: as(ADMIN) });
    expect((await stop()).status).toBe(200);
    const { json } = await platform.call('GET', `/api/projects/${project_id}/events?type=PROJECT.STOP_REQUESTED`, {
      headers: as(ADMIN),
    });
    expect(json.events[0].event.payload.requested_by).toBe('admin');
  });
});

describe('a session of the dashboard', () => {
  const login = (key: string, address = '10.0.0.1') =>
    platform.app.request(
      '/api/session',
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ key }) },
      { incoming: { socket: { remoteAddress: address } } },
    );
  const cookieOf = (response: Response) => (response.headers.get('set-cookie') ?? '').split(';')[0] as string;

  test('begins with a key, reads as that key does, and ends', async () => {
    const response = await login(ADMIN);
    expect(response.status).toBe(204);
    expect(response.headers.get('set-cookie')).toMatch(
      /^session=[\w-]{43}; Path=\/; Max-Age=28800; HttpOnly; SameSite=Strict$/,
    );
    const cookie = cookieOf(response);
    expect((await platform.call('GET', '/api/projects', { headers: { cookie } })).status).toBe(200);
    expect((await platform.call('GET', '/health', { headers: { cookie } })).json.checks).toBeDefined();
    const own = { cookie, 'sec-fetch-site': 'same-origin', 'x-requested-with': 'fetch' };
    expect((await platform.call('DELETE', '/api/session', { headers: { cookie } })).status).toBe(403);
    const out = await platform.call('DELETE', '/api/session', { headers: own });
    expect([out.status, out.headers.get('set-cookie')]).toEqual([
      204,
      expect.stringContaining('session=; Path=/; Max-Age=0;'),
    ]);
    expect((await platform.call('GET', '/api/projects', { headers: { cookie } })).status).toBe(401);
  });

  test('writes only from its own page', async () => {
    const cookie = cookieOf(await login(ADMIN));
    const send = async (headers: Record<string, string>) =>
      (await platform.call('POST', '/api/projects', { json: ANALYSIS, headers: { cookie, ...headers } })).status;
    const asked = { 'x-requested-with': 'fetch' };
    expect(await send({})).toBe(403);
    expect(await send(asked)).toBe(403);
    expect(await send({ 'sec-fetch-site': 'same-origin' })).toBe(403);
    expect(await send({ ...asked, 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await send({ ...asked, 'sec-fetch-site': 'same-site' })).toBe(403);
    expect(
      await send({ ...asked, 'sec-fetch-site': 'cross-site', origin: 'http://localhost', host: 'localhost' }),
    ).toBe(403);
    expect(await send({ ...asked, origin: 'https://evil.example', host: 'localhost' })).toBe(403);
    expect(await send({ ...asked, origin: 'http://localhost', host: 'localhost' })).toBe(201);
    expect(await send({ ...asked, 'sec-fetch-site': 'same-origin' })).toBe(201);
  });

  test('is not begun by an unknown key, and after ten of those a minute not at all', async () => {
    const attempts = await Promise.all(Array.from({ length: 30 }, () => login('wrong', '10.9.9.9')));
    const statuses = attempts.map(({ status }) => status);
    expect([
      statuses.filter((status) => status === 401).length,
      statuses.filter((status) => status === 429).length,
    ]).toEqual([10, 20]);
    expect((await login(ADMIN, '10.9.9.9')).status).toBe(429);
    for (let n = 0; n < 15; n++) expect((await login(ADMIN, '10.9.9.10')).status).toBe(204);
  });

  test('needs the cookie that was given, not one that is made up', async () => {
    for (const cookie of ['session=', `session=${'A'.repeat(43)}`, `session=${ADMIN}`, 'session=../../x', '=;;=']) {
      expect((await platform.call('GET', '/api/projects', { headers: { cookie } })).status).toBe(401);
    }
  });
});

describe('every response', () => {
  test('forbids browsers what the platform does not need', async () => {
    for (const path of ['/', '/docs', '/api/projects', '/health/live', '/nowhere', '/openapi.json']) {
      const { headers } = await platform.call('GET', path);
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      );
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
      expect(headers.get('cache-control') === 'no-store').toBe(path.startsWith('/api'));
    }
  });

  test('repeats its correlation in one line of the log', async () => {
    const id = randomUUID();
    await platform.call('GET', '/api/projects', { headers: { 'x-correlation-id': id } });
    const lines = platform.logged.filter(({ metadata }) => metadata.correlation_id === id);
    expect(lines.map(({ message }) => message)).toEqual(['GET /api/projects 401']);
  });

  test('lets only the listed origins read it', async () => {
    const from = async (origin: string, method = 'GET', headers = {}) =>
      (await platform.call(method, '/api/projects', { headers: { ...as(READER), origin, ...headers } })).headers;
    const listed = await from('https://app.example');
    expect([listed.get('access-control-allow-origin'), listed.get('vary')]).toEqual(['https://app.example', 'Origin']);
    expect(listed.get('access-control-allow-credentials')).toBeNull();
    const other = await from('https://app.example.evil.example');
    expect([other.get('access-control-allow-origin'), other.get('vary')]).toEqual([null, 'Origin']);
    const preflight = await from('https://app.example', 'OPTIONS', { 'access-control-request-method': 'POST' });
    expect(preflight.get('access-control-allow-methods')).toBe('POST, GET, HEAD');
    expect(
      (await from('https://evil.example', 'OPTIONS', { 'access-control-request-method': 'POST' })).get(
        'access-control-allow-methods',
      ),
    ).toBeNull();
  });
});

test('an address is what the trusted proxies saw, whatever the caller claims', () => {
  const claimed = '1.1.1.1, 2.2.2.2, 3.3.3.3';
  expect(clientAddress('9.9.9.9', claimed, 0)).toBe('9.9.9.9');
  expect(clientAddress('9.9.9.9', claimed, 1)).toBe('3.3.3.3');
  expect(clientAddress('9.9.9.9', claimed, 2)).toBe('2.2.2.2');
  expect(clientAddress('9.9.9.9', claimed, 10)).toBe('1.1.1.1');
  expect(clientAddress('9.9.9.9', null, 1)).toBe('9.9.9.9');
  expect(clientAddress('::ffff:9.9.9.9', null, 0)).toBe('9.9.9.9');
  expect(clientAddress('2001:db8:0:1::5', null, 0)).toBe(clientAddress('2001:db8:0:1:ffff::6', null, 0));
  expect(clientAddress('2001:db8:0:2::5', null, 0)).not.toBe(clientAddress('2001:db8:0:1::5', null, 0));
  expect(clientAddress('fe80::1%eth0', null, 0)).toBe('fe80:0:0:0::/64');
});
