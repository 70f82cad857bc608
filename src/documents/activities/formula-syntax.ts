/**
 * Formulas of spreadsheets as trees.
 *
 * Owns: what is read at all: numbers, texts, cells and ranges of the same sheet, operators, calls. Names, other sheets,
 * tables and arrays are not. Keeps I9: a tree is bounded in size and in depth.
 */

/** A cell; a part that is not fixed moves with the formula when cells share it. From 1. */
export interface CellReference {
  row: number;
  column: number;
  rowFixed: boolean;
  columnFixed: boolean;
}

export type Formula =
  | { type: 'number'; value: number }
  | { type: 'text'; value: string }
  | { type: 'boolean'; value: boolean }
  /** An argument that is left out. */
  | { type: 'missing' }
  | { type: 'cell'; cell: CellReference }
  | { type: 'range'; from: CellReference; to: CellReference }
  | { type: 'negate' | 'percent'; operand: Formula }
  | { type: 'binary'; operator: Operator; left: Formula; right: Formula }
  | { type: 'call'; name: string; args: readonly Formula[] };

export type Operator = '+' | '-' | '*' | '/' | '^' | '&' | '=' | '<>' | '<' | '>' | '<=' | '>=';

const MAX_NODES = 2_000;
const MAX_DEPTH = 50;
/** Rows that a sheet can have: ranges of whole columns end there. */
const LAST_ROW = 1_048_576;
const LAST_COLUMN = 16_384;

const TOKEN =
  /\s*(?:(\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)(?![\w!:])|"((?:[^"]|"")*)"|('(?:[^']|'')*'!|[A-Za-z_][\w.]*!)|([A-Za-z_][A-Za-z0-9_.]*)(?=\()|(\$?[A-Za-z]{1,3}\$?\d{1,7}(?![\w.(])|\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}(?![\w.(]))|(TRUE|FALSE)(?![\w.])|(<>|<=|>=|[-+*/^&=<>%(),:@]))/iy;

type Token = { type: 'number' | 'text' | 'sheet' | 'function' | 'reference' | 'boolean' | 'sign'; text: string };

/** What stands for each group of the pattern, in its order. */
const GROUPS = ['number', 'text', 'sheet', 'function', 'reference', 'boolean', 'sign'] as const;

const PRECEDENCE: readonly (readonly Operator[])[] = [
  ['=', '<>', '<', '>', '<=', '>='],
  ['&'],
  ['+', '-'],
  ['*', '/'],
  ['^'],
];

class Unreadable extends Error {}
const UNREADABLE = new Unreadable('formula');

/**
 * Null if there is anything in it that is not read.
 * @param source without `=`
 * @param sheetName of the formula: references to it are references to the same sheet
 */
export function parseFormula(source: string, sheetName: string): Formula | null {
  const tokens = tokensOf(source);
  if (tokens === null) return null;
  try {
    return createParser(tokens, sheetName.toLowerCase()).all();
  } catch (error) {
    if (error === UNREADABLE) return null;
    throw error;
  }
}

function tokensOf(source: string): Token[] | null {
  const tokens: Token[] = [];
  const end = source.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const found = TOKEN.exec(source);
    if (!found || tokens.length > MAX_NODES * 2) return null;
    const group = found.findIndex((part, i) => i > 0 && part !== undefined);
    const type = GROUPS[group - 1];
    if (type === undefined) return null;
    tokens.push({ type, text: found[group] as string });
  }
  return tokens;
}

function createParser(tokens: readonly Token[], sheetName: string): { all(): Formula } {
  let at = 0;
  let nodes = 0;

  const isSign = (sign: string): boolean => tokens[at]?.type === 'sign' && tokens[at]?.text === sign;
  function take(sign: string): boolean {
    if (!isSign(sign)) return false;
    at += 1;
    return true;
  }
  function expect(sign: string): void {
    if (!take(sign)) throw UNREADABLE;
  }
  function node(formula: Formula): Formula {
    nodes += 1;
    if (nodes > MAX_NODES) throw UNREADABLE;
    return formula;
  }

  function binary(level: number, depth: number): Formula {
    const operators = PRECEDENCE[level];
    if (operators === undefined) return signed(depth);
    let left = binary(level + 1, depth);
    for (;;) {
      const operator = operators.find(isSign);
      if (operator === undefined) return left;
      at += 1;
      left = node({ type: 'binary', operator, left, right: binary(level + 1, depth) });
    }
  }

  function signed(depth: number): Formula {
    if (depth > MAX_DEPTH) throw UNREADABLE;
    if (take('-')) return node({ type: 'negate', operand: signed(depth + 1) });
    if (take('+') || take('@')) return signed(depth + 1);
    let operand = primary(depth + 1);
    while (take('%')) operand = node({ type: 'percent', operand });
    return operand;
  }

  function primary(depth: number): Formula {
    if (take('(')) {
      const inner = binary(0, depth);
      expect(')');
      return inner;
    }
    const token = tokens[at];
    at += 1;
    if (token?.type === 'number') return node({ type: 'number', value: Number(token.text) });
    if (token?.type === 'text') return node({ type: 'text', value: token.text.replaceAll('""', '"') });
    if (token?.type === 'boolean') return node({ type: 'boolean', value: token.text.toUpperCase() === 'TRUE' });
    if (token?.type === 'function') return call(token.text, depth);
    if (token?.type === 'sheet') return onSheet(token.text);
    if (token?.type === 'reference') return reference(token.text);
    throw UNREADABLE;
  }

  function onSheet(prefix: string): Formula {
    const name = prefix.slice(0, -1).replace(/^'|'$/g, '').replaceAll("''", "'");
    const token = tokens[at];
    at += 1;
    if (name.toLowerCase() !== sheetName || token?.type !== 'reference') throw UNREADABLE;
    return reference(token.text);
  }

  function reference(text: string): Formula {
    const [first = '', last] = text.split(':');
    if (last !== undefined) return node({ type: 'range', from: cellOf(`${first}1`), to: cellOf(`${last}${LAST_ROW}`) });
    const cell = cellOf(first);
    if (!take(':')) return node({ type: 'cell', cell });
    const token = tokens[at];
    at += 1;
    if (token?.type !== 'reference' || token.text.includes(':')) throw UNREADABLE;
    return node({ type: 'range', from: cell, to: cellOf(token.text) });
  }

  function call(name: string, depth: number): Formula {
    expect('(');
    const args: Formula[] = [];
    if (!take(')')) {
      do args.push(isSign(',') || isSign(')') ? node({ type: 'missing' }) : binary(0, depth));
      while (take(','));
      expect(')');
    }
    return node({ type: 'call', name: name.toUpperCase().replace(/^_XLFN\./, ''), args });
  }

  return {
    all() {
      const formula = binary(0, 0);
      if (at < tokens.length) throw UNREADABLE;
      return formula;
    },
  };
}

function cellOf(text: string): CellReference {
  const found = /^(\$?)([A-Z]{1,3})(\$?)(\d{1,7})$/i.exec(text);
  if (!found) throw UNREADABLE;
  const letters = (found[2] as string).toUpperCase();
  const column = Array.from(letters).reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
  const row = Number(found[4]);
  if (row < 1 || row > LAST_ROW || column > LAST_COLUMN) throw UNREADABLE;
  return { row, column, rowFixed: found[3] === '$', columnFixed: found[1] === '$' };
}
