import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Served, serveApp } from '../../src/http/serve.ts';
import { eventually } from '../support/eventually.ts';
import { orderForm } from '../support/orders.ts';
import { ANALYSIS, create, startPlatform, type TestPlatform, until } from './platform.ts';

let platform: TestPlatform;
let served: Served;
const ids: Record<string, string> = {};
beforeAll(async () => {
  platform = await startPlatform({ HTTP_WAIT_MS: '0' });
  served = await serveApp(platform.app, { host: '127.0.0.1', port: 0, requestTimeoutMs: 2_000 });
  const asking = await create(platform, { name: 'Ask', description: 'Where does time go?', rows: ANALYSIS.rows });
  await until(platform, asking, 'AWAITING_INPUT');
  const { json } = await platform.call('GET', `/api/projects/${asking}/questions`);
  await platform.node.redis.xadd(platform.node.keys.log, '*', 'event', '{}');
  const letters = async () => (await platform.call('GET', '/api/dlq')).json.entries;
  await eventually('there is a dead letter', async () => (await letters()).length > 0);
  const sent = await platform.call('POST', '/api/orders/inbox', { body: orderForm() });
  const order = sent.json.order_id;
  Object.assign(ids, { project: asking, question: json.questions[0].id, letter: (await letters())[0].id, order });
});
afterAll(async () => {
  platform.close();
  await served.close(100);
  await platform.stop();
});

/** The server still works, and nothing it did was its own fault. */
async function expectUnharmed(): Promise<void> {
  const faults = platform.logged.filter(({ level }) => level === 'ERROR');
  expect(faults).toEqual([]);
  expect((await platform.call('GET', '/health/ready')).status).toBe(200);
}

const strange = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'a'.repeat(20_001),
    '\u0000',
    '\ud800',
    '‮',
    '%',
    '../..',
    '$' + '{7*7}',
    '-0',
    '1e999',
  ),
);
const anyJson = fc.jsonValue({ maxDepth: 5 });
const idLike = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('project', 'question', 'letter', 'order').map((kind) => ids[kind] as string),
  },
  fc.uuid(),
  strange.map((text) => encodeURIComponent(text.toWellFormed())),
  fc.constantFrom('%ff', '%00', '%2f', '..', '1-1', '18446744073709551615-18446744073709551615'),
);

const members = fc.oneof(
  anyJson,
  strange,
  fc.constantFrom<unknown>(ANALYSIS.name, ANALYSIS.rows, 100, true, null, {}, []),
  fc.array(
    fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      title: strange,
      agent_target: fc.constantFrom('worker', 'x'),
      depends_on: fc.array(fc.constantFrom('a', 'b', 'zz'), { maxLength: 3 }),
      work_context: anyJson,
    }),
    { maxLength: 4 },
  ),
  fc.array(
    fc.record(
      { text: strange, estimated_minutes: fc.oneof(fc.constantFrom('1h', '', '-1', '1e9 d'), fc.double()) },
      { requiredKeys: [] },
    ),
    { maxLength: 4 },
  ),
);

/** Teams exist by name; everything else a path names is an id. */
const pathOf = (path: string, id: string) => path.replace(':team', 'email_team').replace(/:[a-z]+/g, id);

/** What each route takes; bodies are made of it by changing, adding and leaving out members. */
const VALID: Readonly<Record<string, Record<string, unknown>>> = {
  '/api/projects': ANALYSIS,
  '/api/projects/:id/message': { message: 'Hello' },
  '/api/questions/:id/answer': { answer: 100 },
  '/api/approvals/:id': { approved: true },
  '/api/teams/:team/runs': { request_text: 'Answer this mail', pattern: 'iterative', context: {} },
  '/api/orders/:id/validate': { approved: true, version: 1, corrections: { 'lines[1].qty': 2 } },
  '/api/dlq/redrive': { filter: {}, all: true, dry_run: true },
  '/api/dlq/:id/redrive': { event: {} },
};

