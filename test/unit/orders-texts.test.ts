import { describe, expect, it } from 'vitest';
import { extractOrder } from '../../machines/orders/extraction/extract.ts';
import { file, linesOf, missing, read, withBody } from '../support/order-documents.ts';

const text = (content: string) =>
  read({ documents: [file({ kind: 'lines', text: content }, { filename: 'order.txt' })] });

describe('a text in columns', () => {
  const columns = [
    'P.O. Number: 4561300752',
    'Ship to:',
    'Oakhurst Workshops LLP',
    '148 Kingsway',
    '',
    'Item No   Description            Qty  Unit   Price    Total',
    '-----------------------------------------------------------',
    '2.556.95  Steel bracket            3  pc      0.45     1.35',
    '6.620.59  Flat washer           1000  pk     16.98  16980.00',
    '          zinc plated',
    '8.168.25  Hex bolt                 4  pc     62.58   250.32',
    '-----------------------------------------------------------',
    'Subtotal                                          17231.67',
    '',
    'Please deliver in 2 boxes.',
    '-- ',
    'Priya Nair',
  ].join('\n');

  it('is read by its header, with places in its lines', () => {
    const reading = text(columns);
    expect(linesOf(reading)).toEqual([
      { sku: '2.556.95', description: 'Steel bracket', qty: 3, uom: 'ea', unit_price: 0.45, total_price: 1.35 },
      {
        sku: '6.620.59',
        description: 'Flat washer zinc plated',
        qty: 1000,
        uom: 'pack',
        unit_price: 16.98,
        total_price: 16980,
      },
      { sku: '8.168.25', description: 'Hex bolt', qty: 4, uom: 'ea', unit_price: 62.58, total_price: 250.32 },
    ]);
    expect(reading.draft).toMatchObject({
      po_number: '4561300752',
      delivery: { address: 'Oakhurst Workshops LLP, 148 Kingsway' },
      totals: { subtotal: 17231.67 },
    });
    expect(reading.contact.name).toBe('Priya Nair');
    expect(reading.fields['lines[1].qty']?.source).toMatchObject({ kind: 'line', line: 8, start: 35, end: 36 });
    expect(reading.fields['delivery.address']).toMatchObject({ source: { line: 3, start: 0, end: 35 } });
  });

  it('may be set with tabs or bars, and stand in a message', () => {
    expect(linesOf(read(withBody('Hello,\n\nSKU\tQty\nA-1\t5\nB-2\t7\n')))).toEqual([
      { sku: 'A-1', qty: 5 },
      { sku: 'B-2', qty: 7 },
    ]);
    expect(linesOf(text('| SKU | Qty |\n|---|---|\n| A-1 | 5 |\n|  | 3 |'))).toEqual([{ sku: 'A-1', qty: 5 }]);
  });

  it('is none of a quoted reply', () => {
    const quoted = 'Send 5 x W-1\n\n> SKU   Qty\n> A-1   5';
    expect(linesOf(text(quoted))).toEqual([{ sku: 'W-1', qty: 5 }]);
  });

  it('settles its numbers by arithmetic', () => {
    const { draft } = text(
      'SKU   Qty   Price   Total\nA-1   2     1.234   2.468\nB-2   1     5.000   5.000\nC-3   2     1.500   3000',
    );
    expect(draft.lines.map(({ unit_price }) => unit_price)).toEqual([1234, 5000, 1500]);
  });

  it('whose header has no lines is read as sentences', () => {
    expect(linesOf(text('SKU   Qty\n\nSend 5 x W-1'))).toEqual([{ sku: 'W-1', qty: 5 }]);
  });
});

describe('records', () => {
  it('are lines, a labeled value on each line of text', () => {
    const reading = text(
      'Order\n\nProduct: Hammer\nCode: HM-10\nQty: 10 pcs\nPrice: 12,00 €\nNote: urgent\n\nProduct: Saw\nQty: 2\nProduct: Axe\nQty: 1\nDone',
    );
    expect(linesOf(reading)).toEqual([
      { sku: 'HM-10', description: 'Hammer', qty: 10, uom: 'ea', unit_price: 12 },
      { sku: '?', description: 'Saw', qty: 2 },
      { sku: '?', description: 'Axe', qty: 1 },
    ]);
    expect(reading.draft.currency).toBe('EUR');
    expect(reading.fields['lines[2].qty']?.source).toMatchObject({ line: 10, start: 5, end: 6 });
  });

  it('are none without a quantity', () => {
    expect(missing(text('Product: Saw\nColour: red'))[0]).toBe('lines: no order table found');
  });
});

