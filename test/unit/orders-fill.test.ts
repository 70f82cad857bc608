import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractOrder } from '../../machines/orders/extraction/extract.ts';
import { readExtractionSchema } from '../../machines/orders/extraction/extraction-schema.ts';
import {
  fillSchema,
  type ModelAnswers,
  mergeModelValues,
  modelSchema,
  orderResult,
} from '../../machines/orders/extraction/fill.ts';

const WORKED = 'Order from John Doe, 123 Main St, for 5 units of Widget A at $10 each.';
const PENS = 'Please send 20 boxes of blue pens by 2026-03-02';

function fill(text: string, schema?: unknown) {
  const read = readExtractionSchema(schema);
  if (!read.ok) throw new Error(JSON.stringify(read.errors));
  return fillSchema(extractOrder(text), read.schema);
}
const extracted = (text: string, schema?: unknown) => fill(text, schema).extracted;
const missing = (text: string, schema?: unknown) =>
  orderResult(fill(text, schema)).missing_fields.map(({ field }) => field);

/** The result after a model has answered. */
function merge(text: string, schema: unknown, answers: ModelAnswers) {
  const filled = mergeModelValues(fill(text, schema), answers, text);
  return { ...orderResult(filled), found: Object.fromEntries(filled.found) };
}

describe('the worked example', () => {
  it('is filled without a model', () => {
    const filled = fill(WORKED, { customer_name: 'string', address: 'string', items: 'array', total: 'number' });
    expect(orderResult(filled)).toEqual({
      extracted: {
        customer_name: 'John Doe',
        address: '123 Main St',
        items: [{ name: 'Widget A', quantity: 5, unit_price: 10 }],
        total: 50,
      },
      confidence: 0.85,
      missing_fields: [],
    });
    expect(filled.open).toEqual([]);
  });
});

describe('without a schema', () => {
  it('the order draft is filled, with placeholders where it allows no null', () => {
    const result = orderResult(fill(PENS));
    expect(result.extracted).toEqual({
      lines: [
        {
          ...{ line_no: 1, sku: '?', qty: 20, description: 'blue pens', uom: 'box' },
          ...{ unit_price: null, total_price: null },
        },
      ],
      po_number: null,
      customer: { name: null, vat: null, address: null, email: null },
      delivery: { address: null, date: '2026-03-02', incoterm: null },
      currency: 'EUR',
      totals: { subtotal: null, tax: null, total: null },
    });
    expect(result.missing_fields[0]).toEqual({ field: 'lines[1].sku', reason: 'not found in text' });
    expect(result.missing_fields.map(({ field }) => field)).toContain('delivery.address');
    expect(missing('Need 1.234 x W-100')).toContain('lines[1].qty');
  });

  it('any text gives an order draft but for its id', () => {
    const file = new URL('../../schemas/objects/order_draft.v1.schema.json', import.meta.url);
    const ajv = new Ajv2020({ strict: false, formats: { date: true, email: true, uuid: true } });
    const isDraft = ajv.compile(JSON.parse(readFileSync(file, 'utf8')));
    const words = fc.constantFrom(...`${WORKED} ${PENS} 1.234 x \n PO: 4711 Total: 03/04/2026`.split(' '));
    fc.assert(
      fc.property(fc.array(words, { maxLength: 40 }), (parts) => {
        const draft = { order_id: '00000000-0000-4000-8000-000000000000', ...extracted(parts.join(' ')) };
        expect(isDraft(draft) || isDraft.errors).toBe(true);
      }),
    );
  });
});

