/**
 * ODS: the value of one cell.
 *
 * Owns: how values are written in attributes, durations included.
 */
import type { Cell } from '../../../machines/activities/tables.ts';
import { attribute } from '../xml.ts';
import type { OdsStyles } from './ods-styles.ts';
import { booleanCell, errorCell, isoCell, minutesCell, numberCell, uncomputedCell } from './typed-cells.ts';

const DURATION = /^(-?)P(?:(\d{1,6})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:[.,]\d{1,9})?)S)?)?$/;

/**
 * @param attributes of a `table-cell` element
 * @param style its cell style
 * @param text what is written in it
 */
export function odsCell(attributes: string, style: string | undefined, text: string, styles: OdsStyles): Cell {
  if (attributes.includes('value-type="error"')) return errorCell();
  const type = attribute(attributes, 'value-type');
  if (type === 'float' || type === 'currency' || type === 'percentage') {
    const value = Number(attribute(attributes, 'value') ?? Number.NaN);
    if (!Number.isFinite(value)) return uncomputedCell();
    return numberCell(value, { kind: styles.kindOf(style), unit: styles.unitOf(style), isGeneral: false }, false);
  }
  if (type === 'date') return isoCell(attribute(attributes, 'date-value') ?? text);
  if (type === 'time') {
    const minutes = minutesOf(attribute(attributes, 'time-value') ?? '');
    return minutes === null ? text : minutesCell(styles.kindOf(style) === 'elapsed' ? 'elapsed' : 'time', minutes);
  }
  if (type === 'boolean') return booleanCell(attribute(attributes, 'boolean-value') === 'true');
  if (type === undefined && text === '' && attribute(attributes, 'formula') !== undefined) return uncomputedCell();
  return text === '' ? (attribute(attributes, 'string-value') ?? '') : text;
}

function minutesOf(duration: string): number | null {
  const found = DURATION.exec(duration);
  if (!found) return null;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = found
    .slice(2)
    .map((part) => Number((part ?? '0').replace(',', '.')));
  return (found[1] === '-' ? -1 : 1) * (days * 1_440 + hours * 60 + minutes + seconds / 60);
}
