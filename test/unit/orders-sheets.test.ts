import { describe, expect, it } from 'vitest';
import { sheetGrid } from '../../machines/orders/tables/grid.ts';
import { headerAt } from '../../machines/orders/tables/headers.ts';
import {
  type CellValue,
  file,
  linesOf,
  missing,
  oddities,
  read,
  sheet,
  sheets,
  withSheet,
} from '../support/order-documents.ts';
import columns from '../vectors/order_columns.json' with { type: 'json' };
import parse from '../vectors/order_parse.json' with { type: 'json' };

const LETTER_HEAD = [['Acme SARL'], ['12 Rue de la Paix'], ['75002 Paris'], ['Tél. 01 23 45 67 89'], ['Commande']];
const lines = (rows: readonly (readonly CellValue[])[]) => linesOf(read(withSheet(rows)));

/** Index of the column of each field. */
function columnsOf(headers: readonly string[], below: readonly string[] = []) {
  const rows = [headers, below];
  const header = headerAt(sheetGrid(file(null), sheet(rows)), 0, null);
  return Object.fromEntries(header?.columns.flatMap(({ field, left }) => (field ? [[field, left]] : [])) ?? []);
}

describe('worked cases', () => {
  it.each(columns.cases.map((c, i) => [i, c] as const))('columns %i are found', (_, { headers, expected }) => {
    expect(columnsOf(headers)).toEqual(expected);
  });

  it.each(parse.cases.map((c, i) => [i, c] as const))('sheet %i gives its lines', (_, { headers, rows, expected }) => {
    const form = { delivery_address: '12 Rue X', delivery_date: '2026-02-01' };
    const reading = read({ ...withSheet([headers, ...rows] as CellValue[][]), form });
    expect(reading.draft.lines).toMatchObject(expected.lines);
    expect(reading.missing_fields).toEqual(expected.missing_fields);
    expect(reading.anomalies).toMatchObject(expected.anomalies);
    expect(reading.anomalies).toHaveLength(expected.anomalies.length);
  });
});

describe('a header', () => {
  it.each<[string[], object]>([
    [['Item Description', 'SKU', 'Quantity'], { description: 0, sku: 1, qty: 2 }],
    [
      ['Réf', 'Désignation', 'Qté', 'PU HT', 'Total HT'],
      { sku: 0, description: 1, qty: 2, unit_price: 3, total_price: 4 },
    ],
    [
      ['Artikel-Nr.', 'Bezeichnung', 'Menge', 'ME', 'Einzelpreis', 'Gesamtpreis'],
      { sku: 0, description: 1, qty: 2, uom: 3, unit_price: 4, total_price: 5 },
    ],
    [
      ['Código', 'Descripción', 'Cantidad', 'Unidad', 'Precio unitario', 'Importe'],
      { sku: 0, description: 1, qty: 2, uom: 3, unit_price: 4, total_price: 5 },
    ],
    [
      ['Codice articolo', 'Descrizione', 'Q.tà', 'U.M.', 'Prezzo (€)', 'Totale'],
      { sku: 0, description: 1, qty: 2, uom: 3, unit_price: 4, total_price: 5 },
    ],
    [['SKU', 'Ordered', 'Qty'], { sku: 0, qty: 2 }],
    [['SKU', 'Qty (ordered)', 'Unit price (EUR)'], { sku: 0, qty: 1, unit_price: 2 }],
    [['SKU', 'Qty to send', 'Your price'], { sku: 0, qty: 1, unit_price: 2 }],
    [['Código', 'Uds.', 'Precio ud.'], { sku: 0, qty: 1, unit_price: 2 }],
    [['Código', 'Cant. pedida', 'Ud.'], { sku: 0, qty: 1, uom: 2 }],
    [['Items', 'Quantities'], { sku: 0, qty: 1 }],
    [['Items', 'Qty'], { sku: 0, qty: 1 }],
    [['Item', 'Product code', 'Qty'], { description: 0, sku: 1, qty: 2 }],
    [['Articolo', 'Vs. codice', 'Qtà'], { description: 0, sku: 1, qty: 2 }],
    [['Product', 'Product', 'Qty'], { sku: 0, description: 1, qty: 2 }],
    [['Article', 'EAN code', 'Description', 'Qty'], { sku: 0, description: 2, qty: 3 }],
    [['Product name', 'Amount'], {}],
    [['Qty', 'Price'], {}],
    [['SKU', 'Description'], {}],
    [['SKU', 'Q'.repeat(100)], {}],
    [['Please send the item', 'in this quantity'], { sku: 0, qty: 1 }],
  ])('%j names its columns', (headers, expected) => {
    expect(columnsOf(headers)).toEqual(expected);
  });

  it.each<[string[], string[], object]>([
    [['Part', 'Qty', 'Unit'], ['number', '', 'price'], { sku: 0, qty: 1, unit_price: 2 }],
    [['SKU', 'Qty', 'Price'], ['', '', 'Unit', 'Total'].slice(0, 4), { sku: 0, qty: 1, unit_price: 2, total_price: 3 }],
    [['SKU', 'Qty', 'Total'], ['code', 'pcs', '(EUR)'], { sku: 0, qty: 1, total_price: 2 }],
    [['SKU', 'Qty'], ['A-1', '5'], { sku: 0, qty: 1 }],
  ])('%j over %j names its columns', (upper, lower, expected) => {
    expect(columnsOf(upper, lower)).toEqual(expected);
  });

  it('is no cell with a number in it', () => {
    expect(headerAt(sheetGrid(file(null), sheet([[1, { decimal: '2', text: 'Qty' }, 'SKU']])), 0, null)).toBeNull();
  });
});

