import { delimited, encode } from './delimited.ts';
import type { Dice } from './dice.ts';
import { excelBytes } from './excel.ts';
import { flatOffice } from './flat-office.ts';
import { visibleText, type Workbook } from './grid.ts';
import { htmlA } from './html-a.ts';
import { htmlB } from './html-b.ts';
import { bodyMessage, coverMessage, forwardedText } from './mail.ts';
import { decoyMarks, type Paper, without } from './paper.ts';
import { plainPdf } from './plain-pdf.ts';
import { plainTextA, plainTextB } from './plain-text.ts';
import {
  convertByLibreOffice,
  type Job,
  type Program,
  printByChromium,
  printByWeasyPrint,
  typesetByGroff,
} from './programs.ts';
import { proseOf } from './prose.ts';
import { workbookA } from './sheets-a.ts';
import { workbookB } from './sheets-b.ts';
import type { Expected } from './truth.ts';
import { typeset } from './typeset.ts';

/** What a document is before its bytes are there. */
export interface Draft {
  id: string;
  paper: Paper;
  dice: Dice;
}

/** What is known of a document besides its bytes. */
interface Content {
  visible: string;
  expected: Expected;
  features: readonly string[];
}

export type Written = Content & { bytes: Uint8Array; filename?: string };

export interface Producer {
  extension: string;
  program: Program | null;
  write(drafts: readonly Draft[]): Promise<Written[]>;
}

const each =
  (write: (draft: Draft) => Written | Promise<Written>): Producer['write'] =>
  (drafts) =>
    Promise.all(drafts.map(write));

/** A program that makes documents of sources, all at once. */
function through(
  source: (draft: Draft) => Content & { source: string },
  program: (jobs: readonly Job[]) => Promise<Uint8Array[]>,
): Producer['write'] {
  return async (drafts) => {
    const contents = drafts.map(source);
    const files = await program(
      contents.map((content, i) => ({ name: drafts[i]?.id as string, source: content.source })),
    );
    return contents.map((content, i) => ({ ...content, bytes: files[i] as Uint8Array }));
  };
}

export const PRODUCERS: Readonly<Record<string, Producer>> = {
  'xlsx/exceljs': {
    extension: 'xlsx',
    program: null,
    write: each(async ({ paper, dice }) => {
      const book = workbookOf(paper, dice);
      return { ...contentOf(paper, book), bytes: await excelBytes(book, dice) };
    }),
  },
  'xlsx/libreoffice': {
    extension: 'xlsx',
    program: 'soffice',
    write: through(officeSource(true), (jobs) => convertByLibreOffice(jobs, 'xlsx')),
  },
  'xls/libreoffice': {
    extension: 'xls',
    program: 'soffice',
    write: through(officeSource(true), (jobs) => convertByLibreOffice(jobs, 'xls')),
  },
  csv: {
    extension: 'csv',
    program: null,
    write: each(({ paper, dice, id }) => {
      const book = workbookOf(paper, dice);
      const shown = { ...book, grids: book.grids.filter(({ hidden }) => !hidden).slice(0, 1) };
      const file = delimited(shown.grids[0] as Workbook['grids'][number], id, paper.style.numbers, dice);
      const content = contentOf(paper, shown);
      return { ...content, ...file, features: [...content.features, ...file.features] };
    }),
  },
  txt: {
    extension: 'txt',
    program: null,
    write: each(({ paper, dice }) => {
      const { text, ...content } = (paper.order.family === 'a' ? plainTextA : plainTextB)(paper, dice);
      return { ...content, visible: text, bytes: encode(text, dice.pick(['utf-8', 'windows-1252'])) };
    }),
  },
  'pdf/plain': {
    extension: 'pdf',
    program: null,
    write: each(({ paper }) => ({ ...plainPdf(paper), expected: paper.expected, features: paper.features })),
  },
  'pdf/libreoffice': {
    extension: 'pdf',
    program: 'soffice',
    write: through(officeSource(false), (jobs) => convertByLibreOffice(jobs, 'pdf')),
  },
  'pdf/chromium': { extension: 'pdf', program: 'chromium', write: through(printedSource, printByChromium) },
  'pdf/weasyprint': { extension: 'pdf', program: 'weasyprint', write: through(printedSource, printByWeasyPrint) },
  'pdf/groff': {
    extension: 'pdf',
    program: 'gropdf',
    write: through(({ paper, dice }) => {
      const { features, ...rest } = typeset(paper, dice);
      return { ...rest, expected: paper.expected, features: [...paper.features, ...features] };
    }, typesetByGroff),
  },
  'eml/body': {
    extension: 'eml',
    program: null,
    write: each(async ({ paper, dice }) => {
      const { text, said, subject, ...content } = proseOf(paper, dice);
      const isForwarded = dice.chance(0.15);
      const shown = isForwarded ? forwardedText(paper, text, subject) : text;
      const bytes = await bodyMessage(paper, isForwarded ? `Fwd: ${subject}` : subject, shown, dice);
      const features = [...content.features, ...(isForwarded ? ['forwarded'] : [])];
      const days = [...content.expected.days, paper.order.orderDay];
      return {
        bytes,
        visible: `${subject}\n${isForwarded ? forwardedText(paper, said, subject) : said}`,
        expected: { ...content.expected, days },
        features,
      };
    }),
  },
  'eml/attached': {
    extension: 'eml',
    program: null,
    write: each(async ({ paper, dice, id }) => {
      const book = workbookOf(paper, dice);
      const isPdf = dice.chance(0.3);
      const content = isPdf
        ? { ...plainPdf(paper), expected: paper.expected, features: paper.features }
        : { ...contentOf(paper, book), bytes: await excelBytes(book, dice) };
      const name = dice.chance(0.3) ? `${paper.title} ${paper.order.poNumber.replaceAll('/', '-')}` : id;
      const cover = await coverMessage(
        paper,
        { filename: `${name}.${isPdf ? 'pdf' : 'xlsx'}`, bytes: content.bytes },
        dice,
      );
      const traps = [...content.expected.traps, ...(cover.quotes ? decoyMarks(paper.decoy, 0, 1, 2) : [])];
      // The subject names the order, whatever the file leaves out.
      const header = { ...content.expected.header, po_number: { accepted: [paper.order.poNumber], required: true } };
      const days = [...content.expected.days, paper.decoy.orderDay];
      const features = [
        ...content.features,
        isPdf ? 'PDF attached' : 'XLSX attached',
        ...(cover.quotes ? ['quotes an old order'] : []),
      ];
      return {
        bytes: cover.bytes,
        visible: `${content.visible}\n${cover.subject}\n${cover.said}`,
        expected: { ...content.expected, header, days, traps },
        features,
      };
    }),
  },
};

const workbookOf = (paper: Paper, dice: Dice): Workbook =>
  (paper.order.family === 'a' ? workbookA : workbookB)(paper, dice);

function contentOf(paper: Paper, book: Workbook): Content {
  const expected = { ...without(paper.expected, book.omitted), traps: book.traps };
  return { visible: visibleText(book), expected, features: [...paper.features, ...book.features] };
}

function officeSource(typed: boolean) {
  return ({ paper, dice }: Draft): Content & { source: string } => {
    const book = workbookOf(paper, dice);
    return { ...contentOf(paper, book), source: flatOffice(book, typed) };
  };
}

function printedSource({ paper, dice }: Draft): Content & { source: string } {
  const { html, visible, traps, features } = (paper.order.family === 'a' ? htmlA : htmlB)(paper, dice);
  return { source: html, visible, expected: { ...paper.expected, traps }, features: [...paper.features, ...features] };
}
