/**
 * The lines of a table: what the cells of each one say.
 *
 * Owns: the fields of a line, the basis of prices, and the evidence that quantity × price = total is for how numbers
 * are written.
 */

import type { LineField, LineFields } from '../line-fields.ts';
import type { Found } from '../sources.ts';
import { confirmLine } from '../values/arithmetic.ts';
import {
  type Amount,
  amountIn,
  basisIn,
  basisOfHeader,
  type CurrencyMark,
  codeIn,
  currencyAt,
  currencyIn,
  foundIn,
  perOne,
} from '../values/cell-values.ts';
import { tidy } from '../values/fields.ts';
import { type DecimalMark, readNumber } from '../values/numbers.ts';
import { canonicalUnit } from '../values/units.ts';
import { basisReader } from './column-facts.ts';
import type { Grid, GridCell } from './grid.ts';
import type { Column, LineCells } from './line-cells.ts';
import type { OrderTable } from './order-table.ts';

export interface TableLines {
  lines: readonly LineFields<Found>[];
  /** One for each that prices or their headers name. */
  currencies: readonly Found[];
  /** What the arithmetic of the lines says about the decimal mark. */
  mark: DecimalMark | null;
}

const PRICES = ['unit_price', 'total_price'] as const;
/** What may follow a quantity: a unit, or the sign between it and what is ordered. */
const UNIT = /^(?:[x×*]|[\p{L}\p{M}²³./" ]{0,24})$/iu;
const TIMES = /^[x×*]$/i;
/** `/ 1 ST`: no other basis than that of a price without one. */
const PER_ONE = /^(?:\/|per|pro|je) ?1(?![\d.,])/i;

/** Reads the lines of a table. */
export function linesOf(grid: Grid, table: OrderTable, mark: DecimalMark | null): TableLines {
  const { columns, lines } = table;
  const basisAt = basisReader(grid, table);
  const reading: Reading = { grid, mark, basis: basisOf(columns), currencies: new Map(), votes: new Map() };
  for (const { field, header } of columns) {
    if (field === 'unit_price' || field === 'total_price')
      for (const cell of header) noteCurrency(reading, cell, currencyIn(cell.text));
  }
  const read = lines.map((cells, at) => readLine({ ...reading, basis: Math.max(reading.basis, basisAt(at)) }, cells));
  return { lines: read, currencies: [...reading.currencies.values()], mark: voted(reading.votes) };
}

interface Reading {
  grid: Grid;
  mark: DecimalMark | null;
  basis: number;
  /** By code. */
  currencies: Map<string, Found>;
  /** How many lines say so of the mark that begins the decimals. */
  votes: Map<DecimalMark, number>;
}

const basisOf = (columns: readonly Column[]): number => {
  const header = columns.find(({ field }) => field === 'unit_price')?.header ?? [];
  return basisOfHeader(header.map(({ text }) => text).join(' '));
};

function readLine(reading: Reading, cells: LineCells): LineFields<Found> {
  const { grid } = reading;
  const line: LineFields<Found> = {};
  const texts = (field: LineField): readonly GridCell[] => cells[field] ?? [];
  if (cells.sku) line.sku = foundIn(grid, cells.sku, [wrappedCode(cells.sku)]);
  if (cells.description) line.description = foundIn(grid, cells.description, [textOf(cells.description)]);
  const qty = amountOf(reading, texts('qty'));
  if (qty && qty.currency === null && UNIT.test(qty.rest)) {
    line.qty = foundIn(grid, texts('qty'), qty.readings);
    const unit = TIMES.test(qty.rest) ? '' : qty.rest;
    if (unit !== '') line.uom = { ...foundIn(grid, texts('qty'), [canonicalUnit(unit)]), raw: unit };
  }
  const uom = textOf(texts('uom'));
  if (cells.uom && /\p{L}/u.test(uom)) line.uom = foundIn(grid, cells.uom, [canonicalUnit(uom)]);
  const amounts: Partial<Record<LineField, Amount>> = { ...(qty && { qty }) };
  for (const field of PRICES) {
    const amount = amountOf(reading, texts(field));
    const price = amount && priceOf(reading, field, texts(field), amount);
    if (amount && price) [line[field], amounts[field]] = [price, amount];
  }
  return vote(reading, line, confirmLine(line), amounts);
}

/** A code goes on in the next row of its cell behind a hyphen. */
const wrappedCode = (cells: readonly GridCell[]): string =>
  cells.map(codeIn).reduce((code, more) => (/[-/._]$/.test(code) ? code + more : `${code} ${more}`));

const textOf = (cells: readonly GridCell[]): string => tidy(cells.map(({ text }) => text).join(' '));

/** The number in the cells of a column: a currency may stand in a cell of its own. */
function amountOf({ mark }: Reading, cells: readonly GridCell[]): Amount | null {
  const [first, ...others] = cells;
  if (!first) return null;
  return amountIn(others.length === 0 ? first : { ...first, text: textOf(cells) }, mark);
}

function priceOf(reading: Reading, field: LineField, cells: readonly GridCell[], amount: Amount): Found | null {
  noteCurrency(reading, cells[0] as GridCell, amount.currency);
  const own = field === 'unit_price' ? basisIn(amount.rest) : 1;
  if (own === 1 && /[\d%]/.test(amount.rest.replace(PER_ONE, ''))) return null;
  const basis = field === 'unit_price' ? Math.max(own, reading.basis) : 1;
  const readings = amount.readings.map((value) => perOne(value, basis));
  return foundIn(reading.grid, cells, readings, basis === 1 ? [] : ['price_basis']);
}

function noteCurrency({ grid, currencies }: Reading, cell: GridCell, currency: CurrencyMark | null): void {
  if (currency !== null && !currencies.has(currency.code))
    currencies.set(currency.code, currencyAt(grid, cell, currency));
}

/** Notes which mark the confirmed numbers of a line use that could be read in two ways before. */
function vote(
  { votes }: Reading,
  before: LineFields<Found>,
  after: LineFields<Found>,
  amounts: Partial<Record<LineField, Amount>>,
): LineFields<Found> {
  for (const [field, { written, readings }] of Object.entries(amounts) as [LineField, Amount][]) {
    const index = before[field]?.readings.indexOf(after[field]?.value ?? '') ?? -1;
    if (written === null || index === -1) continue;
    const mark = readNumber(written, '.')[0] === readings[index] ? '.' : ',';
    votes.set(mark, (votes.get(mark) ?? 0) + 1);
  }
  return after;
}

function voted(votes: ReadonlyMap<DecimalMark, number>): DecimalMark | null {
  const balance = (votes.get('.') ?? 0) - (votes.get(',') ?? 0);
  if (balance === 0) return null;
  return balance > 0 ? '.' : ',';
}