describe('a table', () => {
  it('is found below a letter head at any column, and its places are cells', () => {
    const reading = read(
      withSheet([...LETTER_HEAD, [null, null, 'Réf', 'Qté'], [null, null, 'A-1', 100], [null, null, 'A-2', 40]]),
    );
    expect(linesOf(reading)).toEqual([
      { sku: 'A-1', qty: 100 },
      { sku: 'A-2', qty: 40 },
    ]);
    expect(reading.fields['lines[1].qty']).toEqual({
      ...{ value: 100, raw: '100', method: 'deterministic', confidence: 0.95, flags: [], suggestion: null },
      source: { artifact_id: expect.any(String), filename: 'order.xlsx', kind: 'cell', sheet: 'Sheet1', cell: 'D7' },
    });
  });

  it('has the header of the highest score', () => {
    expect(
      lines([
        ['Item list', 'quantity as agreed'],
        ['SKU', 'Description', 'Qty'],
        ['A', 'd', 1],
      ]),
    ).toEqual([{ sku: 'A', description: 'd', qty: 1 }]);
  });

  it('ends with two blank rows, not with one', () => {
    expect(lines([['SKU', 'Qty'], ['A', 1], [], ['B', 2], [], [], ['C', 3]])).toEqual([
      { sku: 'A', qty: 1 },
      { sku: 'B', qty: 2 },
    ]);
  });

  it('ends with rows that have nothing in its columns', () => {
    expect(
      lines([
        ['SKU', 'Qty'],
        ['A', 1],
        [null, null, 'x'],
        [null, null, 'y'],
        ['B', 2],
      ]),
    ).toEqual([{ sku: 'A', qty: 1 }]);
  });

  it('ends with free text below a blank row', () => {
    expect(lines([['SKU', 'Description', 'Qty'], ['A', 'd', 1], [], ['Please confirm this order.']])).toHaveLength(1);
  });

  it('keeps a row without quantity, and one without sku', () => {
    const reading = read(
      withSheet([
        ['SKU', 'Description', 'Qty'],
        ['A', 'd', 'soon'],
        [null, 'e', 2],
        [null, null, 3],
      ]),
    );
    expect(linesOf(reading)).toEqual([
      { sku: 'A', description: 'd', qty: 0 },
      { sku: '?', description: 'e', qty: 2 },
    ]);
    expect(missing(reading).slice(0, 2)).toEqual(['sku: line 2 has no sku', 'qty: line 1 has non-positive qty']);
  });

  it('goes on below a repeated header, and adds up with others', () => {
    const first = sheet([['SKU', 'Qty'], ['A', 1], ['SKU', 'Qty'], ['B', 2], [], [], [], ['Qty', 'SKU'], [3, 'C']]);
    const second = sheet(
      [
        ['SKU', 'Qty'],
        ['D', 4],
      ],
      'More',
    );
    const reading = read({
      documents: [
        file(sheets(first, second)),
        file(
          sheets(
            sheet([
              ['SKU', 'Qty'],
              ['E', 5],
            ]),
          ),
        ),
      ],
    });
    expect(linesOf(reading)).toEqual(['A', 'B', 'C', 'D', 'E'].map((sku, index) => ({ sku, qty: index + 1 })));
  });

  it('is looked for in the first 200 rows', () => {
    const below = (rows: number) =>
      lines([...Array.from({ length: rows }, (_, at) => [`note ${at}`]), ['SKU', 'Qty'], ['A', 1]]);
    expect(below(199)).toHaveLength(1);
    expect(below(200)).toEqual([]);
  });

  it('is not looked for again more than 200 rows below the last', () => {
    const notes = Array.from({ length: 250 }, (_, at) => [`note ${at}`]);
    expect(lines([['SKU', 'Qty'], ['A', 1], [], [], ...notes, ['SKU', 'Qty'], ['B', 2]])).toHaveLength(1);
  });

  it('that misses something says what', () => {
    expect(
      missing(
        read(
          withSheet([
            ['Description', 'Qty'],
            ['d', 1],
          ]),
        ),
      )[0],
    ).toBe('sku: unable to detect sku column');
    expect(
      missing(
        read(
          withSheet([
            ['Product name', 'Amount'],
            ['a', 1],
          ]),
        ),
      ).slice(0, 2),
    ).toEqual(['lines: no order table found', 'qty: unable to detect qty column']);
    expect(
      missing(
        read(
          withSheet([
            ['Qty', 'Price'],
            [1, 2],
          ]),
        ),
      ).slice(0, 2),
    ).toEqual(['lines: no order table found', 'sku: unable to detect sku column']);
    expect(missing(read(withSheet([['Hello', 'World']])))[0]).toBe('lines: no order table found');
  });

  it('of more than 5,000 lines makes its file unreadable, and no other', () => {
    const rows = (count: number, sku: string) => [
      ['SKU', 'Qty'],
      ...Array.from({ length: count }, (_, at) => [`${sku}${at}`, 1]),
    ];
    const reading = read({
      documents: [file(sheets(sheet(rows(5001, 'A'))), { filename: 'long.xlsx' }), file(sheets(sheet(rows(2, 'B'))))],
    });
    expect(reading.draft.lines.map(({ sku }) => sku)).toEqual(['B0', 'B1']);
    expect(missing(reading)[0]).toBe('lines: unreadable: long.xlsx: more than 5000 lines');
  });
});

