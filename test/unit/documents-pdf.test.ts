// Long because each way to place and to hide a text is a case of its own.
import { describe, expect, it } from 'vitest';
import type { PageItem } from '../../machines/orders/document.ts';
import { readPdf } from '../../src/documents/pdf.ts';
import { type PdfPage, pdf, textAt } from '../fixtures/pdf.ts';

const FILLER = textAt(50, 20, 'twenty characters of text');
async function items(content: string, page: Partial<PdfPage> = {}, objects: string[] = []): Promise<PageItem[]> {
  const { pages } = await readPdf(new Uint8Array(pdf({ pages: [{ ...page, content: content + FILLER }], objects })));
  return pages[0]?.items.filter(({ text }) => !text.startsWith('twenty')) ?? [];
}
const texts = async (...args: Parameters<typeof items>) => (await items(...args)).map(({ text }) => text);
/** Text, with a mark if it is hidden. */
const seen = async (...args: Parameters<typeof items>) =>
  (await items(...args)).map(({ text, hidden }) => (hidden ? `(${text})` : text));

describe('a run of text in a PDF', () => {
  it('has its place in points from the top left, its baseline below', async () => {
    expect(await items(textAt(100, 700, 'Widget', { size: 20, font: 'F2' }))).toEqual([
      { text: 'Widget', x: 100, y: 122, w: 72, h: 20, hidden: false },
    ]);
  });

  it('has its place on pages that are turned, cut and scaled', async () => {
    const turned = await items(textAt(100, 700, 'Widget', { size: 20, font: 'F2' }), { extra: '/Rotate 90' });
    expect(turned).toEqual([{ text: 'Widget', x: 700, y: 100, w: 20, h: 72, hidden: false }]);
    const cut = await items(textAt(100, 700, 'Widget', { size: 20 }), { extra: '/CropBox [50 0 595 800]' });
    expect(cut[0]).toMatchObject({ x: 50, y: 80 });
    const scaled = await items(`q 2 0 0 2 10 20 cm ${textAt(100, 300, 'Widget', { font: 'F2' })} Q`);
    expect(scaled).toEqual([{ text: 'Widget', x: 210, y: 202, w: 72, h: 20, hidden: false }]);
  });

  it('goes on over kerning and blanks, and ends where a column may begin', async () => {
    const show = (array: string) => `BT /F1 10 Tf 50 700 Td [${array}] TJ ET\n`;
    expect(await texts(show('(W) 60 (i) -40 (dget)'))).toEqual(['Widget']);
    expect(await texts(show('(blue) -300 (pens)'))).toEqual(['blue pens']);
    expect(await texts(show('(blue pens) -2000 (20)'))).toEqual(['blue pens', '20']);
    expect(await texts(textAt(50, 700, 'blue pens   20'))).toEqual(['blue pens', '20']);
    expect(await texts(textAt(50, 700, 'blue ') + textAt(73, 700, 'pens'))).toEqual(['blue pens']);
    expect(await texts(textAt(50, 700, 'blue') + textAt(72, 700, 'pens'))).toEqual(['blue', 'pens']);
    expect(await texts(textAt(50, 700, 'one') + textAt(50, 690, 'two'))).toEqual(['one', 'two']);
  });

  it('is one word when its letters are set apart', async () => {
    expect(await texts(textAt(50, 700, 'ORDER', { before: '4 Tc' }))).toEqual(['ORDER']);
  });

  it('counts once when it is written twice to look bold', async () => {
    expect(await texts(textAt(50, 700, 'Total') + textAt(50.3, 700, 'Total'))).toEqual(['Total']);
    expect(await texts(textAt(50, 700, '10') + textAt(50, 680, '10'))).toEqual(['10', '10']);
  });

  it('is moved by all operators that move text', async () => {
    const read = await items(
      'BT /F2 10 Tf 14 TL 50 700 Td (a) Tj T* (b) Tj (c) \' 5 -20 TD (d) Tj 1 0 0 1 90 90 Tm (e) Tj 3 Ts (f) Tj 0 Ts 2 1 (g h) " ET',
    );
    expect(read.map(({ text, x, y, h }) => [text, x, y + h])).toEqual([
      ['a', 50, 142],
      ['b', 50, 156],
      ['c', 50, 170],
      ['d', 55, 190],
      ['e', 90, 752],
      ['f', 96, 749],
      ['g h', 90, 772],
    ]);
  });

  it('may stand in a form of the page or a field that was filled in', async () => {
    const form = (content: string) =>
      `<< /Type /XObject /Subtype /Form /BBox [0 0 200 20] /Matrix [1 0 0 1 0 0] /Resources << /Font << /F1 3 0 R >> >> /Length ${content.length} >>\nstream\n${content}\nendstream`;
    const objects = [
      form('BT /F1 10 Tf 2 4 Td (in a form) Tj ET'),
      '<< /Type /Annot /Subtype /Widget /FT /Tx /T (qty) /V (20) /Rect [300 500 500 520] /AP << /N 1002 0 R >> /F 4 >>',
      form('BT /F1 10 Tf 2 4 Td (filled in) Tj ET'),
    ];
    const read = await items(
      'q 1 0 0 1 100 600 cm /X Do Q ',
      { resources: '/XObject << /X 1000 0 R >>', extra: '/Annots [1001 0 R]' },
      objects,
    );
    expect(read.map(({ text, x, y, h }) => [text, x, y + h])).toEqual([
      ['in a form', 102, 842 - 604],
      ['filled in', 302, 842 - 504],
    ]);
  });

  it('has ligatures as letters', async () => {
    const objects = [
      '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding << /Type /Encoding /Differences [65 /fi] >> >>',
    ];
    const resources = '/Font << /F9 1000 0 R >>';
    const content = 'BT /F9 10 Tf 50 700 Td (Ax) Tj ET ';
    const { pages } = await readPdf(new Uint8Array(pdf({ pages: [{ content, resources }], objects })));
    expect(pages[0]?.items.map(({ text }) => text)).toEqual(['fix']);
  });
});

