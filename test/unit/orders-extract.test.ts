import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractOrder } from '../../machines/orders/extraction/extract.ts';

/** The lines without what is null and without their numbers. */
const lines = (text: string) =>
  extractOrder(text).lines.map(({ line_no: _, ...line }) =>
    Object.fromEntries(Object.entries(line).filter(([, value]) => value !== null)),
  );
const value = (text: string, path: string) => extractOrder(text).fields[path]?.value;
const confidence = (text: string, path: string) => extractOrder(text).fields[path]?.confidence;

describe('the worked examples', () => {
  it('read a customer, an address, a line and a currency from one sentence', () => {
    const { fields } = extractOrder('Order from John Doe, 123 Main St, for 5 units of Widget A at $10 each.');
    expect(fields).toEqual({
      'customer.name': {
        ...{ value: 'John Doe', raw: 'John Doe', line: 1, start: 11, end: 19 },
        ...{ method: 'deterministic', confidence: 0.85, readings: [] },
      },
      'customer.address': expect.objectContaining({ value: '123 Main St', start: 21, end: 32, confidence: 0.85 }),
      currency: expect.objectContaining({ value: 'USD', raw: '$', confidence: 0.85 }),
      'lines[1].description': expect.objectContaining({ value: 'Widget A', confidence: 0.85 }),
      'lines[1].qty': expect.objectContaining({ value: 5, raw: '5' }),
      'lines[1].unit_price': expect.objectContaining({ value: 10, raw: '10' }),
    });
  });

  it('read a line and a delivery date from prose', () => {
    const text = 'Please send 20 boxes of blue pens by 2026-03-02';
    expect(lines(text)).toEqual([{ description: 'blue pens', qty: 20, uom: 'box' }]);
    expect(extractOrder(text).fields['delivery.date']).toMatchObject({ value: '2026-03-02', confidence: 0.85 });
  });
});