describe('a long table with something wrong in every row', () => {
  it('names as many anomalies as an event lists, errors and those of the whole order first', () => {
    const rows = Array.from({ length: 5000 }, () => ['A', 2, -1.5, 99]);
    const { anomalies } = read(withSheet([['SKU', 'Qty', 'Price', 'Total'], ...rows, ['', 'Total', null, 1]]));
    expect(anomalies.length).toBe(5000);
    expect(anomalies[0]?.type).toBe('totals_mismatch');
    expect(new Set(anomalies.map(({ severity }) => severity))).toEqual(new Set(['error']));
  });

  it('names as many missing fields as an event lists, those of the whole order among them', () => {
    const rows = Array.from({ length: 5000 }, (_, index) => ['', `Bolt ${index}`, '']);
    const { missing_fields, draft } = read(withSheet([['SKU', 'Description', 'Qty'], ...rows]));
    expect(draft.lines.length).toBe(5000);
    expect(missing_fields.length).toBe(5000);
    expect(missing_fields.slice(-2).map(({ field }) => field)).toEqual(['delivery.address', 'delivery.date']);
  });
});

describe('a cell', () => {
  it.each<[CellValue, object]>([
    [123, { sku: '123' }],
    ['00123', { sku: '00123' }],
    [{ decimal: '123', text: '00123' }, { sku: '00123' }],
    [{ decimal: '1000000000000000000000', text: '1E+21' }, { sku: '1000000000000000000000' }],
    [{ decimal: '1234', text: '1,234' }, { sku: '1234' }],
    [{ day: '2026-03-02', text: '2-Mar' }, { sku: '2-Mar' }],
    ['  X ', { sku: 'X' }],
  ])('%j is the sku it shows', (value, expected) => {
    expect(
      lines([
        ['SKU', 'Qty'],
        [value, 1],
      ]),
    ).toMatchObject([expected]);
  });

  it.each<[CellValue, object]>([
    [2.5, { qty: 2.5 }],
    [{ decimal: '5', text: 'five' }, { qty: 5 }],
    ['10', { qty: 10 }],
    ['10 pcs', { qty: 10, uom: 'ea' }],
    ['2,5 kg', { qty: 2.5, uom: 'kg' }],
    ['1 200 rolls', { qty: 1200, uom: 'rolls' }],
    ['5 x', { qty: 5 }],
    ['-5', { qty: -5 }],
    ['(5)', { qty: -5 }],
    ['.5', { qty: 0.5 }],
    ['5 €', { qty: 0 }],
    ['5-10', { qty: 0 }],
    ['A4', { qty: 0 }],
    ['x'.repeat(100), { qty: 0 }],
    [{ day: '2026-03-02' }, { qty: 0 }],
    [{ decimal: '9'.repeat(400), text: '∞' }, { qty: 0 }],
  ])('%j is the quantity it says', (value, expected) => {
    const [line] = lines([
      ['SKU', 'Qty'],
      ['A', value],
    ]);
    expect(line).toEqual({ sku: 'A', ...expected });
  });

  it.each<[CellValue, object]>([
    [1.25, { unit_price: 1.25 }],
    ['1,25 €', { unit_price: 1.25 }],
    ['€ 1,25', { unit_price: 1.25 }],
    ['US$ 3.50', { unit_price: 3.5 }],
    ['3.50 / pc', { unit_price: 3.5 }],
    ['12,50 / 100', { unit_price: 0.125 }],
    ['-1,25', { unit_price: -1.25 }],
    ['5 %', {}],
    ['3.50 for 7', {}],
    ['on request', {}],
    ['W 3', {}],
  ])('%j is the price it says', (value, expected) => {
    expect(
      lines([
        ['SKU', 'Qty', 'Price'],
        ['A', 1, value],
      ]),
    ).toEqual([{ sku: 'A', qty: 1, ...expected }]);
  });

  it('of its own has the unit, if it says a word', () => {
    expect(
      lines([
        ['SKU', 'Qty', 'Unit'],
        ['A', '1 kg', 'Stück'],
        ['B', '2 kg', 7],
        ['C', 3, 'Rollen'],
      ]),
    ).toMatchObject([...[{ uom: 'ea' }, { uom: 'kg' }, { uom: 'Rollen' }]]);
  });
});