describe('text in a PDF is hidden', () => {
  it.each([
    ['in white', '1 g', '(x)'],
    ['in nearly white', '0.99 0.98 1 rg', '(x)'],
    ['in grey', '0.7 g', 'x'],
    ['rendered as nothing', '3 Tr', '(x)'],
    ['rendered as a clip', '7 Tr', '(x)'],
    ['stroked in black', '1 g 1 Tr', 'x'],
    ['stroked in white', '1 G 1 Tr', '(x)'],
  ])('%s: %s → %s', async (_, before, expected) => {
    expect(await seen(textAt(50, 700, 'x', { before }))).toEqual([expected]);
  });

  it('when it is smaller than 1 pt as it is shown', async () => {
    expect(await seen(textAt(50, 700, 'a', { size: 0.9 }))).toEqual(['(a)']);
    expect(await seen(`q 0.05 0 0 0.05 0 0 cm ${textAt(50, 700, 'a')} Q`)).toEqual(['(a)']);
    expect(await seen(`q 10 0 0 10 0 0 cm ${textAt(5, 70, 'a', { size: 0.9 })} Q`)).toEqual(['a']);
  });

  it('off the page', async () => {
    expect(
      await seen(textAt(-40, 700, 'a') + textAt(700, 700, 'b') + textAt(50, -30, 'c') + textAt(50, 900, 'd')),
    ).toEqual(['(a)', '(b)', '(c)', '(d)']);
  });

  it('by what is under it: white on dark is seen, dark on dark is not', async () => {
    const bar = (color: string) => `${color} rg 40 690 200 30 re f `;
    expect(await seen(`${bar('0 0 0.5')}${textAt(50, 700, 'Qty', { before: '1 g' })}`)).toEqual(['Qty']);
    expect(await seen(`${bar('0 0 0.5')}${textAt(50, 700, 'Qty', { before: '0 0 0.5 rg' })}`)).toEqual(['(Qty)']);
    expect(await seen(`${bar('0 0 0.5')}${textAt(50, 600, 'Qty', { before: '1 g' })}`)).toEqual(['(Qty)']);
  });

  it('when it is painted over afterwards, unless that is transparent', async () => {
    const over = `${textAt(50, 700, 'Qty 5')} 1 g 40 690 200 30 re f 0 g `;
    expect(await seen(over)).toEqual(['(Qty 5)']);
    const resources = '/ExtGState << /G << /ca 0.4 >> /M << /BM /Multiply >> >>';
    expect(await seen(`${textAt(50, 700, 'Qty 5')} /G gs 1 1 0 rg 40 690 200 30 re f `, { resources })).toEqual([
      'Qty 5',
    ]);
    expect(await seen(`${textAt(50, 700, 'Qty 5')} /M gs 1 1 0 rg 40 690 200 30 re f `, { resources })).toEqual([
      'Qty 5',
    ]);
  });

  it('when its opacity is next to nothing', async () => {
    const resources = '/ExtGState << /G << /ca 0.01 >> >>';
    expect(await seen(`/G gs ${textAt(50, 700, 'a')}`, { resources })).toEqual(['(a)']);
  });

  it('in a layer that is off', async () => {
    const layer = (name: string, text: string) => `/OC /${name} BDC ${textAt(50, 700, text)} EMC `;
    const file = pdf({
      pages: [
        {
          content: layer('On', 'a') + layer('Off', 'b') + FILLER,
          resources: '/Properties << /On 1000 0 R /Off 1001 0 R >>',
        },
      ],
      objects: ['<< /Type /OCG /Name (on) >>', '<< /Type /OCG /Name (off) >>'],
      catalog: '/OCProperties << /OCGs [1000 0 R 1001 0 R] /D << /ON [1000 0 R] /OFF [1001 0 R] >> >>',
    });
    const { pages } = await readPdf(new Uint8Array(file));
    expect(pages[0]?.items.map(({ text, hidden }) => [text, hidden])).toEqual([
      ['a', false],
      ['b', true],
      ['twenty characters of text', false],
    ]);
  });

  it('without taking what stands beside it along', async () => {
    expect(await seen(`BT /F1 10 Tf 50 700 Td (1) Tj 1 g (00) Tj 0 g ( boxes) Tj ET`)).toEqual(['1', '(00)', 'boxes']);
  });
});

describe('a PDF', () => {
  it('is pages of pictures when there are fewer than 20 characters to see on a page', async () => {
    const pages = (...contents: string[]) =>
      readPdf(new Uint8Array(pdf({ pages: contents.map((content) => ({ content })) })));
    expect((await pages(textAt(9, 99, 'x'.repeat(20)))).needsOcr).toBe(false);
    expect((await pages(textAt(9, 99, 'x'.repeat(19)))).needsOcr).toBe(true);
    expect((await pages(textAt(9, 99, 'x'.repeat(40)), '')).needsOcr).toBe(false);
    expect((await pages(textAt(9, 99, 'x'.repeat(40), { before: '3 Tr' }))).needsOcr).toBe(true);
  });

  it('has its pages in order, each with its size', async () => {
    const file = pdf({
      pages: [{ content: FILLER }, { content: FILLER, width: 300, height: 200, extra: '/Rotate 90' }],
    });
    const { pages } = await readPdf(new Uint8Array(file));
    expect(pages.map(({ number, width, height }) => [number, width, height])).toEqual([
      [1, 595, 842],
      [2, 200, 300],
    ]);
  });
});