describe('a line in prose', () => {
  it.each<[string, object[]]>([
    ['I want 3 rolls of tape.', [{ qty: 3, uom: 'rolls', description: 'tape' }]],
    ['Please send 5 copies of the manual', [{ qty: 5, uom: 'copies', description: 'manual' }]],
    ['20 x Widget A', [{ qty: 20, description: 'Widget A' }]],
    ['20× Widget A', [{ qty: 20, description: 'Widget A' }]],
    ['20x W-100, 5x W-200', [{ qty: 20, sku: 'W-100' }, { qty: 5, sku: 'W-200' }]], // biome-ignore format: one line
    ['W-100 x 5', [{ sku: 'W-100', qty: 5 }]],
    ['00123 x 7 pcs', [{ sku: '00123', qty: 7, uom: 'ea' }]],
    ['W-100 x 5 units at 2 EUR', [{ sku: 'W-100', qty: 5, unit_price: 2 }]],
    ['Send 10kg of rice', [{ qty: 10, uom: 'kg', description: 'rice' }]],
    ['Send 2,5 kg of rice', [{ qty: 2.5, uom: 'kg', description: 'rice' }]],
    ['We need 10 red pens, 5 blue pens and 3 green pens please.', [
      { qty: 10, description: 'red pens' },
      { qty: 5, description: 'blue pens' },
      { qty: 3, description: 'green pens' },
    ]], // biome-ignore format: one text, its lines
    ['Send 5 x "Widget"', [{ qty: 5, description: 'Widget' }]],
    ['order 10 boxes of A4 paper (white), thanks', [{ qty: 10, uom: 'box', description: 'A4 paper (white)' }]],
    ['10 pcs of Hammer (SKU: HM-10) @ 12.00', [
      { qty: 10, uom: 'ea', description: 'Hammer', sku: 'HM-10', unit_price: 12 },
    ]], // biome-ignore format: one text, its lines
    ['Please send 20 boxes of\nblue pens by 2026-03-02', [{ qty: 20, uom: 'box', description: 'blue pens' }]],
    ['Nous souhaitons commander 10 boîtes de vis à 12,50 € pièce et 5 kg de clous à 3 € / kg.', [
      { qty: 10, uom: 'box', description: 'vis', unit_price: 12.5 },
      { qty: 5, uom: 'kg', description: 'clous', unit_price: 3 },
    ]], // biome-ignore format: one text, its lines
    ["Merci d'envoyer 4 x cahiers à 1 200,50 € l'unité", [{ qty: 4, description: 'cahiers', unit_price: 1200.5 }]],
    ["Envoyez 6 bouteilles d'eau", [{ qty: 6, uom: 'bouteilles', description: 'eau' }]],
    ['Wir bestellen 20 Stk. Schrauben zu je 1,25 EUR', [
      { qty: 20, uom: 'ea', description: 'Schrauben', unit_price: 1.25 },
    ]], // biome-ignore format: one text, its lines
    ['Bitte senden Sie 6 Flaschen Wein à 9,90 €', [{ qty: 6, uom: 'Flaschen', description: 'Wein', unit_price: 9.9 }]],
    ['Necesitamos 25 cajas de guantes a 8,90 € la unidad', [
      { qty: 25, uom: 'box', description: 'guantes', unit_price: 8.9 },
    ]], // biome-ignore format: one text, its lines
    ['Vorremmo 30 pz di viti inox a 0,45 € cad. e 5 scatole di guanti', [
      { qty: 30, uom: 'ea', description: 'viti inox', unit_price: 0.45 },
      { qty: 5, uom: 'box', description: 'guanti' },
    ]], // biome-ignore format: one text, its lines
    ['Send 100 x screws at 5 EUR per 100', [{ qty: 100, description: 'screws', unit_price: 0.05 }]],
    ['Send 4 x saws, 8.00 each', [{ qty: 4, description: 'saws', unit_price: 8 }]],
    ['Send 4 x saws for $8 apiece', [{ qty: 4, description: 'saws', unit_price: 8 }]],
    ['Send 4 x saws for $8', [{ qty: 4, description: 'saws' }]],
    [
      'Send 4 x saws at 8 and 2 x axes',
      [
        { qty: 4, description: 'saws', unit_price: 8 },
        { qty: 2, description: 'axes' },
      ],
    ],
    ['Send 4 x saws at 8 places', [{ qty: 4, description: 'saws at 8 places' }]],
    ['Send 4 x saws at 8 EUR per', [{ qty: 4, description: 'saws', unit_price: 8 }]],
    ['Send 4 x saws at 8 EUR a while ago', [{ qty: 4, description: 'saws', unit_price: 8 }]],
    ['Send 5 saws, ref', [{ qty: 5, description: 'saws' }]],
    ['Send 5 saws (item here)', [{ qty: 5, description: 'saws (item here)' }]],
    ['Send 4 x saws at 8', [{ qty: 4, description: 'saws', unit_price: 8 }]],
    ['Send 4 x saws at $8 each = $32', [{ qty: 4, description: 'saws', unit_price: 8, total_price: 32 }]],
    ['Send 10 pens totalling $5', [{ qty: 10, description: 'pens' }]],
    ['Please send 5 Widgets, ref. AB-7', [{ qty: 5, description: 'Widgets', sku: 'AB-7' }]],
    ['Order for 2 laptops ship to: Bob, 1 Way', [{ qty: 2, description: 'laptops' }]],
    ['Order: 2 laptops delivery 2026-05-01', [{ qty: 2, description: 'laptops' }]],
    ['Order: 2 laptops delivery included', [{ qty: 2, description: 'laptops delivery included' }]],
  ])('is read from %j', (text, expected) => {
    expect(lines(text)).toEqual(expected);
  });

  it.each([
    'We are open 24 hours and have 3 offices.',
    'Please call us at 10 am.',
    'The crate is 10 x 20 x 30 cm.',
    'We need it in 3 days.',
    'Please send $5 vouchers',
    'Please send 5 € vouchers',
    'Please send 10 % more',
    'I was there on 3 March 2026 with you.',
    'Please send the parts 5-10 again',
    'Please order five things',
    'Please send 5',
    'Please send 5.',
    'Please send 5 ***',
    'order 2 x 4',
    `order 2 x ${'1.'.repeat(30)}`,
    'Model A-5 x yes',
    'Please read 1.2.3 things',
    'Please send your catalogue. 7 colleagues asked for it.',
    `Please send 5 ${'very '.repeat(60)}long things`,
    '(5',
    '',
  ])('is not in %j', (text) => {
    expect(lines(text)).toEqual([]);
  });
});

