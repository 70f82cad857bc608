/** Orders from the draft to the export: looking at them, deciding on them, and their files. */
import { hash, randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { receivedOrder } from '../../machines/orders/order-state.ts';
import type { Envelope } from '../../schemas/types.ts';
import { deriveId } from '../../src/runtime/ids.ts';
import { pdf, textAt } from '../fixtures/pdf.ts';
import { FROM, ORDER_CSV, orderForm, orderMessage, type SentFile } from '../support/orders.ts';
import { type Answer, startPlatform, type TestPlatform } from './platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({ HTTP_WAIT_MS: '20000' });
});
afterAll(() => platform.stop());

const DELIVERY = { delivery_address: '12 Rue X', delivery_date: '2199-02-01' };
const CSV: SentFile = { name: 'order.csv', content: ORDER_CSV };
let sent = 0;

/** Lines that no other order has, so that none is the duplicate of another. */
function lines(): string {
  sent += 1;
  return `sku,description,qty,unit price\nW-${sent},Widget ${sent},${sent},2.50\nB-${sent},Bolt,4,10.00\n`;
}
const file = (content = lines()): SentFile => ({ name: 'order.csv', content });

const get = (path: string, headers: Record<string, string> = {}) => platform.callOrders('GET', path, { headers });
const send = (fields: Record<string, string> = {}, files: SentFile[] = [file()]) =>
  platform.callOrders('POST', '/orders/inbox', { body: orderForm({ from_email: FROM, ...fields }, files) });
const validate = (id: string, json: unknown = {}, headers: Record<string, string> = {}) =>
  platform.callOrders('POST', `/orders/${id}/validate`, { json, headers });

/** An order that waits for a person. */
async function pending(fields: Record<string, string> = DELIVERY, files?: SentFile[]): Promise<string> {
  const { status, json, text } = await send(fields, files);
  expect([status, json.status], text).toEqual([201, 'DRAFT_CREATED']);
  return json.order_id;
}
const told = ({ status, json }: Answer) => [status, json.error.details?.errors];

describe('an order that was sent', () => {
  test('is answered with what has been read of it', async () => {
    const { status, json, text } = await send({ ...DELIVERY, subject: 'PO-4711' }, [CSV]);
    expect(status, text).toBe(201);
    expect(json).toEqual({
      order_id: json.order_id,
      status: 'DRAFT_CREATED',
      extracted_data: {
        customer_email: FROM,
        ...DELIVERY,
        po_number: 'PO-4711',
        currency: 'EUR',
        line_items: [
          { line_no: 1, product: 'Widget A', sku: 'W-100', quantity: 10, uom: null, unit_price: 2.5 },
          { line_no: 2, product: 'Widget B', sku: 'W-200', quantity: 4, uom: null, unit_price: 10 },
        ],
      },
      validation_required: true,
      missing_fields: [],
    });
    const { json: order } = await get(`/orders/${json.order_id}`);
    expect(order).toMatchObject({
      ...{
        status: 'VALIDATION_REQUIRED',
        version: 1,
        from_email: FROM,
        subject: 'PO-4711',
        decision: null,
        export: null,
      },
      draft: { lines: [{ sku: 'W-100' }, { sku: 'W-200' }] },
      attachments: [{ filename: 'order.csv', mime_type: 'text/csv', size: ORDER_CSV.length, status: 'parsed' }],
    });
    const [{ artifact_id }] = order.attachments;
    expect(order.fields['lines[1].qty']).toMatchObject({
      value: 10,
      source: { artifact_id, filename: 'order.csv', kind: 'cell', cell: 'C2' },
    });
  });

  test('names what it lacks', async () => {
    const { json } = await send({ body: 'Please send 20 boxes of blue pens by 2199-03-02' }, []);
    expect(json.missing_fields).toEqual([
      { field: 'sku', reason: 'line 1 has no sku' },
      { field: 'delivery.address', reason: 'missing delivery address' },
    ]);
    expect(json.extracted_data.line_items[0]).toMatchObject({
      product: 'blue pens',
      sku: '?',
      quantity: 20,
      uom: 'box',
    });
  });

  test('is the same order as a message', async () => {
    const answer = await platform.callOrders('POST', '/orders/inbox', {
      body: orderMessage(FROM, 'Order PO-815').replace('Widget A', 'Widget M'),
      headers: { 'content-type': 'message/rfc822' },
    });
    expect(answer.json).toMatchObject({
      status: 'DRAFT_CREATED',
      extracted_data: {
        po_number: 'PO-815',
        delivery_address: '5 Harbour Way',
        line_items: [{ product: 'Widget M' }, {}],
      },
    });
    const { json } = await get(`/orders/${answer.json.order_id}`);
    expect(json.attachments.map(({ filename }: { filename: string }) => filename)).toContain('order.csv');
  });
});

