import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Content, ReadDocument } from '../../machines/orders/document.ts';
import { readOrder } from '../../machines/orders/read-order.ts';
import type { Source } from '../../machines/orders/sources.ts';
import { createValidator } from '../../schemas/validate.ts';
import {
  file,
  itemsAt,
  linesOf,
  ORDER_ID,
  orderInput,
  pages,
  read,
  sheet,
  sheets,
  withBody,
} from '../support/order-documents.ts';

const validator = createValidator();
const WORDS = [
  ...[
    'SKU',
    'Qty',
    'Description',
    'Price',
    'Total',
    'Réf',
    'Menge',
    'Cantidad',
    'Totale',
    'Unit',
    'Unit price (€)',
    'Preis per 100',
  ],
  ...[
    'A-1',
    '00123',
    'W-100 x 5',
    'Blue pens',
    '5',
    '10 pcs',
    '1.234',
    '1,5',
    '2.50 €',
    '-3',
    '20 %',
    '$',
    '31.01.2026',
    '03/04/2026',
  ],
  ...[
    'Ship to:',
    'Delivery date',
    'PO-4711',
    'PO No.',
    'Customer: Acme',
    '5 Harbour Way',
    'Subtotal',
    'VAT 20 %',
    'Best regards',
    '> quoted',
    ' ',
  ],
];
const word = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...WORDS) },
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const cell = fc.oneof(
  word,
  fc.constant(null),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  word.map((hidden) => ({ hidden })),
);
const rows = fc.array(fc.array(cell, { maxLength: 7 }), { maxLength: 14 });
const item = fc.record({
  text: word,
  x: fc.double({ min: -50, max: 650, noNaN: true }),
  y: fc.integer({ min: 0, max: 40 }).map((row) => row * 14),
  w: fc.double({ min: 0, max: 200, noNaN: true }),
  h: fc.double({ min: 0, max: 14, noNaN: true }),
  hidden: fc.boolean(),
});
const content: fc.Arbitrary<Content> = fc.oneof(
  fc.array(rows, { maxLength: 3 }).map((all) => sheets(...all.map((own, at) => sheet(own, `S${at}`)))),
  fc.array(fc.array(item, { maxLength: 40 }), { maxLength: 3 }).map((all) => pages(...all)),
  fc
    .array(
      fc.array(word, { maxLength: 6 }).map((own) => own.join('  ')),
      { maxLength: 14 },
    )
    .map((all): Content => ({ kind: 'lines', text: all.join('\n') })),
);
const order = fc.record({
  documents: fc.array(content, { maxLength: 3 }).map((all) => all.map((own) => file(own))),
  body: fc
    .array(word, { maxLength: 20 })
    .map((all) => ({ artifact_id: 'body', filename: 'body.txt', text: all.join(' ') })),
  subject: word,
});

const plain = (text: string) => text.replace(/\s+/g, '');

/** What stands at a place, hidden parts left out. */
function textAt(source: Source, documents: readonly ReadDocument[], texts: Record<string, string>): string {
  if (source.kind === 'form') return texts[source.field] ?? '';
  const own = documents.find(({ artifact_id }) => artifact_id === source.artifact_id)?.content ?? null;
  if (source.kind === 'line') {
    const text = own?.kind === 'lines' ? own.text : (texts.body ?? '');
    return text
      .split(/(?<=\r\n|\n|\r(?!\n))/)
      .slice(source.line - 1)
      .join('')
      .slice(source.start, source.end);
  }
  if (source.kind === 'page') {
    const items = own?.kind === 'pages' ? (own.pages[source.page - 1]?.items ?? []) : [];
    return items
      .filter(({ hidden }) => !hidden)
      .map(({ text }) => text)
      .join(' ');
  }
  const cells =
    own?.kind === 'sheets'
      ? own.sheets.filter(({ name }) => name === source.sheet).flatMap((one) => one.rows.flat())
      : [];
  const [from, to = from] = source.cell.split(':').map((ref) => cells.findIndex((one) => one.ref === ref));
  return cells
    .slice(from, (to as number) + 1)
    .filter(({ hidden }) => !hidden)
    .map(({ text }) => text)
    .join(' ');
}

/** Whether the words stand there; on a page a word may be set of several items. */
function stands(raw: string, here: string, { kind }: Source): boolean {
  const words = raw.split(/\s+/).map(plain);
  if (kind !== 'page') return words.every((one) => plain(here).includes(one));
  const items = here.split(' ').map(plain);
  return words.every((one) => {
    let rest = one;
    for (let parts = 0; rest !== '' && parts < items.length; parts += 1) {
      let length = rest.length;
      while (length > 0 && !items.some((text) => text.includes(rest.slice(0, length)))) length -= 1;
      rest = rest.slice(length);
    }
    return rest === '';
  });
}

describe('reading any order', () => {
  it('gives a valid draft, the same again, and fields whose values stand in their places', () => {
    fc.assert(
      fc.property(order, (changes) => {
        const input = orderInput(changes);
        const reading = readOrder(input);
        expect(validator.checkObject('order_draft', reading.draft)).toBeNull();
        expect(readOrder(input)).toEqual(reading);
        const texts = { subject: input.subject, body: input.body?.text ?? '', from_email: input.from_email };
        for (const [path, { raw, source, method }] of Object.entries(reading.fields)) {
          if (method === 'default') continue;
          const here = textAt(source as Source, input.documents, texts);
          expect(stands(raw as string, here, source as Source), `${path}: ${raw} in ${here}`).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('takes whatever a model answers', () => {
    fc.assert(
      fc.property(order, fc.anything(), fc.string(), (changes, value, quote) => {
        const answer = Object.fromEntries(
          ['lines', 'line_1_sku', 'line_1_qty', 'delivery_date', 'delivery_address'].map((name) => [
            name,
            { value, quote },
          ]),
        );
        expect(validator.checkObject('order_draft', read(changes, { answer }).draft)).toBeNull();
      }),
    );
  });

  it('copes with hostile sizes', () => {
    const long = 'Ship to: '.repeat(20_000);
    const wide = sheet(Array.from({ length: 500 }, () => Array.from({ length: 100 }, () => 'Ship to:')));
    const wraps = [
      ...itemsAt(0, [40, 'SKU'], [100, 'Description'], [300, 'Qty']),
      ...itemsAt(11, [40, 'A'], [100, 'x'], [300, '1']),
    ];
    const deep = Array.from({ length: 20_000 }, (_, at) => itemsAt(22 + at * 11, [100, 'more'])).flat();
    const reading = read({
      ...withBody(
        `${long}\n${'> '.repeat(50_000)}\n${'1.'.repeat(50_000)}\n${'|'.repeat(50_000)}\n${'a  '.repeat(50_000)}`,
      ),
      documents: [
        file(sheets(wide)),
        file(pages([...wraps, ...deep])),
        file({ kind: 'lines', text: 'Qty: 5\n'.repeat(20_000) }),
      ],
    });
    expect(linesOf(reading)[0]).toMatchObject({ sku: 'A', qty: 1 });
    expect(reading.draft.order_id).toBe(ORDER_ID);
  });
});