describe('several lines in one sentence', () => {
  it('are joined by commas, semicolons and words', () => {
    const text = 'We need 2 pallets of cement, 15 bags of sand; and 1 shovel. Also 4 friends.';
    expect(lines(text)).toEqual([
      { qty: 2, uom: 'pallet', description: 'cement' },
      { qty: 15, uom: 'bags', description: 'sand' },
      { qty: 1, description: 'shovel' },
    ]);
  });
});

describe('a line that a mail program has wrapped', () => {
  const long = 'For our office in the north of the town please send 20 boxes of blue';

  it('goes on in the next one', () => {
    expect(lines(`${long}\npens by 2026-03-02`)).toEqual([{ qty: 20, uom: 'box', description: 'blue pens' }]);
  });

  it('ends with its sentence, a capital letter, or a mark', () => {
    const ended = [{ qty: 20, uom: 'box', description: 'blue' }];
    expect([`${long}.\npens`, `${long}\nPens`, `${long}\n- pens`].map(lines)).toEqual([ended, ended, ended]);
  });
});

describe('a list', () => {
  it('follows a sentence that announces it', () => {
    const text =
      'Please send:\n- 20 Stk. Screws M4x10, zinc plated at 1.25 EUR\n\n* 3 Hammers\n2) 10 boxes paper\nWidget B x 3 @ $2.50';
    expect(lines(text)).toEqual([
      { qty: 20, uom: 'ea', description: 'Screws M4x10, zinc plated', unit_price: 1.25 },
      { qty: 3, description: 'Hammers' },
      { qty: 10, uom: 'box', description: 'paper' },
      { qty: 3, description: 'Widget B', unit_price: 2.5 },
    ]);
  });

  it('has a total per line', () => {
    expect(lines('Order:\n- 5 x A1 Widget at $10 each, total $50\n- 2 x Hammer at $3 total: $6')).toEqual([
      { qty: 5, description: 'A1 Widget', unit_price: 10, total_price: 50 },
      { qty: 2, description: 'Hammer', unit_price: 3, total_price: 6 },
    ]);
  });

  it('ends at a line that is none', () => {
    expect(lines('Order:\n3 Hammers\nBest wishes from the sea\n4 Saws')).toEqual([{ qty: 3, description: 'Hammers' }]);
  });

  it('does not take addresses for goods', () => {
    expect(lines('Order:\n3 Hammers\n12 Downing Street\n10115 Berlin\n0171 Anruf')).toEqual([
      { qty: 3, description: 'Hammers' },
    ]);
  });

  it('is cut where an order draft ends', () => {
    const { lines: read } = extractOrder(`Order:\n${'5 x pens\n'.repeat(5100)}`);
    expect(read.length).toBe(5000);
    expect(read.at(-1)?.line_no).toBe(5000);
  });
});

describe('numbers of a text', () => {
  it('are null with both readings when nothing settles them', () => {
    const { fields, lines: read } = extractOrder('Need 1.234 bolts');
    expect(read[0]).toMatchObject({ description: 'bolts', qty: null });
    expect(fields['lines[1].qty']).toMatchObject({
      value: null,
      raw: '1.234',
      confidence: 0.4,
      readings: [1.234, 1234],
    });
  });

  it('are settled by the other numbers', () => {
    expect(lines('Bitte 1.500 Stück Schrauben zu 0,12 €')[0]).toMatchObject({ qty: 1500, unit_price: 0.12 });
    expect(lines('Please send 1,500 pcs of bolts at 0.12 EUR')[0]).toMatchObject({ qty: 1500 });
  });

  it('are settled by quantity × price = total', () => {
    const { fields } = extractOrder('Please send 1.500 bolts at $2 = $3000');
    expect(fields['lines[1].qty']).toMatchObject({ value: 1500, confidence: 0.99, readings: [] });
    expect(fields['lines[1].total_price']).toMatchObject({ value: 3000, confidence: 0.99 });
    expect(extractOrder('Please send 1.500 bolts at $2 each. Total: $3000').fields['lines[1].qty']).toMatchObject({
      value: 1500,
    });
  });

  it('do not vote when they are part of a code', () => {
    expect(value('Need 1.234 bolts type A-1.5', 'lines[1].qty')).toBeNull();
  });

  it('stay open when the total fits neither reading', () => {
    expect(value('Need 1.500 bolts at $2 = $7', 'lines[1].qty')).toBeNull();
  });
});

