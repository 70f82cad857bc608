/**
 * Prints what follows from the schema files and the team files. `--check` writes nothing and exits 1 when something is
 * stale.
 *
 * Owns: how the shapes of the contract look in TypeScript, and what a team file adds elsewhere (`generate-teams.ts`).
 * Does not own the shapes, nor the teams.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type JsonSchema, loadSchemas, refName, type SchemaSet } from '../schemas/load.ts';
import { problemsOfTeams } from '../src/team-check.ts';
import { readTeams, renderTeams } from './generate-teams.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TYPES = 'schemas/types.ts';
/** A folder in which nothing lies but what is printed. */
const AGENT_SCHEMAS = 'schemas/agents';

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

/** Files that differ from what they are printed from. */
function stale(printed: ReadonlyMap<string, string>): Map<string, string | null> {
  const different = [...printed].filter(([path, text]) => {
    const at = join(ROOT, path);
    return !existsSync(at) || readFileSync(at, 'utf8') !== text;
  });
  return new Map(different);
}

/** Schemas of agents that are no more: to be removed. */
function left(printed: ReadonlyMap<string, string>): [string, null][] {
  const paths = readdirSync(join(ROOT, AGENT_SCHEMAS)).map((name) => `${AGENT_SCHEMAS}/${name}`);
  return paths.filter((path) => !printed.has(path)).map((path) => [path, null]);
}

function write(files: ReadonlyMap<string, string | null>): void {
  for (const [path, text] of files) {
    if (text === null) rmSync(join(ROOT, path), { force: true });
    else writeFileSync(join(ROOT, path), text);
  }
}

function refuse(why: string): never {
  console.error(why);
  process.exit(1);
}

if (import.meta.main) {
  const check = process.argv.includes('--check');
  const teams = await readTeams(join(ROOT, 'actors/teams')).catch((error: Error) => refuse(error.message));
  const problems = problemsOfTeams(
    teams.map(({ team }) => team),
    teams.map(({ file }) => file),
  );
  if (problems.length > 0) refuse(problems.join('\n'));
  const ofTeams = renderTeams(teams);
  const files = new Map<string, string | null>([...stale(ofTeams), ...left(ofTeams)]);
  // The types follow from the schemas, of which one follows from the teams.
  if (!check) write(files);
  for (const [path, text] of stale(new Map([[TYPES, renderTypes(loadSchemas())]]))) files.set(path, text);
  if (!check) write(files);
  else if (files.size > 0) {
    console.error(`stale: ${[...files.keys()].join(', ')}; run npm run generate`);
    process.exitCode = 1;
  }
}
