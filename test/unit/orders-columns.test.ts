// Columns that words leave open are told by what stands below them, and facts by what the words of their label mean.
import { describe, expect, it } from 'vitest';
import { meaningsOf } from '../../machines/orders/tables/header-concepts.ts';
import { labelMeant } from '../../machines/orders/texts/label-concepts.ts';
import {
  type CellValue,
  file,
  itemsAt,
  linesOf,
  missing,
  pages,
  read,
  withBody,
  withSheet,
} from '../support/order-documents.ts';

const order = (rows: readonly (readonly CellValue[])[]) => read(withSheet(rows));
const lines = (rows: readonly (readonly CellValue[])[]) => linesOf(order(rows));

describe('a column', () => {
  it('that counts the lines is no article, whatever it is called', () => {
    for (const head of ['No.', 'Item', 'Lfd. Nr.', 'Pos.']) {
      expect(
        lines([
          [head, 'Article code', 'Qty'],
          [10, 'A-100', 4],
          [20, 'B-200', 5],
          [30, 'C-300', 6],
        ]).map((line) => Object.values(line)[0]),
      ).toEqual(['A-100', 'B-200', 'C-300']);
    }
  });

  it('of one line counts too where it says 1 or 10', () => {
    expect(
      lines([
        ['No.', 'Description', 'Qty'],
        [10, 'Flat washer', 4],
      ]),
    ).toEqual([{ sku: '?', description: 'Flat washer', qty: 4 }]);
  });

  it('is told by quantity × price = total where its words are nobody’s', () => {
    expect(
      lines([
        ['Ware', 'Foo', 'Bar', 'Baz'],
        ['Olivenöl', 4, 2.5, 10],
        ['Basmatireis', 3, 1.25, 3.75],
      ]),
    ).toEqual([]);
    expect(
      lines([
        ['Ware', 'Foo', 'Stückpreis', 'Warenwert'],
        ['Olivenöl', 4, 2.5, 10],
        ['Basmatireis', 3, 1.25, 3.75],
      ]),
    ).toMatchObject([
      { qty: 4, unit_price: 2.5, total_price: 10 },
      { qty: 3, unit_price: 1.25, total_price: 3.75 },
    ]);
  });

  it('is called otherwise if no row multiplies as its words say and each does as others would', () => {
    expect(
      lines([
        ['SKU', 'Qty', 'Total', 'Price'],
        ['A-1', 4, 2.5, 10],
        ['B-2', 3, 1.25, 3.75],
      ]),
    ).toMatchObject([
      { unit_price: 2.5, total_price: 10 },
      { unit_price: 1.25, total_price: 3.75 },
    ]);
    const wrong = [
      ['SKU', 'Qty', 'Price', 'Total'],
      ['A-1', 4, 2.5, 11],
      ['B-2', 3, 1.25, 3.95],
    ];
    expect(lines(wrong)).toMatchObject([
      { unit_price: 2.5, total_price: 11 },
      { unit_price: 1.25, total_price: 3.95 },
    ]);
  });

  it('of prices is no unit, and of names no code', () => {
    expect(
      lines([
        ['Product', 'Code', 'Qty', 'Unit'],
        ['Cotton apron black', 'A-100', 4, 2.5],
        ['Basmati rice', 'B-200', 5, 3.5],
      ]),
    ).toEqual([
      { sku: 'A-100', description: 'Cotton apron black', qty: 4 },
      { sku: 'B-200', description: 'Basmati rice', qty: 5 },
    ]);
  });

  it('of units, names or codes is that under any word', () => {
    expect(
      lines([
        ['Foo', 'Ware', 'Menge best.', 'Baz'],
        ['AB-1234', 'Nitrilhandschuhe', 4, 'Karton'],
        ['CD-5678', 'Kochschürze', 5, 'Stk'],
      ]),
    ).toEqual([
      { sku: 'AB-1234', description: 'Nitrilhandschuhe', qty: 4, uom: 'box' },
      { sku: 'CD-5678', description: 'Kochschürze', qty: 5, uom: 'ea' },
    ]);
  });

  it('that is called a count keeps it where nothing else counts, for a person to see', () => {
    const reading = order([
      ['SKU', 'Qty'],
      ['A-1', 'some'],
      ['B-2', 'more'],
    ]);
    expect(missing(reading).slice(0, 2)).toEqual([
      'qty: line 1 has non-positive qty',
      'qty: line 2 has non-positive qty',
    ]);
  });

  it('of days, and one that says it is a remark, is none', () => {
    expect(
      lines([
        ['Code', 'Wie viel', 'Wann', 'Bemerkung'],
        ['A-100', 4, { day: '2026-03-02' }, 'bitte klingeln'],
        ['B-200', 5, '02.03.2026', 'wie immer'],
      ]),
    ).toEqual([
      { sku: 'A-100', qty: 4 },
      { sku: 'B-200', qty: 5 },
    ]);
  });
});

