// Layouts as ERP systems and small businesses print them.
import { describe, expect, it } from 'vitest';
import type { PageItem } from '../../machines/orders/document.ts';
import { pagesGrid } from '../../machines/orders/tables/page-grid.ts';
import { labelMeant } from '../../machines/orders/texts/label-concepts.ts';
import {
  type CellValue,
  file,
  itemsAt,
  linesOf,
  oddities,
  pages,
  read,
  withBody,
  withSheet,
} from '../support/order-documents.ts';

const order = (rows: readonly (readonly CellValue[])[]) => read(withSheet(rows));
const pdf = (...items: readonly PageItem[][]) =>
  read({ documents: [file(pages(items.flat()), { filename: 'order.pdf' })] });
const cells = (...items: readonly PageItem[][]) => {
  const content = pages(items.flat());
  const grid = pagesGrid(file(content), content.kind === 'pages' ? content.pages : []);
  return Array.from({ length: grid.count }, (_, at) => grid.rowAt(at).cells.map(({ text }) => text));
};

describe('a price', () => {
  const HEADER = ['Material', 'Kurztext', 'Bestellmenge', 'Preis pro Einheit', 'Nettowert'];

  it('is for as many as its cell says, 1 too', () => {
    const reading = order([
      HEADER,
      ['A-100', 'Schraube', 2000, '4,50 /100 ST', '90,00'],
      ['A-200', 'Mutter', 25, '2,35 /1 ST', '58,75'],
    ]);
    expect(reading.draft.lines.map(({ unit_price }) => unit_price)).toEqual([0.045, 2.35]);
    expect(reading.fields['lines[1].unit_price']?.flags).toEqual(['price_basis']);
    expect(oddities(reading)).toEqual([]);
  });

  it('is for as many as the column of its basis says', () => {
    const reading = order([
      ['Material', 'Kurztext', 'Menge', 'Nettopreis', 'Preiseinheit', 'Nettowert'],
      ['A-100', 'Schraube', 500, 18.5, 100, 92.5],
      ['A-200', 'Rohr', 36, 7.3, 1, 262.8],
      ['A-300', 'Mutter', 40, 3, null, 120],
      ['A-400', 'Scheibe', 40, 3, 7, 120],
      ['A-500', 'Bolzen', 40, 3, 'x', 120],
    ]);
    expect(reading.draft.lines.map(({ unit_price }) => unit_price)).toEqual([0.185, 7.3, 3, 3, 3]);
    expect(oddities(reading).filter((type) => type.startsWith('line_total'))).toEqual([]);
  });
});

describe('a column', () => {
  it('of sizes is no unit', () => {
    const [small, medium] = order([
      ['Style', 'Size', 'Quantity', 'Price'],
      ['LN-204', 'S', 120, 8.4],
      ['LN-205', 'M', 240, 8.4],
      ['LN-206', 'L', 60, 9.1],
    ]).draft.lines;
    expect([small?.uom, medium?.uom]).toEqual([null, null]);
  });

  it('of counts is no name, though it is called one', () => {
    const [first] = order([
      ['Code', 'Description', 'Goods', 'Qty'],
      ['A-100', '5 pcs', 'Wood screw', 3],
      ['A-200', '6 pcs', 'Wall plug', 4],
    ]).draft.lines;
    expect(first).toMatchObject({ sku: 'A-100', qty: 3 });
  });

  it('that is called a code is no name beside goods that are named', () => {
    expect(
      linesOf(
        order([
          ['Our ref.', 'Your ref.', 'Item', 'Order quantity'],
          [880012, 'TS-BLK-M', 'T-shirt black M', 48],
          [880013, 'TS-BLK-L', 'T-shirt black L', 60],
        ]),
      ).map((line) => ('description' in line ? line.description : null)),
    ).toEqual(['T-shirt black M', 'T-shirt black L']);
  });

  it('of the order says what all lines agree on', () => {
    const table = (days: readonly string[], currency = 'CHF') =>
      order([
        ['Einkaufsbeleg', 'Material', 'Kurztext', 'Menge', 'Preis', 'Belegwährung', 'Lieferdatum', 'Werk'],
        ...days.map((day, at) => ['4500099123', `RH-${at}0`, 'Rohr', 4 + at, 7.3, currency, { day }, '1000']),
      ]).draft;
    const same = table(['2026-06-15', '2026-06-15']);
    expect([same.po_number, same.currency, same.delivery?.date]).toEqual(['4500099123', 'CHF', '2026-06-15']);
    expect(table(['2026-06-15', '2026-06-22']).delivery?.date).toBeNull();
  });

  it('of taxes makes no totals of its lines', () => {
    const draft = order([
      ['Description', 'Taxes', 'Date', 'Qty', 'Unit price', 'Amount'],
      ['Wood screw', 'VAT 20%', { day: '2026-05-22' }, 12, 8.9, 106.8],
      ['Wall plug', 'VAT 20%', { day: '2026-05-22' }, 1500, 0.06, 90],
      [null, null, null, null, 'Net amount', 196.8],
    ]).draft;
    expect(draft.lines.map(({ qty }) => qty)).toEqual([12, 1500]);
    expect(draft.totals).toMatchObject({ subtotal: 196.8, tax: null });
  });
});