describe('confidence', () => {
  it('is 0.99 where quantity × price is the total of the line', () => {
    expect(confidence('Send 4 x saws at $8 each = $32', 'lines[1].unit_price')).toBe(0.99);
  });

  it('is 0.99 where the lines add up to the subtotal and with the tax to the total', () => {
    const text = 'Send 2 x saws at 8 EUR and 1 x axe at 4 EUR.\nSubtotal: 20.00\nVAT 20 %: 4.00\nTotal: 24.00';
    const { fields, totals } = extractOrder(text);
    expect(totals).toEqual({ subtotal: 20, tax: 4, total: 24 });
    expect(
      ['lines[1].qty', 'lines[2].unit_price', 'totals.subtotal', 'totals.total', 'totals.tax'].map(
        (path) => fields[path]?.confidence,
      ),
    ).toEqual([0.99, 0.99, 0.99, 0.99, 0.95]);
  });

  it('is 0.99 where the lines and the tax add up to a total without a subtotal', () => {
    expect(confidence('Send 2 x saws at 8 EUR.\nVAT: 4.00\nTotal: 20.00', 'totals.total')).toBe(0.99);
  });

  it('confirms nothing by totals that the lines miss', () => {
    const text = 'Send 2 x saws at 8 EUR and 1 x axe at 4 EUR.\nTotal: 24.00';
    expect([confidence(text, 'totals.total'), confidence(text, 'lines[1].qty')]).toEqual([0.95, 0.85]);
  });

  it('is 0.4 where the text contradicts itself', () => {
    const text = 'We need it by 2026-03-02. Surely before 2026-04-02.';
    expect(extractOrder(text).fields['delivery.date']).toMatchObject({ value: '2026-03-02', confidence: 0.4 });
  });

  it('lets a labeled value win over prose', () => {
    const text = 'Send 5 x saws by 2026-03-02.\nDelivery date: 2026-04-02';
    expect(extractOrder(text).fields['delivery.date']).toMatchObject({ value: '2026-04-02', confidence: 0.95 });
  });
});

describe('the currency', () => {
  it.each([
    ['5 x saws at US$8', 'USD'],
    ['5 x saws at C$8', 'CAD'],
    ['5 x saws at CHF8', 'CHF'],
    ['5 x saws at 8 GBP', 'GBP'],
    ['5 x saws at 8 euros', 'EUR'],
    ['Total: £8', 'GBP'],
    ['It costs about 10 PLN.', 'PLN'],
    ['Currency: CHF\n5 x saws at $8', 'CHF'],
    ['Currency: whatever you like', 'EUR'],
  ])('of %j is %s', (text, code) => {
    expect(value(text, 'currency')).toBe(code);
  });

  it('is assumed where the text names none', () => {
    expect(extractOrder('hello').fields.currency).toEqual({
      ...{ value: 'EUR', raw: null, line: null, start: null, end: null },
      ...{ method: 'default', confidence: 0.5, readings: [] },
    });
  });

  it('is unclear where the text uses two', () => {
    expect(confidence('5 x saws at 8 EUR and 2 x axes at $3', 'currency')).toBe(0.4);
  });
});

