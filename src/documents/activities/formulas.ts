/**
 * Formulas of a sheet that have no stored result, as programs leave them that write workbooks and do not compute.
 *
 * Owns: the order of computing, and its price. Keeps I9: cells are visited under a budget, chains of any length cost no
 * stack, and a cycle ends. What is too complex or too much stays uncomputed; a stored result is never replaced.
 *
 * No library does this: those on npm that evaluate formulas bring several hundred functions, keep a workbook of their
 * own beside ours, and bound neither depth nor work.
 */
import { cellOfResult, valueOfCell } from './formula-cells.ts';
import { type Argument, FUNCTIONS } from './formula-functions.ts';
import type { CellReference, Formula } from './formula-syntax.ts';
import { applyOperator, FORMULA_ERROR, quantity, toQuantity, UNCOMPUTABLE, type Value } from './formula-values.ts';
import type { GrowingRow } from './table-builder.ts';
import { type CellFormat, errorCell } from './typed-cells.ts';

/** A cell of which the result is not stored. */
export interface PendingCell {
  row: number;
  column: number;
  /** Null if it cannot be read. */
  formula: Formula | null;
  /** How far the cell lies from the one whose formula it shares. */
  offset: { rows: number; columns: number };
  format: CellFormat;
}

export interface FormulaSheet {
  /** In ascending order of their numbers; cells of pending formulas are replaced in place. */
  rows: readonly GrowingRow[];
  pending: readonly PendingCell[];
  /** Keys of all cells that hold a subtotal, stored or not. */
  subtotals: ReadonlySet<number>;
  uses1904: boolean;
}

/** Visits of cells and parts of formulas that are left; one budget serves all sheets of a file. */
export interface WorkBudget {
  left: number;
}

export const MAX_FORMULA_WORK = 10_000_000;
const COLUMNS = 16_384;

export function cellKey(row: number, column: number): number {
  return row * COLUMNS + column;
}

interface Node extends PendingCell {
  state: 'fresh' | 'open' | 'done';
  /** Undefined while it is not known, and if it cannot be. */
  result: Value | Error | undefined;
}

/** Computes what can be computed; returns how many cells that were. */
export function computeFormulas(sheet: FormulaSheet, budget: WorkBudget): number {
  const rowOf = new Map(sheet.rows.map((row) => [row.number, row]));
  let computed = 0;
  for (const { row, column, result, format } of solve(sheet, budget)) {
    const target = rowOf.get(row);
    if (result === undefined || !target) continue;
    target.cells[column - 1] = result instanceof Error ? errorCell() : cellOfResult(result, format, sheet.uses1904);
    computed += 1;
  }
  return computed;
}

/** Of cells that store a 0, those whose formula gives something else. Nothing is replaced. */
export function findFalseZeros(sheet: FormulaSheet, budget: WorkBudget): PendingCell[] {
  return Array.from(solve(sheet, budget)).filter(
    ({ result }) =>
      typeof result === 'object' && result !== null && 'value' in result && Math.abs(result.value) > LEAST_DIFFERENCE,
  );
}

/** Less is what binary fractions leave. */
const LEAST_DIFFERENCE = 1e-9;

