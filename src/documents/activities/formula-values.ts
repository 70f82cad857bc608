/**
 * What formulas compute with, and how spreadsheets turn one kind of value into another.
 *
 * Owns: operators, and whether a result is a time or a date, as spreadsheets find it by the cells that went into it.
 */
import { decimalOf } from '../cell-values.ts';
import type { Operator } from './formula-syntax.ts';

export type ShownAs = 'number' | 'time' | 'date';

/** Times are fractions of a day, dates numbers of days. */
export interface Quantity {
  value: number;
  shownAs: ShownAs;
}

/** Null is an empty cell. */
export type Value = Quantity | string | boolean | null;

/** Thrown where a spreadsheet program would show an error such as `#DIV/0!`. */
export const FORMULA_ERROR = new Error('formula error');
/** Thrown where only a spreadsheet program could tell. */
export const UNCOMPUTABLE = new Error('formula cannot be computed');

export function quantity(value: number, shownAs: ShownAs = 'number'): Quantity {
  if (!Number.isFinite(value)) throw FORMULA_ERROR;
  return { value, shownAs };
}

const MAX_NUMBER_CHARS = 40;
const CLOCK = /^\s{0,9}(\d{1,5}):([0-5]\d)(?::([0-5]\d(?:\.\d{1,9})?))?\s{0,9}$/;

/** @throws {FORMULA_ERROR} if the value is none that counts as a number */
export function toQuantity(value: Value): Quantity {
  if (value === null) return { value: 0, shownAs: 'number' };
  if (typeof value === 'boolean') return { value: value ? 1 : 0, shownAs: 'number' };
  if (typeof value !== 'string') return value;
  if (value.length > MAX_NUMBER_CHARS || value.trim() === '') throw FORMULA_ERROR;
  const clock = CLOCK.exec(value);
  if (clock) {
    const minutes = Number(clock[1]) * 60 + Number(clock[2]) + Number(clock[3] ?? 0) / 60;
    return { value: minutes / 1_440, shownAs: 'time' };
  }
  const number = Number(value);
  // What a text with a comma or a date means depends on the settings of the computer.
  if (!Number.isFinite(number)) throw /\d/.test(value) ? UNCOMPUTABLE : FORMULA_ERROR;
  return { value: number, shownAs: 'number' };
}

export function toBoolean(value: Value): boolean {
  if (typeof value === 'string') throw FORMULA_ERROR;
  return typeof value === 'boolean' ? value : toQuantity(value).value !== 0;
}

export function toText(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  return decimalOf(value.value);
}

const COMPARISONS: Readonly<Partial<Record<Operator, (order: number) => boolean>>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '>': (order) => order > 0,
  '<=': (order) => order <= 0,
  '>=': (order) => order >= 0,
};
const MAX_TEXT_CHARS = 32_767;

export function applyOperator(operator: Operator, left: Value, right: Value): Value {
  const compares = COMPARISONS[operator];
  if (compares) return compares(orderOf(left, right));
  if (operator === '&') {
    const text = toText(left) + toText(right);
    if (text.length > MAX_TEXT_CHARS) throw FORMULA_ERROR;
    return text;
  }
  const a = toQuantity(left);
  const b = toQuantity(right);
  if (operator === '+') return quantity(a.value + b.value, sumShownAs(a, b));
  if (operator === '-') return difference(a, b);
  if (operator === '*') return quantity(a.value * b.value);
  if (operator === '/') return quantity(a.value / b.value);
  return quantity(a.value ** b.value);
}

export function sumShownAs(a: Quantity, b: Quantity): ShownAs {
  if (a.shownAs === 'date' || b.shownAs === 'date') return a.shownAs === b.shownAs ? 'number' : 'date';
  return a.shownAs === 'time' || b.shownAs === 'time' ? 'time' : 'number';
}

const MS_PER_DAY = 86_400_000;

/** Day numbers have few digits left for the time of day: a time between two is one of whole milliseconds. */
function difference(a: Quantity, b: Quantity): Quantity {
  const shownAs = differenceShownAs(a, b);
  const value = a.value - b.value;
  return quantity(shownAs === 'time' ? Math.round(value * MS_PER_DAY) / MS_PER_DAY : value, shownAs);
}

/** Between two moments lies a time, between two days a number of days. */
function differenceShownAs(a: Quantity, b: Quantity): ShownAs {
  if (a.shownAs === 'date' && b.shownAs === 'date') {
    return Number.isInteger(a.value) && Number.isInteger(b.value) ? 'number' : 'time';
  }
  return a.shownAs === 'date' ? 'date' : a.shownAs === 'time' || b.shownAs === 'time' ? 'time' : 'number';
}

/** Numbers come before texts, texts before booleans; an empty cell is what it is compared with. */
function orderOf(left: Value, right: Value): number {
  const a = left ?? emptyLike(right);
  const b = right ?? emptyLike(left);
  const ranks = rankOf(a) - rankOf(b);
  if (ranks !== 0) return ranks;
  if (typeof a === 'string') {
    const [x, y] = [a.toLowerCase(), (b as string).toLowerCase()];
    return x < y ? -1 : x > y ? 1 : 0;
  }
  return toQuantity(a).value - toQuantity(b).value;
}

function emptyLike(value: Value): Value {
  if (typeof value === 'string') return '';
  return typeof value === 'boolean' ? false : { value: 0, shownAs: 'number' };
}

function rankOf(value: Value): number {
  return typeof value === 'boolean' ? 2 : typeof value === 'string' ? 1 : 0;
}