describe('the PO number', () => {
  it.each([
    ['PO: 4711', '4711'],
    ['PO-4711', 'PO-4711'],
    ['PO4711 as agreed', 'PO4711'],
    ['PO#4711', '4711'],
    ['P.O. no. 12/2026-A', '12/2026-A'],
    ['Our PO number is PO-7781.', 'PO-7781'],
    ['purchase order 99881 from May', '99881'],
    ['Order no. 12345', '12345'],
    ['Order #4711 for you', '4711'],
    ['Bon de commande n° BC-2026/17', 'BC-2026/17'],
    ['commande n° 2026.88', '2026.88'],
    ['Bestellnummer: 4711-A', '4711-A'],
    ['Bestellung 4711 vom 3. März 2026', '4711'],
    ['Pedido n.º 2026/88', '2026/88'],
    ['Ordine n. 558/26', '558/26'],
    ['PO Box 123', undefined],
    ['Purchase order for us', undefined],
    ['Bestellung: 2000 Schrauben', undefined],
    ['Order W-100 x 5', undefined],
    ['Order 200 € worth', undefined],
    ['PO: 12', undefined],
    ['PO: 31.01.2026', undefined],
    ['PO:', undefined],
    [`PO: ${'1'.repeat(50)}`, undefined],
  ])('of %j is %s', (text, expected) => {
    expect(value(text, 'po_number')).toBe(expected);
  });
});

describe('the delivery', () => {
  it.each([
    ['Ship to: 9 Harbor Rd, Boston, MA 02110', '9 Harbor Rd, Boston, MA 02110'],
    ['Please deliver to 45 Market Street, Dublin 2 by March 14, 2026.', '45 Market Street, Dublin 2'],
    ['Please send 3 x tape to 12 Baker Street, London. Thanks!', '12 Baker Street, London'],
    ['Please deliver to J. Smith, 1 Way for 5 boxes', 'J. Smith, 1 Way'],
    ['Deliver to 12 Main St. Springfield, thanks', '12 Main St. Springfield, thanks'],
    [
      'Adresse de livraison :\nACME SARL\n12 rue de la Paix,\n75002 Paris\n\nBonjour',
      'ACME SARL, 12 rue de la Paix, 75002 Paris',
    ],
    [
      'Lieferanschrift:\nMuster GmbH\nIndustrieweg 7\n80331 München\nBestellnummer: 4711',
      'Muster GmbH, Industrieweg 7, 80331 München',
    ],
    ['Dirección de entrega: Calle Mayor 15, 28013 Madrid\nPedido n.º 2026/88', 'Calle Mayor 15, 28013 Madrid'],
    ['Indirizzo di consegna: Via Roma 10, 20121 Milano\nP.IVA 12345678901', 'Via Roma 10, 20121 Milano'],
    ['Ship to: Bob\nplease hurry', 'Bob'],
    ['Ship to: Bob\n- 5 x saws', 'Bob'],
    ['Ship to: Bob\nGreat Hall\n5 saws @ Home', 'Bob, Great Hall'],
    ['Ship to: Bob\nis this possible soon', 'Bob'],
    ['Ship to: Bob\n12', 'Bob'],
    ['Ship to: Bob; PO: 4711', 'Bob'],
    ['Ship to: Bob, 1 Way, PO no: 4711', 'Bob, 1 Way'],
    ['Delivery: 12 Main Street, Leeds', '12 Main Street, Leeds'],
    ['Delivery: as usual', undefined],
    ['Delivery: Bob', undefined],
    ['Delivery included', undefined],
    ['Ship to: Bob for the party, 1 Way', 'Bob for the party, 1 Way'],
    ['Ship to: Bob\nHouse of Love', 'Bob, House of Love'],
    ['Please deliver to us', undefined],
    ['Ship to:', undefined],
    ['Ship to:\n\n12 Main Street', undefined],
    ['12 Main Street', undefined],
    ['I would like to buy 2 tables for my house at 12 Oak Avenue.', '12 Oak Avenue'],
    ['Please send 3 x tape to our shop, via Roma 3, Milano', undefined],
    ['Please send 3 x tape a via Roma 3, Milano', 'via Roma 3, Milano'],
  ])('of %j goes to %s', (text, expected) => {
    expect(value(text, 'delivery.address')).toBe(expected);
  });

  it('has an address of several lines at its place in the text', () => {
    const text = 'Hi\n  Ship to:\r\nACME\r\n1 Way\r\n';
    const field = extractOrder(text).fields['delivery.address'];
    expect(field).toMatchObject({ raw: 'ACME\r\n1 Way', line: 3, start: 0, end: 11, confidence: 0.95 });
  });

  it.each([
    ['by 2 March 2026', '2026-03-02'],
    ['by Monday, 2 March 2026', '2026-03-02'],
    ['pour le 3 mars 2026', '2026-03-03'],
    ['bis zum 15. April 2026', '2026-04-15'],
    ['para el 20 de febrero de 2026', '2026-02-20'],
    ['entro il 3 marzo 2026', '2026-03-03'],
    ['Liefertermin: 31.01.2026', '2026-01-31'],
    ['Date de livraison : 31/01/2026', '2026-01-31'],
    ['with delivery on the 2026-01-31', '2026-01-31'],
    ['Seen on 25/12/2026. Deliver by 03/04/2026', '2026-04-03'],
    ['Deliver by 03/04/2026', null],
    ['by the way', undefined],
    ['by the\nNext 2026-01-31', undefined],
    ['by 2 March', undefined],
    ['by the on the on the 2026-01-31', undefined],
  ])('of %j is due on %s', (text, expected) => {
    expect(value(text, 'delivery.date')).toBe(expected);
  });

  it('has a delivery term', () => {
    expect(extractOrder('Incoterm: DAP Paris').fields['delivery.incoterm']).toMatchObject({
      value: 'DAP',
      confidence: 0.95,
    });
    expect(extractOrder('We ship EXW only').fields['delivery.incoterm']).toMatchObject({
      value: 'EXW',
      confidence: 0.85,
    });
    expect(value('CIF: B12345678', 'delivery.incoterm')).toBeUndefined();
    expect(value('a dap of glue', 'delivery.incoterm')).toBeUndefined();
  });
});

