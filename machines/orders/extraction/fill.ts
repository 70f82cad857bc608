/**
 * The fields that a caller asked for, filled from an extraction and, where that says nothing, from a model.
 *
 * Owns: what is asked of a model, what its answer is worth, and how sure the whole is. A value of a model counts only if the
 * quote given with it stands in the text and holds it.
 */
import { r2 } from '../../formulas/round.ts';
import { type Quotes, quotesOf } from '../texts/quotes.ts';
import { agrees, type PricedLine, sumOfLines } from '../values/arithmetic.ts';
import { CONFIDENCE } from '../values/fields.ts';
import { bindingOf } from './bindings.ts';
import { conform, jsonSchemaOf } from './conform.ts';
import type { OrderExtraction } from './extract.ts';
import type { ExtractionSchema } from './extraction-schema.ts';
import { type FilledField, fieldsOf, LINES, TOTAL } from './filled-fields.ts';
import { foundOnly, LINE_SHAPE } from './filled-lines.ts';

type Json = Readonly<Record<string, unknown>>;

/** What a model is told that reads an order; the text itself is data. */
export const EXTRACT_INSTRUCTION =
  'You read an order and find the fields that are asked for. For each one give its value as it stands in the text, and as quote the shortest piece of the text, word for word, that holds it. If the text does not say it, give null for both. Never infer or compute a value.';

/** A field that nothing was found for, to be asked of a model. */
export interface OpenField {
  name: string;
  schema: Json;
}

export interface Filled {
  extracted: Json;
  /** How sure each field is that was found, 0–1. */
  found: ReadonlyMap<string, number>;
  open: readonly OpenField[];
  fields: readonly FilledField[];
  /** What the lines say for sums, and the total that the text states. */
  lines: readonly PricedLine[];
  total: number | null;
}

/** What a model says about one open field. */
export interface ModelAnswer {
  value: unknown;
  quote: string | null;
}

/** By the name of the field. */
export type ModelAnswers = Readonly<Record<string, ModelAnswer>>;

export interface OrderResult {
  extracted: Json;
  /** Mean over the fields, missing = 0; two decimals. */
  confidence: number;
  missing_fields: { field: string; reason: string }[];
}

const NOT_FOUND = 'not found in text';

/** Fills the wanted fields with what the text says. */
export function fillSchema(extraction: OrderExtraction, schema: ExtractionSchema): Filled {
  const fields = fieldsOf(extraction, schema);
  return filled({ fields, lines: extraction.lines, total: extraction.totals.total });
}

/** Fills what is open from a model's answers; a value that is not in the text is not taken. */
export function mergeModelValues(before: Filled, answers: ModelAnswers, text: string): Filled {
  const quotes = quotesOf(text);
  const answered = before.fields.map((field) => {
    const answer = field.confidence === null && Object.hasOwn(answers, field.name) ? answers[field.name] : undefined;
    return answer ? withAnswer(field, answer, quotes) : field;
  });
  const news = answered.filter((field, index) => field !== before.fields[index]);
  const list = news.find(({ binding, value }) => binding === LINES && Array.isArray(value));
  const lines = list ? (list.value as unknown[]).map(pricedElement) : before.lines;
  const sum = sumOfLines(lines);
  const total = before.total ?? numberOf(news.find(({ binding }) => binding === TOTAL)?.value);
  const confirmed =
    lines.length > 0 && (lines.every(isConsistent) || (sum !== null && total !== null && agrees(1, sum, total)));
  const fields = answered.map((field) => {
    if (field.binding === TOTAL && field.confidence === null) return summed(field, sum, list?.confidence ?? null);
    const summable = news.includes(field) && (field.binding === LINES || field.binding === TOTAL);
    return summable && confirmed ? { ...field, confidence: CONFIDENCE.modelConfirmed } : field;
  });
  return filled({ fields, lines, total });
}

/** What a model is asked: per open field its value and the words of the text that hold it, or null for both. */
export function modelSchema(open: readonly OpenField[]): Json {
  const properties = open.map(({ name, schema }) => [
    name,
    {
      type: 'object',
      additionalProperties: false,
      required: ['value', 'quote'],
      properties: { value: schema, quote: { type: ['string', 'null'] } },
    },
  ]);
  return {
    type: 'object',
    additionalProperties: false,
    required: open.map(({ name }) => name),
    properties: Object.fromEntries(properties),
  };
}

/** The answer to the caller. */
export function orderResult({ extracted, fields }: Filled): OrderResult {
  const sum = fields.reduce((total, { confidence }) => total + (confidence ?? 0), 0);
  const missing = fields.flatMap(({ name, confidence, lacks }) => (confidence === null ? [name] : lacks));
  return {
    extracted,
    confidence: r2(sum / fields.length),
    missing_fields: missing.map((field) => ({ field, reason: NOT_FOUND })),
  };
}

/** A field with what a model says, if that fits and stands in the text. */
function withAnswer(field: FilledField, { value, quote }: ModelAnswer, quotes: Quotes): FilledField {
  const fitting = conform(value, field.wanted);
  const located = fitting === undefined ? undefined : quotes.located(quote, fitting);
  if (located === undefined) return field;
  const shown = field.wanted.items === LINE_SHAPE ? (located as Json[]).map(foundOnly) : located;
  return { ...field, value: shown, confidence: CONFIDENCE.model };
}

/** A total that nobody states is what the lines of the model come to. */
function summed(field: FilledField, sum: number | null, confidence: number | null): FilledField {
  const value = conform(sum, field.wanted);
  return value === undefined || confidence === null ? field : { ...field, value, confidence };
}

const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** What a line as the caller shapes it says for sums. */
function pricedElement(element: unknown): PricedLine {
  const priced: PricedLine = { qty: null, unit_price: null, total_price: null };
  if (typeof element !== 'object') return priced;
  for (const [key, value] of Object.entries(element as Json)) {
    const part = bindingOf(key, 'line')?.slice('line.'.length);
    if (typeof value === 'number' && (part === 'qty' || part === 'unit_price' || part === 'total_price')) {
      priced[part] = value;
    }
  }
  return priced;
}

const isConsistent = ({ qty, unit_price, total_price }: PricedLine): boolean =>
  qty !== null && unit_price !== null && total_price !== null && agrees(qty, unit_price, total_price);

function filled({ fields, lines, total }: Pick<Filled, 'fields' | 'lines' | 'total'>): Filled {
  const found = fields.flatMap(({ name, confidence }) => (confidence === null ? [] : [[name, confidence] as const]));
  const open = fields.filter(({ confidence }) => confidence === null);
  return {
    extracted: nested(fields),
    found: new Map(found),
    open: open.map(({ name, wanted }) => ({ name, schema: jsonSchemaOf(wanted) })),
    ...{ fields, lines, total },
  };
}

/** The values under the caller's names, in the caller's order. */
function nested(fields: readonly FilledField[], depth = 0): Json {
  const byKey = Map.groupBy(fields, ({ keys }) => keys[depth] as string);
  return Object.fromEntries(
    [...byKey].map(([key, members]) => {
      const [first] = members as [FilledField];
      return [key, first.keys.length === depth + 1 ? first.value : nested(members, depth + 1)];
    }),
  );
}