describe('a page', () => {
  const HEADER = itemsAt(40, [40, 'Code'], [100, 'Description'], [300, 'Qty'], [360, 'Price']);
  const line = (y: number, code: string, name: string, qty: string) =>
    itemsAt(y, [40, code], [100, name], [300, qty], [360, '2.50']);

  it('has one row where cells of two lines are centred beside others', () => {
    expect(
      cells(
        itemsAt(40, [40, 'Stock'], [67, 'no'], [300, 'Unit']),
        itemsAt(46, [100, 'Details'], [250, 'Qty']),
        itemsAt(52, [40, 'Code'], [300, 'Price']),
        itemsAt(80, [40, 'AB-1-']),
        itemsAt(86, [100, 'Hinge'], [250, '24']),
        itemsAt(92, [40, '77']),
      ),
    ).toEqual([
      ['Stock no Code', 'Details', 'Qty', 'Unit Price'],
      ['AB-1-77', 'Hinge', '24'],
    ]);
  });

  it('keeps rows apart that are not centred on one line, or too few', () => {
    const block = (...texts: readonly string[]) => texts.flatMap((text, at) => itemsAt(40 + 12 * at, [40, text]));
    expect(cells(block('Acme', 'High St 1', 'Leeds'), itemsAt(46, [200, 'Order']), itemsAt(58, [200, '4711']))).toEqual(
      [['Acme'], ['Order'], ['High St 1'], ['4711'], ['Leeds']],
    );
    expect(
      cells(
        block('Acme', 'High St 1'),
        itemsAt(46, [200, 'Order']),
        itemsAt(46, [300, 'Date']),
        itemsAt(58, [200, '1']),
      ),
    ).toEqual([['Acme'], ['Order', 'Date'], ['High St 1'], ['1']]);
  });

  it('keeps rows apart whose blocks are of another height', () => {
    const block = (x: number, y: number, count: number) =>
      Array.from({ length: count }, (_, at) => itemsAt(y + 12 * at, [x, `${x} no ${at}`])).flat();
    expect(cells(block(40, 40, 3), block(200, 46, 1), block(300, 46, 2))).toHaveLength(5);
  });

  it('has columns that touch where items begin or end below each other', () => {
    const rows = (...codes: readonly string[]) =>
      codes.map((code, at) => itemsAt(40 + 14 * at, [84, '1', 6], [93, code, 60], [184, 'Sheet', 60]));
    expect(cells(...rows('ACR-1', 'VIN-2', 'LED-3'))).toEqual([
      ['1', 'ACR-1', 'Sheet'],
      ['1', 'VIN-2', 'Sheet'],
      ['1', 'LED-3', 'Sheet'],
    ]);
    expect(cells(...rows('ACR-1', 'VIN-2'))[0]).toEqual(['1 ACR-1', 'Sheet']);
    const ends = [
      itemsAt(40, [40, 'Item', 30], [240, 'Qty', 24]),
      itemsAt(54, [40, 'Insulation board of 120 mm', 200], [243, '1250', 21]),
      itemsAt(68, [40, 'Dowel', 30], [240, '7500', 24]),
    ];
    expect(cells(...ends)[1]).toEqual(['Insulation board of 120 mm', '1250']);
  });

  it('gives a number beside its header to its own column', () => {
    const rows = ['ACR-3', 'VIN-6', 'LED-9'].map((code, at) =>
      itemsAt(60 + 14 * at, [84, '7', 6], [93, code, 60], [184, 'Acrylic sheet'], [400, String(14 + at)]),
    );
    const head = itemsAt(40, [51, 'Line', 23], [93, 'Part number', 69], [184, 'Description'], [390, 'Quantity']);
    expect(linesOf(pdf(head, ...rows))).toMatchObject([{ sku: 'ACR-3' }, { sku: 'VIN-6' }, { sku: 'LED-9' }]);
  });

  it('has remarks of a line, headings and greetings that are none of its name', () => {
    const names = (text: string, y: number) =>
      pdf(
        HEADER,
        line(60, 'A-1', 'Screw', '5'),
        itemsAt(y, [100, text]),
        line(y + 20, 'A-2', 'Nut', '6'),
      ).draft.lines.map(({ description }) => description);
    expect(names('Delivery date: 2026-05-18', 74)).toEqual(['Screw', 'Nut']);
    expect(names('Cheers', 72)).toEqual(['Screw', 'Nut']);
    expect(names('zinc plated', 72)).toEqual(['Screw zinc plated', 'Nut']);
    expect(names('Consumables', 80)).toEqual(['Screw', 'Nut']);
  });
});

