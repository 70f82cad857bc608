/**
 * Which of the encodings from before Unicode a text is in.
 *
 * Owns: the choice among candidates. Each is asked how likely the text would be if it were right; a detector that
 * knows frequent sequences of bytes has a say too. The detector alone errs on short texts, where Polish and French
 * words have nearly the same bytes: a table of ten rows may have three letters beyond ASCII.
 */
import { analyse } from 'chardet';
import { type Language, likelihoodOf } from './alphabets.ts';
import { doubleByteLikelihood, isDoubleByte } from './double-byte.ts';

/** Languages that each encoding can write; those used more come first and win ties. */
const CANDIDATES: readonly (readonly [encoding: string, languages: readonly Language[]])[] = [
  ['windows-1252', ['de', 'fr', 'es', 'pt', 'it', 'nl', 'sv', 'da', 'fi', 'is']],
  ['windows-1250', ['pl', 'cs', 'sk', 'hu', 'ro', 'hr', 'sl', 'de']],
  ['windows-1251', ['ru', 'uk', 'bg', 'sr']],
  ['iso-8859-2', ['pl', 'cs', 'sk', 'hu', 'ro', 'hr', 'sl', 'de']],
  ['iso-8859-15', ['de', 'fr', 'es', 'pt', 'it', 'nl', 'sv', 'da', 'fi', 'is']],
  ['shift_jis', []],
  ['gb18030', []],
  ['euc-jp', []],
  ['euc-kr', []],
  ['big5', []],
  ['windows-1254', ['tr']],
  ['windows-1253', ['el']],
  ['iso-8859-7', ['el']],
  ['windows-1257', ['lt', 'lv', 'et']],
  ['koi8-r', ['ru']],
  ['koi8-u', ['uk', 'ru']],
  ['iso-8859-5', ['ru', 'bg', 'sr']],
  ['ibm866', ['ru', 'uk']],
  ['macintosh', ['de', 'fr', 'es', 'pt', 'it', 'nl', 'sv', 'da', 'fi', 'is']],
];
/** Names of the detector where they are not those of the standard. */
const ALIASES = new Map([['iso-8859-1', 'windows-1252']]);
/** What the detector's full confidence weighs, and what a place further down in the list costs. */
const DETECTOR_WEIGHT = 6;
const RANK_COST = 0.25;
/** A factor of about fifty between the best reading and the next one. */
const SURE_MARGIN = 4;
/** Per character; no real text is less likely. */
const LEAST_LIKELY = -6.5;
const SAMPLE_BYTES = 64 * 1024;
const DETECTOR_BYTES = 16 * 1024;

export interface EncodingGuess {
  /** The most likely one first. */
  candidates: readonly string[];
  isSure: boolean;
}

interface Reading {
  encoding: string;
  text: string;
  likelihood: number;
}

/** @param bytes that are not UTF-8 */
export function guessEncoding(bytes: Uint8Array): EncodingGuess {
  const sample = sampleOf(bytes);
  const confidence = new Map<string, number>();
  for (const { name, confidence: percent } of analyse(sample.subarray(0, DETECTOR_BYTES))) {
    const lower = name.toLowerCase();
    const encoding = ALIASES.get(lower) ?? lower;
    confidence.set(encoding, Math.max(confidence.get(encoding) ?? 0, percent / 100));
  }
  const readings: Reading[] = [];
  for (const [rank, [encoding, languages]] of CANDIDATES.entries()) {
    const text = decodeSample(sample, encoding);
    if (text === null) continue;
    const likelihood = isDoubleByte(encoding) ? doubleByteLikelihood(sample, encoding) : likelihoodOf(text, languages);
    const prior = (confidence.get(encoding) ?? 0) * DETECTOR_WEIGHT - rank * RANK_COST;
    readings.push({ encoding, text, likelihood: likelihood + prior });
  }
  readings.sort((a, b) => b.likelihood - a.likelihood);
  preferUsual(readings);
  const [best] = readings;
  const rival = readings.find(({ text }) => text !== best?.text);
  const characters = best === undefined ? 0 : best.text.replace(/[\0-\x7f]+/g, '').length;
  const isSure =
    best !== undefined &&
    best.likelihood > LEAST_LIKELY * characters * (isDoubleByte(best.encoding) ? 2 : 1) &&
    (rival === undefined || best.likelihood - rival.likelihood > SURE_MARGIN);
  return { candidates: readings.map(({ encoding }) => encoding), isSure };
}

/** Where several readings give the best text, the one of the encoding that is used most comes first. */
function preferUsual(readings: Reading[]): void {
  const rankOf = ({ encoding }: Reading): number => CANDIDATES.findIndex(([name]) => name === encoding);
  const alike = readings.filter(({ text }) => text === readings[0]?.text).sort((a, b) => rankOf(a) - rankOf(b));
  const [usual] = alike;
  if (usual) readings.unshift(...readings.splice(readings.indexOf(usual), 1));
}

/** The first lines that have characters beyond ASCII. */
function sampleOf(bytes: Uint8Array): Uint8Array {
  const sample = new Uint8Array(SAMPLE_BYTES);
  let length = 0;
  let lineStart = 0;
  while (lineStart < bytes.length && length < SAMPLE_BYTES) {
    const lineFeed = bytes.indexOf(0x0a, lineStart);
    const lineEnd = lineFeed < 0 ? bytes.length : lineFeed + 1;
    const line = bytes.subarray(lineStart, lineEnd);
    if (line.some((byte) => byte > 0x7f)) {
      const taken = line.subarray(0, SAMPLE_BYTES - length);
      sample.set(taken, length);
      length += taken.length;
    }
    lineStart = lineEnd;
  }
  return sample.subarray(0, length);
}

/** Null if the bytes are none of the encoding. What is cut off at the end does not count. */
function decodeSample(sample: Uint8Array, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(sample, { stream: true });
  } catch {
    return null;
  }
}
