/** Orders on their way in: what is taken, what is refused, and that a refused request leaves nothing. */
import { readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deriveId } from '../../src/runtime/ids.ts';
import { FROM, ORDER_CSV, orderForm, orderMessage, type SentFile, storedFiles } from '../support/orders.ts';
import { type SentBody, startPlatform, type TestPlatform } from './platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({ HTTP_MAX_UPLOAD_BYTES: '65536', HTTP_MAX_BODY_BYTES: '32768' });
});
afterAll(() => platform.stop());

const send = (body: SentBody, headers: Record<string, string> = {}) =>
  platform.callOrders('POST', '/orders/inbox', { body, headers });
const sendMessage = (body: string, headers: Record<string, string> = {}) =>
  send(body, { 'content-type': 'message/rfc822', ...headers });
const CSV: SentFile = { name: 'order.csv', content: ORDER_CSV, type: 'text/csv' };

/** The event of an order, from the log. */
async function eventOf(orderId: string) {
  const entries = await platform.node.redis.xrange(platform.node.keys.log, '-', '+');
  const events = entries.map(([, fields]) => JSON.parse(fields[fields.indexOf('event') + 1] as string));
  return events.find((event) => event.event_type === 'ORDER.INBOX_RECEIVED' && event.payload.order_id === orderId);
}

/** Sends what is refused, and sees to it that nothing is left of it. */
async function refused(body: SentBody, headers: Record<string, string> = {}) {
  const before = storedFiles(platform);
  const { status, json } = await send(body, headers);
  expect(storedFiles(platform), 'what a refused order leaves').toEqual({ ...before, incoming: [] });
  const { code, message, details } = json.error;
  return { status, code, message, errors: details?.errors as { path: string; message: string }[] };
}

