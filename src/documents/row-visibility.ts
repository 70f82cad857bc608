/**
 * XLSX: which rows of a sheet nobody sees: hidden by hand, by a filter, by a collapsed group, or without height.
 */
import { isTrue } from './workbook-parts.ts';
import { attribute } from './xml.ts';

export interface RowVisibility {
  /** Told of the elements of a sheet that stand before its rows. */
  note(name: string, attributes: string): void;
  /** @param attributes of a `row` element */
  isHidden(attributes: string): boolean;
}

export function createRowVisibility(): RowVisibility {
  let rowsAreHidden = false;
  return {
    note(name, attributes) {
      if (name === 'sheetFormatPr') rowsAreHidden = isTrue(attribute(attributes, 'zeroHeight'));
    },
    isHidden(attributes) {
      const stated = attribute(attributes, 'hidden');
      if (stated === undefined ? rowsAreHidden : isTrue(stated)) return true;
      return Number(attribute(attributes, 'ht') ?? 1) === 0;
    },
  };
}
