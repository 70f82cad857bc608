import { describe, expect, it } from 'vitest';
import type { Cell, Content } from '../../machines/orders/document.ts';
import { previewOf } from '../../src/documents/preview.ts';

const cell = (row: number): Cell => ({ ref: `A${row + 1}`, row, column: 0, text: `${row}`, hidden: row === 1 });
const sheets: Content = {
  kind: 'sheets',
  sheets: [
    { name: 'Order', hidden: false, rows: Array.from({ length: 600 }, (_, i) => [cell(i * 2)]) },
    { name: 'Notes', hidden: true, rows: [[{ ...cell(1), typed: { kind: 'number', decimal: '1' } }]] },
  ],
};
const item = { text: 'x', x: 1, y: 2, w: 3, h: 4, hidden: false };
const pages: Content = {
  kind: 'pages',
  pages: [1, 2].map((number) => ({ number, width: 595, height: 842, items: [item] })),
};

describe('a preview', () => {
  it('of a workbook is 500 rows of the first sheet', () => {
    const preview = previewOf({ content: sheets });
    expect(preview).toMatchObject({
      kind: 'table',
      sheets: [
        { name: 'Order', hidden: false },
        { name: 'Notes', hidden: true },
      ],
      sheet: 'Order',
    });
    expect(preview?.kind === 'table' && preview.rows).toHaveLength(500);
    expect(preview?.kind === 'table' && preview.rows[0]).toEqual([{ ref: 'A1', text: '0', hidden: false }]);
  });

  it('of a workbook is the sheet and the rows that are asked for', () => {
    expect(previewOf({ content: sheets }, { sheet: 'Notes' })).toMatchObject({
      sheet: 'Notes',
      rows: [[{ ref: 'A2', text: '1', hidden: true }]],
    });
    expect(previewOf({ content: sheets }, { from: 1198 })).toMatchObject({ rows: [[{ ref: 'A1199' }]] });
    expect(previewOf({ content: sheets }, { from: 5000 })).toMatchObject({ rows: [] });
    expect(previewOf({ content: sheets }, { sheet: 'Other' })).toBeNull();
  });

  it('of a PDF is one page', () => {
    const page = { kind: 'page', pages: 2, width: 595, height: 842, items: [item] };
    expect(previewOf({ content: pages })).toEqual({ ...page, page: 1 });
    expect(previewOf({ content: pages }, { page: 2 })).toEqual({ ...page, page: 2 });
    expect(previewOf({ content: pages }, { page: 3 })).toBeNull();
  });

  it('of a text is 500 lines', () => {
    const content: Content = { kind: 'lines', text: Array.from({ length: 700 }, (_, i) => `${i + 1}`).join('\r\n') };
    const lines = (from?: number) => {
      const preview = previewOf({ content }, { from });
      return preview?.kind === 'text' ? preview.lines : [];
    };
    expect([lines().length, lines().at(0), lines().at(-1)]).toEqual([500, '1', '500']);
    expect([lines(501).length, lines(501).at(0), lines(701)]).toEqual([200, '501', []]);
  });

  it('of what could not be read is none', () => {
    expect(previewOf({ content: null })).toBeNull();
  });
});