describe('a label', () => {
  it('of a week has its day behind it, and is no place', () => {
    const of = (text: string) => read(withBody(`Please send 5 x AB-1\n${text}\n`)).draft.delivery;
    expect(of('Liefertermin: KW 23, spätestens 05.06.2026')?.date).toBe('2026-06-05');
    expect(of('Lieferung: KW 23')).toMatchObject({ address: null, date: null });
    expect(of('Please process this for Thursday 21 May 2026')?.date).toBe('2026-05-21');
  });

  it('says its number with a verb', () => {
    expect(read(withBody('PO is HB/3345. 5 x AB-1')).draft.po_number).toBe('HB/3345');
  });

  it('has its number in two cells', () => {
    expect(order([['Bon de commande', null, 'N°', 'BC26-0412']]).draft.po_number).toBe('BC26-0412');
    expect(order([['Bon de commande', 'BC26-0413', 'Paris']]).draft.po_number).toBe('BC26-0413');
  });

  it('of a letter names whom it goes to, not who orders', () => {
    expect(order([['Firma'], ['Schrauben Petersen KG']]).draft.customer?.name).toBeNull();
    expect(order([['Firma', 'Nordbau GmbH']]).draft.customer?.name).toBe('Nordbau GmbH');
  });

  it('of a carrier is no place, a day of the order no customer', () => {
    expect(labelMeant(['ship', 'via'])).toBeNull();
    expect(labelMeant(['date', 'de', 'la', 'commande'])).toBeNull();
    expect(labelMeant(['arrivee', 'prevue'])).toBe('deliveryDate');
    expect(labelMeant(['consegna', 'desiderata'])).toBe('deliveryDate');
    expect(labelMeant(['belegwahrung'])).toBe('currency');
  });

  it('of a building site is where the goods go, abbreviations included', () => {
    const of = (label: string, text: string) => order([[label, text]]).draft.delivery?.address;
    expect(of('Adresse du chantier', '25 chemin des Ormes, 31200 Toulouse')).toBe(
      '25 chemin des Ormes, 31200 Toulouse',
    );
    expect(of('Lugar de entrega:', 'Pol. Ind. Sur, nave 16, 41500 Sevilla')).toBe(
      'Pol. Ind. Sur, nave 16, 41500 Sevilla',
    );
  });

  it('of totals may begin with its rate or say of what it is', () => {
    const totals = (...rows: readonly (readonly CellValue[])[]) =>
      order([['Code', 'Description', 'Qty', 'Price', 'Total'], ['A-1', 'Nut', 5, 2, 10], ...rows]).draft.totals;
    expect(totals([null, null, null, '8.1% MwSt.', 0.81], [null, null, null, 'Brutto', 10.81])).toMatchObject({
      tax: 0.81,
      total: 10.81,
    });
    expect(
      totals(
        [null, null, null, 'Merchandise', 10],
        [null, null, null, 'Total VAT Amount', 2],
        [null, null, null, 'PO Total', 12],
      ),
    ).toMatchObject({ subtotal: 10, tax: 2, total: 12 });
  });
});
