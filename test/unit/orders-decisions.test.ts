import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correct, countedAnew, type Order } from '../../machines/orders/correcting.ts';
import { readCorrections } from '../../machines/orders/corrections.ts';
import {
  duplicateIssue,
  earlierIssue,
  fileHashesOf,
  fingerprintsOf,
  type KnownOrder,
} from '../../machines/orders/duplicates.ts';
import { answerDraft, confirmationDraft } from '../../machines/orders/email-drafts.ts';
import { exportCsv } from '../../machines/orders/export-csv.ts';
import { correctionsOf } from '../../machines/orders/final-draft.ts';
import { missingForApproval } from '../../machines/orders/missing-fields.ts';
import { file, ORDER_ID, read, withBody, withSheet } from '../support/order-documents.ts';

const PENS = read(withBody('Please send 20 boxes of blue pens by 2026-03-02'));
const THREE = read(
  withSheet([
    ['SKU', 'Qty', 'Price'],
    ['A', 1, 2],
    ['B', 2, 2.5],
    ['C', 3, 4],
  ]),
);

/** An order with valid corrections made. */
function corrected(order: typeof PENS, corrections: unknown) {
  const reading = readCorrections(corrections, order.draft.lines.length);
  if (!reading.ok) throw new Error(JSON.stringify(reading.errors));
  return correct(order, reading.corrections);
}
const errors = (corrections: unknown, lines = 3) => {
  const reading = readCorrections(corrections, lines);
  return reading.ok ? [] : reading.errors.map(({ field, message }) => `${field} ${message}`);
};

