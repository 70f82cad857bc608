/**
 * What a cell of an order's workbook shows, and the exact value behind it.
 *
 * Owns: numbers and dates as text by their format, and as exact decimals and days. The formats are shown as an English
 * spreadsheet program would; a date whose format depends on who looks at it is shown as ISO text.
 */
import { SSF } from '@e965/xlsx';
import type { Cell } from '../../machines/orders/document.ts';
import { formatNumber, type NumberKind } from './number-formats.ts';

export interface NumberFormat {
  kind: NumberKind;
  /** Its code, or its number if it is one of those without code. */
  format: string | number;
}

type CellValue = Pick<Cell, 'text' | 'typed'>;

export const GENERAL: NumberFormat = { kind: 'number', format: 0 };
/** Spreadsheets keep and show no more digits; what lies beyond is the error of binary fractions. */
const SIGNIFICANT_DIGITS = 15;
/** Dates as the settings of the computer have them. */
const LOCAL_DATES = new Set<string | number>([14, 22, 'm/d/yy', 'm/d/yy h:mm']);
/** Longer codes are no formats. */
const MAX_CODE_CHARS = 255;

/** @param uses1904 the workbook counts days from 1904 */
export function numericCell(value: number, { kind, format }: NumberFormat, uses1904: boolean): CellValue {
  if (!Number.isFinite(value)) return { text: String(value) };
  if (kind === 'date') {
    const iso = formatNumber(value, kind, uses1904);
    const day = /^\d{4}-\d\d-\d\d/.exec(iso)?.[0];
    if (day === undefined) return { text: iso };
    return { text: LOCAL_DATES.has(format) ? iso : (shown(value, format, uses1904) ?? iso), typed: { kind, day } };
  }
  if (kind !== 'number') return { text: shown(value, format, uses1904) ?? formatNumber(value, kind, uses1904) };
  const decimal = decimalOf(value);
  const isGeneral = format === 0 || format === 'General' || format === '@' || format === 49;
  return { text: isGeneral ? decimal : (shown(value, format, uses1904) ?? decimal), typed: { kind, decimal } };
}

/** As the format shows it; null if the format is none. */
function shown(value: number, format: string | number, uses1904: boolean): string | null {
  if (typeof format === 'string' && format.length > MAX_CODE_CHARS) return null;
  try {
    // The formatter takes a dot after a part of a date for an error unless it is marked as text.
    const code = typeof format === 'string' ? format.replace(/(?<=[dmyhs\]])\.(?!0)/gi, '\\.') : format;
    const text = String(SSF.format(code, value, { date1904: uses1904 })).trim();
    return text === '' ? null : text;
  } catch {
    return null;
  }
}

/** A number as a plain decimal: `12.5`, `0.00001`, `1000000000000000000000`. */
export function decimalOf(value: number): string {
  const exact = String(value);
  const rounded = exact.length <= SIGNIFICANT_DIGITS ? value : Number(value.toPrecision(SIGNIFICANT_DIGITS));
  const plain = rounded === value ? exact : String(rounded);
  if (!plain.includes('e')) return plain;
  const [mantissa = '', exponent = '0'] = rounded.toExponential().split('e');
  const sign = mantissa.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = whole + fraction;
  const point = 1 + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits + '0'.repeat(point - digits.length);
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

const columnNames: string[] = [];

/** `A` for 1, `AB` for 28. */
export function columnName(column: number): string {
  columnNames[column] ??= spellColumn(column);
  return columnNames[column];
}

function spellColumn(column: number): string {
  let name = '';
  for (let rest = column; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name;
  }
  return name;
}