describe('an order as a form', () => {
  test('is stored with its files and text before the event that tells of it', async () => {
    const fields = { from_email: FROM, subject: 'Order', body: 'Please send 🙂', customer_hint: 'Acme' };
    const delivery = { delivery_address: '12 Rue X', delivery_date: '2026-02-01' };
    const answer = await send(orderForm({ ...fields, ...delivery }, [CSV, { name: 'notes.txt', content: 'hello' }]), {
      'x-correlation-id': '6ba7b810-9dad-41d1-80b4-00c04fd430c8',
    });
    expect(answer.status, answer.text).toBe(201);
    const { order_id } = answer.json;
    expect(answer.headers.get('location')).toBe(`/orders/${order_id}`);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const event = await eventOf(order_id);
    expect(event).toMatchObject({
      source: 'order_intake',
      correlation_id: '6ba7b810-9dad-41d1-80b4-00c04fd430c8',
      causation_id: null,
      payload: {
        ...{ from_email: FROM, subject: 'Order', body_text: 'Please send 🙂', customer_hint: 'Acme', ...delivery },
        attachments: [
          { filename: 'order.csv', mime_type: 'text/csv' },
          { filename: 'notes.txt', mime_type: 'text/plain' },
          { artifact_id: deriveId(order_id, 'body', 0), filename: 'body.txt', mime_type: 'text/plain' },
        ],
      },
    });
    const contents = event.payload.attachments.map(({ artifact_id }: { artifact_id: string }) => {
      const path = platform.artifacts.pathOf(order_id, artifact_id);
      expect((statSync(path).mode & 0o777).toString(8)).toBe('600');
      return readFileSync(path, 'utf8');
    });
    expect(contents).toEqual([ORDER_CSV, 'hello', 'Please send 🙂']);
    expect(storedFiles(platform).incoming).toEqual([]);
  });

  test('may have nothing but a sender; what is left blank is absent', async () => {
    const blank = { subject: '', body: ' \n', customer_hint: '', delivery_address: '', delivery_date: '' };
    const { status, json, text } = await send(orderForm({ from_email: FROM, ...blank }));
    expect(status, text).toBe(201);
    expect((await eventOf(json.order_id)).payload).toEqual({
      ...{ order_id: json.order_id, from_email: FROM, subject: '', attachments: [] },
      received_at: expect.stringMatching(/^20.*Z$/),
    });
  });

  test('carries the beginning of a long text in its event, and all of it as a file', async () => {
    const body = `${'é🙂'.repeat(2_000)}${'x'.repeat(17_000)}`;
    const { json } = await send(orderForm({ from_email: FROM, body }));
    const { payload } = await eventOf(json.order_id);
    expect([...payload.body_text].length).toBe(20_000);
    expect(body.startsWith(payload.body_text)).toBe(true);
    const [{ artifact_id }] = payload.attachments;
    expect(readFileSync(platform.artifacts.pathOf(json.order_id, artifact_id), 'utf8')).toBe(body);
  });

  test('shows file names without folders and without characters that hide what they are', async () => {
    const names = [
      '../../etc/passwd',
      'C:\\orders\\a.csv',
      '/',
      '..',
      'invoice\u202evsc.txt',
      `${'n'.repeat(300)}.csv`,
    ];
    const files = names.map((name) => ({ name, content: ORDER_CSV }));
    const { status, json, text } = await send(orderForm({ from_email: FROM }, files));
    expect(status, text).toBe(201);
    const { payload } = await eventOf(json.order_id);
    expect(payload.attachments.map(({ filename }: { filename: string }) => filename)).toEqual([
      'passwd',
      'a.csv',
      'attachment-3',
      'attachment-4',
      'invoicevsc.txt',
      `${'n'.repeat(200)}.csv`,
    ]);
    expect(storedFiles(platform).artifacts.filter((path) => /passwd|a\.csv/.test(path))).toEqual([]);
  });

  test('tells of a type that the sender names and the content does not have', async () => {
    const files = [
      { name: 'a.csv', content: ORDER_CSV, type: 'application/octet-stream' },
      { name: 'b.csv', content: ORDER_CSV, type: 'application/pdf' },
    ];
    const { json } = await send(orderForm({ from_email: FROM }, files));
    const { payload } = await eventOf(json.order_id);
    expect(payload.attachments.map(({ mime_type }: { mime_type: string }) => mime_type)).toEqual([
      'text/csv',
      'application/pdf',
    ]);
  });

  test('takes ten files', async () => {
    const files = Array.from({ length: 10 }, (_, n) => ({ name: `${n}.csv`, content: ORDER_CSV }));
    expect((await send(orderForm({ from_email: FROM }, files))).status).toBe(201);
  });

  test('is 415, with nothing stored, if one file is of another type, whatever it is called', async () => {
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    for (const [file, what] of [
      [{ name: 'scan.png', content: new Uint8Array(png) }, 'scan.png is of a type that no order comes in: PNG image'],
      [{ name: 'order.csv', content: new Uint8Array(png) }, 'order.csv is of a type that no order comes in: PNG image'],
      [{ name: 'a.zip', content: 'PK\x03\x04' }, 'a.zip is of a type that no order comes in: ZIP archive'],
      [
        { name: 'a.html', content: '<!doctype html><p>5 x A</p>' },
        'a.html is of a type that no order comes in: HTML file',
      ],
    ] as const) {
      expect(await refused(orderForm({ from_email: FROM }, [CSV, file]))).toEqual({
        status: 415,
        code: 'UNSUPPORTED_MEDIA_TYPE',
        message: `${what}.`,
        errors: [{ path: '/files/1', message: what }],
      });
    }
  });

  test('is 400 for an empty file, naming it', async () => {
    const { status, errors } = await refused(orderForm({ from_email: FROM }, [CSV, { name: 'b.csv', content: '' }]));
    expect([status, errors]).toEqual([400, [{ path: '/files/1', message: 'b.csv is empty' }]]);
  });

  test('is 400 with all that is wrong with its fields', async () => {
    const wrong = { from_email: 'nobody', delivery_date: '2026-02-30', priority: 'high' };
    const { status, errors } = await refused(orderForm(wrong, [CSV]));
    expect(status).toBe(400);
    expect(errors.map(({ path }) => path).toSorted()).toEqual(['/delivery_date', '/from_email', '/priority']);
    for (const fields of [
      {},
      { from_email: '' },
      { from_email: 'a@b' },
      { from_email: `${'a'.repeat(320)}@acme.example` },
      { from_email: FROM, subject: 'x'.repeat(20_001) },
      { from_email: FROM, delivery_date: '01.02.2026' },
      { from_email: FROM, delivery_date: '2026-2-1' },
      { from_email: FROM, files: 'text' },
    ]) {
      expect([fields, (await refused(orderForm(fields as Record<string, string>, [CSV]))).status]).toEqual([
        fields,
        400,
      ]);
    }
  });

  test('is 400 for a field twice, a file in another field, and a form that is none', async () => {
    const twice = orderForm({ from_email: FROM }, [CSV]);
    twice.append('from_email', 'other@acme.example');
    expect((await refused(twice)).errors).toEqual([{ path: '/from_email', message: 'has the field from_email twice' }]);
    const elsewhere = orderForm({ from_email: FROM }, [CSV, { ...CSV, field: 'file' }]);
    expect((await refused(elsewhere)).errors).toEqual([
      { path: '/file', message: 'has a file in the field file, expected files' },
    ]);
    const type = (boundary: string) => ({ 'content-type': `multipart/form-data${boundary}` });
    for (const [body, headers, message] of [
      ['--x--', type(''), 'has no boundary'],
      ['--x--', type('; boundary='), 'has no boundary'],
      ['--y--', type('; boundary=x'), 'ends before its last boundary'],
      ['', type('; boundary=x'), 'ends before its last boundary'],
    ] as const) {
      const { status, errors } = await refused(body, headers);
      expect([status, errors]).toEqual([400, [{ path: '', message }]]);
    }
  });

  test('is 413 for a large file, too many files or parts, too much text, or too much of it all', async () => {
    const file = (bytes: number, name = 'a.csv') => ({ name, content: 'a'.repeat(bytes) });
    const parts = orderForm({ from_email: FROM }, [CSV]);
    for (let n = 0; n < 49; n += 1) parts.append(`field${n}`, '1');
    for (const [body, path] of [
      [orderForm({ from_email: FROM }, [CSV, file(65_537)]), '/files/1'],
      [
        orderForm(
          { from_email: FROM },
          Array.from({ length: 11 }, () => CSV),
        ),
        '/files/10',
      ],
      [orderForm({ from_email: FROM, body: 'x'.repeat(32_768) }), '/body'],
      [orderForm({ from_email: FROM }, [file(60_000), file(60_000), file(60_000)]), ''],
      [parts, ''],
    ] as const) {
      const { status, code, errors } = await refused(body);
      expect([status, code, errors[0]?.path]).toEqual([413, 'PAYLOAD_TOO_LARGE', path]);
    }
  });

  test('is 415 as JSON, compressed, or without a type', async () => {
    for (const [body, headers] of [
      ['{"from_email":"a@b.example"}', { 'content-type': 'application/json' }],
      ['from_email=a', { 'content-type': 'application/x-www-form-urlencoded' }],
      ['x', { 'content-type': 'message/rfc822', 'content-encoding': 'gzip' }],
      ['x', { 'content-type': 'message/partial' }],
      [new Uint8Array([1]), {}],
    ] as const) {
      const { status, code, errors } = await refused(body, headers as Record<string, string>);
      expect([body, status, code]).toEqual([body, 415, 'UNSUPPORTED_MEDIA_TYPE']);
      const header = 'content-encoding' in headers ? 'Content-Encoding' : 'Content-Type';
      expect(errors[0]?.path).toBe(`header.${header}`);
    }
    const { message } = await refused('{}', { 'content-type': 'application/json' });
    expect(message).toBe(
      'Content-Type application/json is not supported here. Send multipart/form-data or message/rfc822.',
    );
  });
});