describe('corrections', () => {
  it('(c) make an order complete, and its CSV', () => {
    const { draft, fields, changes } = corrected(PENS, { 'lines[1].sku': 'PEN-B', 'delivery.address': '12 Rue X' });
    expect(missingForApproval(PENS.draft, PENS.fields)).toEqual([
      { field: 'sku', reason: 'line 1 has no sku' },
      { field: 'delivery.address', reason: 'missing delivery address' },
    ]);
    expect(missingForApproval(draft, fields)).toEqual([]);
    expect(exportCsv(draft)).toBe('line_no,sku,description,qty,uom,unit_price\r\n1,PEN-B,blue pens,20,box,\r\n');
    expect(changes).toEqual([
      { field: 'delivery.address', from: null, to: '12 Rue X' },
      { field: 'lines[1].sku', from: '?', to: 'PEN-B' },
    ]);
    expect(fields['lines[1].sku']).toMatchObject({ value: 'PEN-B', method: 'human', confidence: 1, source: null });
  });

  it.each([
    ['lines[1].sku', 'A\ud800'],
    ['po_number', 'A'.repeat(20_001)],
    ['customer.email', `${'a'.repeat(60)}@${`${'b'.repeat(60)}.`.repeat(6)}example`],
  ])('of %s do not set what no event or file can hold', (path, value) => {
    expect(errors({ [path]: value })).toHaveLength(1);
  });

  it('keep where the old value stood, and its suggestion', () => {
    const { fields, changes } = corrected(THREE, { 'lines[1].qty': 10, 'lines[2].qty': 2 });
    expect(fields['lines[1].qty']).toMatchObject({ value: 10, raw: '1', source: { cell: 'B2' }, method: 'human' });
    expect(changes).toEqual([{ field: 'lines[1].qty', from: 1, to: 10 }]);
  });

  it('may be nested, and named shortly', () => {
    const { draft, fields, notes } = corrected(THREE, {
      po_number: 'PO-1',
      customer: { name: 'Acme', vat: null },
      customer_email: 'mia@acme.example',
      delivery_address: null,
      delivery_date: '2026-03-02',
      phone_number: '+1 555',
      contact: { name: null },
      currency: 'USD',
      totals: { total: -3 },
      'lines[1]': { sku: 'X', unit_price: null, total_price: 9.5 },
    });
    expect(draft).toMatchObject({
      po_number: 'PO-1',
      customer: { name: 'Acme', email: 'mia@acme.example' },
      delivery: { address: null, date: '2026-03-02' },
      currency: 'USD',
      totals: { total: -3 },
      lines: [{ sku: 'X', unit_price: null, total_price: 9.5 }, {}, {}],
    });
    expect(fields['contact.phone']).toMatchObject({ value: '+1 555', method: 'human' });
    expect(notes).toEqual(['contact.phone: +1 555', 'contact.name: –']);
  });

  it('remove lines and add them; lines are counted anew on approval only', () => {
    const order = corrected(THREE, { 'lines[2]': null, 'lines[5].qty': 5, 'lines[4]': { sku: 'D', qty: 4 } });
    const numbered = ({ draft }: Order) => draft.lines.map(({ line_no, sku, qty }) => [line_no, sku, qty]);
    expect(numbered(order)).toEqual([
      ...[
        [1, 'A', 1],
        [3, 'C', 3],
        [4, 'D', 4],
        [5, '?', 5],
      ],
    ]);
    expect(order.changes).toMatchObject([
      { field: 'lines[2]', from: { sku: 'B' }, to: null },
      { field: 'lines[4]', from: null, to: { line_no: 4, sku: 'D', qty: 4 } },
      { field: 'lines[5]', from: null, to: { line_no: 5, sku: '?' } },
    ]);
    expect(missingForApproval(order.draft, order.fields)[0]).toEqual({ field: 'sku', reason: 'line 5 has no sku' });
    const approved = countedAnew(order);
    expect(numbered(approved)).toEqual([
      ...[
        [1, 'A', 1],
        [2, 'C', 3],
        [3, 'D', 4],
        [4, '?', 5],
      ],
    ]);
    expect(approved.fields['lines[2].qty']).toMatchObject({ value: 3, source: { cell: 'B4' } });
    expect(approved.fields['lines[5].qty']).toBeUndefined();
  });

  it('follow from the draft that they make', () => {
    const wanted = { 'lines[2]': null, 'lines[3].qty': 7, 'lines[4]': { sku: 'D', qty: 4 }, po_number: 'PO-9' };
    const order = corrected(THREE, { ...wanted, delivery: { address: null, date: '2026-03-02' } });
    const again = correct(THREE, correctionsOf(THREE.draft, order.draft));
    expect(again.draft).toEqual(order.draft);
    expect(again.changes).toEqual(expect.arrayContaining([...order.changes]));
    expect(again.changes).toHaveLength(order.changes.length);
    // That there is no address is said by a person.
    expect(again.fields['delivery.address']).toMatchObject({ value: null, method: 'human' });
    expect(missingForApproval(again.draft, again.fields)).toEqual([]);
    const same = correct(THREE, correctionsOf(THREE.draft, { order_id: ORDER_ID, lines: THREE.draft.lines }));
    expect(same).toMatchObject({ draft: THREE.draft, changes: [] });
    expect(missingForApproval(same.draft, same.fields).map(({ field }) => field)).toEqual([
      'delivery.address',
      'delivery.date',
    ]);
  });

  it('that are absent change nothing', () => {
    expect(corrected(THREE, undefined)).toMatchObject({ draft: THREE.draft, changes: [], notes: [] });
    expect(corrected(THREE, { 'lines[1]': {} }).changes).toEqual([]);
    expect(correct({ draft: THREE.draft, fields: {} }, { fields: [], lines: [] }).draft.currency).toBe('EUR');
  });

  it('are all named where they are wrong', () => {
    expect(
      errors({
        nonsense: 1,
        po_number: ' ',
        customer: 'Acme',
        delivery: { date: '2026-02-30', place: 'x' },
        customer_email: null,
        currency: 'EURO',
        totals: { tax: '5', total: Number.POSITIVE_INFINITY },
        'lines[1].qty': 0,
        'lines[1].unit_price': -1,
        'lines[1].total_price': 'free',
        'lines[1].colour': 'red',
        'lines[2]': 7,
        'lines[0].qty': 1,
        'lines[5].qty': 1,
      }),
    ).toEqual([
      'nonsense is no field of an order',
      'po_number must be a text of at most 20000 characters that is not blank or null',
      'customer must be an object',
      'delivery.date must be a day that exists, YYYY-MM-DD or null',
      'delivery.place is no field of an order',
      'customer_email must be an e-mail address of at most 320 characters',
      'currency must be an ISO 4217 code such as EUR',
      'totals.tax must be a number or null',
      'totals.total must be a number or null',
      'lines[1].qty must be a number > 0',
      'lines[1].unit_price must be a number ≥ 0 or null',
      'lines[1].total_price must be a number ≥ 0 or null',
      'lines[1].colour is no field of a line: sku, description, qty, uom, unit_price, total_price',
      'lines[2] must be an object',
      'lines[0].qty is no field of an order',
      'lines[5] there is no such line; a new one is lines[4]',
    ]);
    expect(errors([])).toEqual(['corrections must be an object']);
    expect(errors({ 'lines[4]': null })).toEqual(['lines[4] there is no such line; a new one is lines[4]']);
    expect(errors({ 'lines[1]': null, 'lines[1].qty': 1 })).toEqual(['lines[1].qty cannot be removed and changed']);
    expect(errors({ 'lines[1].qty': 1, 'lines[1]': null })).toEqual(['lines[1] cannot be removed and changed']);
    expect(errors({ delivery_date: null, 'delivery.date': null })).toEqual(['delivery.date is given more than once']);
    expect(errors({ 'lines[1].qty': 1, 'lines[1]': { qty: 2 } })).toEqual(['lines[1].qty is given more than once']);
    expect(errors({ 'lines[5001].qty': 1 }, 5000)).toEqual(['lines[5001] an order has at most 5000 lines']);
    expect(errors(Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`x${at}`, 1])))).toHaveLength(100);
  });

  it('of any shape are read or refused', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const reading = readCorrections(value, 3);
        if (reading.ok) correct(THREE, reading.corrections);
      }),
    );
  });
});