describe('numbers', () => {
  it('are read as the document writes those that are clear', () => {
    const rows = (other: string) => [
      ['SKU', 'Qty', 'Price'],
      ['A', 1, '1.234'],
      ['B', 1, other],
    ];
    expect(lines(rows('12,5'))[0]).toMatchObject({ unit_price: 1234 });
    expect(lines(rows('0.75'))[0]).toMatchObject({ unit_price: 1.234 });
  });

  it('that nothing settles are told with both readings', () => {
    const reading = read(
      withSheet([
        ['SKU', 'Qty', 'Price'],
        ['A', 1, '1.234'],
      ]),
    );
    expect(reading.draft.lines[0]?.unit_price).toBeNull();
    expect(reading.fields['lines[1].unit_price']).toMatchObject({ value: null, confidence: 0.4, flags: ['ambiguous'] });
    expect(reading.anomalies).toMatchObject([
      {
        type: 'ambiguous_number',
        severity: 'warning',
        field: 'lines[1].unit_price',
        line_ref: 1,
        description: 'lines[1].unit_price: "1.234" can be 1.234 or 1234 (order.xlsx, Sheet1!C2)',
      },
    ]);
  });

  it('are settled by quantity × price = total, for the other lines as well', () => {
    const rows = [
      ['SKU', 'Qty', 'Price', 'Total'],
      ['A', 2, '1.234', 2468],
      ['B', 1, '5.000', null],
    ];
    expect(lines(rows)).toMatchObject([{ unit_price: 1234 }, { unit_price: 5000 }]);
    const english = [
      ['SKU', 'Qty', 'Price', 'Total'],
      ['A', 2, '1.234', 2.47],
      ['B', 1, '5.000', null],
    ];
    expect(lines(english)).toMatchObject([{ unit_price: 1.234 }, { unit_price: 5 }]);
    const undecided = [
      ['SKU', 'Qty', 'Price', 'Total'],
      ['A', 2, '1.234', 2468],
      ['B', 2, '1.234', 2.47],
      ['C', 1, '5.000', null],
    ];
    expect(read(withSheet(undecided)).draft.lines[2]?.unit_price).toBeNull();
  });

  it('of a price per 100 are divided exactly', () => {
    const reading = read(
      withSheet([
        ['SKU', 'Qty', 'Price per 100', 'Total'],
        ['A', 200, 4.5, 9],
      ]),
    );
    expect(reading.fields['lines[1].unit_price']).toMatchObject({
      value: 0.045,
      raw: '4.5',
      flags: ['price_basis'],
      confidence: 0.99,
    });
    expect(
      lines([
        ['Art-Nr', 'Menge', 'Preis %'],
        ['A', 1, '4,5'],
      ]),
    ).toMatchObject([{ unit_price: 0.045 }]);
    expect(
      lines([
        ['Art-Nr', 'Menge', 'Preis pro 1000'],
        ['A', 1, '4,5'],
      ]),
    ).toMatchObject([{ unit_price: 0.0045 }]);
  });
});

