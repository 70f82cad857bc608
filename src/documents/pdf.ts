/**
 * PDF: the text layer of an order's document, run by run with its place.
 *
 * Owns: opening the file and going through its pages. Nothing is drawn, no script is run, no link or attachment is
 * followed, no image is decoded. Does not own: what the operators of a page mean (`pdf-text.ts`).
 */
import { getDocumentProxy } from 'unpdf';
import type { Page } from '../../machines/orders/document.ts';
import { MAX_PAGES } from './limits.ts';
import { readPageText } from './pdf-text.ts';
import { Refused } from './table.ts';

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

/** Characters of a page that is more than a picture, on average. */
const MIN_CHARACTERS_PER_PAGE = 20;
/** Runs of text in all pages. */
const MAX_ITEMS = 500_000;

export interface PdfText {
  pages: readonly Page[];
  /** There is hardly any text to see: the pages are pictures. */
  needsOcr: boolean;
}

/** @throws {Refused} if it is damaged, encrypted, or has more of something than a document may have */
export async function readPdf(bytes: Uint8Array): Promise<PdfText> {
  const pdf = await open(bytes);
  try {
    return await readPages(pdf);
  } finally {
    await pdf.loadingTask.destroy();
  }
}

async function open(bytes: Uint8Array): Promise<Pdf> {
  // The library takes possession of what it is given.
  const data = Uint8Array.from(bytes);
  const options = { isEvalSupported: false, enableXfa: false, verbosity: 0, maxImageSize: 1, useSystemFonts: false };
  return getDocumentProxy(data, { ...options, stopAtErrors: false, disableFontFace: true }).catch(refuse);
}

async function readPages(pdf: Pdf): Promise<PdfText> {
  if (pdf.numPages > MAX_PAGES) {
    throw new Refused(400, `the document has more than ${MAX_PAGES} pages`, 'file', 'page count');
  }
  const layers = await pdf.getOptionalContentConfig().catch(() => null);
  const pages: Page[] = [];
  let items = 0;
  let characters = 0;
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const page = await pdf.getPage(number).catch(refuse);
    const read = await readPageText(page, layers).catch(refuse);
    page.cleanup();
    items += read.items.length;
    if (items > MAX_ITEMS) throw new Refused(400, `more than ${MAX_ITEMS} pieces of text`, 'file', 'element count');
    for (const { text, hidden } of read.items) if (!hidden) characters += text.replaceAll(/\s/g, '').length;
    pages.push({ number, ...read });
  }
  return { pages, needsOcr: characters < MIN_CHARACTERS_PER_PAGE * pdf.numPages };
}

function refuse(error: unknown): never {
  const { name, message } = error as { name?: string; message?: string };
  if (name === 'PasswordException') {
    throw new Refused(400, 'the document is encrypted; save it without a password', 'file', 'encrypted');
  }
  throw new Refused(400, `unreadable PDF: ${message}`);
}