describe('facts', () => {
  it('beside a table are none of its lines', () => {
    const reading = order([
      ['Article', 'Nbre', 'Prix U.', null, null, 'Réf. commande', '26.7460'],
      ['Savon liquide', 4, 2.5, null, null, 'Livraison le', { day: '2026-10-02' }],
      [null, null, null, null, null, 'Commandé par', 'Armorique SA'],
    ]);
    expect(linesOf(reading)).toHaveLength(1);
    expect(reading.draft).toMatchObject({
      po_number: '26.7460',
      delivery: { date: '2026-10-02' },
      customer: { name: 'Armorique SA' },
    });
  });

  it('beside a table of a page too', () => {
    const reading = read({
      documents: [
        file(
          pages([
            ...itemsAt(0, [40, 'Code'], [100, 'Product'], [200, 'Qty'], [350, 'Order no.'], [430, 'PO-4711']),
            ...itemsAt(12, [40, 'A-100'], [100, 'Rice'], [200, '4'], [350, 'Needed by'], [430, '2026-10-02']),
          ]),
        ),
      ],
    });
    expect(linesOf(reading)).toEqual([{ sku: 'A-100', description: 'Rice', qty: 4 }]);
    expect(reading.draft).toMatchObject({ po_number: 'PO-4711', delivery: { date: '2026-10-02' } });
  });

  it('below a table end it', () => {
    const reading = order([
      ['Code', 'Qty'],
      ['A-100', 4],
      ['Ordered by:', 'Acme Ltd'],
      ['Customer PO:', 'PO-4711'],
    ]);
    expect(linesOf(reading)).toEqual([{ sku: 'A-100', qty: 4 }]);
    expect(reading.draft).toMatchObject({ po_number: 'PO-4711', customer: { name: 'Acme Ltd' } });
  });

  it('name the customer by what is a company, not by the next label or a day', () => {
    const name = (rows: readonly (readonly CellValue[])[]) => order(rows).draft.customer?.name ?? null;
    expect(
      name([
        ['Bestellt von', 'Woche'],
        ['Hagedorn GmbH', '14'],
      ]),
    ).toBe('Hagedorn GmbH');
    expect(name([['Client', '13 mars 2026']])).toBeNull();
    expect(name([['Client', '75002 Paris']])).toBeNull();
  });

  it('take an address in the lines of one cell, or up to what stands beside the next label', () => {
    const address = (rows: readonly (readonly CellValue[])[]) => order(rows).draft.delivery?.address;
    expect(address([['Spedire a', 'Adige Tessuti S.p.A.\nPiazza San Marco, 40\n41125 Forlì']])).toBe(
      'Adige Tessuti S.p.A., Piazza San Marco, 40, 41125 Forlì',
    );
    expect(address([['Ship to: Acme Ltd'], ['12 Main Street'], ['Hull HU5 6QX']])).toBe(
      'Acme Ltd, 12 Main Street, Hull HU5 6QX',
    );
    expect(
      address([
        ['Consignee', 'Acme Ltd, 12 Main Street'],
        [null, 'Hull HU5 6QX'],
        ['Seller', 'Northgate Foods Limited'],
      ]),
    ).toBe('Acme Ltd, 12 Main Street, Hull HU5 6QX');
  });
});

