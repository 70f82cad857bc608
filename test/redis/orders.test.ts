// Orders on real Redis and threads, without HTTP: files are where the edge puts them.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ExcelJS from 'exceljs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { DECISION } from '../../machines/order.ts';
import { exportCsv } from '../../machines/orders/export-csv.ts';
import type { EventType, OrderDraft, Payloads } from '../../schemas/types.ts';
import { deriveId } from '../../src/runtime/ids.ts';
import { Artifacts } from '../../src/store/artifacts.ts';
import { OrderExports } from '../../src/store/order-exports.ts';
import { sweepOrderFiles } from '../../src/store/order-retention.ts';
import { Orders, type OrderView } from '../../src/store/orders.ts';
import { anEvent } from '../support/events.ts';
import { eventually } from '../support/eventually.ts';
import { freshNamespace, TestNode } from '../support/test-node.ts';

let node: TestNode;
let orders: Orders;
let artifacts: Artifacts;
const namespace = freshNamespace();

beforeAll(async () => {
  node = await TestNode.start({ socketPath: inject('redisSocket'), namespace });
  orders = new Orders(node.platform.redis, node.platform.keys);
  artifacts = new Artifacts(join(node.config.storage.dir, 'artifacts'));
});
afterAll(() => node.stop());

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** Worked example (a) of order intake. */
async function exampleA(total = 145, quantity = 40): Promise<Buffer> {
  const workbook = new ExcelJS.Workbook();
  const sheet = workbook.addWorksheet('Commande');
  for (const line of ['ACME SARL', '12 rue des Lilas', '69003 Lyon', 'Tél. +33 4 72 00 00 00', ''])
    sheet.addRow([line]);
  sheet.addRow(['Réf', 'Désignation', 'Qté', 'PU HT', 'Total HT']);
  sheet.addRow(['A-1', 'Vis', 100, '1,25', '125,00']);
  sheet.addRow(['A-2', 'Écrou', quantity, '0,50', '20,00']);
  sheet.addRow(['Total HT', null, null, null, `${total},00`]);
  return Buffer.from(await workbook.xlsx.writeBuffer());
}

const DELIVERY = { delivery_address: '1 quai X, Lyon', delivery_date: '2027-02-01' };

async function receive(
  files: readonly { filename: string; bytes: Uint8Array; mime_type?: string }[],
  payload: Partial<Payloads['ORDER.INBOX_RECEIVED']> = {},
): Promise<string> {
  const order_id = randomUUID();
  const attachments = [];
  for (const { filename, bytes, mime_type = XLSX } of files) {
    const artifact_id = randomUUID();
    await artifacts.write(order_id, artifact_id, bytes);
    attachments.push({ artifact_id, filename, mime_type });
  }
  const event = anEvent('ORDER.INBOX_RECEIVED', {
    ...{ order_id, from_email: 'buyer@acme.example', subject: 'Commande', attachments },
    received_at: new Date().toISOString(),
    ...payload,
  });
  await node.platform.publisher.publish(event);
  return order_id;
}

async function orderWhen(what: string, id: string, holds: (order: OrderView) => boolean): Promise<OrderView> {
  let order: OrderView | undefined;
  await eventually(`order ${id} ${what}`, async () => {
    order = await orders.view(id);
    return order !== undefined && holds(order);
  });
  return order as OrderView;
}
const drafted = (id: string) => orderWhen('has a draft', id, ({ version }) => version > 0);
const ended = (id: string) =>
  orderWhen('has ended', id, ({ status }) => status === 'EXPORTED' || status === 'REJECTED');

async function decide<T extends 'ORDER.VALIDATED' | 'ORDER.REJECTED'>(
  type: T,
  id: string,
  more: object = {},
  version = 1,
) {
  const by = type === 'ORDER.VALIDATED' ? 'validated' : 'rejected';
  const payload = { order_id: id, [`${by}_by`]: 'mia', [`${by}_at`]: new Date().toISOString(), ...more };
  const event = anEvent(type as EventType, payload as never, { event_id: deriveId(id, DECISION, version) });
  return node.platform.publisher.publish(event);
}

async function eventsOf(id: string): Promise<string[]> {
  const rows = await node.platform.redis.xrange(node.platform.keys.log, '-', '+');
  const events = rows.map(([, fields]) => JSON.parse(fields[fields.indexOf('event') + 1] as string));
  return events
    .filter(({ payload }) => payload.order_id === id || payload.project_id === id)
    .map((event) => event.event_type);
}

