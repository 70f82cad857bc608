/**
 * ODS: what styles say about cells and sheets.
 *
 * Owns: units that number styles write, times beyond a day, sheets that are not shown.
 */
import type { TimeUnit } from '../../../machines/activities/tables.ts';
import type { NumberKind } from '../number-formats.ts';
import { attribute, decodeEntities } from '../xml.ts';
import { unitOfFormat } from './format-units.ts';

export interface OdsStyles {
  open(name: string, attributes: string): void;
  close(name: string): void;
  text(text: string, encoded: boolean): void;
  /** What a cell style writes behind its numbers. */
  unitOf(cellStyle: string | undefined): TimeUnit | null;
  /** As what a cell style shows its numbers. */
  kindOf(cellStyle: string | undefined): NumberKind;
  /** True for a style of sheets that are not shown. */
  hidesSheet(tableStyle: string | undefined): boolean;
}

/** As many as Excel has. */
const MAX_STYLES = 65_536;
const MAX_LITERAL_CHARS = 100;

interface DataStyle {
  literal: string;
  kind: NumberKind;
}

const PLAIN: DataStyle = { literal: '', kind: 'number' };
const DATA_STYLES = new Map<string, NumberKind>([
  ['number-style', 'number'],
  ['date-style', 'date'],
  ['time-style', 'time'],
]);

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
      if (DATA_STYLES.has(name)) {
        const isElapsed = attribute(attributes, 'truncate-on-overflow') === 'false';
        dataStyle = { literal: '', kind: isElapsed ? 'elapsed' : (DATA_STYLES.get(name) as NumberKind) };
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
      if (DATA_STYLES.has(name)) dataStyle = undefined;
    },
    text(text, encoded) {
      if (!inLiteral || !dataStyle || dataStyle.literal.length > MAX_LITERAL_CHARS) return;
      dataStyle.literal += encoded ? decodeEntities(text) : text;
    },
    unitOf(cellStyle) {
      const { literal, kind } = dataStyleOf(cellStyle) ?? PLAIN;
      return literal === '' || kind !== 'number' ? null : unitOfFormat(`"${literal.replaceAll('"', '')}"`);
    },
    kindOf: (cellStyle) => (dataStyleOf(cellStyle) ?? PLAIN).kind,
    hidesSheet: (style) => style !== undefined && hiding.has(style),
  };
}
