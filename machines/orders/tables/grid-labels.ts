/**
 * Values with a label in the cells of a grid: in the same cell, in the one to the right, or below.
 *
 * Owns: which cells belong to a label. What a label takes as its value is decided where texts are read (`labeled.ts`).
 */

import type { Found } from '../sources.ts';
import type { Label } from '../texts/label-concepts.ts';
import { type Labeled, labeledAt } from '../texts/labeled.ts';
import { isNumberWord, type LabelMatch, labelAt } from '../texts/phrases.ts';
import { type Piece, placed, textOfCells } from '../texts/placed-text.ts';
import { hasLegalForm } from '../texts/places.ts';
import { plainPage, type Token } from '../texts/tokens.ts';
import type { Conventions } from '../values/money.ts';
import type { Box, Grid, GridCell } from './grid.ts';
import { overlap } from './grid.ts';

export type Report = (path: string, found: Found) => void;

const MAX_LABEL_CHARACTERS = 200;
const MAX_LINES_BELOW = 6;
/** From one line of a block to the next, in heights of its text. */
const LINE_PITCH = 2.2;
/** Where lines stand wider apart than those before, something else begins. */
const PITCH_TOLERANCE = 1.25;
/** Stand beside their amounts: below them stands a column of a table. */
const TOTALS: ReadonlySet<Label> = new Set(['subtotal', 'tax', 'total', 'grandTotal', 'shipping']);
/** Opens the address of whom a letter goes to. */
const ADDRESSEE = /^\s*firma\s*$/i;
const ADDRESSES: ReadonlySet<Label> = new Set(['deliveryAddress', 'deliveryDate', 'customerAddress']);

/** Reports the labeled values of a row. */
export function readLabels(grid: Grid, at: number, conventions: Conventions, report: Report): void {
  const { cells } = grid.rowAt(at);
  for (const [index, cell] of cells.entries()) {
    const label = labelIn(cell);
    if (!label) continue;
    const right = cells[index + 1];
    const number = cells[index + 2];
    if (right && number && label.label === 'order' && !label.inline && isNumberSign(right)) {
      readLayout(grid, [cell, ' ', right, ' ', number], conventions, report);
      continue;
    }
    const layouts = layoutsOf(grid, at, { cell, label, right });
    layouts.some((pieces) => readLayout(grid, pieces, conventions, report));
  }
}

interface LabelCell extends LabelMatch {
  /** The value is in the same cell. */
  inline: boolean;
}

/** `N°` between the title of an order and its number. */
function isNumberSign({ text }: GridCell): boolean {
  const { body } = plainPage(text);
  return body.length > 0 && isNumberWord(body[0] as Token) && body.slice(1).every(({ kind }) => kind === 'mark');
}

interface Around {
  cell: GridCell;
  label: LabelCell;
  right: GridCell | undefined;
}

/** The label that a cell begins with. */
function labelIn({ text, typed }: GridCell): LabelCell | null {
  if (typed || text.length > MAX_LABEL_CHARACTERS) return null;
  const page = plainPage(text);
  const match = labelAt(page, 0);
  return match && { ...match, inline: page.body.length > match.next };
}

/** A cell that names what stands beside or below it. */
const isLabel = (cell: GridCell): boolean =>
  /:\s*$/.test(cell.text) || labelIn(cell)?.inline === false || labelIn(cell)?.marked === true;

/** The ways in which the cells around a label can hold its value, the likeliest first. */
function layoutsOf(grid: Grid, at: number, { cell, label, right }: Around): Piece[][] {
  const block = ADDRESSES.has(label.label);
  const below = (from: GridCell): Piece[] =>
    block ? blockBelow(grid, at, from, from === cell ? null : cell).flatMap((line) => ['\n', line]) : [];
  if (label.inline) return [[cell, ...below(cell)]];
  const value = right && !isLabel(right) ? right : null;
  const under =
    TOTALS.has(label.label) || ADDRESSEE.test(cell.text)
      ? []
      : blockBelow(grid, at, cell, null).slice(0, block ? MAX_LINES_BELOW : 1);
  const colon = /:\s*$/.test(cell.text) ? '' : ':';
  const besides = value ? [`${colon} `, ' '].map((mark) => [cell, mark, value, ...below(value)]) : [];
  const unders = under.length === 0 ? [] : [[cell, colon, ...under.flatMap((line) => [block ? '\n' : ' ', line])]];
  const sure = value && isSure(label.label, value, under[0]);
  return sure ? [...besides, ...unders] : [...unders, ...besides];
}

/** Whether what stands beside a label is rather its value than what stands below. */
function isSure(label: Label, beside: GridCell, under: GridCell | undefined): boolean {
  if (label === 'customerName' && under) return hasLegalForm(beside.text) || !hasLegalForm(under.text);
  return !ADDRESSES.has(label) || beside.typed !== undefined || /\d/.test(beside.text);
}

/**
 * The cells below another, line by line, up to a gap or the next label. Beside a `label`, what stands below it begins
 * something else.
 */
function blockBelow(grid: Grid, at: number, from: GridCell, label: GridCell | null): GridCell[] {
  const block: GridCell[] = [];
  let [last, pitch] = [from, Number.POSITIVE_INFINITY];
  for (let next = at + 1; next < grid.count && block.length < MAX_LINES_BELOW; next += 1) {
    const row = grid.rowAt(next);
    const [first] = row.cells;
    const apart = first && pitchBetween(grid, last, first, row.gap);
    if (row.startsPage || apart === undefined || apart > Math.min(LINE_PITCH, pitch * PITCH_TOLERANCE)) break;
    const cell = row.cells.find((below) => overlap(from, below) > 0);
    if (cell ? isLabel(cell) : !grid.paged) break;
    if (label && row.cells.some((other) => other !== cell && overlap(label, other) > 0)) break;
    if (!cell) continue;
    pitch = apart;
    block.push(cell);
    last = cell;
  }
  return block;
}

/** From one line to another in heights of its text; rows of a sheet follow each other or do not. */
function pitchBetween({ paged }: Grid, above: GridCell, below: GridCell, gap: number): number {
  if (!paged) return gap === 0 ? 1 : Number.POSITIVE_INFINITY;
  const [first, second] = [above.at as Box, below.at as Box];
  return (second.y - first.y) / Math.max(first.h, second.h);
}

/** Reports what a text of cells that begins with a label says. */
export function readLayout(grid: Grid, pieces: readonly Piece[], conventions: Conventions, report: Report): boolean {
  const text = textOfCells(grid, pieces);
  const page = plainPage(text.text);
  const labeled: Labeled | null = labeledAt(page, 0, conventions);
  for (const [path, field] of labeled?.fields ?? []) report(path, placed(field, page, text));
  return labeled !== null && labeled.fields.length > 0;
}
