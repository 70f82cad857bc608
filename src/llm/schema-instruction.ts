/**
 * Schemas of answers that a provider's own means cannot be trusted with.
 *
 * Owns: telling which schemas those are, and asking for their shape in words instead. Does not own checking the
 * answer (`structured.ts`). Pure.
 */
import type { JsonSchema, Message } from './chat.ts';
import { plainSchema } from './providers/schemas.ts';

export interface SchemaFacts {
  /** UTF-8. */
  schemaBytes: number;
  /** It allows objects with members it does not name: native modes return such objects empty. */
  isOpen: boolean;
  /** The shape, asked for in words. */
  instruction: string;
  /** UTF-8, without the schema itself. */
  instructionBytes: number;
}

const INSTRUCTION =
  'Reply with a single JSON value and nothing around it: no comment, no Markdown. The value must satisfy this JSON Schema:\n';

const known = new WeakMap<JsonSchema, SchemaFacts>();

export function schemaFacts(schema: JsonSchema): SchemaFacts {
  const before = known.get(schema);
  if (before) return before;
  const text = JSON.stringify(plainSchema(schema));
  const facts: SchemaFacts = {
    schemaBytes: Buffer.byteLength(text),
    isOpen: isOpen(schema),
    instruction: INSTRUCTION + text,
    instructionBytes: Buffer.byteLength(INSTRUCTION) + SEPARATOR.length,
  };
  known.set(schema, facts);
  return facts;
}

const SEPARATOR = '\n\n';

/** The messages with the instruction at the end of the system message, which is made if there is none. */
export function withInstruction(messages: readonly Message[], instruction: string): Message[] {
  const [first, ...others] = messages;
  if (first?.role !== 'system') return [{ role: 'system', content: instruction }, ...messages];
  const { content } = first;
  if (typeof content === 'string') {
    return [{ role: 'system', content: `${content}${SEPARATOR}${instruction}` }, ...others];
  }
  return [{ role: 'system', content: [...content, { type: 'text', text: instruction }] }, ...others];
}

/** Keywords that hold one schema, many, or many by name. */
const ONE = ['items', 'contains', 'not', 'if', 'then', 'else', 'propertyNames', 'unevaluatedItems'];
const MANY = ['anyOf', 'oneOf', 'allOf', 'prefixItems', 'items'];
const NAMED = ['properties', '$defs', 'definitions', 'dependentSchemas'];
/** Without any of these, everything is allowed: objects too. */
const CONSTRAINING = ['type', 'enum', 'const', '$ref', 'anyOf', 'oneOf', 'allOf'];

function isOpen(schema: unknown): boolean {
  if (schema === true) return true;
  if (!isRecord(schema)) return false;
  const types = [schema.type].flat();
  const isObject = types.includes('object') || 'properties' in schema || 'patternProperties' in schema;
  if (isObject && (schema.additionalProperties !== false || 'patternProperties' in schema)) return true;
  if (!isObject && !CONSTRAINING.some((keyword) => keyword in schema)) return true;
  if (ONE.some((keyword) => keyword in schema && !Array.isArray(schema[keyword]) && isOpen(schema[keyword])))
    return true;
  if (MANY.some((keyword) => Array.isArray(schema[keyword]) && schema[keyword].some(isOpen))) return true;
  return NAMED.some((keyword) => isRecord(schema[keyword]) && Object.values(schema[keyword]).some(isOpen));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
