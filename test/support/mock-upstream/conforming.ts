/** A value that a simple JSON Schema (or OpenAPI's flavour of it) takes. */
import { isJson, type Json } from './wire.ts';

const STRINGS: Readonly<Record<string, string>> = {
  date: '2026-01-15',
  'date-time': '2026-01-15T09:30:00Z',
  time: '09:30:00Z',
  email: 'jane.doe@example.com',
  uuid: '5f0a4c1e-7b0a-4c7e-9d55-3b1f0c6f2a11',
  uri: 'https://example.com/',
};

export function conforming(schema: unknown, root: unknown = schema): unknown {
  if (!isJson(schema)) return {};
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (typeof schema.$ref === 'string') return conforming(refOf(schema.$ref, root), root);
  const branches = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(branches)) return conforming(branches[0], root);
  if (Array.isArray(schema.allOf)) return conforming(schema.allOf.filter(isJson).reduce(merged, schema), root);
  switch (typeOf(schema)) {
    case 'object': {
      const properties = isJson(schema.properties) ? schema.properties : {};
      return Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, conforming(inner, root)]));
    }
    case 'array':
      return Array.from({ length: Number(schema.minItems ?? 1) }, () => conforming(schema.items, root));
    case 'string': {
      const text = STRINGS[String(schema.format)] ?? 'text'.padEnd(Number(schema.minLength ?? 0), 'x');
      return text.slice(0, Number(schema.maxLength ?? text.length));
    }
    case 'integer':
    case 'number':
      return numberOf(schema);
    case 'boolean':
      return true;
    default:
      return null;
  }
}

function typeOf({ type, properties }: Json): string {
  const types = (Array.isArray(type) ? type : [type]).map((name) => String(name).toLowerCase());
  const named = types.find((name) => name !== 'null' && name !== 'undefined');
  return named ?? (properties ? 'object' : 'null');
}

function numberOf({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: Json): number {
  if (typeof minimum === 'number') return minimum;
  if (typeof exclusiveMinimum === 'number') return exclusiveMinimum + 1;
  if (typeof maximum === 'number') return Math.min(1, maximum);
  return typeof exclusiveMaximum === 'number' ? Math.min(1, exclusiveMaximum - 1) : 1;
}

function merged(one: Json, other: Json): Json {
  const properties = { ...(one.properties as Json | undefined), ...(other.properties as Json | undefined) };
  const { allOf: _, ...rest } = { ...one, ...other };
  return { ...rest, properties };
}

/** @param ref a pointer within the document: `#/$defs/name` */
function refOf(ref: string, root: unknown): unknown {
  let at = root;
  for (const name of ref.split('/').slice(1)) at = isJson(at) ? at[name] : undefined;
  return at;
}