function bodyLike(path: string, properties: readonly string[]) {
  const changes = fc.dictionary(fc.constantFrom(...properties, 'extra', '__proto__'), members, { maxKeys: 2 });
  const near = fc.tuple(changes, fc.constantFrom('', ...properties)).map(([changed, left]) => {
    const body = new Map(Object.entries({ ...VALID[path], ...changed }));
    body.delete(left);
    return JSON.stringify(Object.fromEntries(body));
  });
  return fc.oneof(
    { weight: 8, arbitrary: near },
    anyJson.map((value) => JSON.stringify(value)),
    strange,
  );
}

describe('any request', () => {
  test('is answered without a fault of ours (JSON bodies)', async () => {
    const writing = platform.routes.filter(({ body }) => body !== undefined);
    const request = fc.constantFrom(...writing).chain((route) => {
      const properties = Object.keys((route.body?.schema?.properties as object) ?? {});
      const path = idLike.map((id) => pathOf(route.path, id));
      return fc.record({ method: fc.constant(route.method), path, body: bodyLike(route.path, properties) });
    });
    const statuses = new Set<number>();
    await fc.assert(
      fc.asyncProperty(request, async ({ method, path, body }) => {
        const { status } = await platform.app.request(path, {
          method,
          body,
          headers: { 'content-type': 'application/json' },
        });
        statuses.add(status);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 8_000 },
    );
    // What is sent is near enough to what is right to get everywhere.
    expect([...statuses].sort()).toEqual(expect.arrayContaining([200, 201, 202, 204, 400, 404, 409]));
    await expectUnharmed();
  }, 120_000);

  test('is answered without a fault of ours (paths, queries, methods, headers)', async () => {
    const reading = platform.routes.filter(({ method, path }) => method === 'GET' && path !== '/api/stream');
    const value = fc.oneof(
      strange,
      fc.constantFrom(
        '1',
        '200',
        '0',
        '-1',
        'OPEN',
        'ALL',
        'asc',
        'WORK.*',
        '*',
        ids.project ?? '',
        '2026-01-01T00:00:00Z',
        'true',
        ',',
      ),
      fc.base64String({ maxLength: 60 }),
    );
    const header = fc.constantFrom(
      'authorization',
      'cookie',
      'origin',
      'x-forwarded-for',
      'x-correlation-id',
      'accept-encoding',
      'last-event-id',
      'content-type',
      'host',
      'if-none-match',
      'range',
    );
    const request = fc.constantFrom(...reading).chain((route) =>
      fc.record({
        path: fc.oneof(
          { weight: 8, arbitrary: idLike.map((id) => pathOf(route.path, id)) },
          strange.map((text) => `/${encodeURI(text.toWellFormed())}`),
        ),
        method: fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'DELETE', 'PUT', 'OPTIONS', 'PATCH', 'PURGE'),
        query: fc.array(
          fc.tuple(fc.constantFrom(...Object.keys(route.query ?? { x: 1 }), 'limit', 'cursor', '__proto__'), value),
          { maxLength: 3 },
        ),
        headers: fc.dictionary(header, fc.string({ unit: fc.constantFrom(...'aB1 ;=,.:/"é\t'), maxLength: 30 }), {
          maxKeys: 3,
        }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(request, async ({ path, method, query, headers }) => {
        const search = query.map(([name, text]) => `${name}=${encodeURIComponent(text.toWellFormed())}`).join('&');
        const response = await platform.app.request(`${path}${search && `?${search}`}`, { method, headers });
        expect(response.status).toBeLessThan(500);
        if (response.status >= 400 && method !== 'HEAD')
          expect(((await response.json()) as { error: { code: string } }).error.code).toMatch(/^[A-Z_]+$/);
      }),
      { numRuns: 10_000 },
    );
    await expectUnharmed();
  }, 120_000);

  test('is answered without a fault of ours (forms)', async () => {
    const part = fc.record({
      name: fc.constantFrom(
        'name',
        'description',
        'rows',
        'items',
        'hourly_rate',
        'requester',
        'sheet',
        'file',
        'from_email',
        'delivery_date',
        'files',
        'extra',
        '__proto__',
      ),
      filename: fc.option(fc.constantFrom('a.csv', 'a.xlsx', '../../etc/passwd', 'a\u0000.csv', ''), {
        nil: undefined,
      }),
      content: fc.oneof(
        fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
        fc.constantFrom(
          'buyer@acme.example',
          '2026-02-01',
          'Task,Hours\na,1\n',
          '=cmd|x,1\n',
          'PK\u0003\u0004',
          '[{"text":"a"}]',
          '{}',
          '100',
          '',
        ),
      ),
    });
    const request = fc.record({
      parts: fc.array(part, { maxLength: 6 }),
      path: fc.constantFrom('/api/projects', '/api/orders/inbox'),
      boundary: fc.constantFrom('x', 'x', 'x', '"x"', 'y', ''),
      cut: fc.option(fc.nat(300), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ path, parts, boundary, cut }) => {
        const text = `${parts
          .map(
            ({ name, filename, content }) =>
              `--x\r\nContent-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}\r\n\r\n${content}\r\n`,
          )
          .join('')}--x--\r\n`;
        const body = Buffer.from(cut === undefined ? text : text.slice(0, -cut), 'latin1');
        const { status } = await platform.app.request(path, {
          method: 'POST',
          body,
          headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
        });
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 2_000 },
    );
    await expectUnharmed();
  }, 120_000);

  test('is answered, or its connection closed, when its bytes are no HTTP (sockets)', async () => {
    const line = fc.constantFrom(
      'GET /api/projects HTTP/1.1',
      'GET //api/projects HTTP/1.1',
      'GET http://evil.example/api/projects HTTP/1.1',
      'GET /api/projects/%ff%fe HTTP/1.1',
      'GET /\\..\\api HTTP/1.1',
      'POST /api/projects HTTP/1.1',
      'TRACE /api/projects HTTP/1.1',
      'CONNECT a:1 HTTP/1.1',
      'PRI * HTTP/2.0',
      'OPTIONS * HTTP/1.1',
      'GET / HTTP/1.0',
      'GET /',
    );
    const headers = fc.array(
      fc.constantFrom(
        'Host: localhost',
        'Host: a b',
        'Host: [::1',
        'Host: evil.example:99999',
        'Content-Length: 5',
        'Content-Length: -1',
        'Content-Length: 5, 6',
        'Transfer-Encoding: chunked',
        'Transfer-Encoding: gzip, chunked',
        'Content-Type: application/json',
        'Content-Type: multipart/form-data; boundary=x',
        'Authorization: Bearer x',
        'Authorization: Bearer y',
        'Connection: close',
        'Upgrade: websocket',
        'Expect: 100-continue',
        'Expect: nonsense',
        `X-Long: ${'a'.repeat(17_000)}`,
        'Bad header',
        'X-Nul: \u0000',
      ),
      { maxLength: 6 },
    );
    const body = fc.constantFrom('', '{"a":', '5\r\n{"a":\r\n0\r\n\r\n', 'zz\r\n', '--x--\r\n');
    const raw = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.tuple(line, headers, body).map(([first, rest, end]) => [first, ...rest, '', end].join('\r\n')),
      },
      fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    );
    await fc.assert(
      fc.asyncProperty(raw, async (text) => {
        const answer = await exchange(served.port, text);
        expect(answer === '' || /^HTTP\/1\.1 [1234]\d\d /.test(answer), answer.slice(0, 100)).toBe(true);
      }),
      { numRuns: 800 },
    );
    await expectUnharmed();
  }, 120_000);
});

/** Sends bytes and ends; what comes back until the connection is closed. */
function exchange(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: false });
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      answer += chunk;
      // A kept-alive connection that has answered is not waited for.
      if (answer.includes('\r\n\r\n')) socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
    socket.end(Buffer.from(text, 'latin1'));
  });
}

test('a hundred clients that send half a request do not keep the others waiting', async () => {
  const sockets = Array.from({ length: 100 }, () => {
    const socket = connect({ port: served.port, host: '127.0.0.1' });
    socket.on('error', () => {});
    socket.write(
      `POST /api/projects HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\nX-Id: ${randomUUID()}\r\n\r\n{"na`,
    );
    return socket;
  });
  const closed = sockets.map((socket) => new Promise<void>((resolve) => socket.on('close', () => resolve())));
  expect((await fetch(`http://127.0.0.1:${served.port}/api/projects`)).status).toBe(200);
  for (const socket of sockets) socket.resume();
  // The server's own clock ends them: the request time-out of this test is two seconds.
  await Promise.all(closed);
  await expectUnharmed();
});
