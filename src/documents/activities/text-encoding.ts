/**
 * The encoding of a text file, and its text.
 *
 * Owns: the order in which encodings are tried. Does not own: which of the old encodings it is where nothing says so
 * (`legacy-encodings.ts`).
 */
import { Refused } from '../table.ts';
import { guessEncoding } from './legacy-encodings.ts';

export interface DecodedText {
  /** Without byte order mark. */
  text: string;
  /** As the WHATWG Encoding Standard names it. */
  encoding: string;
  /** What a person should know, null if nothing is in doubt. */
  note: string | null;
}

/** Share of characters that may be damaged in a text that is UTF-8 otherwise. */
const MAX_DAMAGED_SHARE = 0.1;
const HOW_TO_OVERRIDE = 'If letters look wrong, give the right one as encoding.';

/**
 * @param wanted label of the WHATWG Encoding Standard that settles it
 * @param declared what the file says of itself; tried, not trusted
 * @throws {Refused} if there is no such encoding
 */
export function decodeFile(bytes: Uint8Array, wanted?: string, declared?: string): DecodedText {
  if (wanted !== undefined) return decodeAs(bytes, wanted);
  const marked = encodingOfMark(bytes);
  if (marked !== null) return { text: decode(bytes, marked), encoding: marked, note: null };
  const wide = encodingOfZeros(bytes);
  if (wide !== null) return { text: decode(bytes, wide), encoding: wide, note: null };
  const stated = declared === undefined ? null : nameOf(declared);
  for (const encoding of [stated, isIso2022(bytes) ? 'iso-2022-jp' : null, 'utf-8']) {
    const text = encoding === null ? null : decodeStrictly(bytes, encoding);
    if (encoding !== null && text !== null) return { text, encoding, note: null };
  }
  return damagedUtf8(bytes) ?? guessed(bytes);
}

function decodeAs(bytes: Uint8Array, label: string): DecodedText {
  const encoding = nameOf(label);
  if (encoding === null)
    throw new Refused(400, `there is no encoding ${JSON.stringify(label.slice(0, 100))}`, 'encoding');
  const text = decode(bytes, encoding);
  const note = text.includes('\ufffd')
    ? `The file has characters that are not ${encoding}; they show as \ufffd.`
    : null;
  return { text, encoding, note };
}

function guessed(bytes: Uint8Array): DecodedText {
  const { candidates, isSure } = guessEncoding(bytes);
  for (const encoding of candidates) {
    const text = decodeStrictly(bytes, encoding);
    if (text === null) continue;
    const note = `The file does not say how its letters are stored; it was read as ${encoding}. ${HOW_TO_OVERRIDE}`;
    return { text, encoding, note: isSure && encoding === candidates[0] ? null : note };
  }
  const encoding = candidates[0] ?? 'windows-1252';
  const note = `The file is not quite ${encoding}, as which it was read; some characters show as \ufffd. ${HOW_TO_OVERRIDE}`;
  return { text: decode(bytes, encoding), encoding, note };
}

/** UTF-8 with a few damaged characters, as programs leave it that cut texts at a number of bytes. */
function damagedUtf8(bytes: Uint8Array): DecodedText | null {
  const text = decode(bytes, 'utf-8');
  let damaged = 0;
  let whole = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0xfffd) damaged += 1;
    else if (code > 0x7f) whole += 1;
  }
  if (damaged > whole * MAX_DAMAGED_SHARE) return null;
  return {
    text,
    encoding: 'utf-8',
    note: `The file is UTF-8 with ${damaged} damaged characters; they show as \ufffd.`,
  };
}

function encodingOfMark([first, second, third]: Uint8Array): string | null {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return first === 0xef && second === 0xbb && third === 0xbf ? 'utf-8' : null;
}

const SAMPLE_BYTES = 64 * 1024;

/** Most characters of a table are ASCII, which has a zero byte in UTF-16: after the other one, or before it. */
function encodingOfZeros(bytes: Uint8Array): string | null {
  const length = Math.min(bytes.length, SAMPLE_BYTES) & ~1;
  let [even, odd] = [0, 0];
  for (let at = 0; at < length; at += 2) {
    if (bytes[at] === 0) even += 1;
    if (bytes[at + 1] === 0) odd += 1;
  }
  const enough = length / 8;
  if (length < 4) return null;
  if (odd >= enough && even <= odd / 20) return 'utf-16le';
  return even >= enough && odd <= even / 20 ? 'utf-16be' : null;
}

/** Sequences that switch to Japanese characters; the bytes are ASCII all through. */
function isIso2022(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(0x1b); at >= 0 && at < SAMPLE_BYTES; at = bytes.indexOf(0x1b, at + 1)) {
    if (bytes[at + 1] === 0x24 && (bytes[at + 2] === 0x42 || bytes[at + 2] === 0x40)) return true;
  }
  return false;
}

function nameOf(label: string): string | null {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return null;
  }
}

function decode(bytes: Uint8Array, encoding: string): string {
  return new TextDecoder(encoding).decode(bytes);
}

function decodeStrictly(bytes: Uint8Array, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

const PIECE_CHARS = 1 << 18;

/** A text as the XML reader takes it. */
export async function* utf8Pieces(text: string): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for (let at = 0; at < text.length; ) {
    let end = Math.min(at + PIECE_CHARS, text.length);
    // The two halves of a character stay together.
    if (end < text.length && (text.charCodeAt(end) & 0xfc00) === 0xdc00) end += 1;
    yield encoder.encode(text.slice(at, end));
    at = end;
  }
}