describe('a name', () => {
  const text = [
    'Customer: ACME Inc.',
    'VAT no: DE123456789',
    'E-mail: mia@acme.example',
    'Tel: +49 30 1234567',
    'Address: 1 Way, Leeds',
    'Contact: Mia Meier',
    'PO: 4711',
    'Incoterm: DAP',
    'Ship to: 2 Way, Leeds',
    'Delivery date: 2026-03-02',
    'Notes: ring twice',
    '5 x W-100 at $10 each = $50',
    'Subtotal: $50',
    'Tax: $5',
    'Total: $55',
  ].join('\n');

  it.each([
    ['customer_name', 'ACME Inc.'],
    ['customerName', 'ACME Inc.'],
    ['Customer name', 'ACME Inc.'],
    ['customer', 'ACME Inc.'],
    ['company', 'ACME Inc.'],
    ['vat_number', 'DE123456789'],
    ['email', 'mia@acme.example'],
    ['phone', '+49 30 1234567'],
    ['billing_address', '1 Way, Leeds'],
    ['address', '2 Way, Leeds'],
    ['delivery_address', '2 Way, Leeds'],
    ['delivery', '2 Way, Leeds'],
    ['contact', 'Mia Meier'],
    ['po_number', '4711'],
    ['incoterm', 'DAP'],
    ['delivery_date', '2026-03-02'],
    ['notes', 'ring twice'],
    ['currency', 'USD'],
    ['subtotal', '50'],
    ['tax', '5'],
    ['total', '55'],
    ['totals', '55'],
    ['sku', 'W-100'],
    ['product', 'W-100'],
    ['quantity', '5'],
    ['unit_price', '10'],
  ])('%s is bound', (name, value) => {
    expect(extracted(text, { [name]: 'string' })).toEqual({ [name]: value });
  });

  it.each(['favourite_colour', 'order', 'constructor', '__proto__', 'toString'])('%s is not bound', (name) => {
    const schema = JSON.parse(`{"${name}": "string"}`);
    const filled = fill(text, schema);
    expect(filled.open).toEqual([{ name, schema: { type: ['string', 'null'] } }]);
    expect(Object.entries(filled.extracted)).toEqual([[name, null]]);
  });

  it('of a part of a line is bound only if there is one line', () => {
    expect(extracted('5 x saws, 2 x axes', { quantity: 'number' })).toEqual({ quantity: null });
  });

  it.each([
    ['po_number', 'number', 4711],
    ['po_number', 'integer', 4711],
    ['quantity', 'string', '5'],
    ['delivery_date', 'date', '2026-03-02'],
    ['delivery', 'date', '2026-03-02'],
    ['customer_name', 'number', null],
    ['customer_name', 'date', null],
    ['customer_name', 'boolean', null],
    ['customer_name', 'array', []],
    ['customer_name', 'object', null],
    ['items', 'string', null],
    ['items', 'object', null],
    ['total', 'boolean', null],
  ])('%s asked as %s is %j', (name, type, value) => {
    expect(extracted(text, { [name]: type })).toEqual({ [name]: value });
  });

  it.each([
    [{ type: 'number', minimum: 100 }, null],
    [{ type: 'number', maximum: 100 }, 55],
    [{ type: ['integer', 'null'] }, 55],
    [{ enum: [55, 60] }, 55],
    [{ enum: [60] }, null],
    [{ const: 55 }, 55],
    [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, '55'],
    [{ type: 'string', minLength: 3 }, null],
    [{ type: 'string', maxLength: 1 }, null],
    [{ allOf: [{ type: 'number' }] }, 55],
    [{ oneOf: [{ type: 'number' }, { type: 'string' }] }, 55],
    [{}, 55],
    [true, 55],
  ])('total as %j is %j', (schema, value) => {
    expect(extracted(text, { type: 'object', properties: { total: schema } })).toEqual({ total: value });
  });

  it('of a code with leading zeros is no number', () => {
    expect(extracted('00123 x 5', { sku: 'number', quantity: 'number' })).toEqual({ sku: null, quantity: 5 });
  });

  it('of a value that can be read in two ways is not found', () => {
    expect(missing('Deliver by 03/04/2026', { delivery_date: 'date' })).toEqual(['delivery_date']);
  });
});

describe('an address', () => {
  it('of the customer is assumed to be where the goods go', () => {
    expect([...fill(WORKED, { delivery_address: 'string' }).found]).toEqual([['delivery_address', 0.5]]);
    expect([...fill(WORKED, { address: 'string' }).found]).toEqual([['address', 0.85]]);
  });

  it('of the customer is not taken for the address of a delivery', () => {
    const delivery = { type: 'object', properties: { address: { type: 'string' } } };
    expect(extracted(WORKED, { type: 'object', properties: { delivery } })).toEqual({ delivery: { address: null } });
  });
});

describe('a group', () => {
  const object = (properties: object) => ({ type: 'object', properties });
  const text = { type: 'string' };

  it('has its members under the names of the caller', () => {
    const schema = object({
      customer: object({ name: text, address: text, hobby: text }),
      order: object({ currency: text, totals: object({ total: { type: 'number' }, currency: text }) }),
    });
    const filled = fill(WORKED, schema);
    expect(filled.extracted).toEqual({
      customer: { name: 'John Doe', address: '123 Main St', hobby: null },
      order: { currency: 'USD', totals: { total: 50, currency: 'USD' } },
    });
    expect(filled.open.map(({ name }) => name)).toEqual(['customer.hobby']);
  });

  it('that is left open has what was found', () => {
    expect(extracted(WORKED, { customer: 'object' })).toEqual({
      customer: { name: 'John Doe', vat: null, address: '123 Main St', email: null, phone: null },
    });
    expect([...fill(WORKED, { customer: 'object' }).found]).toEqual([['customer', 0.85]]);
  });

  it('of which nothing was found is asked with its members', () => {
    const [asked] = fill('hello', { delivery: 'object' }).open;
    expect(asked).toMatchObject({ name: 'delivery', schema: { required: ['address', 'date', 'incoterm'] } });
    expect(fill('hello', { order: 'object' }).open).toEqual([{ name: 'order', schema: { type: ['object', 'null'] } }]);
  });
});

