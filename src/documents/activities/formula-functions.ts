/**
 * The functions of spreadsheets that timesheets use.
 *
 * Owns: what each does. Does not own: where the values of cells come from. A function that is not here cannot be
 * computed.
 */
import {
  FORMULA_ERROR,
  type Quantity,
  quantity,
  type ShownAs,
  sumShownAs,
  toBoolean,
  toQuantity,
  UNCOMPUTABLE,
  type Value,
} from './formula-values.ts';

/** An argument of a call, computed when it is asked for. */
export interface Argument {
  /** @throws {FORMULA_ERROR} for a range of more than one cell */
  value(): Value;
  /** The value itself, or those of the cells it refers to. */
  each(visit: (value: Value, source: ValueSource) => void): void;
}

export interface ValueSource {
  /** False for a value that is written in the formula. */
  isCell: boolean;
  /** In a row that nobody sees. */
  isHidden: boolean;
  isSubtotal: boolean;
}

type SpreadsheetFunction = (args: readonly Argument[]) => Value;

function argument(args: readonly Argument[], index: number): Argument {
  const found = args[index];
  if (found === undefined) throw UNCOMPUTABLE;
  return found;
}

const numberAt = (args: readonly Argument[], index: number, otherwise?: number): Quantity =>
  args[index] === undefined && otherwise !== undefined
    ? { value: otherwise, shownAs: 'number' }
    : toQuantity(argument(args, index).value());

/** Texts and truth values count only where they are written in the formula. */
function numbersOf(args: readonly Argument[], isWanted: (source: ValueSource) => boolean = () => true): Quantity[] {
  const numbers: Quantity[] = [];
  for (const { each } of args) {
    each((value, source) => {
      if (!isWanted(source)) return;
      if (source.isCell && (value === null || typeof value !== 'object')) return;
      numbers.push(toQuantity(value));
    });
  }
  return numbers;
}

const ZERO: Quantity = { value: 0, shownAs: 'number' };

function sum(numbers: readonly Quantity[]): Quantity {
  let total = ZERO;
  for (const [i, number] of numbers.entries()) {
    total = i === 0 ? number : { value: total.value + number.value, shownAs: sumShownAs(total, number) };
  }
  return quantity(total.value, total.shownAs === 'date' && numbers.length > 1 ? 'number' : total.shownAs);
}

function average(numbers: readonly Quantity[]): Quantity {
  if (numbers.length === 0) throw FORMULA_ERROR;
  return quantity(numbers.reduce((total, { value }) => total + value, 0) / numbers.length, numbers[0]?.shownAs);
}

function extreme(numbers: readonly Quantity[], isBetter: (a: number, b: number) => boolean): Quantity {
  let best: Quantity | undefined;
  for (const number of numbers) if (!best || isBetter(number.value, best.value)) best = number;
  return best ?? ZERO;
}

const SUMMARIES: Readonly<Record<number, (numbers: readonly Quantity[]) => Quantity>> = {
  1: average,
  2: (numbers) => quantity(numbers.length),
  4: (numbers) => extreme(numbers, (a, b) => a > b),
  5: (numbers) => extreme(numbers, (a, b) => a < b),
  9: sum,
};

/** Rows that a filter hides do not count, nor do other subtotals. */
function subtotal([kind, ...ranges]: readonly Argument[]): Value {
  if (kind === undefined) throw UNCOMPUTABLE;
  const summarize = SUMMARIES[toQuantity(kind.value()).value % 100];
  if (!summarize) throw UNCOMPUTABLE;
  return summarize(numbersOf(ranges, ({ isHidden, isSubtotal }) => !isHidden && !isSubtotal));
}

/** @param round of a positive number */
const rounding =
  (round: (value: number) => number): SpreadsheetFunction =>
  (args) => {
    const { value, shownAs } = numberAt(args, 0);
    const scale = 10 ** Math.trunc(numberAt(args, 1, 0).value);
    // Fifteen digits are what a spreadsheet computes with; what lies beyond must not decide.
    const scaled = Number((Math.abs(value) * scale).toPrecision(15));
    return quantity((Math.sign(value) * round(scaled)) / scale, shownAs);
  };

const DAY_SECONDS = 86_400;

/** Seconds of the time of day. */
function secondsOf(args: readonly Argument[]): number {
  const { value } = numberAt(args, 0);
  if (value < 0) throw FORMULA_ERROR;
  return Math.round((value - Math.floor(value)) * DAY_SECONDS) % DAY_SECONDS;
}

function mapNumber(map: (value: number) => number, shownAs?: ShownAs): SpreadsheetFunction {
  return (args) => {
    const given = numberAt(args, 0);
    return quantity(map(given.value), shownAs ?? given.shownAs);
  };
}

export const FUNCTIONS: ReadonlyMap<string, SpreadsheetFunction> = new Map<string, SpreadsheetFunction>([
  ['SUM', (args) => sum(numbersOf(args))],
  ['SUBTOTAL', subtotal],
  ['AVERAGE', (args) => average(numbersOf(args))],
  ['COUNT', (args) => quantity(numbersOf(args).length)],
  ['MAX', (args) => extreme(numbersOf(args), (a, b) => a > b)],
  ['MIN', (args) => extreme(numbersOf(args), (a, b) => a < b)],
  ['PRODUCT', (args) => quantity(numbersOf(args).reduce((product, { value }) => product * value, 1))],
  ['ROUND', rounding(Math.round)],
  ['ROUNDUP', rounding(Math.ceil)],
  ['ROUNDDOWN', rounding(Math.floor)],
  ['TRUNC', rounding(Math.floor)],
  ['INT', mapNumber(Math.floor)],
  ['ABS', mapNumber(Math.abs)],
  [
    'MOD',
    (args) => {
      const { value, shownAs } = numberAt(args, 0);
      const divisor = numberAt(args, 1).value;
      if (divisor === 0) throw FORMULA_ERROR;
      return quantity(value - divisor * Math.floor(value / divisor), shownAs);
    },
  ],
  ['IF', (args) => choose(args)],
  ['IFERROR', (args) => ifError(args)],
  ['AND', (args) => args.every((arg) => toBoolean(arg.value()))],
  ['OR', (args) => args.some((arg) => toBoolean(arg.value()))],
  ['NOT', (args) => !toBoolean(argument(args, 0).value())],
  ['ISBLANK', (args) => argument(args, 0).value() === null],
  ['ISNUMBER', (args) => isNumber(argument(args, 0).value())],
  ['TIME', (args) => time(args)],
  ['HOUR', (args) => quantity(Math.floor(secondsOf(args) / 3_600))],
  ['MINUTE', (args) => quantity(Math.floor(secondsOf(args) / 60) % 60)],
  ['SECOND', (args) => quantity(secondsOf(args) % 60)],
]);

function choose(args: readonly Argument[]): Value {
  const holds = toBoolean(argument(args, 0).value());
  const chosen = args[holds ? 1 : 2];
  if (chosen === undefined) return holds ? ZERO : false;
  return chosen.value();
}

function ifError(args: readonly Argument[]): Value {
  try {
    return argument(args, 0).value();
  } catch (error) {
    if (error !== FORMULA_ERROR) throw error;
    return argument(args, 1).value();
  }
}

function isNumber(value: Value): boolean {
  return typeof value === 'object' && value !== null;
}

function time(args: readonly Argument[]): Value {
  const seconds = numberAt(args, 0).value * 3_600 + numberAt(args, 1).value * 60 + numberAt(args, 2).value;
  if (seconds < 0) throw FORMULA_ERROR;
  return quantity((seconds / DAY_SECONDS) % 1, 'time');
}
