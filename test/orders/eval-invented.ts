/**
 * Values that were read but stand nowhere.
 *
 * Owns: the two checks that each value must pass. Its raw text must be at the place that it names, in the file as it was
 * read; and the value must be one that a person can see on the document, as the generator knows it. Does not own: whether
 * the value is the right one.
 */
import type { ReadDocument } from '../../machines/orders/document.ts';
import type { OrderReading } from '../../machines/orders/read-order.ts';
import type { OrderField, Source } from '../../machines/orders/sources.ts';
import type { Specimen } from './generator/truth.ts';

/** What was read of a specimen, with the files that places refer to. */
export interface Read {
  reading: OrderReading;
  documents: readonly ReadDocument[];
  subject: string;
}

const FREE_METHODS = new Set(['default', 'form', 'human']);

/** A sentence for each invented value. */
export function inventedValues({ reading, documents, subject }: Read, specimen: Specimen): string[] {
  const faults: string[] = [];
  const seen = seenIn(specimen);
  for (const [path, value] of Object.entries(draftValues(reading))) {
    const field = reading.fields[path];
    if (field === undefined) faults.push(`${path} = ${show(value)} has no field`);
    else if (!FREE_METHODS.has(field.method)) {
      const fault = placeFault(field, documents, subject) ?? valueFault(path, value, field, seen, specimen);
      if (fault !== null) faults.push(`${path} = ${show(value)}: ${fault}`);
    }
    const isTrap = specimen.expected.traps.some((trap) => squeeze(String(value)).includes(squeeze(trap)));
    if (isTrap) faults.push(`${path} = ${show(value)} is from a place that must not be read`);
  }
  return faults;
}

const show = (value: string | number): string => JSON.stringify(value);

/** Values of the draft by path; what only says that something is missing is none. */
function draftValues({ draft, contact }: OrderReading): Record<string, string | number> {
  const all: [string, unknown][] = [
    ['po_number', draft.po_number],
    ['customer.name', draft.customer?.name],
    ['customer.vat', draft.customer?.vat],
    ['customer.address', draft.customer?.address],
    ['delivery.address', draft.delivery?.address],
    ['delivery.date', draft.delivery?.date],
    ['delivery.incoterm', draft.delivery?.incoterm],
    ['currency', draft.currency],
    ['totals.subtotal', draft.totals?.subtotal],
    ['totals.tax', draft.totals?.tax],
    ['totals.total', draft.totals?.total],
    ['contact.name', contact.name],
    ['contact.phone', contact.phone],
    ...draft.lines.flatMap((line) =>
      (['sku', 'description', 'qty', 'uom', 'unit_price', 'total_price'] as const).map((name): [string, unknown] => [
        `lines[${line.line_no}].${name}`,
        (name === 'sku' && line.sku === '?') || (name === 'qty' && line.qty === 0) ? null : line[name],
      ]),
    ),
  ];
  return Object.fromEntries(all.filter(([, value]) => value !== null && value !== undefined)) as Record<
    string,
    string | number
  >;
}

function placeFault({ raw, source }: OrderField, documents: readonly ReadDocument[], subject: string): string | null {
  if (raw === null || source === null) return 'no raw text or no place';
  const text = source.kind === 'form' ? (source.field === 'subject' ? subject : raw) : textAt(source, documents);
  if (text === null) return `no such place: ${JSON.stringify(source)}`;
  if (squeeze(text).includes(squeeze(raw))) return null;
  const words = raw.split(/\s+/).map(squeeze);
  const isThere = source.kind === 'page' && words.every((word) => squeeze(text).includes(word));
  return isThere ? null : `${show(raw)} is not at its place, which says ${show(text.slice(0, 80))}`;
}

