/**
 * What a reviewer is shown of a document: a part of it, with the same places that fields refer to.
 *
 * Owns: which part, and its shape. Pure.
 */
import type { PageItem, ReadDocument } from '../../machines/orders/document.ts';

export interface PreviewQuery {
  /** Name of a sheet; the first one if absent. */
  sheet?: string | undefined;
  /** From 1. */
  page?: number | undefined;
  /** First row or line, from 1. */
  from?: number | undefined;
}

export type Preview =
  | {
      kind: 'table';
      sheets: { name: string; hidden: boolean }[];
      sheet: string;
      rows: { ref: string; text: string; hidden: boolean }[][];
    }
  | { kind: 'page'; pages: number; page: number; width: number; height: number; items: PageItem[] }
  | { kind: 'text'; lines: string[] };

/** Rows or lines at a time. */
const MAX_ROWS = 500;

/** Null if there is no such sheet or page, or if the document could not be read. */
export function previewOf({ content }: Pick<ReadDocument, 'content'>, query: PreviewQuery = {}): Preview | null {
  const { from = 1 } = query;
  switch (content?.kind) {
    case 'sheets': {
      const sheet =
        query.sheet === undefined ? content.sheets[0] : content.sheets.find(({ name }) => name === query.sheet);
      if (!sheet) return null;
      const rows = sheet.rows.filter(([first]) => first !== undefined && first.row + 1 >= from).slice(0, MAX_ROWS);
      return {
        kind: 'table',
        sheets: content.sheets.map(({ name, hidden }) => ({ name, hidden })),
        sheet: sheet.name,
        rows: rows.map((row) => row.map(({ ref, text, hidden }) => ({ ref, text, hidden }))),
      };
    }
    case 'pages': {
      const page = content.pages[(query.page ?? 1) - 1];
      if (!page) return null;
      const { number, width, height, items } = page;
      return { kind: 'page', pages: content.pages.length, page: number, width, height, items: [...items] };
    }
    case 'lines':
      return { kind: 'text', lines: content.text.split(/\r\n|\n|\r/).slice(from - 1, from - 1 + MAX_ROWS) };
    default:
      return null;
  }
}
