/**
 * Cells of workbooks, with what their formats say about their numbers.
 *
 * Owns: numbers, dates and times as typed cells. Does not own: reading a format (`number-formats.ts`).
 */
import type { Cell, TimeUnit, TypedCell } from '../../../machines/activities/tables.ts';
import { decimalOf } from '../cell-values.ts';
import { builtinKind, dateMs, kindOfFormat, type NumberKind } from '../number-formats.ts';
import { unitOfFormat } from './format-units.ts';

export interface CellFormat {
  kind: NumberKind;
  unit: TimeUnit | null;
  /** True for a format that says nothing: the number is shown as it is. */
  isGeneral: boolean;
}

export const GENERAL_FORMAT: CellFormat = { kind: 'number', unit: null, isGeneral: true };

/** @param code of a number format, or its number if it is one of those without code */
export function formatOf(code: string | number): CellFormat {
  const kind = typeof code === 'number' ? builtinKind(code) : kindOfFormat(code);
  const isGeneral = code === 0 || (typeof code === 'string' && /^general$/i.test(code.trim()));
  return { kind, unit: kind === 'number' ? unitOfFormat(code) : null, isGeneral };
}

const MINUTES_PER_DAY = 1_440;
const SECOND_MS = 1_000;
/**
 * A time of day with a larger day number carries a date (from 1968 on, or 1972): nobody works for so long. The start
 * of a shift is often stored so and shown as `h:mm`.
 */
const LEAST_DATE_DAYS = 25_000;

/** A number with its format. */
export function numberCell(value: number, { kind, unit }: CellFormat, uses1904: boolean): Cell {
  if (!Number.isFinite(value)) return errorCell();
  if (kind === 'elapsed') return minutesCell('elapsed', value * MINUTES_PER_DAY);
  const isDate = kind === 'date' ? uses1904 || value >= 1 : kind === 'time' && value >= LEAST_DATE_DAYS;
  if (isDate) {
    const ms = dateMs(value, uses1904);
    if (ms !== null) return dateCell(ms);
  }
  // A date of day 0 is how some programs store a time without date.
  if (kind === 'time' || (kind === 'date' && value >= 0 && value < 1)) {
    return minutesCell('time', value * MINUTES_PER_DAY);
  }
  const cell: TypedCell = { kind: 'number', text: decimalOf(value), value };
  return unit === null ? cell : { ...cell, unit };
}

export function minutesCell(kind: 'time' | 'elapsed', minutes: number): TypedCell {
  // Without what binary fractions add.
  const value = Number(minutes.toFixed(6));
  return { kind, text: clockText(value), value };
}

/** `40:30`, `0:00:25`, `-1:30`. */
function clockText(minutes: number): string {
  const seconds = Math.round(Math.abs(minutes) * 60);
  const two = (part: number): string => String(part).padStart(2, '0');
  const rest = seconds % 60 === 0 ? '' : `:${two(seconds % 60)}`;
  return `${minutes < 0 ? '-' : ''}${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}${rest}`;
}

/** @param ms since 1970, of the wall clock read as UTC; rounded to the second */
export function dateCell(ms: number): TypedCell {
  const value = Math.round(ms / SECOND_MS) * SECOND_MS;
  const iso = new Date(value).toISOString();
  return { kind: 'date', text: iso.endsWith('T00:00:00.000Z') ? iso.slice(0, 10) : iso.slice(0, 19), value };
}

const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d(?:\.\d{1,9})?))?(?:Z|[-+]\d\d:?\d\d)?)?$/;
const ISO_TIME = /^T?(\d\d):(\d\d)(?::(\d\d(?:\.\d{1,9})?))?Z?$/;

/** A date or time in ISO form, by the wall clock that it writes; text that is neither stays as it is. */
export function isoCell(text: string): Cell {
  const time = ISO_TIME.exec(text);
  if (time) return minutesCell('time', Number(time[1]) * 60 + Number(time[2]) + Number(time[3] ?? 0) / 60);
  const found = ISO.exec(text);
  if (!found) return text;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1)
    .map((part) => Number(part ?? 0));
  const dayMs = Date.UTC(year, month - 1, day);
  if (new Date(dayMs).getUTCDate() !== day || hour > 24 || minute > 59) return text;
  return dateCell(dayMs + ((hour * 60 + minute) * 60 + second) * SECOND_MS);
}

export function booleanCell(value: boolean): TypedCell {
  return { kind: 'boolean', text: value ? 'TRUE' : 'FALSE', value: value ? 1 : 0 };
}

const ERROR: TypedCell = { kind: 'error', text: '', value: Number.NaN };
const UNCOMPUTED: TypedCell = { kind: 'uncomputed', text: '', value: Number.NaN };

export function errorCell(): TypedCell {
  return ERROR;
}

export function uncomputedCell(): TypedCell {
  return UNCOMPUTED;
}
