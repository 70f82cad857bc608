/** Documents and orders for tests of reading, as readers of files would make them. */
import type { Cell, Content, Page, PageItem, ReadDocument, Sheet } from '../../machines/orders/document.ts';
import { type ModelOutcome, type OrderInput, type OrderReading, readOrder } from '../../machines/orders/read-order.ts';

export const ORDER_ID = '00000000-0000-4000-8000-00000000000a';

/** A value of a cell: a number is typed, a `day` too, null is empty, and anything may be hidden. */
export type CellValue =
  | string
  | number
  | null
  | { day: string; text?: string }
  | { hidden: string }
  | { decimal: string; text: string };

const columnName = (column: number): string =>
  column < 26 ? String.fromCharCode(65 + column) : columnName(Math.floor(column / 26) - 1) + columnName(column % 26);

function cellOf(value: CellValue, row: number, column: number): Cell[] {
  if (value === null || value === '') return [];
  const cell = { ref: `${columnName(column)}${row + 1}`, row, column, hidden: false };
  if (typeof value === 'string') return [{ ...cell, text: value }];
  if (typeof value === 'number')
    return [{ ...cell, text: String(value), typed: { kind: 'number', decimal: String(value) } }];
  if ('hidden' in value) return [{ ...cell, text: value.hidden, hidden: true }];
  if ('day' in value) return [{ ...cell, text: value.text ?? value.day, typed: { kind: 'date', day: value.day } }];
  return [{ ...cell, text: value.text, typed: { kind: 'number', decimal: value.decimal } }];
}

export const sheet = (rows: readonly (readonly CellValue[])[], name = 'Sheet1', hidden = false): Sheet => ({
  name,
  hidden,
  rows: rows.map((cells, row) => cells.flatMap((value, column) => cellOf(value, row, column))),
});

/** Items of one row of a page: texts with their left edges; 5 points a character, 10 high, unless a width is given. */
export const itemsAt = (y: number, ...texts: readonly (readonly [x: number, text: string, w?: number])[]): PageItem[] =>
  texts.map(([x, text, w]) => ({ text, x, y, w: w ?? text.length * 5, h: 10, hidden: false }));

export const pages = (...items: readonly (readonly PageItem[])[]): Content => ({
  kind: 'pages',
  pages: items.map((own, index): Page => ({ number: index + 1, width: 595, height: 842, items: own })),
});

export const sheets = (...all: readonly Sheet[]): Content => ({ kind: 'sheets', sheets: all });

let count = 0;

export function file(content: Content | null, changes: Partial<ReadDocument> = {}): ReadDocument {
  count += 1;
  return {
    ...{ artifact_id: `file-${count}`, parent_id: null, filename: 'order.xlsx', mime_type: '', size: 1 },
    ...{ sha256: String(count).padStart(64, '0'), status: content ? 'parsed' : 'unreadable', reason: null },
    ...{ mismatch: null, content },
    ...changes,
  };
}

/** An order with a sheet of these rows attached. */
export const withSheet = (rows: readonly (readonly CellValue[])[]): Partial<OrderInput> => ({
  documents: [file(sheets(sheet(rows)))],
});

export const withBody = (text: string): Partial<OrderInput> => ({
  body: { artifact_id: 'body', filename: 'body.txt', text },
});

export const orderInput = (changes: Partial<OrderInput>): OrderInput => ({
  ...{ order_id: ORDER_ID, received_day: '2026-01-10', from_email: 'buyer@acme.example' },
  ...{ form: {}, subject: '', body: null, documents: [] },
  ...changes,
});

export const read = (changes: Partial<OrderInput>, model?: ModelOutcome): OrderReading =>
  readOrder(orderInput(changes), model);

/** The lines without what is null and without their numbers. */
export const linesOf = ({ draft }: OrderReading): object[] =>
  draft.lines.map(({ line_no: _, ...line }) =>
    Object.fromEntries(Object.entries(line).filter(([, value]) => value !== null)),
  );

/** Types of the anomalies with the lines they speak of. */
export const oddities = ({ anomalies }: OrderReading): string[] =>
  anomalies.map(({ type, line_ref }) => (line_ref == null ? type : `${type} ${line_ref}`));

export const missing = ({ missing_fields }: OrderReading): string[] =>
  missing_fields.map(({ field, reason }) => `${field}: ${reason}`);