describe('prose', () => {
  const lines = (said: string) =>
    extractOrder(said).lines.map(({ line_no: _, ...line }) =>
      Object.fromEntries(Object.entries(line).filter(([, value]) => value !== null)),
    );

  it.each<[string, object[]]>([
    [
      '10 x Disc 3/8" (7.270.97) at 0.48 EUR',
      [{ qty: 10, description: 'Disc 3/8"', sku: '7.270.97', unit_price: 0.48 }],
    ],
    ['Please send 2 x pens (12)', [{ qty: 2, description: 'pens (12)' }]],
    ['Please send 2 x pens (blue', [{ qty: 2, description: 'pens (blue' }]],
    [
      'Please send:\n- 55 m FFG-256-F Hose, M8 at 3.80 EUR',
      [{ qty: 55, uom: 'm', sku: 'FFG-256-F', description: 'Hose, M8', unit_price: 3.8 }],
    ],
    ['5 x W-100 at 2 EUR', [{ qty: 5, sku: 'W-100', unit_price: 2 }]],
    ['Please send 5 A4-Papier weiss', [{ qty: 5, description: 'A4-Papier weiss' }]],
    [
      '8 x Saw at 3.50 CHF\n9 x Axe at 1.00 CHF',
      [
        { qty: 8, description: 'Saw', unit_price: 3.5 },
        { qty: 9, description: 'Axe', unit_price: 1 },
      ],
    ],
    ['1.017.82 x 825 - Gants, 3/8"', [{ sku: '1.017.82', qty: 825, description: 'Gants, 3/8"' }]],
    ['W-100 x 5 -', [{ sku: 'W-100', qty: 5 }]],
    ['5 x pens - W-100', [{ qty: 5, description: 'pens', sku: 'W-100' }]],
    ['5 x pens - W-100\n\nThanks', [{ qty: 5, description: 'pens', sku: 'W-100' }]],
    ['5 x pens - W-100 at 2 EUR', [{ qty: 5, description: 'pens - W-100', unit_price: 2 }]],
    ['5 x pens - W-100, blue', [{ qty: 5, description: 'pens', sku: 'W-100' }]],
    ['5 x pens - W-100 blue', [{ qty: 5, description: 'pens - W-100 blue' }]],
    ['5 x pens - RED', [{ qty: 5, description: 'pens - RED' }]],
    ['5 x pens - 12', [{ qty: 5, description: 'pens - 12' }]],
    ['5 x pens - ?', [{ qty: 5, description: 'pens' }]],
    ['78 x Disc, Art.-Nr. 0089981', [{ qty: 78, description: 'Disc', sku: '0089981' }]],
    [
      '20 x Pens, blue, 5 x W-200',
      [
        { qty: 20, description: 'Pens, blue' },
        { qty: 5, sku: 'W-200' },
      ],
    ],
    ['Please confirm within 2 working days', []],
  ])('%j is read', (said, expected) => {
    expect(lines(said)).toEqual(expected);
  });

  it.each([
    'From: Mia <mia@acme.example>\nDate: 16/09/2026\nTo: us\nSubject: pens\n\nSend 5 x W-2',
    'De: Mia <mia@acme.example>\nFecha: 16/09/2026\nPara: us\nAsunto: pens\n\nSend 5 x W-2',
    'Mia <mia@acme.example> a écrit le 2026-11-10 :\n> Send 5 x W-2',
  ])('leaves out what is quoted below %j', (quoted) => {
    expect(lines(`Send 5 x W-1\n\n${quoted}`)).toEqual([{ qty: 5, sku: 'W-1' }]);
  });

  it('takes no day for a phone number', () => {
    expect(extractOrder('Send 5 x W-1\n-- \nMia\n20-05-2026').fields['contact.phone']).toBeUndefined();
  });

  it('reads abbreviated names and addresses to their end', () => {
    const { fields } = extractOrder(
      'Customer: Moretto Impianti S.r.l.\nShip to: Ibérica S. Coop., Avda. de la Paz, 4, Madrid',
    );
    expect(fields['customer.name']?.value).toBe('Moretto Impianti S.r.l.');
    expect(fields['delivery.address']?.value).toBe('Ibérica S. Coop., Avda. de la Paz, 4, Madrid');
  });

  it('takes no part of a name for a preposition', () => {
    expect(extractOrder('Order of 5 x W-1, Carraro S.a.s., Piazza 4').fields['delivery.address']).toBeUndefined();
  });
});
