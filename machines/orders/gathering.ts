/**
 * All that form, files and message say of one order, settled: one value for each field, and its lines.
 *
 * Owns: the order of the sources, and what the form and the sender say by themselves.
 */
import { isDate, isEmail } from '../../schemas/formats.ts';
import type { Content, ReadDocument } from './document.ts';
import type { DocumentReading } from './document-reading.ts';
import { PATHS } from './extraction/extract.ts';
import { MAX_LINES } from './line-fields.ts';
import { linesOfOrder, type OrderLines } from './order-lines.ts';
import { type Said, type Settled, settleAll } from './settling.ts';
import type { Found } from './sources.ts';
import { sheetGrid } from './tables/grid.ts';
import { readGrids } from './tables/grid-reading.ts';
import { pagesGrid } from './tables/page-grid.ts';
import { type PlacedText, textOfForm, textOfLines } from './texts/placed-text.ts';
import { readLines } from './texts/text-reading.ts';
import { CONFIDENCE, tidy } from './values/fields.ts';

export interface OrderInput {
  order_id: string;
  /** The UTC day it came, YYYY-MM-DD. */
  received_day: string;
  from_email: string;
  /** What the sender filled in; blank is absent. */
  form: {
    customer_hint?: string | null | undefined;
    delivery_address?: string | null | undefined;
    delivery_date?: string | null | undefined;
  };
  subject: string;
  /** The text of the message, stored as an artifact of its own. It is none of `documents`. */
  body: { artifact_id: string; filename: string; text: string } | null;
  /** Attachments in the order received. */
  documents: readonly ReadDocument[];
}

export interface Gathered extends Settled {
  lines: OrderLines;
  /** Each currency that prices name, those of attachments first. */
  currencies: readonly Found[];
  readings: readonly DocumentReading[];
  attached: readonly DocumentReading[];
  /** The texts that a model may be asked about, by name. */
  texts: readonly { name: string; text: PlacedText }[];
  /** Files whose lines are too many. */
  overlong: ReadonlySet<string>;
}

/** Reads every source of an order. */
export function gather({ form, from_email, subject, body, documents }: OrderInput): Gathered {
  const overlong = new Set<string>();
  let room = MAX_LINES;
  const files = documents.flatMap((document) => {
    if (document.content === null) return [];
    const reading = readContent(document, document.content, room);
    const fits = reading.lines.length <= room;
    if (fits) room -= reading.lines.length;
    else overlong.add(document.artifact_id);
    return [{ name: document.filename, reading: fits ? reading : { ...reading, lines: [], tables: [] } }];
  });
  const attached = files.map(({ reading }) => reading);
  const ofBody = body ? [readLines(textOfLines(body, body.text), MAX_LINES)] : [];
  const ofSubject = readLines(textOfForm('subject', subject), MAX_LINES);
  const message = [...ofBody, ofSubject].map((reading) => ({ ...reading, lines: reading.lines.slice(0, MAX_LINES) }));
  const sources: Said[] = [ofForm(form, from_email), ...[...attached, ...message].map(({ found }) => found)];
  const settled = settleAll([...PATHS, 'currency'], sources);
  const readings = [...attached, ...message];
  return {
    ...settled,
    lines: linesOfOrder(attached, message),
    currencies: readings.flatMap(({ currencies }) => currencies),
    ...{ readings, attached, overlong },
    texts: [
      ...files.map(({ name, reading }) => ({ name, text: reading.text })),
      ...ofBody.map(({ text }) => ({ name: 'message', text })),
      { name: 'subject', text: ofSubject.text },
    ],
  };
}

function ofForm({ customer_hint, delivery_address, delivery_date }: OrderInput['form'], email: string): Said {
  const date = delivery_date && isDate(delivery_date) ? delivery_date : null;
  const given = [
    ['customer.name', 'customer_hint', customer_hint],
    ['customer.email', 'from_email', isEmail(email) ? email : null],
    ['delivery.address', 'delivery_address', delivery_address],
    ['delivery.date', 'delivery_date', date],
  ] as const;
  return new Map(
    given.flatMap(([path, field, raw]): [string, Found[]][] => {
      const value = tidy(raw ?? '');
      if (!raw || value === '') return [];
      const source = { artifact_id: null, filename: null, kind: 'form', field } as const;
      return [[path, [{ value, readings: [], raw, source, method: 'form', confidence: CONFIDENCE.given, flags: [] }]]];
    }),
  );
}

/** Reads a document; of its lines no more than one beyond `maxLines`. */
function readContent(document: ReadDocument, content: Content, maxLines: number): DocumentReading {
  if (content.kind === 'lines') return readLines(textOfLines(document, content.text), maxLines);
  if (content.kind === 'pages') return readGrids([pagesGrid(document, content.pages)], maxLines);
  const visible = content.sheets.filter(({ hidden }) => !hidden);
  return readGrids(
    visible.map((sheet) => sheetGrid(document, sheet)),
    maxLines,
  );
}
