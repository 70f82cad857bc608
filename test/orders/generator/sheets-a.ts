/**
 * Workbooks of family a: forms that purchasing software exports. Letterhead, facts, table, totals, from top to bottom.
 *
 * Owns: where things stand on these sheets, and what is hidden on them.
 */
import type { Dice } from './dice.ts';
import {
  type Grid,
  hiddenSheet,
  hideRow,
  newGrid,
  put,
  putTable,
  type TableEnd,
  termsSheet,
  type Workbook,
} from './grid.ts';
import type { Block, Fact, Paper } from './paper.ts';
import { HEADER_FIELDS } from './truth.ts';

export function workbookA(paper: Paper, dice: Dice): Workbook {
  return dice.chance(0.12) ? exportedTable(paper, dice) : form(paper, dice);
}

/** The table alone, its header in the first row. */
function exportedTable(paper: Paper, dice: Dice): Workbook {
  const grid = newGrid('Export');
  putTable(grid, paper, { row: 0, column: 0, asText: dice.chance(0.3), numericCodes: dice.chance(0.5) });
  const isNamed =
    ['headers', 'cells'].includes(paper.style.currencyPlace) &&
    paper.columns.some(({ role }) => role.endsWith('price'));
  const kept = isNamed ? ['currency'] : [];
  return {
    grids: [grid],
    omitted: HEADER_FIELDS.filter(
      (name) => !kept.includes(name) && !(name === 'delivery.date' && paper.style.columns.includes('line_day')),
    ),
    traps: [],
    features: ['table alone'],
  };
}

function form(paper: Paper, dice: Dice): Workbook {
  const features: string[] = [];
  const left = dice.pick([0, 0, 1, 2]);
  const width = Math.max(paper.columns.length, 4);
  const grid = newGrid(dice.pick(['Order', 'Sheet1', 'PO', 'Tabelle1', 'Feuil1', 'Hoja1', 'Foglio1']));
  let row = dice.int(0, 2);
  for (const line of paper.letterhead) put(grid, row++, left, line);
  row += dice.int(1, 2);
  put(grid, row, left, paper.title, true);
  if (dice.chance(0.5)) {
    grid.merges.push({ row, from: left, to: left + width - 1 });
    features.push('merged title');
  }
  row += 2;
  row = dice.pick([factsBelow, factsBeside])(grid, paper, row, left, width, dice);
  if (dice.chance(0.4)) put(grid, row++, left, paper.intro);
  row += 1;
  const asText = dice.chance(0.3);
  if (asText) features.push('numbers as text');
  const numericCodes = dice.chance(0.4);
  const repeatedBefore = paper.order.items.length > 12 && dice.chance(0.25) ? [10] : [];
  if (repeatedBefore.length > 0) features.push('repeated header');
  const table = putTable(grid, paper, { row, column: left, asText, numericCodes, repeatedBefore });
  row = putTotals(grid, paper, table, asText, dice) + dice.int(1, 2);
  for (const line of [...paper.notes, ...paper.closing]) put(grid, row++, left, line);
  return hide(grid, paper, table, features, dice);
}

function factsBelow(grid: Grid, paper: Paper, from: number, left: number, width: number, dice: Dice): number {
  const gap = dice.pick([1, 1, 2]);
  const joined = dice.chance(0.15);
  const mark = dice.pick(['', ':', ' :']);
  let row = from;
  for (const fact of paper.facts) putFact(grid, fact, row++, left, gap, mark, joined);
  row += 1;
  return putBlocks(grid, paper.blocks, row, left, width, mark, dice);
}

/** Blocks on the left, facts on the right. */
function factsBeside(grid: Grid, paper: Paper, from: number, left: number, width: number, dice: Dice): number {
  const mark = dice.pick(['', ':']);
  paper.facts.forEach((fact, i) => {
    putFact(grid, fact, from + i, left + width - 2, 1, mark, false);
  });
  let row = from;
  for (const { label, lines } of paper.blocks) {
    put(grid, row++, left, `${label}${mark}`, true);
    for (const line of lines) put(grid, row++, left, line);
    row += 1;
  }
  return Math.max(row, from + paper.facts.length + 1);
}

function putFact(
  grid: Grid,
  { label, value }: Fact,
  row: number,
  column: number,
  gap: number,
  mark: string,
  joined: boolean,
): void {
  if (joined) {
    put(grid, row, column, `${label}${mark || ':'} ${value.text}`);
    return;
  }
  put(grid, row, column, `${label}${mark}`, true);
  put(grid, row, column + gap, value);
}

/** Side by side, or one below the other with the first line beside its label. */
function putBlocks(
  grid: Grid,
  blocks: readonly Block[],
  from: number,
  left: number,
  width: number,
  mark: string,
  dice: Dice,
): number {
  if (dice.chance(0.5)) {
    blocks.forEach(({ label, lines }, i) => {
      const column = left + i * Math.max(2, Math.floor(width / 2));
      put(grid, from, column, `${label}${mark}`, true);
      lines.forEach((line, at) => {
        put(grid, from + 1 + at, column, line);
      });
    });
    return from + 2 + Math.max(0, ...blocks.map(({ lines }) => lines.length));
  }
  let row = from;
  for (const { label, lines } of blocks) {
    put(grid, row, left, `${label}${mark}`, true);
    for (const line of lines) put(grid, row++, left + 1, line);
    row += 1;
  }
  return row;
}

/** Labels one column before the amounts, or in the first column. */
function putTotals(grid: Grid, paper: Paper, table: TableEnd, asText: boolean, dice: Dice): number {
  const amounts = table.columnOf.total_price ?? table.columnOf.unit_price ?? 1;
  const first = Math.min(...Object.values(table.columnOf));
  const labels = dice.chance(0.65) ? Math.max(first, amounts - 1) : first;
  let row = table.row + (dice.chance(0.4) ? 1 : 0);
  for (const { label, value } of paper.totals) {
    put(grid, row, labels, label, true);
    put(grid, row, amounts, value, true, !asText);
    row += 1;
  }
  return row;
}

function hide(grid: Grid, paper: Paper, table: TableEnd, features: string[], dice: Dice): Workbook {
  const grids = [grid];
  const traps: string[] = [];
  if (dice.chance(0.15)) {
    traps.push(...hideRow(grid, paper, table));
    features.push('hidden row');
  }
  if (dice.chance(0.15)) {
    const old = hiddenSheet(paper);
    grids.splice(dice.int(0, 1), 0, old.grid);
    traps.push(...old.traps);
    features.push('hidden sheet');
  }
  if (dice.chance(0.2)) {
    grids.push(termsSheet(paper, dice));
    features.push('sheet of terms');
  }
  return { grids, omitted: [], traps, features };
}