describe('an order', () => {
  it('(a) becomes a draft with places, is approved, and becomes a CSV', async () => {
    const id = await receive([{ filename: 'commande.xlsx', bytes: await exampleA() }], DELIVERY);
    const order = await drafted(id);
    expect(order).toMatchObject({
      status: 'VALIDATION_REQUIRED',
      ...{ version: 1, reason: 'awaiting_approval', language: 'fr', missing_fields: [], anomalies: [] },
      draft: {
        lines: [
          { line_no: 1, sku: 'A-1', qty: 100, unit_price: 1.25, total_price: 125 },
          { line_no: 2, sku: 'A-2', qty: 40, unit_price: 0.5, total_price: 20 },
        ],
        totals: { subtotal: 145 },
      },
      fields: { 'lines[1].qty': { confidence: 0.99, source: { kind: 'cell', cell: 'C7', sheet: 'Commande' } } },
      attachments: [{ filename: 'commande.xlsx', status: 'parsed' }],
    });
    await decide('ORDER.VALIDATED', id, { final_order_draft: order.draft });
    const final = await ended(id);
    const csv = 'line_no,sku,description,qty,uom,unit_price\r\n1,A-1,Vis,100,,1.25\r\n2,A-2,Écrou,40,,0.5\r\n';
    expect(final).toMatchObject({
      ...{ status: 'EXPORTED', decision: { approved: true, by: 'mia', changes: [] } },
      export: {
        path: `/storage/exports/${id}.csv`,
        size: Buffer.byteLength(csv),
        sha256: createHash('sha256').update(csv).digest('hex'),
      },
    });
    expect(readFileSync(join(node.config.storage.dir, 'exports', `${id}.csv`), 'utf8')).toBe(csv);
    expect(await eventsOf(id)).toEqual([
      ...['ORDER.INBOX_RECEIVED', 'ORDER.DRAFT_CREATED', 'ORDER.VALIDATION_REQUIRED', 'ORDER.VALIDATED'],
      ...['ORDER.EXPORT_READY', 'DELIVERABLE.PUBLISHED'],
    ]);
  });

  it('(b) says that its sums do not add up', async () => {
    const id = await receive([{ filename: 'commande.xlsx', bytes: await exampleA(154, 4000) }], DELIVERY);
    const { reason, anomalies } = await drafted(id);
    expect(reason).toBe('anomalies');
    expect(anomalies.map(({ type, line_ref }) => [type, line_ref ?? null])).toEqual(
      expect.arrayContaining([
        ['totals_mismatch', null],
        ['line_total_mismatch', 2],
      ]),
    );
    expect(anomalies.some(({ type }) => type === 'quantity_outlier')).toBe(false);
  });

  it('(e) that came before is a duplicate, unless the other was rejected', async () => {
    const bytes = await exampleA(145, 41);
    const first = await receive([{ filename: 'a.xlsx', bytes }], DELIVERY);
    await drafted(first);
    const again = await drafted(await receive([{ filename: 'b.xlsx', bytes }], DELIVERY));
    const duplicates = (order: OrderView) =>
      order.anomalies.filter(({ type }) => type === 'duplicate_order').map(({ description }) => description);
    expect(duplicates(again)).toEqual([`same file as order ${first}, same lines`]);
    await decide('ORDER.REJECTED', first);
    await ended(first);
    const third = await drafted(await receive([{ filename: 'c.xlsx', bytes }], DELIVERY));
    expect(duplicates(third)).toEqual([`same file as order ${again.order_id}, same lines`]);
  });

  it('is found again by what a person has corrected', async () => {
    const first = await receive([{ filename: 'a.xlsx', bytes: await exampleA(145, 47) }], DELIVERY);
    const { draft } = await drafted(first);
    await decide('ORDER.VALIDATED', first, { final_order_draft: { ...draft, po_number: 'PO-4747' } });
    await ended(first);
    const body_text = 'Bon de commande n° PO-4747\n\n5 x Z-9 Clous';
    const { anomalies } = await drafted(await receive([], { ...DELIVERY, body_text, from_email: 'joe@acme.example' }));
    expect(anomalies.map(({ description }) => description)).toContain(
      `same PO number "PO-4747" from acme.example as order ${first}, changed lines`,
    );
  });

  it('that comes twice at once is a duplicate once', async () => {
    const bytes = await exampleA(145, 46);
    const files = [{ filename: 'a.xlsx', bytes }];
    const ids = await Promise.all([receive(files, DELIVERY), receive(files, DELIVERY), receive(files, DELIVERY)]);
    const orders = await Promise.all(ids.map(drafted));
    const named = orders.map(({ anomalies }) => anomalies.filter(({ type }) => type === 'duplicate_order').length);
    expect(named.sort()).toEqual([0, 1, 2]);
  });

  it('(f) decided on twice at once is decided on once', async () => {
    const id = await receive([{ filename: 'a.xlsx', bytes: await exampleA(145, 42) }], DELIVERY);
    await drafted(id);
    const verdicts = await Promise.all([
      decide('ORDER.VALIDATED', id),
      decide('ORDER.REJECTED', id),
      decide('ORDER.VALIDATED', id),
    ]);
    expect(verdicts.map(({ status }) => status).sort()).toEqual(['accepted', 'duplicate', 'duplicate']);
    await ended(id);
    expect((await eventsOf(id)).filter((type) => /VALIDATED|REJECTED|EXPORT_READY/.test(type)).length).toBeLessThan(3);
  });

  it('is what other programs read of it', async () => {
    const id = await receive([{ filename: 'a.xlsx', bytes: await exampleA(145, 43) }], DELIVERY);
    const order = await drafted(id);
    const { redis } = node.platform;
    const of = async (name: string) => JSON.parse((await redis.get(`${namespace}:orders:${id}:${name}`)) ?? 'null');
    expect(await of('draft')).toEqual(order.draft);
    expect(await of('fields')).toEqual(order.fields);
    expect(await of('missing')).toEqual([]);
    expect(await of('status')).toMatchObject({ status: 'VALIDATION_REQUIRED', version: 1 });
    expect(await redis.sismember(`${namespace}:orders:pending_validation`, id)).toBe(1);
    expect(await redis.zscore(`${namespace}:orders:index`, id)).not.toBeNull();
    const [attachment] = order.attachments;
    expect(
      JSON.parse((await redis.get(`${namespace}:orders:artifact:${attachment?.artifact_id}`)) ?? ''),
    ).toMatchObject({
      filename: 'a.xlsx',
      sha256: attachment?.sha256,
    });
  });

  it('whose files are gone goes to a person, with a dead letter', async () => {
    const event = anEvent('ORDER.INBOX_RECEIVED', {
      ...{ order_id: randomUUID(), from_email: 'a@b.example', subject: 'x', received_at: new Date().toISOString() },
      attachments: [{ artifact_id: randomUUID(), filename: 'gone.xlsx', mime_type: XLSX }],
    });
    await node.platform.publisher.publish(event);
    expect(await drafted(event.payload.order_id)).toMatchObject({
      ...{ status: 'VALIDATION_REQUIRED', reason: 'manual_review', draft: { lines: [] } },
      attachments: [{ filename: 'gone.xlsx', status: 'unreadable' }],
    });
    expect(await eventsOf(event.payload.order_id)).toEqual(['ORDER.INBOX_RECEIVED', 'ORDER.VALIDATION_REQUIRED']);
  });

  it('that is final keeps its files for a while; what no order knows goes as well', async () => {
    const id = await receive([{ filename: 'a.xlsx', bytes: await exampleA(145, 44) }], DELIVERY);
    const pending = await receive([{ filename: 'a.xlsx', bytes: await exampleA(145, 45) }], DELIVERY);
    const { draft, attachments } = await drafted(id);
    await drafted(pending);
    await decide('ORDER.VALIDATED', id, { final_order_draft: draft });
    const { updated_at, export: written } = await ended(id);
    const [lost, fresh] = [randomUUID(), randomUUID()];
    await artifacts.write(lost, randomUUID(), Buffer.from('x'));
    const dayMs = 24 * 60 * 60 * 1000;
    const old = (Date.now() - 2 * dayMs) / 1000;
    await utimes(artifacts.directoryOf(lost), old, old);
    await artifacts.write(fresh, randomUUID(), Buffer.from('x'));
    const { redis, keys } = node.platform;
    const { dir: storageDir } = node.config.storage;
    const exports = new OrderExports({ redis, keys, storageDir, lockTtlMs: 1000 });
    const sweep = (nowMs: number) =>
      sweepOrderFiles({ redis, keys, artifacts, exports, retentionMs: dayMs, lockTtlMs: 1000 }, nowMs);
    // What a process that was killed while it wrote has left.
    const unfinished = (name: string) => join(storageDir, 'exports', `.${id}.csv.${name}`);
    for (const name of ['old', 'new']) await writeFile(unfinished(name), 'line_no');
    await utimes(unfinished('old'), old, old);
    const finalMs = Date.parse(updated_at);
    // Other orders of this file may go by then, too.
    expect(await sweep(finalMs + dayMs - 1)).toBeGreaterThan(0);
    const left = async () => (await artifacts.owners()).map(({ ownerId }) => ownerId);
    expect(await left()).toEqual(expect.arrayContaining([id, pending, fresh]));
    expect(await left()).not.toContain(lost);
    expect(['old', 'new'].filter((name) => existsSync(unfinished(name)))).toEqual(['new']);
    expect(await redis.pttl(`${namespace}:orders:artifact:${attachments[0]?.artifact_id}`)).toBeGreaterThan(0);
    await sweep(finalMs + dayMs);
    expect(await left()).not.toContain(id);
    expect(await left()).toEqual(expect.arrayContaining([pending, fresh]));
    expect(existsSync(join(storageDir, 'exports', `${id}.csv`))).toBe(false);
    // The same bytes again.
    const again = await exports.write(id, exportCsv((await orders.view(id))?.draft as OrderDraft), 'again');
    expect(again).toEqual({ path: written?.path, size: written?.size, sha256: written?.sha256 });
  });
});