describe('approval', () => {
  it('needs a line, and takes null of a person for a statement', () => {
    const { draft, fields } = corrected(THREE, {
      'lines[1]': null,
      'lines[2]': null,
      'lines[3]': null,
      delivery_address: null,
    });
    expect(missingForApproval(draft, fields)).toEqual([
      { field: 'lines', reason: 'empty' },
      { field: 'delivery.date', reason: 'missing delivery date' },
    ]);
  });

  it.each([
    ['en', 'We confirm your order PO-1:'],
    ['fr', 'Nous confirmons votre commande PO-1 :'],
    ['de', 'wir bestätigen Ihre Bestellung PO-1:'],
    ['es', 'Confirmamos su pedido PO-1:'],
    ['it', 'confermiamo il vostro ordine PO-1:'],
  ] as const)('is confirmed, and its coming acknowledged, in %s', (language, confirmed) => {
    const about = { to: 'a@b.example', subject: 'x', language };
    const order = { ...THREE.draft, po_number: 'PO-1' };
    expect(confirmationDraft(about, order).body_text).toContain(confirmed);
    const acknowledged = [order, PENS.draft].map((one) => answerDraft(about, one, []).body_text);
    expect(acknowledged[0]).toMatch(/ PO-1 .* 3 /);
    expect(acknowledged[1]).toMatch(/ 1 /);
  });

  it('is confirmed line by line', () => {
    const { draft } = corrected(PENS, { 'lines[2]': { qty: 2.5, sku: 'A\nB' } });
    expect(confirmationDraft({ to: 'a@b.example', subject: 'x', language: 'de' }, draft).body_text).toBe(
      'Guten Tag,\n\nwir bestätigen Ihre Bestellung:\n1. 20 box × blue pens\n2. 2.5 × A B\n\nMit freundlichen Grüßen',
    );
  });

  it('is confirmed, and asked about, in no more than a message holds', () => {
    const about = { to: 'a@b.example', subject: 'x', language: 'en' } as const;
    const lines = Array.from({ length: 5000 }, (_, index) => ({ line_no: index + 1, sku: '😀'.repeat(50), qty: 1 }));
    const missing = lines.map(({ line_no }) => ({ field: 'sku', reason: `line ${line_no} has no sku` }));
    const draft = { order_id: ORDER_ID, lines };
    for (const { body_text } of [confirmationDraft(about, draft), answerDraft(about, draft, missing)]) {
      expect([...body_text].length).toBeLessThanOrEqual(20_000);
      expect([...body_text].length).toBeGreaterThan(19_900);
      expect(body_text).toMatch(/\n… \(\+\d{4}\)\n\nKind regards$/);
    }
  });
});