describe('a list of lines', () => {
  const list = (items: unknown) => ({ type: 'object', properties: { lines: { type: 'array', items } } });
  const element = (properties: object, required: string[] = []) => list({ type: 'object', properties, required });
  const number = { type: 'number' };
  const string = { type: 'string' };

  it('has what was found of each line', () => {
    expect(extracted('5 x Hammer (SKU: HM-1) at $10 each = $50, 2 kg of nails', { items: 'array' })).toEqual({
      items: [
        { name: 'Hammer', quantity: 5, sku: 'HM-1', unit_price: 10, total_price: 50 },
        { name: 'nails', quantity: 2, uom: 'kg' },
      ],
    });
  });

  it('has the usual parts where the caller leaves them open', () => {
    expect(extracted('5 x Hammer', list({ type: 'object' }))).toEqual({ lines: [{ name: 'Hammer', quantity: 5 }] });
    expect(extracted('5 x Hammer', { type: 'object', properties: { items: {} } })).toEqual({
      items: [{ name: 'Hammer', quantity: 5 }],
    });
  });

  it('has the parts that the caller names', () => {
    const schema = element({
      pos: number,
      line_no: { type: 'boolean' },
      title: string,
      qty: number,
      amount: number,
      currency: string,
      colour: string,
    });
    expect(extracted('5 x Hammer at $10 each', schema)).toEqual({
      lines: [{ pos: 1, line_no: null, title: 'Hammer', qty: 5, amount: 50, currency: 'USD', colour: null }],
    });
    expect(extracted('5 x Hammer', element({ pos: string, amount: number, uom: string }))).toEqual({ lines: [] });
  });

  it('says what a line lacks, and is less sure', () => {
    const result = orderResult(fill('5 x Hammer', element({ qty: number, sku: string }, ['qty', 'sku'])));
    expect(result).toEqual({
      extracted: { lines: [{ qty: 5, sku: null }] },
      confidence: 0.42,
      missing_fields: [{ field: 'lines[1].sku', reason: 'not found in text' }],
    });
    expect(missing('Need 1.234 bolts', { items: 'array' })).toEqual(['items[1].quantity']);
  });

  it('of texts has the names', () => {
    expect(extracted('5 x Hammer, 3 x W-100', list(string))).toEqual({ lines: ['Hammer', 'W-100'] });
    expect(extracted('5 x Hammer', list(number))).toEqual({ lines: [] });
  });

  it('is empty and missing where the text has no lines', () => {
    expect(orderResult(fill('hello', { items: 'array' }))).toEqual({
      extracted: { items: [] },
      confidence: 0,
      missing_fields: [{ field: 'items', reason: 'not found in text' }],
    });
  });
});

describe('the total', () => {
  it('is the sum of lines that are all priced, exactly', () => {
    expect(extracted('3 x saws at $0.10 each, 1 x axe at $0.20', { total: 'number' })).toEqual({ total: 0.5 });
  });

  it('is null if a line has no price, and without lines', () => {
    expect(extracted('3 x saws at $0.10 each, 1 x axe', { total: 'number' })).toEqual({ total: null });
    expect(extracted('hello', { total: 'number' })).toEqual({ total: null });
  });

  it('is what the text states', () => {
    expect(extracted('3 x saws at $0.10 each. Total: $7', { total: 'number' })).toEqual({ total: 7 });
  });
});

