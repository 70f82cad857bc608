/**
 * Cells as values of formulas, and results of formulas as cells.
 */
import type { Cell } from '../../../machines/activities/tables.ts';
import { dateMs, dayOfMs } from '../number-formats.ts';
import { FORMULA_ERROR, type Quantity, quantity, UNCOMPUTABLE, type Value } from './formula-values.ts';
import { booleanCell, type CellFormat, dateCell, minutesCell, numberCell } from './typed-cells.ts';

const MINUTES_PER_DAY = 1_440;

/** @throws {FORMULA_ERROR} or {UNCOMPUTABLE} for a cell that has no value */
export function valueOfCell(cell: Cell, uses1904: boolean): Value {
  if (typeof cell === 'string') return cell === '' ? null : cell;
  switch (cell.kind) {
    case 'number':
      return quantity(cell.value);
    case 'time':
    case 'elapsed':
      return quantity(cell.value / MINUTES_PER_DAY, 'time');
    case 'date':
      return quantity(dayOfMs(cell.value, uses1904), 'date');
    case 'boolean':
      return cell.value === 1;
    case 'text':
      return cell.text;
    case 'error':
      throw FORMULA_ERROR;
    case 'uncomputed':
      throw UNCOMPUTABLE;
  }
}

/** Without a format of its own a cell is shown as what went into it, as if its formula had been typed in. */
export function cellOfResult(result: Value, format: CellFormat, uses1904: boolean): Cell {
  if (typeof result === 'string') return result;
  if (typeof result === 'boolean') return booleanCell(result);
  const { value, shownAs }: Quantity = result ?? { value: 0, shownAs: 'number' };
  if (format.isGeneral && shownAs === 'time') return minutesCell('elapsed', value * MINUTES_PER_DAY);
  if (format.isGeneral && shownAs === 'date') {
    const ms = dateMs(value, uses1904);
    if (ms !== null) return dateCell(ms);
  }
  return numberCell(value, format, uses1904);
}
