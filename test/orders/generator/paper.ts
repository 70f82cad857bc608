/**
 * An order as words, columns and numbers, before it is laid out as a sheet, a page or a message.
 *
 * Owns: the shape that all layouts draw from, and how columns and rows come of a style. Does not own: which styles there
 * are (`style-a.ts`, `style-b.ts`), nor where anything stands.
 */
import type { DayStyle, NumberStyle } from './amounts.ts';
import type { Amount, Expected, HeaderField, Order } from './truth.ts';
import type { ColumnRole, Wording } from './wording/wording.ts';

/** A value as a person sees it, and what it is where a cell can hold more than text. */
export interface Shown {
  text: string;
  amount?: Amount;
  day?: string;
}

export interface Column {
  role: ColumnRole;
  header: string;
  /** Upper header over this column and its like; empty for none. */
  over: string;
}

export type Row = { kind: 'item'; cells: readonly Shown[] } | { kind: 'blank' } | { kind: 'section'; text: string };

export interface Fact {
  field: HeaderField | null;
  label: string;
  value: Shown;
}

export interface Block {
  field: HeaderField | null;
  label: string;
  lines: readonly string[];
}

export type TotalName = 'subtotal' | 'tax' | 'total';

export interface Style {
  columns: readonly ColumnRole[];
  perHundred: boolean;
  /** `10 pcs` in the quantity's cell. */
  qtyWithUnit: boolean;
  currencyPlace: 'headers' | 'cells' | 'fact' | 'totals' | 'none';
  totals: readonly TotalName[];
  headerCase: 'as is' | 'upper';
  stacked: boolean;
  numbers: NumberStyle;
  days: DayStyle;
  /** Which of these are on the paper. */
  shows: { po: boolean; address: boolean; day: boolean; customer: boolean; vat: boolean; supplier: boolean };
  /** The address in one line behind its label. */
  addressInLine: boolean;
  sections: boolean;
  blankRows: boolean;
  /** Percent off, by item: a column of its own. */
  discounts: readonly number[];
  /** Item without a code. */
  codeless: number | null;
}

export interface Paper {
  order: Order;
  wording: Wording;
  style: Style;
  letterhead: readonly string[];
  title: string;
  facts: readonly Fact[];
  blocks: readonly Block[];
  intro: string;
  notes: readonly string[];
  closing: readonly string[];
  columns: readonly Column[];
  rows: readonly Row[];
  totals: readonly { name: TotalName; label: string; value: Shown }[];
  /** Another order, for places that must not be read. */
  decoy: Order;
  expected: Expected;
  features: readonly string[];
}

/** Where the items are, among blank and section rows. */
export const itemRows = (paper: Paper): Extract<Row, { kind: 'item' }>[] =>
  paper.rows.filter((row) => row.kind === 'item');

/** What must not be found is left out of what a layout shows. */
export function without(expected: Expected, fields: readonly HeaderField[]): Expected {
  const header = Object.fromEntries(
    Object.entries(expected.header).filter(([name]) => !fields.includes(name as HeaderField)),
  );
  return { ...expected, header };
}

/** What of the other order gives it away. */
export const decoyMarks = (decoy: Order, ...items: readonly number[]): string[] => [
  decoy.poNumber,
  ...items.flatMap((at) => decoy.items[at % decoy.items.length]?.sku ?? []),
];

/** Everything on the paper, for layouts that show all of it. */
export function textOf(paper: Paper): string {
  return [
    ...paper.letterhead,
    paper.title,
    ...paper.facts.flatMap(({ label, value }) => [label, ...shownTexts(value)]),
    ...paper.blocks.flatMap(({ label, lines }) => [label, ...lines]),
    paper.intro,
    ...paper.columns.flatMap(({ header, over }) => [over, header]),
    ...paper.rows.flatMap((row) =>
      row.kind === 'item' ? row.cells.flatMap(shownTexts) : row.kind === 'section' ? [row.text] : [],
    ),
    ...paper.totals.flatMap(({ label, value }) => [label, ...shownTexts(value)]),
    ...paper.notes,
    ...paper.closing,
  ].join('\n');
}

export function shownTexts({ text, amount, day }: Shown): string[] {
  const plain = amount === undefined ? [] : [(amount.digits / 10 ** amount.decimals).toString()];
  return [text, ...plain, ...(day === undefined ? [] : [day])];
}
