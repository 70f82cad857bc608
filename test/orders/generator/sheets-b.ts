/**
 * Workbooks of family b: lists that people keep. Facts in rows, below or beside the table, a second table, a hidden column.
 *
 * Owns: where things stand on these sheets, and what is hidden on them.
 */
import type { Dice } from './dice.ts';
import { type Grid, hiddenSheet, newGrid, put, putTable, type TableEnd, type Workbook } from './grid.ts';
import type { Paper } from './paper.ts';

type Layout = (grid: Grid, paper: Paper, dice: Dice, features: string[]) => TableEnd;

export function workbookB(paper: Paper, dice: Dice): Workbook {
  const features: string[] = [];
  const grid = newGrid(dice.pick(['1', 'April', 'Bestand', 'commande', 'pedido_v2', 'Ordine (2)', 'List']));
  const layout = dice.pick<Layout>([ledger, factsAtTheEnd, factsAside, twoTables]);
  const table = layout(grid, paper, dice, features);
  const grids = [grid];
  const traps: string[] = [];
  if (dice.chance(0.2)) {
    traps.push(...hiddenColumn(grid, paper, table));
    features.push('hidden column');
  }
  if (dice.chance(0.1)) {
    const old = hiddenSheet(paper);
    grids.push(old.grid);
    traps.push(...old.traps);
    features.push('hidden sheet');
  }
  return { grids, omitted: [], traps, features: [layout.name, ...features] };
}

const placeOf = (dice: Dice, row: number, column: number) => ({
  row,
  column,
  asText: dice.chance(0.4),
  numericCodes: dice.chance(0.6),
});

/** Facts in a row of labels over a row of values. */
function ledger(grid: Grid, paper: Paper, dice: Dice): TableEnd {
  put(grid, 0, 0, `${paper.title} – ${paper.letterhead[0]}`, true);
  paper.facts.forEach(({ label, value }, i) => {
    put(grid, 2, i, label, true);
    put(grid, 3, i, value);
  });
  let row = 5;
  for (const { label, lines } of paper.blocks) {
    put(grid, row, 0, label, true);
    put(grid, row, 1, lines.join(', '));
    row += 1;
  }
  const table = putTable(grid, paper, placeOf(dice, row + 1, 0));
  return { ...table, row: putSums(grid, paper, table) };
}

/** The list first; who, when and where are below it. */
function factsAtTheEnd(grid: Grid, paper: Paper, dice: Dice): TableEnd {
  put(grid, 0, 0, paper.title.toUpperCase(), true);
  const table = putTable(grid, paper, placeOf(dice, 2, dice.int(0, 1)));
  let row = putSums(grid, paper, table) + 2;
  for (const { label, value } of paper.facts) {
    put(grid, row, 0, `${label}:`);
    put(grid, row++, 2, value);
  }
  for (const { label, lines } of paper.blocks) {
    put(grid, row, 0, `${label}:`);
    for (const line of lines) put(grid, row++, 2, line);
  }
  for (const line of paper.notes) put(grid, ++row, 0, line);
  return { ...table, row };
}

/** Facts to the right of the list. */
function factsAside(grid: Grid, paper: Paper, dice: Dice): TableEnd {
  const aside = paper.columns.length + dice.int(2, 3);
  const top = dice.int(1, 3);
  put(grid, 0, 0, paper.letterhead.slice(0, 2).join(' | '), true);
  const table = putTable(grid, paper, placeOf(dice, top, 0));
  let row = top;
  for (const { label, value } of paper.facts) {
    put(grid, row, aside, label, true);
    put(grid, row++, aside + 1, value);
  }
  row += 1;
  for (const { label, lines } of paper.blocks) {
    put(grid, row++, aside, label, true);
    for (const line of lines) put(grid, row++, aside, line);
    row += 1;
  }
  return { ...table, row: putSums(grid, paper, table) };
}

/** Facts above in pairs, and the list in two parts with a title each. */
function twoTables(grid: Grid, paper: Paper, dice: Dice, features: string[]): TableEnd {
  let row = 0;
  for (const line of [paper.letterhead[0] ?? '', paper.title]) put(grid, row++, 1, line, true);
  row += 1;
  for (let i = 0; i < paper.facts.length; i += 2) {
    paper.facts.slice(i, i + 2).forEach(({ label, value }, at) => {
      put(grid, row, at * 3, label);
      put(grid, row, at * 3 + 1, value);
    });
    row += 1;
  }
  for (const { label, lines } of paper.blocks) {
    put(grid, row, 0, label);
    put(grid, row++, 1, lines.join('\n'));
  }
  row += 1;
  const half = Math.ceil(paper.rows.length / 2);
  if (paper.rows.length < 4) return putTable(grid, paper, placeOf(dice, row, 0));
  features.push('two tables');
  const place = placeOf(dice, row, 0);
  const first = putTable(grid, { ...paper, rows: paper.rows.slice(0, half) }, place);
  put(grid, first.row + 2, 0, 'II.', true);
  const second = putTable(grid, { ...paper, rows: paper.rows.slice(half) }, { ...place, row: first.row + 3 });
  return { ...second, row: putSums(grid, paper, second), itemRows: [...first.itemRows, ...second.itemRows] };
}

/** Under the amounts, the label at the very left. */
function putSums(grid: Grid, paper: Paper, table: TableEnd): number {
  const columns = Object.values(table.columnOf);
  const amounts = table.columnOf.total_price ?? table.columnOf.unit_price ?? Math.max(...columns);
  let row = table.row;
  for (const { label, value } of paper.totals) {
    put(grid, row, Math.min(...columns), label, true);
    put(grid, row++, amounts, value, true);
  }
  return row;
}

/** Last year's quantities beside this year's, for the eyes of the author alone. */
function hiddenColumn(grid: Grid, paper: Paper, table: TableEnd): string[] {
  const at = (table.columnOf.qty as number) + 1;
  for (const cell of grid.cells) if (cell.column >= at) cell.column += 1;
  for (const merge of grid.merges) {
    if (merge.from >= at) merge.from += 1;
    if (merge.to >= at) merge.to += 1;
  }
  const headerRow = (table.itemRows[0] as number) - 1;
  put(grid, headerRow, at, paper.wording.headers.qty[0] as string, true);
  table.itemRows.forEach((row, i) => {
    const digits = 70_001 + i * 13;
    put(grid, row, at, { text: String(digits), amount: { digits, decimals: 0 } });
  });
  grid.hiddenColumns.add(at);
  return table.itemRows.map((_, i) => String(70_001 + i * 13));
}