describe('the export', () => {
  const csv = (changes: object) => {
    const line = { line_no: 1, sku: 'A', qty: 1, description: null, uom: null, unit_price: null };
    return exportCsv({ order_id: ORDER_ID, lines: [{ ...line, ...changes }] })
      .split('\r\n')
      .slice(1)
      .join('\r\n');
  };

  it.each<[object, string]>([
    [{ description: '=HYPERLINK("http://x")' }, `1,A,"'=HYPERLINK(""http://x"")",1,,`],
    [{ sku: '-5' }, "1,'-5,,1,,"],
    [{ sku: '@x', uom: '+y' }, "1,'@x,,1,'+y,"],
    [{ description: '\tx' }, "1,A,'\tx,1,,"],
    [{ description: '\rx' }, '1,A,"\'\rx",1,,'],
    [{ description: '＝1＋1' }, "1,A,'＝1＋1,1,,"],
    [{ description: 'a,b\nc' }, '1,A,"a,b\nc",1,,'],
    [{ description: ' a=b' }, '1,A, a=b,1,,'],
    [{ qty: -5, unit_price: 1e-7 }, '1,A,,-5,,0.0000001'],
    [{ qty: 1e21, unit_price: 0.1 }, '1,A,,1000000000000000000000,,0.1'],
    [{ qty: -0.5, unit_price: -0 }, '1,A,,-0.5,,0'],
  ])('of %j is safe and plain', (changes, expected) => {
    expect(csv(changes)).toBe(`${expected}\r\n`);
  });

  it('of nothing is its header', () => {
    expect(exportCsv({ order_id: ORDER_ID, lines: [] })).toBe('line_no,sku,description,qty,uom,unit_price\r\n');
  });
});

describe('an order that has come before', () => {
  const known = (changes: Partial<KnownOrder> = {}): KnownOrder => ({
    draft: THREE.draft,
    from_email: 'mia@acme.example',
    file_hashes: ['f1'],
    ...changes,
  });
  const draft = (changes: object) => ({ ...THREE.draft, order_id: 'first', ...changes });
  const told = (order: KnownOrder, earlier: KnownOrder) => duplicateIssue(order, earlier)?.description;

  it('has the same file, the same content or the same PO number of the same sender', () => {
    const reversed = draft({ lines: THREE.draft.lines.toReversed() });
    const other = draft({ lines: THREE.draft.lines.slice(1), po_number: 'PO-1' });
    expect(told(known(), known({ draft: draft({}) }))).toBe('same file as order first, same lines');
    expect(told(known(), known({ draft: reversed, file_hashes: [] }))).toBe('same content as order first, same lines');
    const po = known({ draft: draft({ po_number: 'po-1' }), file_hashes: [] });
    expect(told(po, known({ draft: other, from_email: 'joe@ACME.example' }))).toBe(
      'same PO number "po-1" from acme.example as order first, changed lines',
    );
    expect(duplicateIssue(known(), known({ draft: draft({}) }))).toMatchObject({
      type: 'duplicate_order',
      severity: 'error',
    });
  });

  it('is told of an order that is still being read by what is known of it', () => {
    const told = (shared: readonly string[]) =>
      earlierIssue(known(), { order_id: 'x', shared, known: null })?.description;
    expect(told(['po ["a","b"]', 'file f1'])).toBe('same file as order x, which is still being read');
    expect(told(['lines []'])).toBe('same content as order x, which is still being read');
    expect(told(['po ["a","b"]'])).toBe('same PO number and sender as order x, which is still being read');
    const read = { order_id: 'first', shared: ['file f1'], known: known({ draft: draft({}) }) };
    expect(earlierIssue(known(), read)?.description).toBe('same file as order first, same lines');
  });

  it('is none by nothing, by another sender, or without a number', () => {
    const empty = known({ draft: draft({ lines: [] }), file_hashes: [] });
    expect(duplicateIssue(empty, empty)).toBeNull();
    const po = known({ draft: draft({ lines: [], po_number: 'PO-1' }), file_hashes: [] });
    expect(duplicateIssue(po, { ...po, from_email: 'mia@zenith.example' })).toBeNull();
  });

  it('is found by a fingerprint in common', () => {
    const prints = fingerprintsOf(known({ draft: draft({ po_number: 'PO-1' }), file_hashes: ['f1', 'f1'] }));
    expect(prints).toEqual([
      'file f1',
      'lines ["A","1",null,"2"]\n["B","2",null,"2.5"]\n["C","3",null,"4"]',
      'po ["acme.example","po-1"]',
    ]);
    const bare = draft({ lines: [{ line_no: 1, sku: 'A', qty: 1 }] });
    expect(fingerprintsOf(known({ draft: bare, file_hashes: [] }))).toEqual(['lines ["A","1",null,null]']);
    const unknown = draft({ lines: [{ line_no: 1, sku: '?', qty: 0 }] });
    expect(fingerprintsOf(known({ draft: unknown, file_hashes: [] }))).toEqual([]);
  });

  it('is not known by what was skipped', () => {
    expect(fileHashesOf([file(null, { sha256: 'a' }), file(null, { sha256: 'b', status: 'skipped' })])).toEqual(['a']);
  });
});