describe('currency', () => {
  const currency = (header: string, price: CellValue) =>
    read(
      withSheet([
        ['SKU', 'Qty', header],
        ['A', 1, price],
      ]),
    ).fields.currency;

  it('stands in the header or by the prices', () => {
    expect(currency('Price (GBP)', 1)).toMatchObject({
      value: 'GBP',
      raw: 'GBP',
      confidence: 0.95,
      source: { cell: 'C1' },
    });
    expect(currency('Price $', 1)).toMatchObject({ value: 'USD', raw: '$' });
    expect(currency('Price', { decimal: '1.5', text: '1,50 €' })).toMatchObject({
      value: 'EUR',
      raw: '€',
      source: { cell: 'C2' },
    });
    expect(currency('Price', 'C$ 1.50')).toMatchObject({ value: 'CAD' });
  });

  it('is EUR where nothing names one', () => {
    expect(currency('Price ABC', 1)).toEqual({
      ...{ value: 'EUR', raw: null, source: null, method: 'default', confidence: 0.5, flags: [], suggestion: null },
    });
  });

  it('is told to be mixed if there are several', () => {
    const reading = read(
      withSheet([
        ['SKU', 'Qty', 'Price'],
        ['A', 1, '1.50 EUR'],
        ['B', 1, '$2.50'],
        ['C', 1, '$3.50'],
      ]),
    );
    expect(reading.anomalies).toMatchObject([
      {
        type: 'currency_mix',
        severity: 'error',
        description: 'EUR (order.xlsx, Sheet1!C2), USD (order.xlsx, Sheet1!C3)',
      },
    ]);
    expect(reading.fields.currency).toMatchObject({ value: 'EUR', confidence: 0.4, flags: ['conflict'] });
  });
});