test('the examples of the reference become drafts', async () => {
  const csv = readFileSync('examples/order.csv', 'utf8');
  const fields = { subject: 'Bon de commande PO-4711', delivery_date: '2199-02-01' };
  const form = await send(fields, [{ name: 'order.csv', content: csv }]);
  expect(form.json).toMatchObject({
    status: 'DRAFT_CREATED',
    extracted_data: { po_number: 'PO-4711', line_items: [{ sku: 'A-1', unit_price: 1.25 }, { sku: 'A-2' }] },
    missing_fields: [{ field: 'delivery.address' }],
  });
  const message = await platform.callOrders('POST', '/orders/inbox', {
    body: readFileSync('examples/orders/order-mail.eml'),
    headers: { 'content-type': 'message/rfc822' },
  });
  expect(message.json.status, message.text).toBe('DRAFT_CREATED');
  expect(message.json.extracted_data.line_items.length).toBeGreaterThan(1);
});

describe('a decision', () => {
  test('exports the order with its corrections, as a CSV that is the same ever after', async () => {
    const id = await pending({}, [file('sku,description,qty\nA-1,Vis,100\nB-2,Old,1\n,Écrou,40\n')]);
    const corrections = {
      'lines[3].sku': '=cmd',
      'lines[2]': null,
      lines: undefined,
      'lines[4]': { sku: 'C-3', qty: 2, unit_price: 0.5 },
      delivery: { address: '12 Rue X', date: null },
      phone_number: '+33 1 23',
    };
    const answer = await validate(id, { corrections, notes: 'by phone', version: 1 });
    expect(answer.json).toEqual({
      order_id: id,
      status: 'VALIDATED',
      export_path: `/storage/exports/${id}.csv`,
      message: 'Order validated and exported',
    });
    const { json: order } = await get(`/orders/${id}`);
    expect(order).toMatchObject({
      status: 'EXPORTED',
      draft: {
        lines: [
          { line_no: 1, sku: 'A-1' },
          { line_no: 2, sku: '=cmd' },
          { line_no: 3, sku: 'C-3' },
        ],
      },
      decision: { approved: true, by: 'local', notes: 'by phone\ncontact.phone: +33 1 23' },
    });
    const changed = order.decision.changes.map(({ field }: { field: string }) => field);
    expect(changed.toSorted()).toEqual(['delivery.address', 'lines[2]', 'lines[3].sku', 'lines[4]']);
    const csv = await get(`/orders/${id}/export.csv`);
    const expected =
      "line_no,sku,description,qty,uom,unit_price\r\n1,A-1,Vis,100,,\r\n2,'=cmd,Écrou,40,,\r\n3,C-3,,2,,0.5\r\n";
    expect([csv.status, csv.text]).toEqual([200, expected]);
    expect(Object.fromEntries(csv.headers)).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="${id}.csv"`,
      etag: `"${hash('sha256', expected, 'hex')}"`,
      'content-length': String(Buffer.byteLength(expected)),
    });
    expect(order.export).toMatchObject({ path: `/storage/exports/${id}.csv`, sha256: hash('sha256', expected, 'hex') });
    const path = join(platform.config.storage.dir, 'exports', `${id}.csv`);
    expect(readFileSync(path, 'utf8')).toBe(expected);
    rmSync(path);
    expect((await get(`/orders/${id}/export.csv`)).text).toBe(expected);
  });

  test('may be no, and exports nothing then', async () => {
    const id = await pending();
    const answer = await validate(id, { approved: false, notes: 'a test' });
    expect([answer.status, answer.json]).toEqual([
      200,
      { order_id: id, status: 'REJECTED', export_path: null, message: 'Order rejected' },
    ]);
    const { json: order } = await get(`/orders/${id}`);
    expect(order).toMatchObject({
      ...{ status: 'REJECTED', export: null },
      decision: { approved: false, by: 'local', notes: 'a test', changes: [] },
    });
    const csv = await get(`/orders/${id}/export.csv`);
    expect([csv.status, csv.json.error.details]).toEqual([409, { status: 'REJECTED' }]);
  });

  test('is 400 with all that is wrong with its corrections, and changes nothing', async () => {
    const id = await pending();
    const bad = {
      'lines[1].qty': 0,
      currency: 'XXQ',
      'delivery.date': '2026-02-30',
      nonsense: 1,
      'lines[9].sku': 'X',
      'a/b': 1,
    };
    const answer = await validate(id, { corrections: bad });
    expect(answer.status).toBe(400);
    expect(answer.json.error.details.errors.map(({ path }: { path: string }) => path)).toEqual([
      '/corrections/lines[1].qty',
      '/corrections/currency',
      '/corrections/delivery.date',
      '/corrections/nonsense',
      '/corrections/a~1b',
      '/corrections/lines[9]',
    ]);
    for (const [json, path] of [
      [{ approved: 'yes' }, '/approved'],
      [{ notes: 'x'.repeat(20_001) }, '/notes'],
      [{ corrections: [] }, '/corrections'],
      [{ corrections: null }, '/corrections'],
      [{ version: 0 }, '/version'],
      [{ reason: 'x' }, '/reason'],
      [{ approved: false, corrections: { currency: 'USD' } }, '/corrections'],
      [{ corrections: { 'contact.name': 'x'.repeat(15_000) }, notes: 'x'.repeat(10_000) }, '/notes'],
      [[], ''],
    ] as const) {
      const { status, json: body } = await validate(id, json);
      expect([json, status, body.error.details.errors[0].path]).toEqual([json, 400, path]);
    }
    expect((await get(`/orders/${id}`)).json).toMatchObject({
      status: 'VALIDATION_REQUIRED',
      version: 1,
      decision: null,
    });
  });

  test('is 400 while something is missing; that there is none is a statement', async () => {
    const id = await pending({}, [file('sku,description,qty\n,Pen,\n')]);
    const { status, json } = await validate(id);
    expect([status, json.error.details.missing_fields]).toEqual([
      400,
      [
        { field: 'sku', reason: 'line 1 has no sku' },
        { field: 'qty', reason: 'line 1 has non-positive qty' },
        { field: 'delivery.address', reason: 'missing delivery address' },
        { field: 'delivery.date', reason: 'missing delivery date' },
      ],
    ]);
    const corrections = { 'lines[1]': { sku: 'P', qty: 1 }, delivery_address: null, delivery_date: null };
    expect((await validate(id, { corrections })).status).toBe(200);
  });

  test('is 409 on another version, and after another decision, and tells what that was', async () => {
    const id = await pending();
    const other = await validate(id, { version: 2 });
    expect([other.status, other.json.error.details]).toEqual([
      409,
      { status: 'VALIDATION_REQUIRED', version: 1, changes: [] },
    ]);
    expect((await validate(id, { corrections: { currency: 'USD' } })).status).toBe(200);
    const late = await validate(id, { approved: false });
    expect(late.status).toBe(409);
    expect(late.json.error.details).toMatchObject({
      ...{ status: 'EXPORTED', version: 1 },
      decision: { approved: true, by: 'local', changes: [{ field: 'currency', from: 'EUR', to: 'USD' }] },
    });
  });

  test('is one of those that are made at once; the other callers are told which', async () => {
    const id = await pending();
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, n) => validate(id, { version: 1, notes: `${n}`, approved: n % 2 === 0 })),
    );
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([200, 409, 409, 409, 409, 409]);
    const winner = answers.findIndex(({ status }) => status === 200);
    for (const { status, json } of answers) {
      if (status === 409) expect(json.error.details.decision).toMatchObject({ notes: `${winner}` });
    }
  });

  test('that is sent again is the same decision, also if nobody heard the first answer', async () => {
    const id = await pending();
    const headers = { 'idempotency-key': `decide-${id}` };
    const first = await validate(id, { notes: 'yes' }, headers);
    const again = await validate(id, { notes: 'yes' }, headers);
    expect([first.status, again.status, again.json]).toEqual([200, 200, first.json]);
    const record = platform.node.keys.under(`http:idem:local:decide-${id}`);
    await platform.node.redis.hdel(record, 'response');
    await platform.node.redis.hset(record, 'lease_until', 0);
    const resumed = await validate(id, { notes: 'yes' }, headers);
    expect([resumed.status, resumed.json]).toEqual([200, first.json]);
  });
});

test('an order that is still being read can be looked at, and not decided on', async () => {
  const id = randomUUID();
  const artifact_id = randomUUID();
  await platform.artifacts.write(id, artifact_id, Buffer.from('as it was'));
  const event = {
    ...{ event_id: randomUUID(), event_type: 'ORDER.INBOX_RECEIVED', event_version: 1, source: 'order_intake' },
    ...{ timestamp: new Date().toISOString(), instance: 'test/0', correlation_id: randomUUID(), causation_id: null },
    payload: {
      ...{ order_id: id, from_email: FROM, subject: 'Slow', received_at: new Date().toISOString() },
      attachments: [{ artifact_id, filename: 'a.txt', mime_type: 'text/plain' }],
    },
  } as Envelope<'ORDER.INBOX_RECEIVED'>;
  // As the commit that accepts an event leaves it, with nobody to read it.
  const { value, head, parts } = receivedOrder(event);
  const { redis, keys } = platform.node;
  const fields = Object.entries({ snapshot: { value, context: head }, ...parts });
  await redis.hset(
    keys.state('order_intake', id),
    fields.flatMap(([name, part]) => [name, JSON.stringify(part)]),
  );
  expect((await get(`/orders/${id}`)).json).toMatchObject({
    ...{ status: 'RECEIVED', version: 0, reason: null, draft: null, email_draft: null, missing_fields: [] },
    attachments: [{ artifact_id, filename: 'a.txt', status: null, size: null }],
  });
  expect((await get(`/orders/${id}/attachments/${artifact_id}`)).text).toBe('as it was');
  expect((await get(`/orders/${id}/attachments/${artifact_id}/preview`)).json).toEqual({
    ...{ kind: 'text', lines: ['as it was'] },
  });
  for (const answer of [await validate(id), await validate(id, { approved: false })]) {
    expect([answer.status, answer.json.error.details]).toEqual([409, { status: 'RECEIVED', version: 0 }]);
  }
  expect((await get(`/orders/${id}/export.csv`)).json.error.details).toEqual({ status: 'RECEIVED' });
});

describe('lists', () => {
  test('show orders newest first, by status and by a part of what they are known by', async () => {
    const ids: string[] = [];
    for (const n of [1, 2, 3]) ids.push(await pending({ ...DELIVERY, subject: `Listed PO-77${n}` }));
    await validate(ids[1] as string);
    const shown = async (query: string) => {
      const { status, json, text } = await get(`/orders?${query}`);
      expect(status, text).toBe(200);
      return json.orders.map(({ order_id }: { order_id: string }) => order_id);
    };
    expect(await shown('q=listed')).toEqual(ids.toReversed());
    expect(await shown('q=po-772')).toEqual([ids[1]]);
    expect(await shown(`q=${ids[2]}`)).toEqual([ids[2]]);
    expect(await shown('q=listed&status=EXPORTED')).toEqual([ids[1]]);
    expect(await shown('q=listed&status=VALIDATION_REQUIRED,REJECTED')).toEqual([ids[2], ids[0]]);
    expect(await shown('q=nothing-of-the-kind')).toEqual([]);
    const first = (await get('/orders?q=listed&limit=1')).json;
    expect(first.orders).toMatchObject([
      { order_id: ids[2], status: 'VALIDATION_REQUIRED', line_count: 2, po_number: 'PO-773' },
    ]);
    const second = (await get(`/orders?q=listed&limit=1&cursor=${first.next_cursor}`)).json;
    expect(second.orders[0].order_id).toBe(ids[1]);
  });

  test('show what waits for a person, oldest first, and why', async () => {
    const { json: before } = await get('/orders/pending-validation?limit=200');
    const id = await pending({}, [file('sku,qty\n,5\n')]);
    const { json } = await get('/orders/pending-validation?limit=200');
    expect(json.orders.length).toBe(before.orders.length + 1);
    expect(json.orders.at(-1)).toMatchObject({
      ...{ order_id: id, status: 'VALIDATION_REQUIRED', customer_email: FROM },
    });
    expect((await get('/orders/pending-validation?limit=1')).json.orders[0]).toEqual(json.orders[0]);
    await validate(id, { approved: false });
    expect((await get('/orders/pending-validation?limit=200')).json.orders).toEqual(before.orders);
  });

  test('refuse what is no page of them', async () => {
    const { json } = await get('/orders?limit=1');
    for (const [query, path] of [
      ['/orders?limit=0', 'query.limit'],
      ['/orders?limit=201', 'query.limit'],
      ['/orders?limit=x', 'query.limit'],
      ['/orders?status=EXPORTED,NONE', 'query.status'],
      ['/orders?status=exported', 'query.status'],
      [`/orders?q=${'x'.repeat(201)}`, 'query.q'],
      ['/orders?cursor=damaged', 'query.cursor'],
      [`/orders/pending-validation?cursor=${json.next_cursor}`, 'query.cursor'],
      [`/orders?status=EXPORTED&cursor=${json.next_cursor}`, 'query.cursor'],
      ['/orders?from=1', 'query.from'],
      ['/orders/pending-validation?status=EXPORTED', 'query.status'],
      ['/orders?limit=1&limit=2', 'query.limit'],
    ] as const) {
      const { status, json: body } = await get(query);
      expect([query, status, body.error.details.errors[0].path]).toEqual([query, 400, path]);
    }
  });
});

describe('the files of an order', () => {
  test('are handed out as they were received, to be saved and not shown', async () => {
    const content = '<script>alert(1)</script>\n2 x W-1 at 3\n';
    const id = await pending(DELIVERY, [{ name: 'naïve "order".txt', content }]);
    const { json } = await get(`/orders/${id}`);
    const [{ artifact_id }] = json.attachments;
    const answer = await get(`/orders/${id}/attachments/${artifact_id}`);
    expect([answer.status, answer.text]).toEqual([200, content]);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/plain',
      'content-length': String(content.length),
      'content-disposition': `attachment; filename="na_ve _order_.txt"; filename*=UTF-8''na%C3%AFve%20%22order%22.txt`,
      'content-security-policy': 'sandbox',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    const head = await platform.callOrders('HEAD', `/orders/${id}/attachments/${artifact_id}`);
    expect([head.status, head.text, head.headers.get('content-length')]).toEqual([200, '', String(content.length)]);
  });

  test('are 404 when they are kept no longer, or belong to another order', async () => {
    const [id, other] = [await pending(), await pending()];
    const { json } = await get(`/orders/${id}`);
    const [{ artifact_id }] = json.attachments;
    const paths = (order: string, artifact: string) =>
      ['', '/preview'].map((rest) => `/orders/${order}/attachments/${artifact}${rest}`);
    const statuses = async (all: string[]) => Promise.all(all.map(async (path) => (await get(path)).status));
    expect(await statuses(paths(id, artifact_id))).toEqual([200, 200]);
    expect(await statuses(paths(other, artifact_id))).toEqual([404, 404]);
    expect(await statuses(paths(id, randomUUID()))).toEqual([404, 404]);
    expect(await statuses(paths(id, '..%2f..%2fetc'))).toEqual([404, 404]);
    await platform.artifacts.remove(id);
    expect(await statuses(paths(id, artifact_id))).toEqual([404, 404]);
  });

  test('can be looked into, at the places that fields refer to', async () => {
    const drawn = ['Item      Qty', 'A-1       12'].map((row, n) => textAt(72, 700 - 20 * n, row)).join('\n');
    const text = 'We would like to have what is in the two files that come with this, please and thank you.';
    const page = pdf({ pages: [{ content: `${drawn}\n${textAt(72, 600, text)}` }] });
    const csv = lines();
    const files = [file(csv), { name: 'order.pdf', content: new Uint8Array(page) }];
    const { json: created } = await send({ ...DELIVERY, body: 'first\nsecond' }, files);
    const id = created.order_id;
    const { json } = await get(`/orders/${id}`);
    const preview = async (index: number, query = '') =>
      get(`/orders/${id}/attachments/${json.attachments[index].artifact_id}/preview${query}`);
    const table = await preview(0);
    expect(table.json).toMatchObject({ kind: 'table', sheets: [{ name: 'Sheet1', hidden: false }], sheet: 'Sheet1' });
    const { source } = json.fields['lines[1].qty'];
    const cells = table.json.rows.flat().find(({ ref }: { ref: string }) => ref === source.cell);
    expect(cells.text).toBe(String(json.draft.lines[0].qty));
    expect((await preview(0, '?sheet=Sheet1&from=3')).json.rows.length).toBe(1);
    expect((await preview(1)).json).toMatchObject({ kind: 'page', pages: 1, page: 1 });
    expect((await preview(2, '?from=2')).json).toEqual({ kind: 'text', lines: ['second'] });
    const wrong = await preview(0, '?sheet=Other');
    expect([wrong.status, wrong.json.error.message]).toEqual([404, 'Sheet "Other" of order.csv not found.']);
    expect((await preview(1, '?page=2')).json.error.message).toBe('Page 2 of order.pdf not found.');
    for (const query of ['?page=0', '?from=x', '?row=1', '?page=1&page=2']) {
      expect([query, (await preview(1, query)).status]).toEqual([query, 400]);
    }
  });

  test('that cannot be read have no preview, and are handed out all the same', async () => {
    const { json: created } = await send(DELIVERY, [{ name: 'order.pdf', content: '%PDF-1.7\n' }]);
    const { json } = await get(`/orders/${created.order_id}`);
    const [{ artifact_id, status, reason }] = json.attachments;
    expect(status).toBe('unreadable');
    const path = `/orders/${created.order_id}/attachments/${artifact_id}`;
    expect((await get(`${path}/preview`)).json.error.message).toBe(
      `A preview of order.pdf (unreadable: ${reason}) not found.`,
    );
    expect((await get(path)).text).toBe('%PDF-1.7\n');
  });

  test('are the message too, if it came as one', async () => {
    const raw = orderMessage(FROM, 'Raw');
    const { json } = await platform.callOrders('POST', '/orders/inbox', {
      body: raw,
      headers: { 'content-type': 'message/rfc822' },
    });
    const message = deriveId(json.order_id, 'message', 0);
    const answer = await get(`/orders/${json.order_id}/attachments/${message}`);
    expect([answer.text, answer.headers.get('content-type')]).toEqual([raw, 'message/rfc822']);
  });
});

test('what is no order is 404', async () => {
  for (const id of [randomUUID(), 'none', '..', '%00']) {
    for (const rest of ['', '/export.csv', `/attachments/${randomUUID()}`, `/attachments/${randomUUID()}/preview`]) {
      const { status, json } = await get(`/orders/${id}${rest}`);
      expect([id, rest, status, json.error.code]).toEqual([id, rest, 404, 'NOT_FOUND']);
    }
    expect(told(await validate(id))).toEqual([404, undefined]);
  }
});

describe('the surface of the project API', () => {
  test('has the same orders under /api', async () => {
    const body = orderForm({ from_email: FROM, ...DELIVERY }, [file()]);
    const { status, json, headers, text } = await platform.call('POST', '/api/orders/inbox', { body });
    expect([status, headers.get('location')], text).toEqual([201, `/api/orders/${json.order_id}`]);
    const [here, there] = [
      await platform.call('GET', `/api/orders/${json.order_id}`),
      await get(`/orders/${json.order_id}`),
    ];
    expect(here.json).toEqual(there.json);
    const decided = await platform.call('POST', `/api/orders/${json.order_id}/validate`, { json: {} });
    expect(decided.json.status).toBe('VALIDATED');
    expect((await platform.call('GET', `/api/orders/${json.order_id}/export.csv`)).status).toBe(200);
  });
});
