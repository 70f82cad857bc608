/**
 * What a model is asked of an order, and what its answer is worth.
 *
 * Owns: which fields are open, and that a value of a model counts only where its quote stands in a text and holds it:
 * then the place is the one found here. Anything else is a suggestion that only a person can take.
 */

import type { DocumentLine } from './document-reading.ts';
import { conform, jsonSchemaOf } from './extraction/conform.ts';
import type { Wanted } from './extraction/extraction-schema.ts';
import { modelSchema } from './extraction/fill.ts';
import { LINE_FIELDS, type LineField, type LineFields } from './line-fields.ts';
import type { Found } from './sources.ts';
import type { PlacedText } from './texts/placed-text.ts';
import { type Quotes, quotesOf } from './texts/quotes.ts';
import { CONFIDENCE, type Value } from './values/fields.ts';

type Json = Readonly<Record<string, unknown>>;

/** What is asked of a model. */
export interface ModelQuestion {
  /** JSON Schema of the answer: for each open field its value and the quote that holds it. */
  schema: Json;
  /** The untrusted text, part by part. */
  parts: readonly { name: string; text: string }[];
}

export interface NamedText {
  name: string;
  text: PlacedText;
}

/** A field that is asked for: how the model knows it, and what it is. */
interface OpenField {
  name: string;
  path: string;
  wanted: Wanted;
}

/** What is taken of an answer. */
export interface Answers {
  found: ReadonlyMap<string, Found>;
  /** Only if lines were asked for. */
  lines: readonly LineFields<Found>[];
  /** By path; of a line without a place under `lines`. */
  suggestions: ReadonlyMap<string, unknown>;
}

const TEXT: Wanted = { types: ['string'], date: false, required: [], minLength: 1, maxLength: 2000 };
const NUMBER: Wanted = { types: ['number'], date: false, required: [] };
const DAY: Wanted = { types: ['string'], date: true, required: [] };
const WANTED_OF: Readonly<Record<LineField, Wanted>> = {
  ...{ sku: TEXT, description: TEXT, uom: TEXT },
  ...{ qty: NUMBER, unit_price: NUMBER, total_price: NUMBER },
};
const LINE: Wanted = {
  types: ['object'],
  date: false,
  properties: [...LINE_FIELDS.map((name) => [name, WANTED_OF[name]] as const), ['quote', TEXT]],
  required: ['quote'],
};
const LINES: OpenField = {
  name: 'lines',
  path: 'lines',
  wanted: { types: ['array'], date: false, required: [], items: LINE },
};
/** Lines that lack something are asked for one by one up to so many. */
const MAX_ASKED_LINES = 20;
/** Quotes are compared with white space collapsed. */
const BLANK_LINES = /\n\s*\n/g;
const MAX_PART_CHARACTERS = 60_000;
const MAX_CHARACTERS = 150_000;

/** The required fields that nothing was found for. */
function openFields(found: ReadonlyMap<string, Found>, lines: readonly DocumentLine[]): OpenField[] {
  const asked = (['sku', 'qty'] as const).flatMap((field) => {
    const lacking = lines.flatMap(({ fields }, index) => (fields[field] ? [] : [index + 1]));
    return lacking.slice(0, MAX_ASKED_LINES).map((no) => ({
      name: `line_${no}_${field}`,
      path: `lines[${no}].${field}`,
      wanted: WANTED_OF[field],
    }));
  });
  const delivery = [
    { name: 'delivery_address', path: 'delivery.address', wanted: TEXT },
    { name: 'delivery_date', path: 'delivery.date', wanted: DAY },
  ].filter(({ path }) => !found.has(path));
  return [...(lines.length === 0 ? [LINES] : asked), ...delivery];
}

/** The question about what is open; null if nothing is, or there is no text to look at. */
export function questionOf(
  found: ReadonlyMap<string, Found>,
  lines: readonly DocumentLine[],
  texts: readonly NamedText[],
): ModelQuestion | null {
  const open = openFields(found, lines);
  let room = MAX_CHARACTERS;
  const parts = texts.flatMap(({ name, text: { text } }) => {
    const shown = text.trim().replace(BLANK_LINES, '\n\n').slice(0, Math.min(room, MAX_PART_CHARACTERS));
    room -= shown.length;
    return shown === '' ? [] : [{ name, text: shown }];
  });
  if (open.length === 0 || parts.length === 0) return null;
  return { schema: modelSchema(open.map(({ name, wanted }) => ({ name, schema: jsonSchemaOf(wanted) }))), parts };
}

/** What of an answer stands in the texts. */
export function readAnswers(
  answer: Json,
  found: ReadonlyMap<string, Found>,
  lines: readonly DocumentLine[],
  texts: readonly NamedText[],
): Answers {
  const sources = texts.map(({ text }) => ({ text, quotes: quotesOf(text.text) }));
  const taken = new Map<string, Found>();
  const suggestions = new Map<string, unknown>();
  let answered: LineFields<Found>[] = [];
  for (const { name, path, wanted } of openFields(found, lines)) {
    const { value: said, quote } = (Object.hasOwn(answer, name) ? (answer[name] ?? {}) : {}) as Json;
    const value = conform(said, wanted);
    if (value === undefined) continue;
    if (path === LINES.path) {
      answered = linesIn(value as Json[], sources, suggestions);
      continue;
    }
    const place = locate(sources, quote, value as Value);
    if (place) taken.set(path, place);
    else suggestions.set(path, value);
  }
  return { found: taken, lines: answered, suggestions };
}

interface Searched {
  text: PlacedText;
  quotes: Quotes;
}

function locate(sources: readonly Searched[], quote: unknown, value: Value): Found | null {
  for (const { text, quotes } of sources) {
    const place = typeof quote === 'string' ? quotes.placeOf(quote, value) : null;
    if (place) return foundAt(text, place, value);
  }
  return null;
}

const foundAt = (text: PlacedText, { start, end }: { start: number; end: number }, value: Value): Found => ({
  ...{ value, readings: [], raw: text.rawOf(start, end), source: text.sourceOf(start, end) },
  ...{ method: 'model', confidence: CONFIDENCE.model, flags: [] },
});

/** Lines whose quote names what is ordered; a quantity that does not stand with it is a suggestion. */
function linesIn(
  said: readonly Json[],
  sources: readonly Searched[],
  suggestions: Map<string, unknown>,
): LineFields<Found>[] {
  const lines: LineFields<Found>[] = [];
  const nowhere: unknown[] = [];
  for (const line of said) {
    const quote = String(line.quote);
    const named = line.sku ?? line.description;
    const source = sources.find(({ quotes }) => named !== null && quotes.placeOf(quote, named as Value));
    if (!source) {
      nowhere.push(line);
      continue;
    }
    const read: LineFields<Found> = {};
    for (const name of LINE_FIELDS) {
      const value = line[name] as Value | null;
      if (value === null) continue;
      const together = source.quotes.located(quote, [{ named, value }]) !== undefined;
      const place = together ? source.quotes.placeOf(quote, value) : null;
      if (place) read[name] = foundAt(source.text, place, value);
      else suggestions.set(`lines[${lines.length + 1}].${name}`, value);
    }
    lines.push(read);
  }
  if (nowhere.length > 0) suggestions.set(LINES.path, nowhere);
  return lines;
}