describe('the customer', () => {
  it.each([
    ['Order from Acme, Inc., 5 Main St, for 5 x saws', 'Acme, Inc.', '5 Main St'],
    ['Order from John Doe for 5 saws', 'John Doe', undefined],
    ['Order from John Doe dated yesterday', 'John Doe', undefined],
    ['Order from John Doe: 5 saws', 'John Doe', undefined],
    ['Order from John Doe, 5 Main St.', 'John Doe', '5 Main St'],
    ['Order placed by John Doe, urgent', 'John Doe', undefined],
    [
      'Commande de Jean Dupont, 12 rue des Lilas, 69003 Lyon, pour 4 x cahiers',
      'Jean Dupont',
      '12 rue des Lilas, 69003 Lyon',
    ],
    [
      'Bestellung von Anna Schmidt, Gartenweg 3, 50667 Köln, für 6 Flaschen Wein',
      'Anna Schmidt',
      'Gartenweg 3, 50667 Köln',
    ],
    ['Pedido de Ana Gil, Calle Sol 3, para 6 cajas de vino', 'Ana Gil', 'Calle Sol 3'],
    ['Ordine da Marco Rossi, Via Roma 1, per 6 scatole di guanti', 'Marco Rossi', 'Via Roma 1'],
    ['Bestellung von Schrauben', undefined, undefined],
    ['Commande de vis, pour 5 euros', undefined, undefined],
    ['Order from us', undefined, undefined],
    ['Order from', undefined, undefined],
    [`Order from ${'A '.repeat(50)}`, 'A '.repeat(30).trim(), undefined],
    ['Customer: ACME Inc.\nAddress: 1 Way, Leeds', 'ACME Inc.', '1 Way, Leeds'],
    ['Customer: John Doe, 123 Main St', 'John Doe', '123 Main St'],
    ['Kunde: Muster GmbH; PO: 4711', 'Muster GmbH', undefined],
    ['From: John Doe <john@doe.example>', 'John Doe', undefined],
    ['Customer: , none', undefined, undefined],
    ['Customer:', undefined, undefined],
    ['The customer is king', undefined, undefined],
    ['Address the issue', undefined, undefined],
  ])('of %j is %s at %s', (text, name, address) => {
    expect([value(text, 'customer.name'), value(text, 'customer.address')]).toEqual([name, address]);
  });

  it('has an e-mail address, labeled or not', () => {
    expect(extractOrder('write to a.b@c.example').fields['customer.email']).toMatchObject({
      value: 'a.b@c.example',
      confidence: 0.85,
    });
    expect(extractOrder('E-mail: a.b@c.example').fields['customer.email']).toMatchObject({ confidence: 0.95 });
    expect(value('a@-b.example', 'customer.email')).toBeUndefined();
  });

  it.each([
    ['VAT no DE 123456789 Berlin', 'DE123456789'],
    ['TVA FR12 345678901', 'FR12345678901'],
    ['USt-IdNr.: DE123456789', 'DE123456789'],
    ['VAT NO ATU12345678', 'ATU12345678'],
    ['CIF: B12345678', 'B12345678'],
    ['P.IVA 12345678901', '12345678901'],
    ['VAT: 20.00', undefined],
    ['VAT DE12345', undefined],
    ['private DE123456789', undefined],
    ['VAT ABCDEFGH1', undefined],
  ])('of %j has the VAT number %s', (text, expected) => {
    expect(value(text, 'customer.vat')).toBe(expected);
  });
});

