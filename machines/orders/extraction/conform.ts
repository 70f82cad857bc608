/**
 * Values in the type that a caller asks for.
 *
 * Owns: which conversions lose nothing, and the JSON Schema that a wanted value is asked with. What does not fit is not
 * found.
 */
import { isDate } from '../../../schemas/formats.ts';
import type { TypeName, Wanted } from './extraction-schema.ts';

type Json = Readonly<Record<string, unknown>>;

/** Digits that a double keeps, without leading zeros: `00123` is a code, not 123. */
const PLAIN_NUMBER = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,10})?$/;

/** The value as wanted; undefined if it does not fit. Null fits nowhere: it says nothing. */
export function conform(value: unknown, wanted: Wanted): unknown {
  if (value === null || value === undefined) return undefined;
  if (wanted.types.length === 0) return within(value, wanted) ? value : undefined;
  for (const type of wanted.types) {
    const converted = convert(value, type, wanted);
    if (converted !== undefined && within(converted, wanted)) return converted;
  }
  return undefined;
}

function convert(value: unknown, type: TypeName, wanted: Wanted): unknown {
  switch (type) {
    case 'string':
      return textOf(value, wanted.date);
    case 'number':
      return numberOf(value);
    case 'integer':
      return Number.isInteger(numberOf(value)) ? numberOf(value) : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'array':
      return Array.isArray(value) ? elements(value, wanted) : undefined;
    case 'object':
      return typeof value === 'object' && !Array.isArray(value) ? members(value as Json, wanted) : undefined;
  }
}

function textOf(value: unknown, date: boolean): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '' && (!date || isDate(text)) ? text : undefined;
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && PLAIN_NUMBER.test(value) ? Number(value) : undefined;
}

function elements(values: readonly unknown[], { items }: Wanted): unknown[] | undefined {
  const fitting = items
    ? values.map((value) => conform(value, items)).filter((value) => value !== undefined)
    : [...values];
  return fitting.length === 0 ? undefined : fitting;
}

/** The wanted members, null where one does not fit; undefined if a required one is missing or nothing fits. */
function members(value: Json, { properties, required }: Wanted): Json | undefined {
  if (!properties) return Object.keys(value).length === 0 ? undefined : value;
  const fitting = properties.map(([name, wanted]) => {
    const member = Object.hasOwn(value, name) ? conform(value[name], wanted) : undefined;
    return [name, member ?? null] as const;
  });
  const lacks = fitting.some(([name, member]) => member === null && required.includes(name));
  return lacks || fitting.every(([, member]) => member === null) ? undefined : Object.fromEntries(fitting);
}

function within(value: unknown, wanted: Wanted): boolean {
  if (wanted.enum && !wanted.enum.includes(value)) return false;
  const { minimum = -Infinity, maximum = Infinity, minLength = 0, maxLength = Infinity } = wanted;
  if (typeof value === 'number') return value >= minimum && value <= maximum;
  return typeof value !== 'string' || (value.length >= minLength && value.length <= maxLength);
}

/** The JSON Schema of a wanted value or null: objects closed and complete, as the native modes of models need them. */
export function jsonSchemaOf(wanted: Wanted): Json {
  const { types, date, properties, items, required: _, enum: allowed, ...rest } = wanted;
  if (types.length === 0) return { ...rest, ...(allowed ? { enum: orNull(allowed) } : { type: SCALARS }) };
  return {
    ...rest,
    type: [...types, 'null'],
    ...(date && { format: 'date' }),
    ...(allowed && { enum: orNull(allowed) }),
    ...(types.includes('array') && { items: items ? jsonSchemaOf(items) : { type: 'string' } }),
    ...(types.includes('object') && properties && closed(properties)),
  };
}

/** What may be anything is asked for as one value, which can be found in a text. */
const SCALARS = ['string', 'number', 'boolean', 'null'];

const orNull = (values: readonly unknown[]): unknown[] => [...new Set([...values, null])];

const closed = (properties: readonly (readonly [string, Wanted])[]): Json => ({
  additionalProperties: false,
  required: properties.map(([name]) => name),
  properties: Object.fromEntries(properties.map(([name, wanted]) => [name, jsonSchemaOf(wanted)])),
});