describe('what a model is asked', () => {
  it('is each open field with a quote, closed and complete', () => {
    const schema = {
      type: 'object',
      properties: {
        colour: { type: 'string', description: 'of the box', enum: ['red', 'blue'] },
        due: { type: 'string', format: 'date' },
        tags: { type: 'array' },
        sizes: { type: 'array', items: { type: 'object', properties: { width: { type: 'integer' } } } },
        any: {},
        choice: { enum: ['a', 1] },
      },
    };
    const nullable = (value: object) => ({
      type: 'object',
      additionalProperties: false,
      required: ['value', 'quote'],
      properties: { value, quote: { type: ['string', 'null'] } },
    });
    expect(modelSchema(fill('hello', schema).open)).toEqual({
      type: 'object',
      additionalProperties: false,
      required: ['colour', 'due', 'tags', 'sizes', 'any', 'choice'],
      properties: {
        colour: nullable({ type: ['string', 'null'], description: 'of the box', enum: ['red', 'blue', null] }),
        due: nullable({ type: ['string', 'null'], format: 'date' }),
        tags: nullable({ type: ['array', 'null'], items: { type: 'string' } }),
        sizes: nullable({
          type: ['array', 'null'],
          items: {
            type: ['object', 'null'],
            additionalProperties: false,
            required: ['width'],
            properties: { width: { type: ['integer', 'null'] } },
          },
        }),
        any: nullable({ type: ['string', 'number', 'boolean', 'null'] }),
        choice: nullable({ enum: ['a', 1, null] }),
      },
    });
  });

  it('has the usual lines where the caller leaves them open', () => {
    const [asked] = fill('hello', { items: 'array' }).open;
    expect(asked?.schema).toMatchObject({
      items: { required: ['name', 'quantity', 'sku', 'uom', 'unit_price', 'total_price'] },
    });
  });
});

describe('the answer of a model', () => {
  const text =
    'Send things to the red\n house. It costs 1.234,50 EUR until 3 March 2026. Gift wrap: yes. Code A-15, 1.2.3.';
  const answer = (schema: unknown, value: unknown, quote: string | null) =>
    merge(text, { type: 'object', properties: { x: schema } }, { x: { value, quote } });

  it.each([
    ['a text in its quote', { type: 'string' }, 'red house', 'to the red house'],
    ['a text in other letters', { type: 'string' }, 'Red House', 'the red house.'],
    ['a number as it is written there', { type: 'number' }, 1234.5, 'costs 1.234,50 EUR'],
    ['a day as it is written there', { type: 'string', format: 'date' }, '2026-03-03', 'until 3 March 2026'],
    ['a yes whose quote is there', { type: 'boolean' }, true, 'Gift wrap: yes'],
    ['an object whose values are there', { type: 'object' }, { a: 'red', b: { c: 1234.5 } }, text],
    [
      'an object with a null',
      { type: 'object', properties: { a: { type: 'string' }, b: {} } },
      { a: 'red', b: null },
      text,
    ],
    [
      'a list whose elements are there',
      { type: 'array', items: { type: 'string' } },
      ['red', 'house'],
      'the red house',
    ],
    ['a list of anything', { type: 'array' }, ['red', 1234.5], text],
  ])('counts with %s', (_, schema, value, quote) => {
    expect(answer(schema, value, quote)).toEqual({
      extracted: { x: value },
      confidence: 0.7,
      missing_fields: [],
      found: { x: 0.7 },
    });
  });

  it.each([
    ['a quote that is not in the text', { type: 'string' }, 'red', 'a red house'],
    ['no quote', { type: 'string' }, 'red', null],
    ['a blank quote', { type: 'string' }, 'red', ' '],
    ['an endless quote', { type: 'string' }, 'red', 'red '.repeat(5000)],
    ['a value that its quote does not hold', { type: 'string' }, 'blue', 'the red house'],
    ['a part of a word', { type: 'string' }, 'hous', 'the red house'],
    ['the end of a word', { type: 'string' }, 'ouse', 'the red house'],
    ['a number that is not there', { type: 'number' }, 9999, 'costs 1.234,50 EUR'],
    ['a number that is part of a code', { type: 'number' }, 15, 'Code A-15'],
    ['a day that is not there', { type: 'string', format: 'date' }, '2026-03-04', 'until 3 March 2026'],
    ['a value of another type', { type: 'number' }, 'red', 'the red house'],
    ['null', { type: 'string' }, null, null],
    ['an empty object', { type: 'object' }, {}, 'red'],
    [
      'an object without what it requires',
      { type: 'object', properties: { a: {}, b: {} }, required: ['a'] },
      { b: 'red' },
      'red',
    ],
    ['an object of nulls', { type: 'object', properties: { a: { type: 'string' } } }, { a: null }, 'red'],
  ])('does not count with %s', (_, schema, value, quote) => {
    expect(answer(schema, value, quote)).toEqual({
      extracted: { x: null },
      confidence: 0,
      missing_fields: [{ field: 'x', reason: 'not found in text' }],
      found: {},
    });
  });

  it('keeps of a list what is there', () => {
    expect(answer({ type: 'array', items: { type: 'string' } }, ['red', 'blue', 7], text).extracted).toEqual({
      x: ['red'],
    });
    expect(answer({ type: 'array', items: { type: 'string' } }, ['blue'], text).extracted).toEqual({ x: [] });
    expect(answer({ type: 'array', items: { type: 'string' } }, [], text).extracted).toEqual({ x: [] });
  });

  it('never settles what the text leaves open', () => {
    const open = 'Deliver by 03/04/2026: 1.234 of them';
    const schema = { delivery_date: 'date', x: 'number' };
    expect(
      merge(open, schema, {
        delivery_date: { value: '2026-04-03', quote: '03/04/2026' },
        x: { value: 1234, quote: '1.234 of them' },
      }).extracted,
    ).toEqual({ delivery_date: null, x: null });
  });

  it('never replaces what was found, and need not be complete', () => {
    const result = merge(
      WORKED,
      { customer_name: 'string', colour: 'string' },
      {
        customer_name: { value: 'Main', quote: 'Main' },
      },
    );
    expect(result.extracted).toEqual({ customer_name: 'John Doe', colour: null });
    expect(result.confidence).toBe(0.42);
  });

  it('may quote a signature or a reply', () => {
    expect(merge('Hi\n-- \nthe red house', { x: 'string' }, { x: { value: 'red', quote: 'red house' } }).found).toEqual(
      {
        x: 0.7,
      },
    );
  });
});