describe('who writes', () => {
  const signed =
    'Send 5 x saws.\n\nBest regards,\nMary O’Brien\nKitchen Ltd\n+353 1 555 0199\nIBAN DE02 1203 0000 0000 2020 51\nFax: 030 7654321';

  it('signs with name and phone number', () => {
    expect(value(signed, 'contact.name')).toBe('Mary O’Brien');
    expect(value(signed, 'contact.phone')).toBe('+353 1 555 0199');
  });

  it('is called at a labeled number', () => {
    expect(extractOrder('Send 5 x saws. Tel.: 030 1234567').fields['contact.phone']).toMatchObject({
      ...{ value: '030 1234567', confidence: 0.95 },
    });
    expect(value('Call 030 1234567', 'contact.phone')).toBeUndefined();
  });

  it('is the contact that is named', () => {
    expect(value('Contact: Mia Meier\nNotes: ring twice.', 'contact.name')).toBe('Mia Meier');
    expect(value('Contact: Mia Meier\nNotes: ring twice.', 'notes')).toBe('ring twice');
    expect(value('Please note the change', 'notes')).toBeUndefined();
  });

  it.each(['Hi\n-- \n12 Main Street', `Hi\n-- \n${'A'.repeat(90)}`, 'Hi\n--'])('has no name in %j', (text) => {
    expect(value(text, 'contact.name')).toBeUndefined();
  });
});

describe('totals', () => {
  it.each([
    ['Total: 145,00 €', { total: 145 }],
    ['for a total of $50', { total: 50 }],
    ['Total HT : 100,00\nTVA 20 % : 20,00\nTotal TTC : 120,00', { subtotal: 100, tax: 20, total: 120 }],
    [
      'Zwischensumme: 308,00 EUR\nMwSt. 19 %: 58,52 EUR\nGesamtsumme: 366,52 EUR',
      { subtotal: 308, tax: 58.52, total: 366.52 },
    ],
    ['Subtotale: 10,00\nSpedizione: 5,00\nTotale: 15,00', { subtotal: 10, total: 15 }],
    ['Total 40.00\nGrand total: 45.00', { total: 45 }],
    ['Total 5 boxes', {}],
    ['Total: 123456789', {}],
    ['VAT 20 %', {}],
    ['total of the', {}],
    ['Total = = = = = = = = = 5', {}],
    ['Total is unclear', {}],
  ])('of %j are %j', (text, expected) => {
    expect(extractOrder(text).totals).toEqual({ subtotal: null, tax: null, total: null, ...expected });
  });
});

