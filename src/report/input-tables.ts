/**
 * How the file was read, for people: which column is what, what was left out, what was checked.
 *
 * Owns: telling an input report; of a summary, or of anything else, as much as it holds.
 */
import { at, listAt, numberAt, textAt } from '../../machines/formulas/findings-reading.ts';
import { counted, plainNumber } from '../../machines/formulas/numbers.ts';
import type { CellValue, ReportTable } from './report-table.ts';

const MAX_ROWS = 200;
/** Kind of the lines that say how the file was read as a whole. */
export const READING = 'Reading';

/** Names and values that fit on a line each. */
export function inputFacts(input: unknown): (readonly [name: string, value: string])[] {
  const file = textAt(input, 'file');
  const unit = textAt(input, 'unit', 'unit');
  const by = textAt(input, 'unit', 'by');
  const header = numberAt(input, 'header_row');
  const minutes = [numberAt(input, 'minutes', 'given'), numberAt(input, 'minutes', 'inferred')] as const;
  const facts: [string, string | null][] = [
    ['File', file],
    ['Header', header === null ? null : `row ${header}`],
    ['Encoding', textAt(input, 'encoding')],
    ['Rows read', numberText(numberAt(input, 'rows', 'read'))],
    ['With a duration', numberText(numberAt(input, 'rows', 'given'))],
    ['Estimated', numberText(numberAt(input, 'rows', 'inferred'))],
    ['Left out', numberText(ignoredCount(input))],
    [
      'Unit of bare numbers',
      unit === null
        ? null
        : `${unit} (${at(input, 'unit', 'assumed') === true ? 'assumed, ' : ''}by ${by ?? 'unknown'})`,
    ],
    ['Minutes in the file', numberText(minutes[0])],
    ['Minutes estimated', numberText(minutes[1])],
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}

const numberText = (value: number | null): string | null => (value === null ? null : plainNumber(value));

function ignoredCount(input: unknown): number | null {
  const ignored = at(input, 'rows', 'ignored');
  if (typeof ignored === 'number') return ignored;
  if (typeof ignored !== 'object' || ignored === null) return null;
  return Object.values(ignored).reduce((sum: number, reason) => sum + (numberAt(reason, 'count') ?? 0), 0);
}

/** One line per column, reason, check, sheet and warning. */
export function inputTable(input: unknown): ReportTable {
  const rows: CellValue[][] = [
    ...inputFacts(input).map(([name, value]) => [READING, name, value]),
    ...entries(at(input, 'columns')).map(([use, column]) => [
      'Column',
      use,
      `${textAt(column, 'header') ?? ''} (by ${textAt(column, 'chosen_by') ?? 'unknown'}, ${plainNumber(numberAt(column, 'fill_percent') ?? 0)} % filled)`,
    ]),
    ...listAt(input, 'sheets').map((sheet) => [
      'Sheet',
      textAt(sheet, 'name') ?? '',
      at(sheet, 'read') === true
        ? `read, ${counted(numberAt(sheet, 'rows') ?? 0, 'row')}`
        : `left out: ${textAt(sheet, 'reason') ?? ''}`,
    ]),
    ...entries(at(input, 'rows', 'ignored')).map(([reason, ignored]) => [
      'Left out',
      reason,
      `${counted(numberAt(ignored, 'count') ?? 0, 'row')}, first in row ${numberAt(ignored, 'first_row') ?? '?'}`,
    ]),
    ...listAt(input, 'checks').map((check) => ['Check', textAt(check, 'check') ?? '', checkText(check)]),
    ...listAt(input, 'warnings').map((warning) => ['Warning', '', typeof warning === 'string' ? warning : '']),
  ];
  return {
    sheet: 'Input',
    title: 'How the file was read',
    caption: 'Columns, rows left out, checks and warnings of the reading',
    columns: [
      { title: 'Kind', kind: 'text', width: 14 },
      { title: 'What', kind: 'text', width: 28 },
      { title: 'Finding', kind: 'text', width: 90 },
    ],
    rows: rows.slice(0, MAX_ROWS),
    notes:
      rows.length === 0 ? ['Nothing is recorded about how the input was read; its rows came with the request.'] : [],
  };
}

const entries = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];

function checkText(check: unknown): string {
  const first = numberAt(check, 'first_row');
  const factor = numberAt(check, 'factor');
  const parts = [`${plainNumber(numberAt(check, 'count') ?? 0)} times`];
  if (first !== null) parts.push(`first in row ${first}`);
  if (factor !== null) parts.push(`factor ${plainNumber(factor)}`);
  return parts.join(', ');
}