function textAt(source: Exclude<Source, { kind: 'form' }>, documents: readonly ReadDocument[]): string | null {
  const content = documents.find(({ artifact_id }) => artifact_id === source.artifact_id)?.content;
  if (source.kind === 'line') return content?.kind === 'lines' ? textFrom(content.text, source) : null;
  if (source.kind === 'cell') {
    const sheet = content?.kind === 'sheets' ? content.sheets.find(({ name }) => name === source.sheet) : undefined;
    const [from, to] = source.cell.split(':').map(placeOf);
    if (sheet === undefined || from === undefined) return null;
    const end = to ?? from;
    const cells = sheet.rows.flat().filter(({ row, column, hidden }) => {
      return !hidden && row >= from.row && row <= end.row && column >= from.column && column <= end.column;
    });
    return cells.map(({ text }) => text).join(' ');
  }
  const page = content?.kind === 'pages' ? content.pages.find(({ number }) => number === source.page) : undefined;
  if (page === undefined) return null;
  const [x, y, w, h] = source.bbox;
  const items = page.items.filter((item) => {
    return (
      !item.hidden && item.x < x + w + 2 && item.x + item.w > x - 2 && item.y < y + h + 2 && item.y + item.h > y - 2
    );
  });
  return items.map(({ text }) => text).join(' ');
}

/** Where `start` and `end` say; the end may be on a later line. */
function textFrom(text: string, { line, start, end }: Extract<Source, { kind: 'line' }>): string | null {
  const ends = [...text.matchAll(/\r\n|\n|\r/g)].map((lineEnd) => lineEnd.index + lineEnd[0].length);
  const from = [0, ...ends][line - 1];
  return from === undefined ? null : text.slice(from + start, from + end);
}

/** Row and column of `B7`, from 0. */
function placeOf(ref: string): { row: number; column: number } {
  const [, letters = '', digits = '0'] = /^([A-Z]+)(\d+)$/.exec(ref) ?? [];
  const column = Array.from(letters).reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
  return { row: Number(digits) - 1, column };
}

interface Seen {
  text: string;
  numbers: ReadonlySet<number>;
}

function valueFault(
  path: string,
  value: string | number,
  field: OrderField,
  seen: Seen,
  { expected }: Specimen,
): string | null {
  if (path === 'currency') {
    const symbol = /[€£$]|eur|gbp|usd|chf/i.exec(field.raw ?? '')?.[0];
    return symbol !== undefined && seen.text.includes(squeeze(symbol)) ? null : `${show(field.raw ?? '')} names none`;
  }
  if (path.endsWith('.uom')) {
    // A number beside it is written as the reader's country does.
    const word = squeeze(field.raw ?? '').replace(/^[\d.,'-]+/, '');
    return word !== '' && seen.text.includes(word) ? null : `${show(field.raw ?? '')} is no unit that can be seen`;
  }
  if (path === 'delivery.date') {
    return expected.days.includes(String(value)) || seen.text.includes(String(value))
      ? null
      : 'no such day can be seen';
  }
  if (typeof value === 'number') {
    const bases = field.flags.includes('price_basis') ? [1, 100, 1000] : [1];
    return bases.some((basis) => seen.numbers.has(round(value * basis))) ? null : 'no such number can be seen';
  }
  const words = value.split(/[\s,;|]+/).map(squeeze);
  const missing = words.find((word) => !seen.text.includes(word));
  return missing === undefined ? null : `${show(missing)} cannot be seen`;
}

const round = (value: number): number => Number(value.toPrecision(12));

/** Every number that can be read from what is seen, with either decimal mark. */
function seenIn({ visible }: Specimen): Seen {
  const numbers = new Set<number>();
  const add = (token: string) => {
    const plain = token.replace(/[\s'’]/g, '');
    for (const text of [plain.replaceAll(',', ''), plain.replaceAll('.', '').replace(',', '.')])
      numbers.add(round(Number(text)));
  };
  for (const [token] of visible.matchAll(/\d[\d.,'’\u00a0\u202f ]*/g)) {
    add(token.replace(/[.,]+\s*$/, ''));
    const parts = token.split(/\s+/);
    for (let from = 0; from < parts.length; from++) {
      for (let to = from + 1; to <= Math.min(parts.length, from + 4); to++)
        add(
          parts
            .slice(from, to)
            .join('')
            .replace(/[.,]+$/, ''),
        );
    }
  }
  return { text: squeeze(visible), numbers };
}

/** Without white space, case, and the ways to write a hyphen or an apostrophe. */
function squeeze(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[‐‑‒–—−]/g, '-')
    .replace(/[’‘`]/g, "'")
    .replace(/[\s\u00ad\u200b]+/g, '');
}