describe('what is left out', () => {
  const order = 'Please send 5 x saws.';
  const quoted = '99 x axes\nPO: 9999';

  it.each([
    ['marked lines', `${order}\n> 99 x axes\n> PO: 9999`],
    ['a reply', `${order}\n\nOn Mon, Jan 5, 2026 at 10:00, Bob wrote:\n${quoted}`],
    ['a reply whose head is wrapped', `${order}\n\nOn Mon, Jan 5, 2026 at 10:00,\nBob <b@x.example> wrote:\n${quoted}`],
    ['a French reply', `${order}\n\nLe 5 janvier 2026 à 10:00, Bob a écrit :\n${quoted}`],
    ['a German reply', `${order}\n\nAm 5. Januar 2026 schrieb Bob:\n${quoted}`],
    ['a Spanish reply', `${order}\n\nEl 5 de enero de 2026, Bob escribió:\n${quoted}`],
    ['an Italian reply', `${order}\n\nIl giorno 5 gennaio 2026 Bob ha scritto:\n${quoted}`],
    ['an original message', `${order}\n-----Original Message-----\n${quoted}`],
    ['a message with a head', `${order}\n\nFrom: Bob\nSent: Monday\nTo: us\n\n${quoted}`],
    ['a signature', `${order}\n-- \n${quoted}`],
    ['a signature after a greeting', `${order}\n\nMit freundlichen Grüßen\n99 x axes`],
  ])('is %s', (_, text) => {
    expect(lines(text)).toEqual([{ qty: 5, description: 'saws' }]);
    expect(value(text, 'po_number')).toBeUndefined();
  });

  it('is not an answer between the quotes', () => {
    const text = 'On Monday, Bob wrote:\n\n> How many saws?\n5 x saws\n> And axes?\n3 x axes';
    expect(lines(text)).toEqual([
      { qty: 5, description: 'saws' },
      { qty: 3, description: 'axes' },
    ]);
  });

  it('is not a forwarded order', () => {
    expect(lines('---------- Forwarded message ---------\nFrom: Bob\nSent: today\n\n5 x saws')).toHaveLength(1);
  });

  it('is not a postscript', () => {
    expect(lines('5 x saws\nThanks,\nBob\nPS: also 3 x axes')).toHaveLength(2);
  });

  it('is not a greeting at the beginning', () => {
    expect(lines('Thanks!\n5 x saws')).toHaveLength(1);
  });

  it('is not a long line that begins like a mark', () => {
    expect(lines(`On ${'and on '.repeat(60)}wrote:\n5 x saws`)).toHaveLength(1);
    expect(lines(`>${'quoted '.repeat(60)} 5 x saws`)).toEqual([]);
  });
});

describe('any text', () => {
  const words = fc.constantFrom(
    ...[
      'Order from John Doe,',
      'for',
      '5',
      'x',
      'boxes',
      'of',
      '1.234',
      '12,50',
      '€',
      '$',
      'at',
      'each',
      'by',
      '03/04/2026',
    ],
    ...[
      '2026-03-02',
      'Ship to:',
      '12 Main St',
      'PO',
      'W-100',
      '\n',
      '\r\n',
      '> ',
      'Total:',
      'VAT DE123456789',
      '-- ',
      '.',
    ],
    ...[
      'à',
      'Köln',
      'e\u0301',
      '\u00a0',
      '😀',
      ',',
      ';',
      '(',
      'a@b.example',
      'Tel: +49 30 1234567',
      'Thanks',
      'wrote:',
      'On',
    ],
  );
  const texts = fc.oneof(
    fc.array(words, { maxLength: 60 }).map((parts) => parts.join(' ')),
    fc.string({ unit: 'binary', maxLength: 300 }),
  );

  it('is read without an error, and each field stands where it says', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const starts = [0, ...[...text.matchAll(/\r\n|[\n\r]/g)].map(({ index, 0: { length } }) => index + length)];
        for (const field of Object.values(extractOrder(text).fields)) {
          if (field.line === null) continue;
          const start = starts[field.line - 1] as number;
          expect(text.slice(start + (field.start as number), start + (field.end as number))).toBe(field.raw);
          expect(field.raw).not.toBe('');
          expect(field.value === null).toBe(field.readings.length > 1);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is read the same way twice', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(extractOrder(text)).toEqual(extractOrder(text));
      }),
      { numRuns: 50 },
    );
  });

  // A pattern that tries again from every position takes minutes here, beyond the limit of a test.
  it.each([
    ...['5 x to A ', 'a-', '1.', 'a@a.', ' \n ', '>\n', 'On wrote:\n', 'Ship to:\nA 1\n', 'VAT A1 ', 'total of is '],
    ...['1 of de Jan ', '5 x (', 'Customer: A, ', '- 5 a\n', 'Thanks\n', '1'],
  ])('of 200,000 characters is read in time, though it repeats %j', (part) => {
    const text = part.repeat(Math.floor(200_000 / part.length));
    expect(extractOrder(text).lines.length).toBeLessThanOrEqual(5000);
  });
});
