/**
 * ODS: what styles say about cells and sheets.
 *
 * Owns: units that number styles write, times beyond a day, sheets that are not shown.
 */
import type { TimeUnit } from '../../../machines/activities/tables.ts';
import { attribute, decodeEntities } from '../xml.ts';
import { unitOfFormat } from './format-units.ts';

export interface OdsStyles {
  open(name: string, attributes: string): void;
  close(name: string): void;
  text(text: string, encoded: boolean): void;
  /** What a cell style writes behind its numbers. */
  unitOf(cellStyle: string | undefined): TimeUnit | null;
  /** True for a cell style that counts hours beyond a day. */
  isElapsed(cellStyle: string | undefined): boolean;
  /** True for a style of sheets that are not shown. */
  hidesSheet(tableStyle: string | undefined): boolean;
}

/** As many as Excel has. */
const MAX_STYLES = 65_536;
const MAX_LITERAL_CHARS = 100;

interface DataStyle {
  literal: string;
  isElapsed: boolean;
}

export function createOdsStyles(): OdsStyles {
  const dataStyles = new Map<string, DataStyle>();
  /** Name of the data style of each cell style. */
  const cellStyles = new Map<string, string>();
  const hiding = new Set<string>();
  let dataStyle: DataStyle | undefined;
  let tableStyle: string | undefined;
  let inLiteral = false;

  const dataStyleOf = (cellStyle: string | undefined): DataStyle | undefined =>
    dataStyles.get(cellStyles.get(cellStyle ?? '') ?? '');

  return {
    open(name, attributes) {
      if (name === 'number-style' || name === 'time-style') {
        const isElapsed = attribute(attributes, 'truncate-on-overflow') === 'false';
        dataStyle = { literal: '', isElapsed };
        if (dataStyles.size < MAX_STYLES) dataStyles.set(attribute(attributes, 'name') ?? '', dataStyle);
      } else if (name === 'style') {
        const style = attribute(attributes, 'name') ?? '';
        const family = attribute(attributes, 'family');
        tableStyle = family === 'table' ? style : undefined;
        const data = attribute(attributes, 'data-style-name');
        if (family === 'table-cell' && data !== undefined && cellStyles.size < MAX_STYLES) cellStyles.set(style, data);
      } else if (name === 'table-properties' && tableStyle !== undefined && hiding.size < MAX_STYLES) {
        if (attribute(attributes, 'display') === 'false') hiding.add(tableStyle);
      }
      inLiteral = name === 'text' && dataStyle !== undefined;
    },
    close(name) {
      inLiteral = false;
      if (name === 'number-style' || name === 'time-style') dataStyle = undefined;
    },
    text(text, encoded) {
      if (!inLiteral || !dataStyle || dataStyle.literal.length > MAX_LITERAL_CHARS) return;
      dataStyle.literal += encoded ? decodeEntities(text) : text;
    },
    unitOf(cellStyle) {
      const literal = dataStyleOf(cellStyle)?.literal ?? '';
      return literal === '' ? null : unitOfFormat(`"${literal.replaceAll('"', '')}"`);
    },
    isElapsed: (cellStyle) => dataStyleOf(cellStyle)?.isElapsed === true,
    hidesSheet: (style) => style !== undefined && hiding.has(style),
  };
}
