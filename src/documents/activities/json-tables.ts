/**
 * JSON: lists of flat objects as tables.
 *
 * Owns: where the lists are, and what a value is as a cell. The header, row 1, has the keys in the order in which they
 * first appear; element i of the list, from 1, is row i + 1. An object inside an element is spread into columns named
 * `outer.inner`; what lies deeper is written as JSON.
 */
import type { Cell } from '../../../machines/activities/tables.ts';
import { decimalOf } from '../cell-values.ts';
import { MAX_CELL_CODE_POINTS, placeOf, Refused } from '../table.ts';
import { parseJson } from './json-scan.ts';
import { chooseSheets } from './sheet-choice.ts';
import { MAX_ACTIVITY_COLUMNS, putCell, type TableBuilder } from './table-builder.ts';
import { booleanCell } from './typed-cells.ts';

type JsonObject = Readonly<Record<string, unknown>>;

interface List {
  name: string | null;
  elements: readonly unknown[];
}

/** How far down a list may lie, as in `{"data": {"time_entries": [...]}}`. */
const MAX_LIST_DEPTH = 3;
const MAX_CELL_CHARS = 2 * MAX_CELL_CODE_POINTS + 2;

/**
 * Adds one sheet per list: of a JSON text, or of one with an object per line.
 * @param wanted key of the one list to read, in any case
 * @throws {Refused} if it is no JSON, or has no list of objects
 */
export function readJsonTables(text: string, wanted: string | undefined, tables: TableBuilder): void {
  const lists = isLines(text) ? [{ name: null, elements: parseLines(text) }] : listsIn(parseJson(text));
  if (lists.length === 0) throw new Refused(400, 'the JSON has no list of objects; send an array of flat objects');
  if (wanted !== undefined && lists.every(({ name }) => name === null)) {
    throw new Refused(400, 'a JSON file with one list has no sheets', 'sheet');
  }
  for (const list of chooseSheets(lists, wanted)) addList(list, tables);
}

/** Whether the first line is an object by itself and another line follows. */
function isLines(text: string): boolean {
  const first = /^\s*(\{[^\r\n]*\})[ \t]*\r?\n\s*\S/.exec(text.slice(0, 1 << 20))?.[1];
  if (first === undefined) return false;
  try {
    JSON.parse(first);
    return true;
  } catch {
    return false;
  }
}

function parseLines(text: string): unknown[] {
  const elements: unknown[] = [];
  let line = 1;
  for (let at = 0; at < text.length; line += 1) {
    const lineFeed = text.indexOf('\n', at);
    const end = lineFeed < 0 ? text.length : lineFeed;
    const source = text.slice(at, end).trim();
    if (source !== '') elements.push(parseJson(source, line));
    at = end + 1;
  }
  return elements;
}

/** The text itself if it is a list, else those of the level nearest to the top that has any. */
function listsIn(value: unknown): List[] {
  if (Array.isArray(value)) return [{ name: null, elements: value }];
  let level: (readonly [string, unknown])[] = [['', value]];
  for (let depth = 0; depth < MAX_LIST_DEPTH; depth += 1) {
    level = level.flatMap(([, outer]) => (isObject(outer) ? Object.entries(outer) : []));
    const lists = level.flatMap(([name, elements]) =>
      Array.isArray(elements) && elements.some(isObject) ? [{ name, elements }] : [],
    );
    const [only] = lists;
    if (only) return lists.length === 1 ? [{ ...only, name: null }] : lists;
  }
  return [];
}

function addList({ name, elements }: List, tables: TableBuilder): void {
  const columns = new Map<string, number>();
  const { add } = tables.start(name, false);
  const header: Cell[] = [];
  const rows: { number: number; cells: Cell[] }[] = [];
  for (const [index, element] of elements.entries()) {
    const number = index + 2;
    if (element === null) continue;
    const cells: Cell[] = [];
    if (!isObject(element)) {
      throw new Refused(400, `element ${index + 1} of the list is no object`, placeOf(number, 1));
    }
    eachValue(element, (key, cell) => {
      const column = columns.get(key) ?? columns.size + 1;
      if (!columns.has(key)) {
        if (column > MAX_ACTIVITY_COLUMNS) {
          const message = `the file has more than ${MAX_ACTIVITY_COLUMNS} columns`;
          throw new Refused(400, message, placeOf(number, column), 'column count');
        }
        columns.set(key, column);
        header.push(key);
      }
      if (cell !== '') putCell(cells, column, cell, number);
    });
    if (cells.length === 0) continue;
    rows.push({ number, cells });
    tables.checkRowCount(rows.length, number);
  }
  add(1, false, header);
  for (const { number, cells } of rows) add(number, false, cells);
}

function eachValue(element: JsonObject, visit: (key: string, cell: Cell) => void): void {
  for (const [key, value] of Object.entries(element)) {
    if (!isObject(value)) visit(key, cellOf(value));
    else for (const [inner, deeper] of Object.entries(value)) visit(`${key}.${inner}`, cellOf(deeper));
  }
}

function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') {
    return Number.isFinite(value) ? { kind: 'number', text: decimalOf(value), value } : String(value);
  }
  if (typeof value === 'boolean') return booleanCell(value);
  if (Array.isArray(value) && !value.some((item) => typeof item === 'object' && item !== null)) {
    return value
      .filter((item) => item !== null)
      .join(', ')
      .slice(0, MAX_CELL_CHARS);
  }
  return JSON.stringify(value).slice(0, MAX_CELL_CHARS);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