function solve({ rows, pending, subtotals, uses1904 }: FormulaSheet, budget: WorkBudget): Iterable<Node> {
  const nodes = new Map<number, Node>();
  for (const cell of pending) {
    nodes.set(cellKey(cell.row, cell.column), { ...cell, state: 'fresh', result: undefined });
  }
  const rowNumbers = rows.map(({ number }) => number);

  function spend(): void {
    budget.left -= 1;
    if (budget.left < 0) throw UNCOMPUTABLE;
  }

  /** Index of the first row at or below a number. */
  function rowFrom(number: number): number {
    let [low, high] = [0, rowNumbers.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((rowNumbers[middle] as number) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function eachCell(formula: Formula & { type: 'cell' | 'range' }, node: Node, visit: CellVisit): void {
    const from = moved(formula.type === 'cell' ? formula.cell : formula.from, node);
    const to = formula.type === 'cell' ? from : moved(formula.to, node);
    const [left, right] = from.column < to.column ? [from.column, to.column] : [to.column, from.column];
    const bottom = Math.max(from.row, to.row);
    for (let at = rowFrom(Math.min(from.row, to.row)); at < rows.length; at += 1) {
      const row = rows[at] as GrowingRow;
      if (row.number > bottom) break;
      spend();
      const last = Math.min(right, row.cells.length);
      for (let column = left; column <= last; column += 1) {
        spend();
        visit(row, column);
      }
    }
  }

  function valueAt(row: GrowingRow, column: number): Value {
    const node = nodes.get(cellKey(row.number, column));
    if (!node) return valueOfCell(row.cells[column - 1] ?? '', uses1904);
    if (node.result === undefined) throw UNCOMPUTABLE;
    if (node.result instanceof Error) throw node.result;
    return node.result;
  }

  /** Cells that must be known before this one; a cycle gives null. */
  function missing(node: Node): Node[] | null {
    const found: Node[] = [];
    let isCycle = false;
    const look = (formula: Formula): void => {
      spend();
      if (formula.type === 'negate' || formula.type === 'percent') look(formula.operand);
      else if (formula.type === 'binary') {
        look(formula.left);
        look(formula.right);
      } else if (formula.type === 'call') formula.args.forEach(look);
      else if (formula.type === 'cell' || formula.type === 'range') {
        eachCell(formula, node, (row, column) => {
          const other = nodes.get(cellKey(row.number, column));
          if (other?.state === 'fresh') found.push(other);
          else if (other?.state === 'open') isCycle = true;
        });
      }
    };
    if (node.formula) look(node.formula);
    return isCycle ? null : found;
  }

  function evaluate(formula: Formula, node: Node): Value {
    spend();
    switch (formula.type) {
      case 'number':
        return quantity(formula.value);
      case 'text':
      case 'boolean':
        return formula.value;
      case 'missing':
        return null;
      case 'cell':
      case 'range':
        return single(formula, node);
      case 'negate': {
        const { value, shownAs } = toQuantity(evaluate(formula.operand, node));
        return quantity(-value, shownAs);
      }
      case 'percent':
        return quantity(toQuantity(evaluate(formula.operand, node)).value / 100);
      case 'binary':
        return applyOperator(formula.operator, evaluate(formula.left, node), evaluate(formula.right, node));
      case 'call': {
        const call = FUNCTIONS.get(formula.name);
        if (!call) throw UNCOMPUTABLE;
        return call(formula.args.map((arg) => argumentOf(arg, node)));
      }
    }
  }

  function single(formula: Formula & { type: 'cell' | 'range' }, node: Node): Value {
    if (formula.type === 'range') throw UNCOMPUTABLE;
    let value: Value = null;
    eachCell(formula, node, (row, column) => {
      value = valueAt(row, column);
    });
    return value;
  }

  function argumentOf(formula: Formula, node: Node): Argument {
    return {
      value: () => evaluate(formula, node),
      each(visit) {
        if (formula.type !== 'cell' && formula.type !== 'range') {
          visit(evaluate(formula, node), { isCell: false, isHidden: false, isSubtotal: false });
          return;
        }
        eachCell(formula, node, (row, column) => {
          const isSubtotal = subtotals.has(cellKey(row.number, column));
          visit(valueAt(row, column), { isCell: true, isHidden: row.hidden, isSubtotal });
        });
      },
    };
  }

  function settle(node: Node): void {
    node.state = 'done';
    if (!node.formula) return;
    try {
      node.result = evaluate(node.formula, node);
    } catch (error) {
      if (error === FORMULA_ERROR) node.result = FORMULA_ERROR;
      else if (error !== UNCOMPUTABLE) throw error;
    }
  }

  /** Depth first with a stack of its own: a cell is open while others that it needs are computed. */
  function resolve(start: Node): void {
    const stack = [start];
    for (let node = stack.at(-1); node; node = stack.at(-1)) {
      if (node.state === 'fresh') {
        node.state = 'open';
        const needed = missing(node);
        if (needed === null) node.state = 'done';
        else for (const other of needed) stack.push(other);
        if (needed === null || needed.length > 0) continue;
      }
      if (node.state === 'open') settle(node);
      stack.pop();
    }
  }

  for (const node of nodes.values()) {
    try {
      resolve(node);
    } catch (error) {
      if (error !== UNCOMPUTABLE) throw error;
      break;
    }
  }
  return nodes.values();
}

type CellVisit = (row: GrowingRow, column: number) => void;

function moved(cell: CellReference, { offset }: PendingCell): { row: number; column: number } {
  return {
    row: cell.rowFixed ? cell.row : cell.row + offset.rows,
    column: cell.columnFixed ? cell.column : cell.column + offset.columns,
  };
}