describe('a totals row', () => {
  const table = (...totals: (readonly CellValue[])[]) =>
    read(withSheet([['SKU', 'Description', 'Qty', 'Total'], ['A', 'd', 2, 145], ...totals]));

  it.each<[string, object]>([
    ['Subtotal', { subtotal: 145, tax: null, total: null }],
    ['Total HT', { subtotal: 145, tax: null, total: null }],
    ['Zwischensumme:', { subtotal: 145, tax: null, total: null }],
    ['Subtotale', { subtotal: 145, tax: null, total: null }],
    ['TVA 20 %', { subtotal: null, tax: 145, total: null }],
    ['MwSt. (19%)', { subtotal: null, tax: 145, total: null }],
    ['Total', { subtotal: null, tax: null, total: 145 }],
    ['Grand total EUR', { subtotal: null, tax: null, total: 145 }],
    ['Importe total', { subtotal: null, tax: null, total: 145 }],
    ['Versand', { subtotal: null, tax: null, total: null }],
    ['Spedizione', { subtotal: null, tax: null, total: null }],
  ])('%s is no line', (label, expected) => {
    for (const row of [
      [label, null, null, 145],
      [null, label, null, '145,00'],
      [null, null, label, 145],
    ]) {
      const { draft } = table(row);
      expect(draft.lines).toHaveLength(1);
      expect(draft.totals).toEqual(expected);
    }
  });

  it('may have its amount in the same cell, or none', () => {
    expect(table(['Total: 145,00 €']).draft.totals).toMatchObject({ total: 145 });
    expect(table(['Total: 145,00 €']).fields.currency).toMatchObject({ value: 'EUR', raw: '€' });
    expect(table(['Total']).draft.totals).toMatchObject({ total: null });
    expect(table(['Total 145,00']).draft.totals).toMatchObject({ total: 145 });
    expect(table(['VAT', null, '20 %', 29]).draft.totals).toMatchObject({ tax: 29 });
  });

  it('is none if it names goods', () => {
    expect(table(['Total station', 'e', 3, 1]).draft.lines).toHaveLength(2);
    expect(table(['B', 'Total', 3, 1]).draft.lines).toHaveLength(2);
    expect(table([null, 'T'.repeat(60), 3, 1]).draft.lines).toHaveLength(2);
  });

  it('goes on with others, which are checked with it', () => {
    const rows = [
      ['Subtotal', null, null, 145],
      ['VAT', null, null, 29],
      ['Shipping', null, null, 10],
      ['Total', null, null, 184],
    ];
    expect(oddities(table(...rows))).toEqual([]);
    expect(oddities(table(...rows.slice(0, 3), ['Total', null, null, 180]))).toEqual(['totals_mismatch']);
    expect(oddities(table(['Total', null, null, 144.97]))).toEqual(['totals_mismatch']);
    expect(oddities(table(['Total TTC', null, null, 174]))).toEqual([]);
    expect(oddities(table(['VAT', null, null, 29], ['Total', null, null, 174]))).toEqual([]);
  });

  it('of several tables is the one that fits all, or none if each fits its own', () => {
    const part = (sku: string, total: number, ...more: (readonly CellValue[])[]) => [
      ['SKU', 'Qty', 'Total'],
      [sku, 1, total],
      ['Subtotal', null, total],
      ...more,
      [],
      [],
    ];
    expect(read(withSheet([...part('A', 5), ...part('B', 7)])).draft.totals?.subtotal).toBeNull();
    expect(oddities(read(withSheet([...part('A', 5), ...part('B', 7)])))).toEqual([]);
    const whole = [...part('A', 5), ['SKU', 'Qty', 'Total'], ['B', 1, 7], ['Subtotal', null, 12]];
    expect(read(withSheet(whole)).draft.totals?.subtotal).toBe(12);
    const wrong = [...part('A', 5), ['SKU', 'Qty', 'Total'], ['B', 1, 7], ['Subtotal', null, 13]];
    expect(oddities(read(withSheet(wrong)))).toEqual(['totals_mismatch']);
  });
});

describe('what is hidden', () => {
  it('is never in the draft, and told', () => {
    const visible = sheet([
      ['SKU', 'Qty', { hidden: 'Cost' }],
      ['A', 1, { hidden: '0.1' }],
      [{ hidden: 'B' }, { hidden: '2' }],
      ['C', 3],
    ]);
    const reading = read({
      documents: [
        file(
          sheets(
            visible,
            sheet(
              [
                ['SKU', 'Qty'],
                ['D', 4],
              ],
              'Old',
              true,
            ),
          ),
        ),
      ],
    });
    expect(linesOf(reading)).toEqual([
      { sku: 'A', qty: 1 },
      { sku: 'C', qty: 3 },
    ]);
    expect(reading.anomalies).toMatchObject([
      {
        type: 'hidden_content',
        severity: 'warning',
        description: 'order.xlsx, Sheet1 holds hidden text: "Cost 0.1 B 2"',
      },
      { type: 'hidden_content', description: 'order.xlsx, Old (hidden sheet) holds hidden text: "SKU Qty D 4"' },
    ]);
  });
});
