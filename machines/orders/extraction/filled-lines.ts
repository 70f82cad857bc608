/**
 * Order lines in the shape that a caller asks for.
 *
 * Owns: the usual shape of a line, how a caller's names for its parts are filled, and how sure a list is.
 */
import { sumOfLines } from '../values/arithmetic.ts';
import type { Field } from '../values/fields.ts';
import { bindingOf } from './bindings.ts';
import { conform } from './conform.ts';
import type { OrderExtraction } from './extract.ts';
import type { Wanted } from './extraction-schema.ts';

type Json = Readonly<Record<string, unknown>>;

const text: Wanted = { types: ['string'], date: false, required: [] };
const number: Wanted = { types: ['number'], date: false, required: [] };

/** A line when the caller leaves it open; of what is not required only what was found. */
export const LINE_SHAPE: Wanted = {
  types: ['object'],
  date: false,
  properties: [
    ['name', text],
    ['quantity', number],
    ['sku', text],
    ['uom', text],
    ['unit_price', number],
    ['total_price', number],
  ],
  required: ['name', 'quantity'],
};

/** What an order draft has for a sku and a quantity that the text does not say. */
const DRAFT_UNKNOWN: Readonly<Record<string, unknown>> = { 'line.sku': '?', 'line.qty': 0 };

export interface FilledLines {
  value: unknown[];
  /** Mean over the parts that were found or are required. */
  confidence: number;
  /** `[2].sku` for each required part that is missing. */
  lacks: string[];
}

/** The value of a part and how sure it is. */
export interface Part {
  value: unknown;
  confidence: number;
}

/** The lines as elements of the wanted list; null if there are none, or nothing of them fits. */
export function filledLines(extraction: OrderExtraction, element: Wanted, draft: boolean): FilledLines | null {
  const confidences: number[] = [];
  const lacks: string[] = [];
  const value = extraction.lines.map(({ line_no }) => {
    if (!element.properties) return note(partOf(extraction, line_no, 'line.description'), element, confidences);
    const parts = element.properties.map(([key, member]): [string, unknown] => {
      const binding = bindingOf(key, 'line');
      if (binding === 'line.no') return [key, conform(line_no, member) ?? null];
      // Of the usual shape only what the text says.
      const computed =
        element !== LINE_SHAPE || binding !== 'line.total_price' || extraction.lines[line_no - 1]?.total_price;
      const part = binding !== null && computed ? partOf(extraction, line_no, binding) : null;
      const found = note(part, member, confidences);
      if (found !== null || !element.required.includes(key)) return [key, found];
      confidences.push(0);
      lacks.push(`[${line_no}].${key}`);
      return [key, (draft ? DRAFT_UNKNOWN[String(binding)] : undefined) ?? null];
    });
    return element === LINE_SHAPE ? foundOnly(Object.fromEntries(parts)) : Object.fromEntries(parts);
  });
  const elements = value.filter((part) => part !== null);
  if (elements.length === 0 || !confidences.some((confidence) => confidence > 0)) return null;
  return { value: elements, confidence: confidences.reduce((a, b) => a + b) / confidences.length, lacks };
}

/** A line of the usual shape without what was not found, except what every line has. */
export const foundOnly = (line: Json): Json =>
  Object.fromEntries(Object.entries(line).filter(([key, part]) => part !== null || LINE_SHAPE.required.includes(key)));

/** The field behind a binding of a line: its name is the description, else the sku; its total as stated, else computed. */
export function partOf({ fields, lines }: OrderExtraction, lineNo: number, binding: string): Part | null {
  const own = (name: string): Field | undefined => fields[`lines[${lineNo}].${name}`];
  if (binding === 'currency') return fields.currency as Field;
  const name = binding.slice('line.'.length);
  const field = own(name);
  if (field) return field;
  // A line has a description or a sku.
  if (name === 'description') return own('sku') as Field;
  const [qty, price] = [own('qty'), own('unit_price')];
  if (name !== 'total_price' || !qty || !price) return null;
  const sum = sumOfLines(lines.filter(({ line_no }) => line_no === lineNo));
  return { value: sum, confidence: Math.min(qty.confidence, price.confidence) };
}

function note(part: Part | null, wanted: Wanted, confidences: number[]): unknown {
  const value = conform(part?.value, wanted);
  if (!part || value === undefined) return null;
  confidences.push(part.confidence);
  return value;
}
