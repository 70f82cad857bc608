/**
 * XML as spreadsheet programs write it: elements, attributes and text, read as it comes in.
 *
 * Owns: finding tags in a stream of bytes. A document type is skipped, and there are no entities but the five of XML and
 * numbered characters, so nothing expands and nothing is fetched. It does not check that a document is well-formed: a
 * broken one gives other tags, never an error that is not a refusal.
 */
import { Refused } from './table.ts';

/** Called for each piece of a document, in order; names are without prefix. */
export interface XmlReader {
  /** `attributes` is the source text; read it with {@link attribute}. An empty element is closed at once. */
  open(name: string, attributes: string): void;
  close(name: string): void;
  /** `encoded` is the source text (see {@link decodeEntities}) unless it comes from a CDATA section. */
  text(text: string, encoded: boolean): void;
  /** Set once nothing more is of interest. */
  finished?: boolean;
}

/** Longest tag or text. Far more than any cell may hold. */
const MAX_TOKEN_CHARS = 1 << 20;
/** A full sheet of 5,000 rows and 200 columns has three million; this many take less than a second. */
const MAX_TAGS = 5_000_000;

/** @throws {Refused} for too long a tag or text, or too many tags. */
export async function readXml(bytes: AsyncIterable<Uint8Array>, reader: XmlReader, maxTags = MAX_TAGS): Promise<void> {
  const scanner = createScanner(reader, maxTags);
  let decoder: TextDecoder | undefined;
  let rest = '';
  for await (const chunk of bytes) {
    decoder ??= new TextDecoder(encodingOf(chunk));
    rest = scanner.scan(rest + decoder.decode(chunk, { stream: true }));
    if (reader.finished) return;
    if (rest.length > MAX_TOKEN_CHARS) throw new Refused(400, 'unreadable workbook: a part of its XML is too long');
  }
}

function encodingOf(chunk: Uint8Array): string {
  if (chunk[0] === 0xff && chunk[1] === 0xfe) return 'utf-16le';
  if (chunk[0] === 0xfe && chunk[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}

const BANG = 0x21;
const DOUBLE_QUOTE = 0x22;
const APOSTROPHE = 0x27;
const SLASH = 0x2f;
const COLON = 0x3a;
const GREATER = 0x3e;
const QUESTION = 0x3f;

function createScanner(reader: XmlReader, maxTags: number): { scan(source: string): string } {
  let tags = 0;

  /** Reports all whole tags and texts; gives what is left, a piece that has not ended yet. */
  function scan(source: string): string {
    let at = 0;
    while (!reader.finished) {
      const tag = source.indexOf('<', at);
      if (tag < 0) break;
      const kind = source.charCodeAt(tag + 1);
      const end = kind === BANG || kind === QUESTION ? endOfDeclaration(source, tag) : endOfTag(source, tag);
      // A text is reported with the tag that ends it, so both are still there when the next chunk comes.
      if (end < 0) break;
      if (tag > at) reader.text(source.slice(at, tag), true);
      if (kind === BANG) reportCharacters(source.slice(tag, end));
      else if (kind !== QUESTION) reportTag(source, tag + 1, end);
      at = end + 1;
    }
    return source.slice(at);
  }

  function reportCharacters(section: string): void {
    if (section.startsWith(CDATA)) reader.text(section.slice(CDATA.length, -2), false);
  }

  /** A tag between `<` before `from` and `>` at `end`. By character codes: most of a workbook is tags. */
  function reportTag(source: string, from: number, end: number): void {
    tags += 1;
    if (tags > maxTags) {
      throw new Refused(413, `the sheet has more than ${maxTags} elements`, 'file', 'element count');
    }
    const closing = source.charCodeAt(from) === SLASH;
    let nameStart = closing ? from + 1 : from;
    let nameEnd = nameStart;
    for (; nameEnd < end; nameEnd += 1) {
      const code = source.charCodeAt(nameEnd);
      if (code === COLON) nameStart = nameEnd + 1;
      else if (code <= 0x20 || code === SLASH) break;
    }
    const name = source.slice(nameStart, nameEnd);
    if (closing) {
      reader.close(name);
      return;
    }
    const empty = source.charCodeAt(end - 1) === SLASH;
    reader.open(name, source.slice(nameEnd, empty ? end - 1 : end));
    if (empty) reader.close(name);
  }

  return { scan };
}

const CDATA = '<![CDATA[';
const DECLARATIONS = [
  ['<!--', '-->'],
  [CDATA, ']]>'],
  ['<?', '?>'],
] as const;

/** Index of the `>` that ends a comment, CDATA section or instruction, -1 if it is not there yet. */
function endOfDeclaration(source: string, tag: number): number {
  for (const [start, stop] of DECLARATIONS) {
    if (source.startsWith(start, tag)) {
      const end = source.indexOf(stop, tag + start.length);
      return end < 0 ? -1 : end + stop.length - 1;
    }
  }
  // Too short to tell a comment from a document type.
  return source.length - tag < CDATA.length ? -1 : endOfDocumentType(source, tag);
}

const DOCUMENT_TYPE = /["'[\]>]|<!--/g;

/** A document type ends where neither a quote, nor a comment, nor its brackets are open. */
function endOfDocumentType(source: string, tag: number): number {
  let depth = 0;
  DOCUMENT_TYPE.lastIndex = tag;
  for (let found = DOCUMENT_TYPE.exec(source); found; found = DOCUMENT_TYPE.exec(source)) {
    const [mark] = found;
    if (mark === '[') depth += 1;
    else if (mark === ']') depth -= 1;
    else if (mark === '>') {
      if (depth <= 0) return found.index;
    } else {
      const stop = mark === '<!--' ? '-->' : mark;
      const end = source.indexOf(stop, DOCUMENT_TYPE.lastIndex);
      if (end < 0) return -1;
      DOCUMENT_TYPE.lastIndex = end + stop.length;
    }
  }
  return -1;
}

/** Index of the `>` that is not inside an attribute's value, -1 if it is not there yet. */
function endOfTag(source: string, tag: number): number {
  let quote = 0;
  for (let at = tag + 1; at < source.length; at += 1) {
    const code = source.charCodeAt(at);
    if (quote !== 0) {
      if (code === quote) quote = 0;
    } else if (code === GREATER) return at;
    else if (code === DOUBLE_QUOTE || code === APOSTROPHE) quote = code;
  }
  return -1;
}

function localName(qualified: string): string {
  return qualified.slice(qualified.indexOf(':') + 1);
}

const ATTRIBUTE = /\s*([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/y;

/** Value of the attribute with this local name, undefined if the tag has none. */
export function attribute(attributes: string, name: string): string | undefined {
  ATTRIBUTE.lastIndex = 0;
  for (let found = ATTRIBUTE.exec(attributes); found; found = ATTRIBUTE.exec(attributes)) {
    if (localName(found[1] as string) === name) return decodeEntities(found[2] ?? (found[3] as string));
  }
  return undefined;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Text with `&amp;` and the like as characters; what is no entity stays as it is. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));/g, (_, name, decimal, hex) => {
    if (name) return NAMED[name] as string;
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
  });
}