describe('an order as a message', () => {
  test('is what the message says, with its files beside it', async () => {
    const { status, json, text } = await sendMessage(orderMessage());
    expect(status, text).toBe(201);
    const { order_id } = json;
    const message = deriveId(order_id, 'message', 0);
    expect((await eventOf(order_id)).payload).toMatchObject({
      ...{ from_email: FROM, subject: 'Order PO-4711', body_text: 'Ship to: 5 Harbour Way' },
      attachments: [{ artifact_id: message, filename: 'message.eml', mime_type: 'message/rfc822' }],
    });
    const attached = deriveId(message, 'attachment', 0);
    expect(readFileSync(platform.artifacts.pathOf(order_id, message), 'utf8')).toBe(orderMessage());
    expect(readFileSync(platform.artifacts.pathOf(order_id, attached), 'utf8').trimEnd()).toBe(ORDER_CSV.trimEnd());
  });

  test('is 400 without a sender that can be answered', async () => {
    const type = { 'content-type': 'message/rfc822' };
    const long = `${'a'.repeat(60)}@${`${'b'.repeat(60)}.`.repeat(6)}example`;
    for (const [message, errors] of [
      [orderMessage(''), [{ path: 'header.From', message: 'has no sender' }]],
      [
        orderMessage('root@localhost'),
        [{ path: 'header.From', message: 'has a sender that is no e-mail address: root@localhost' }],
      ],
      [
        orderMessage(long),
        [{ path: 'header.From', message: `has a sender that is no e-mail address: ${long.slice(0, 320)}` }],
      ],
      ['no message at all', [{ path: 'header.From', message: 'has no sender' }]],
      ['', [{ path: '', message: 'is empty' }]],
    ] as const) {
      const { status, errors: told } = await refused(message, type);
      expect([status, told]).toEqual([400, errors]);
    }
  });

  test('is 413 when it is larger than a file may be', async () => {
    const long = orderMessage().replace('Ship to', `${'x'.repeat(70_000)}\r\nShip to`);
    const { status, errors } = await refused(long, { 'content-type': 'message/rfc822' });
    expect([status, errors]).toEqual([413, [{ path: '', message: 'is larger than 65536 bytes' }]]);
  });
});

