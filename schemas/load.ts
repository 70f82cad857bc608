/**
 * Reads the schema files and refuses a set that is not sound.
 *
 * Owns: where files lie, what they are called, and the checks made once at start-up. Does not own: checking events
 * (`validate.ts`). Keeps I11: what is wrong with a file is said with the file's name, before anything runs.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** The schema files that come with the package. */
export const PACKAGE_SCHEMAS = fileURLToPath(new URL('.', import.meta.url));

const ID_BASE = 'https://audit-flash-os/schemas/';
const FOLDERS = ['envelope', 'events', 'objects'] as const;
const ENVELOPE_FILE = 'event_envelope.v1.schema.json';
const FILE_NAME = /^([a-z0-9_.]+)\.v([1-9][0-9]*)\.schema\.json$/;

/** A parsed JSON Schema, as far as this program looks into it. */
export interface JsonSchema {
  $id?: string;
  $ref?: string;
  description?: string;
  x_event_type?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  [keyword: string]: unknown;
}

export interface SchemaFile {
  /** Path below the directory, `events/work.item_started.v1.schema.json`. */
  path: string;
  /** The `$id`. */
  id: string;
  /** File name without version: `work.item_started`, `backlog_item`. */
  name: string;
  version: number;
  schema: JsonSchema;
}

export interface SchemaSet {
  directory: string;
  envelope: SchemaFile;
  /** Event type → version → file. */
  events: ReadonlyMap<string, ReadonlyMap<number, SchemaFile>>;
  /** Name → file of the highest version. */
  objects: ReadonlyMap<string, SchemaFile>;
  files: readonly SchemaFile[];
}

/** The schema directory is not usable; one line per problem, each naming its file. */
export class SchemaSetError extends Error {
  readonly problems: readonly string[];
  constructor(directory: string, problems: readonly string[]) {
    super(`schemas in ${directory} are not usable:\n${problems.join('\n')}`);
    this.name = 'SchemaSetError';
    this.problems = problems;
  }
}

/**
 * Reads and checks every schema below `directory`.
 * @param trusted skips the check against the meta-schema, most of the cost; for further threads of one process.
 * @throws {SchemaSetError} listing all problems found.
 */
export function loadSchemas(directory: string = PACKAGE_SCHEMAS, { trusted = false } = {}): SchemaSet {
  const problems: string[] = [];
  const files = FOLDERS.flatMap((folder) => readFolder(directory, folder, problems));
  const events = bindEvents(files, problems);
  checkReferences(files, problems);
  if (!trusted) checkDialect(files, problems);

  const envelope = files.find((file) => file.path === `envelope/${ENVELOPE_FILE}`);
  if (!envelope) problems.push(`envelope/${ENVELOPE_FILE}: is missing`);
  if (problems.length > 0 || !envelope) throw new SchemaSetError(directory, problems);

  const objects = new Map<string, SchemaFile>();
  for (const file of files.filter(({ path }) => path.startsWith('objects/'))) {
    if (file.version > (objects.get(file.name)?.version ?? 0)) objects.set(file.name, file);
  }
  return { directory, envelope, events, objects, files };
}

function readFolder(directory: string, folder: string, problems: string[]): SchemaFile[] {
  let names: string[];
  try {
    names = readdirSync(join(directory, folder)).filter((name) => name.endsWith('.json'));
  } catch (error) {
    problems.push(`${folder}/: cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return [];
  }
  return names.sort().flatMap((name) => {
    const path = `${folder}/${name}`;
    const [, stem, version] = FILE_NAME.exec(name) ?? [];
    if (stem === undefined) {
      problems.push(`${path}: is not named <name>.v<version>.schema.json`);
      return [];
    }
    let schema: JsonSchema;
    try {
      schema = JSON.parse(readFileSync(join(directory, path), 'utf8'));
    } catch (error) {
      problems.push(`${path}: ${(error as Error).message}`);
      return [];
    }
    if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
      problems.push(`${path}: is not a JSON object`);
      return [];
    }
    if (schema.$id !== ID_BASE + path) {
      problems.push(`${path}: $id must be ${ID_BASE}${path}`);
      return [];
    }
    return [{ path, id: schema.$id, name: stem, version: Number(version), schema }];
  });
}

function bindEvents(files: readonly SchemaFile[], problems: string[]): SchemaSet['events'] {
  const events = new Map<string, Map<number, SchemaFile>>();
  for (const file of files) {
    if (!file.path.startsWith('events/')) continue;
    const type = file.schema.x_event_type;
    if (typeof type !== 'string') {
      problems.push(`${file.path}: x_event_type is missing`);
      continue;
    }
    const versions = events.get(type) ?? new Map<number, SchemaFile>();
    const other = versions.get(file.version);
    if (other) problems.push(`${file.path}: ${type} version ${file.version} is already claimed by ${other.path}`);
    else if (file.name !== type.toLowerCase())
      problems.push(`${file.path}: is not named after its x_event_type ${type}`);
    events.set(type, versions.set(file.version, file));
  }
  return events;
}

/** Every `$ref` must lead to a file of the set, and to a place inside it when it has a fragment. */
function checkReferences(files: readonly SchemaFile[], problems: string[]): void {
  const byId = new Map(files.map((file) => [file.id, file.schema]));
  const visit = (file: SchemaFile, node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (key === '$ref' && typeof value === 'string') {
        if (!resolves(file, value)) problems.push(`${file.path}: $ref ${value} does not resolve`);
      } else visit(file, value);
    }
  };
  const resolves = (file: SchemaFile, ref: string): boolean => {
    if (!URL.canParse(ref, file.id)) return false;
    const target = new URL(ref, file.id);
    let at: unknown = byId.get(target.origin + target.pathname);
    for (const step of decodeURIComponent(target.hash).split('/').slice(1)) {
      const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
      at = typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? (at as JsonSchema)[key] : undefined;
    }
    return typeof at === 'object' && at !== null;
  };
  for (const file of files) visit(file, file.schema);
}

function checkDialect(files: readonly SchemaFile[], problems: string[]): void {
  const ajv = new Ajv2020({ strict: false, logger: false });
  for (const { path, schema } of files) {
    if (schema.$schema !== 'https://json-schema.org/draft/2020-12/schema') {
      problems.push(`${path}: $schema is not draft 2020-12`);
    } else if (!ajv.validateSchema(schema)) {
      const error = ajv.errors?.[0];
      problems.push(`${path}: ${error?.instancePath ?? ''} ${error?.message ?? 'is not a valid schema'}`);
    }
  }
}

/** Name of the object schema a `$ref` leads to. */
export function refName(ref: string): string {
  return basename(ref).replace(/\.v\d+\.schema\.json.*$/, '');
}