describe('lines of a model', () => {
  const text = 'We take five saws (5) at 8 EUR.\nAnd axes, namely 2, at 3 EUR.\nMake it 46 EUR.';
  const lines = (...value: object[]) => ({ items: { value, quote: text } });
  const saws = { name: 'saws', quantity: 5, sku: null, uom: null, unit_price: 8, total_price: null };
  const axes = { name: 'axes', quantity: 2, sku: null, uom: null, unit_price: 3, total_price: null };
  const schema = { items: 'array', total: 'number' };

  it('count one by one, each in one sentence', () => {
    const mixed = { ...axes, unit_price: 8 };
    expect(merge(text, { items: 'array' }, lines(saws, mixed)).extracted).toEqual({
      items: [{ name: 'saws', quantity: 5, unit_price: 8 }],
    });
  });

  it('give the total that nobody states', () => {
    expect(merge(text, schema, lines(saws, axes))).toMatchObject({
      extracted: { total: 46 },
      found: { items: 0.7, total: 0.7 },
    });
  });

  it('and their total are surer if they add up to it', () => {
    const answers = { ...lines(saws, axes), total: { value: 46, quote: 'Make it 46 EUR' } };
    expect(merge(text, schema, answers).found).toEqual({ items: 0.85, total: 0.85 });
    expect(merge(text, schema, { ...answers, ...lines(saws) }).found).toEqual({ items: 0.7, total: 0.7 });
  });

  it('are surer if each agrees with its own total', () => {
    const priced = 'Take saws, 5 of them, at 8 EUR which is 40 EUR';
    const value = [{ ...saws, total_price: 40 }];
    expect(merge(priced, { items: 'array' }, { items: { value, quote: priced } }).found).toEqual({ items: 0.85 });
  });

  it('say nothing for sums where they are not priced', () => {
    expect(merge(text, schema, lines({ name: 'saws', quantity: 5 })).extracted).toMatchObject({ total: null });
    const names = { type: 'object', properties: { items: { type: 'array', items: { type: 'string' } }, total: {} } };
    expect(merge(text, names, { items: { value: ['saws'], quote: text } }).extracted).toEqual({
      items: ['saws'],
      total: null,
    });
  });

  it('may be asked as a text', () => {
    expect(merge(text, { items: 'string' }, { items: { value: 'five saws', quote: 'five saws' } }).extracted).toEqual({
      items: 'five saws',
    });
  });
});

describe('any schema and answer', () => {
  it('give a result with a confidence from 0 to 1 and every name', () => {
    const schema = fc.dictionary(
      fc.oneof(
        fc.constantFrom('items', 'total', 'customer', 'delivery_date', 'address'),
        fc.string({ minLength: 1, maxLength: 9 }),
      ),
      fc.constantFrom('string', 'number', 'integer', 'boolean', 'date', 'array', 'object'),
      { minKeys: 1, maxKeys: 9 },
    );
    fc.assert(
      fc.property(schema, fc.jsonValue(), (wanted, value) => {
        const names = Object.keys(wanted);
        const answers = Object.fromEntries(names.map((name) => [name, { value, quote: WORKED }]));
        const result = orderResult(mergeModelValues(fill(WORKED, wanted), answers, WORKED));
        expect(Object.keys(result.extracted).sort()).toEqual(names.sort());
        expect(result.confidence).toBeGreaterThanOrEqual(0);
        expect(result.confidence).toBeLessThanOrEqual(1);
      }),
    );
  });
});