describe('an order that is sent again with its Idempotency-Key', () => {
  test('is the same order, whatever the boundary of its form', async () => {
    const headers = { 'idempotency-key': 'order-1' };
    const first = await send(orderForm({ from_email: FROM }, [CSV]), headers);
    const before = storedFiles(platform);
    const second = await send(orderForm({ from_email: FROM }, [CSV]), headers);
    expect([first.status, second.status, second.json]).toEqual([201, 201, first.json]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    expect(storedFiles(platform)).toEqual({ ...before, incoming: [] });
    const other = await send(orderForm({ from_email: FROM }, [{ ...CSV, content: `${ORDER_CSV}x,y,1,1\n` }]), headers);
    expect(other.status).toBe(409);
    expect(storedFiles(platform)).toEqual({ ...before, incoming: [] });
  });

  test('is the same order as a message', async () => {
    const headers = { 'idempotency-key': 'order-2' };
    const first = await sendMessage(orderMessage(), headers);
    const second = await sendMessage(orderMessage(), headers);
    expect([first.status, second.status, second.json]).toEqual([201, 201, first.json]);
    expect((await sendMessage(orderMessage('b@acme.example'), headers)).status).toBe(409);
  });

  test('keeps its files if the first request died after the order had been accepted', async () => {
    const headers = { 'idempotency-key': 'order-3' };
    const first = await send(orderForm({ from_email: FROM }, [CSV]), headers);
    const record = platform.node.keys.under('http:idem:local:order-3');
    await platform.node.redis.hdel(record, 'response');
    await platform.node.redis.hset(record, 'lease_until', 0);
    const second = await send(orderForm({ from_email: FROM }, [CSV]), headers);
    expect([second.status, second.json.order_id]).toEqual([201, first.json.order_id]);
    const { payload } = await eventOf(first.json.order_id);
    const [{ artifact_id }] = payload.attachments;
    expect(readFileSync(platform.artifacts.pathOf(first.json.order_id, artifact_id), 'utf8')).toBe(ORDER_CSV);
  });
});