describe('words together', () => {
  it.each<[string, string | null]>([
    ['delivery address', 'deliveryAddress'],
    ['a livrer a', 'deliveryAddress'],
    ['merce per', 'deliveryAddress'],
    ['anlieferung am', 'deliveryDate'],
    ['needed by', 'deliveryDate'],
    ['wunschtermin', 'deliveryDate'],
    ['unser zeichen best nr', 'poNumber'],
    ['bestellnr', 'poNumber'],
    ['commande par', 'customerName'],
    ['firmenname', 'customerName'],
    ['alle preise in', 'currency'],
    ['order date', null],
    ['order termin', null],
    ['supplier address', null],
    ['customer number', null],
    ['one two three four five six seven', null],
    ['', null],
  ])('"%s" are a label: %s', (said, label) => {
    expect(labelMeant(said === '' ? [] : said.split(' '))).toBe(label);
  });

  it.each<[string, string[]]>([
    ['wie viel', ['qty']],
    ['nombre', ['qty', 'description']],
    ['units', ['qty']],
    ['colli', ['qty']],
    ['amount ordered', ['qty']],
    ['montant unitaire', ['unit_price']],
    ['total price', ['total_price']],
    ['artikelnr', ['sku']],
    ['zeilennummer', ['position']],
    ['kundennummer', ['other']],
    ['code ean', ['ean']],
    ['no', ['number']],
    ['item', ['article', 'position']],
    ['rabatt', ['other']],
    ['bemerkung', ['other']],
    ['steuer', ['other']],
    ['gewicht', ['other']],
    ['sollmenge', ['qty']],
    ['xyz', []],
  ])('"%s" head a column: %j', (said, roles) => {
    expect(meaningsOf(said.split(' '), false, false).map(({ role }) => role)).toEqual(roles);
  });

  it('mean a price where a currency stands with a unit, and nothing of an order with a percent sign', () => {
    expect(meaningsOf(['eur', 'einh'], true, false)[0]?.role).toBe('unit_price');
    expect(meaningsOf(['eur'], true, false)).toEqual([]);
    expect(meaningsOf(['menge'], true, false)[0]?.role).toBe('qty');
    expect(meaningsOf(['r'], false, true)[0]?.role).toBe('other');
  });
});

describe('lines of a message', () => {
  const said = (text: string) => linesOf(read(withBody(`Please send:\n\n${text}`)));

  it.each<[string, object]>([
    ['7× AF 8593 Savon liquide à 0,94 €', { sku: 'AF 8593', description: 'Savon liquide', qty: 7, unit_price: 0.94 }],
    ['5 x kf_4296 Paper towels', { sku: 'kf_4296', description: 'Paper towels', qty: 5 }],
    ['20 boxes Gloves, 500 ml - XGWA/41', { sku: 'XGWA/41', description: 'Gloves, 500 ml', qty: 20, uom: 'box' }],
    ['6961: 100 pcs (Marker white)', { sku: '6961', description: 'Marker white', qty: 100, uom: 'ea' }],
    ['76 225 31: 10 kg (Rice)', { sku: '76 225 31', description: 'Rice', qty: 10, uom: 'kg' }],
    ['5 x Pens - 12', { sku: '?', description: 'Pens - 12', qty: 5 }],
    ['5 x Pens - blue', { sku: '?', description: 'Pens - blue', qty: 5 }],
    ['5 x Pens -', { sku: '?', description: 'Pens', qty: 5 }],
    ['5 x Pens - !', { sku: '?', description: 'Pens', qty: 5 }],
    ['5 x Pens, nr', { sku: '?', description: 'Pens, nr', qty: 5 }],
    ['W-100: 5 pcs (red', { sku: 'W-100', qty: 5, uom: 'ea' }],
    ['W-100: 5 pcs ()', { sku: 'W-100', qty: 5, uom: 'ea' }],
    ['W-100: 5 pcs (', { sku: 'W-100', qty: 5, uom: 'ea' }],
    ['W-100 x 5 - Widget', { sku: 'W-100', description: 'Widget', qty: 5 }],
    ['Olive oil, rif. ERSA/14: 68 kg', { sku: 'ERSA/14', description: 'Olive oil', qty: 68, uom: 'kg' }],
    ['Olive oil, Nr. 77 772 65: 275', { sku: '77 772 65', description: 'Olive oil', qty: 275 }],
  ])('%s', (text, line) => {
    expect(said(text)).toEqual([line]);
  });

  it('are none where no number follows a code', () => {
    expect(said('Olive oil, ref. ERSA/14: soon')).toEqual([]);
  });
});
