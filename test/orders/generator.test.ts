// The generator and the measure: a truth must be one that a perfect reader can get, and no other.
import { describe, expect, it } from 'vitest';
import type { OrderReading } from '../../machines/orders/read-order.ts';
import { inventedValues } from './eval-invented.ts';
import { f1, type Judged, sumOf } from './eval-report.ts';
import { scoreOf } from './eval-scoring.ts';
import { makeSpecimens } from './generator/specimens.ts';
import { FAMILIES, LANGUAGES, type Specimen } from './generator/truth.ts';

const WANTED = { seed: 7, count: 2, families: FAMILIES, languages: LANGUAGES };
const make = (...formats: string[]) => makeSpecimens({ ...WANTED, formats }, () => {});

/** What a reader says that makes no mistake. */
function perfectReading({ expected }: Specimen): OrderReading {
  const first = (name: keyof typeof expected.header) => expected.header[name]?.accepted[0] ?? null;
  return {
    draft: {
      order_id: '00000000-0000-4000-8000-000000000000',
      lines: expected.lines.map((line, i) => ({
        ...{ line_no: i + 1, sku: line.sku[0] ?? '?', description: line.description[0] ?? null, qty: line.qty },
        ...{ uom: line.uom[0] ?? null, unit_price: line.unit_price, total_price: line.total_price },
      })),
      po_number: first('po_number') as string | null,
      customer: { name: first('customer.name') as string | null, vat: first('customer.vat') as string | null },
      delivery: { address: first('delivery.address') as string | null, date: first('delivery.date') as string | null },
      currency: String(first('currency') ?? 'EUR'),
      totals: {
        subtotal: first('totals.subtotal') as number | null,
        tax: first('totals.tax') as number | null,
        total: first('totals.total') as number | null,
      },
    },
    ...{ contact: { name: null, phone: null }, language: 'en', fields: {}, missing_fields: [], anomalies: [] },
    ...{ email_draft: { to: '', subject: '', body_text: '' }, reason: 'awaiting_approval', question: null },
  };
}

describe('the generator', () => {
  it('writes the same orders for the same seed', async () => {
    const [first, second] = [await make('csv', 'txt', 'pdf/plain'), await make('csv', 'txt', 'pdf/plain')];
    expect(second.map(({ file }) => Buffer.from(file.bytes).toString('base64'))).toEqual(
      first.map(({ file }) => Buffer.from(file.bytes).toString('base64')),
    );
  });

  it('shows every value that it expects to be read', async () => {
    for (const specimen of await make('xlsx/exceljs', 'csv', 'txt', 'pdf/plain', 'eml')) {
      for (const { sku, description } of specimen.expected.lines) {
        for (const text of [...sku, ...description]) expect(specimen.visible, specimen.id).toContain(text);
      }
      const required = Object.entries(specimen.expected.header).filter(
        ([name, field]) => field.required && name === 'po_number',
      );
      for (const [, { accepted }] of required) expect(specimen.visible, specimen.id).toContain(accepted[0]);
    }
  });

  it('hides what must not be read', async () => {
    const trapped = (await make('xlsx/exceljs', 'eml')).filter(({ expected }) => expected.traps.length > 0);
    expect(trapped.length).toBeGreaterThan(3);
    for (const { expected, visible, id } of trapped) {
      for (const trap of expected.traps) expect(visible, id).not.toContain(trap);
    }
  });
});

describe('the measure', () => {
  it('finds a perfect reading perfect', async () => {
    const judged: Judged[] = (await make('xlsx/exceljs', 'csv', 'txt', 'eml')).map((specimen) => {
      return { specimen, score: scoreOf(perfectReading(specimen), specimen), invented: [], remarks: [] };
    });
    const { lines, header } = sumOf(judged);
    expect(judged.flatMap(({ score }) => score.faults)).toEqual([]);
    expect([f1(lines), f1(header)]).toEqual([1, 1]);
  });

  it('counts a line that is none, a line that is missing and a value that stands nowhere', async () => {
    const [specimen] = await make('csv');
    if (specimen === undefined) throw new Error('no specimen');
    const reading = perfectReading(specimen);
    const { lines } = reading.draft;
    lines.splice(0, 1, {
      line_no: 1,
      sku: 'NO-SUCH-CODE',
      description: null,
      qty: 123456,
      uom: null,
      unit_price: null,
      total_price: null,
    });
    const { lines: tally } = scoreOf(reading, specimen);
    expect(tally).toEqual({ right: lines.length - 1, read: lines.length, there: lines.length });
    const source = { artifact_id: 'x', filename: 'x', kind: 'line', line: 1, start: 0, end: 12 } as const;
    const field = {
      raw: 'NO-SUCH-CODE',
      source,
      method: 'deterministic',
      confidence: 0.95,
      flags: [],
      suggestion: null,
    } as const;
    const document = {
      artifact_id: 'x',
      parent_id: null,
      filename: 'x',
      mime_type: 'text/plain',
      size: 1,
      sha256: '',
      status: 'parsed',
    } as const;
    const invented = inventedValues(
      {
        reading: { ...reading, fields: { 'lines[1].sku': { ...field, value: 'NO-SUCH-CODE' } } },
        documents: [{ ...document, reason: null, mismatch: null, content: { kind: 'lines', text: 'NO-SUCH-CODE' } }],
        subject: '',
      },
      specimen,
    );
    expect(invented).toContain('lines[1].sku = "NO-SUCH-CODE": "no-such-code" cannot be seen');
    expect(invented).toContain('lines[1].qty = 123456 has no field');
  });
});
