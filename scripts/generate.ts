/**
 * Prints schemas/types.ts from the schema files. `--check` writes nothing and exits 1 when the file is stale.
 *
 * Owns: how the shapes of the contract look in TypeScript. Does not own the shapes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type JsonSchema, loadSchemas, refName, type SchemaSet } from '../schemas/load.ts';

const TARGET = fileURLToPath(new URL('../schemas/types.ts', import.meta.url));

/** The source text of schemas/types.ts. */
export function renderTypes(set: SchemaSet): string {
  const declared: string[] = [];
  const declare = (name: string, schema: JsonSchema): void => {
    const nested: [string, JsonSchema][] = [];
    const text = shape(schema, name, '', nested);
    const doc = schema.description ? `/** ${schema.description} */\n` : '';
    declared.push(`${doc}export type ${name} = ${text};`);
    for (const [nestedName, nestedSchema] of nested) declare(nestedName, nestedSchema);
  };
  for (const [name, file] of set.objects) declare(pascal(name), file.schema);

  const payloads: string[] = [];
  for (const [type, versions] of set.events) {
    const names: string[] = [];
    for (const [version, file] of versions) {
      const name = pascal(type) + (version === 1 ? '' : `V${version}`);
      declare(name, file.schema);
      names.push(name);
    }
    payloads.push(`  '${type}': ${names.join(' | ')};`);
  }

  const { payload: _, event_type: __, ...properties } = set.envelope.schema.properties ?? {};
  const header = shape({ ...set.envelope.schema, properties }, 'Envelope', '', []);
  return [
    '// Printed by `npm run generate` from the schema files. Change those, not this.',
    ...declared,
    `/** Event type → payload. */\nexport interface Payloads {\n${payloads.join('\n')}\n}`,
    '/** Every type of event there is. */\nexport type EventType = keyof Payloads;',
    `/** What every event carries besides its type and payload. */\nexport type EnvelopeHeader = ${header};`,
    '/** An event; a union over the types in T, so that comparing `event_type` narrows `payload`. */\n' +
      'export type Envelope<T extends EventType = EventType> = {\n' +
      '  [K in T]: EnvelopeHeader & { event_type: K; payload: Payloads[K] };\n}[T];',
    '',
  ].join('\n\n');
}

/** TypeScript for one schema. Enumerations inside objects get a name of their own, collected in `nested`. */
function shape(schema: JsonSchema, owner: string, indent: string, nested: [string, JsonSchema][]): string {
  if (schema.$ref) return pascal(refName(schema.$ref));
  if ('const' in schema) return literal(schema.const);
  if (schema.enum) {
    if (indent === '') return schema.enum.map(literal).join(' | ');
    nested.push([owner, { enum: schema.enum }]);
    return owner;
  }
  if (schema.anyOf) return schema.anyOf.map((option) => shape(option, owner, indent, nested)).join(' | ');
  if (Array.isArray(schema.type)) {
    return schema.type.map((type) => shape({ ...schema, type }, owner, indent, nested)).join(' | ');
  }
  switch (schema.type) {
    case 'array': {
      const element = shape(schema.items ?? {}, owner, indent, nested);
      return /[|&]/.test(element) && !element.startsWith('{') ? `(${element})[]` : `${element}[]`;
    }
    case 'object':
      return schema.properties ? members(schema, owner, indent, nested) : 'Record<string, unknown>';
    case 'integer':
      return 'number';
    case undefined:
      return 'unknown';
    default:
      return schema.type;
  }
}

function members(schema: JsonSchema, owner: string, indent: string, nested: [string, JsonSchema][]): string {
  const inner = `${indent}  `;
  const required = new Set(schema.required);
  const lines = Object.entries(schema.properties ?? {}).map(([key, property]) => {
    const text = shape(property, owner + pascal(key), inner, nested);
    // `undefined` may be written where a key may be absent: JSON drops it.
    if (required.has(key)) return `${inner}${key}: ${text};`;
    return `${inner}${key}?: ${text === 'unknown' ? text : `${text} | undefined`};`;
  });
  if (schema.additionalProperties !== false) lines.push(`${inner}[key: string]: unknown;`);
  return `{\n${lines.join('\n')}\n${indent}}`;
}

function pascal(name: string): string {
  return name
    .toLowerCase()
    .split(/[._]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value.replaceAll("'", "\\'")}'` : JSON.stringify(value);
}

if (import.meta.main) {
  const text = renderTypes(loadSchemas());
  if (!process.argv.includes('--check')) writeFileSync(TARGET, text);
  else if (readFileSync(TARGET, 'utf8') !== text) {
    console.error('schemas/types.ts is stale: run npm run generate');
    process.exitCode = 1;
  }
}
