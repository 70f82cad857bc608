/**
 * Checks events against the schemas: one validator for the gate, for what turns emit, and for request bodies.
 *
 * Owns: the checks of the gate on bytes, with their reasons, and compiled schemas. Does not own duplicates, marks or
 * routing. Keeps I11: total over any bytes, and the first violation is the same every time.
 *
 * Schemas are compiled when first used: a thread pays for the events it sees, not for the whole catalog.
 */
import { isUtf8 } from 'node:buffer';
import { resolve } from 'node:path';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { isAgent, isDispatchTarget } from './catalog.ts';
import { FORMATS } from './formats.ts';
import { parseJson } from './json.ts';
import { type JsonSchema, loadSchemas, PACKAGE_SCHEMAS, type SchemaFile, SchemaSetError } from './load.ts';
import type { Envelope } from './types.ts';
import { describe, type Violation, violationText } from './violations.ts';

/** Why something is not acceptable. */
export interface Rejection {
  /** For the dead letter, `invalid payload: /request_text is required`. */
  reason: string;
  /** `$id` of the schema that rejected it, null when none did. */
  schemaId: string | null;
}

/** Number of the gate's check that decided. */
type CheckNumber = 2 | 3 | 4 | 5 | 6 | 8;

export type Verdict =
  | { ok: true; event: Envelope }
  | (Rejection & {
      ok: false;
      check: CheckNumber;
      /** As far as readable. */
      eventId: string | null;
      eventType: string | null;
      /** The envelope as parsed, nested at most 32 deep; null when the bytes are no JSON object. */
      parsed: object | null;
      /** The event when only its target is unknown (check 8). */
      event: Envelope | null;
    });

export interface Validator {
  /**
   * The gate's checks 2 to 6 and 8 on the bytes of an event. Never throws.
   * @param limits `maxEventBytes`: larger events are rejected unread.
   */
  check(bytes: Buffer | string, limits: { maxEventBytes: number }): Verdict;
  checkEnvelope(value: unknown): Rejection | null;
  /** Also rejects a type or version without schema. */
  checkPayload(type: string, version: number, payload: unknown): Rejection | null;
  /** Whether a valid dispatch names a target that exists; other events pass. */
  checkTarget(event: Envelope): Rejection | null;
  /** @throws {RangeError} when there is no object of this name. */
  checkObject(name: string, value: unknown): Rejection | null;
  /** All that is wrong with a parsed event, pointers from the envelope on; empty = acceptable. */
  errorsOf(event: unknown): Violation[];
  /**
   * Compiles a schema of one's own; `$ref: '../objects/<name>.v1.schema.json'` leads to the objects.
   * @returns a check that lists all violations, at most 100.
   */
  compile(schema: JsonSchema): (value: unknown) => Violation[];
  /** Compiles every schema now. @throws {SchemaSetError} naming the files that do not compile. */
  compileAll(): void;
}

const READABLE_MAX_CHARACTERS = 200;
const INLINE_BASE = 'https://audit-flash-os/schemas/inline/';

/**
 * @param directory schema files; all are compiled at once when these are not the package's own.
 * @param trusted another thread of this process has loaded the same directory: skip the checks of the files.
 * @throws {SchemaSetError} when the files are not usable.
 */
export function createValidator(directory = PACKAGE_SCHEMAS, { trusted = false } = {}): Validator {
  const set = loadSchemas(directory, { trusted });
  const first = compiler(set.files, false);
  let all: Ajv2020 | undefined; // only edges that talk to people need every violation
  const everyError = () => (all ??= compiler(set.files, true));

  const compiled = new Map<SchemaFile, ValidateFunction>();
  const validatorOf = (file: SchemaFile): ValidateFunction => {
    let validate = compiled.get(file);
    if (!validate) {
      validate = first.getSchema(file.id) as ValidateFunction;
      compiled.set(file, validate);
    }
    return validate;
  };
  const envelope = lazily(() => validatorOf(set.envelope));
  const payloads = new Map(
    [...set.events].map(([type, versions]) => [
      type,
      new Map([...versions].map(([version, file]) => [version, { file, validate: lazily(() => validatorOf(file)) }])),
    ]),
  );

  const rejectionBy = (what: string, file: SchemaFile, validate: ValidateFunction): Rejection => {
    const violation = describe(validate.errors ?? [])[0] ?? { path: '', message: 'is not valid' };
    return { reason: `invalid ${what}: ${violationText(violation)}`, schemaId: file.id };
  };

  function checkEnvelope(value: unknown): Rejection | null {
    const validate = envelope();
    return validate(value) ? null : rejectionBy('envelope', set.envelope, validate);
  }

  function checkPayload(type: string, version: number, payload: unknown): Rejection | null {
    const found = payloads.get(type)?.get(version);
    if (!found) return noSchema(type, version);
    const validate = found.validate();
    return validate(payload) ? null : rejectionBy('payload', found.file, validate);
  }

  function noSchema(type: string, version: number): Rejection {
    const known = payloads.has(type) ? ` event_version=${version}` : '';
    return { reason: `no schema for event_type=${clip(type)}${known}`, schemaId: null };
  }

  function check(bytes: Buffer | string, { maxEventBytes }: { maxEventBytes: number }): Verdict {
    const sizeBytes = typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length;
    if (sizeBytes > maxEventBytes) return unread(2, `event too large: ${sizeBytes} bytes, limit ${maxEventBytes}`);
    if (typeof bytes === 'string' ? !bytes.isWellFormed() : !isUtf8(bytes)) return unread(2, 'invalid utf-8');
    const json = parseJson(typeof bytes === 'string' ? bytes : bytes.toString('utf8'));
    if (!json.ok) return unread(3, `invalid json: ${json.problem}`);
    const { value } = json;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return unread(3, 'invalid json: must be an object');
    }
    const malformed = checkEnvelope(value);
    if (malformed) return rejected(4, malformed, value);
    const event = value as Envelope;
    const invalid = checkPayload(event.event_type, event.event_version, event.payload);
    if (invalid) return rejected(invalid.schemaId === null ? 5 : 6, invalid, value);
    const untargeted = checkTarget(event);
    if (untargeted) return { ...rejected(8, untargeted, value), event };
    return { ok: true, event };
  }

  function checkObject(name: string, value: unknown): Rejection | null {
    const file = set.objects.get(name);
    if (!file) throw new RangeError(`there is no object schema ${name}`);
    const validate = validatorOf(file);
    return validate(value) ? null : rejectionBy(name, file, validate);
  }

  function errorsOf(event: unknown): Violation[] {
    const listed = violations(everyError().getSchema(set.envelope.id) as ValidateFunction, event);
    if (listed.length > 0) return listed;
    const { event_type, event_version, payload } = event as Envelope;
    const file = set.events.get(event_type)?.get(event_version);
    if (!file) {
      const path = set.events.has(event_type) ? '/event_version' : '/event_type';
      return [{ path, message: noSchema(event_type, event_version).reason }];
    }
    const inPayload = violations(everyError().getSchema(file.id) as ValidateFunction, payload);
    if (inPayload.length > 0) return inPayload.map(({ path, message }) => ({ path: `/payload${path}`, message }));
    const untargeted = checkTarget(event as Envelope);
    if (!untargeted) return [];
    const field = event_type === 'WORK.ITEM_DISPATCHED' ? 'agent_target' : 'agent';
    return [{ path: `/payload/${field}`, message: untargeted.reason }];
  }

  let inline = 0;
  function compile(schema: JsonSchema): (value: unknown) => Violation[] {
    const validate = everyError().compile({ $id: `${INLINE_BASE}${++inline}`, ...schema });
    return (value) => violations(validate, value);
  }

  function compileAll(): void {
    const problems = set.files.flatMap((file) => {
      try {
        validatorOf(file);
        return [];
      } catch (error) {
        return [`${file.path}: ${(error as Error).message}`];
      }
    });
    if (problems.length > 0) throw new SchemaSetError(directory, problems);
  }

  if (!trusted && resolve(directory) !== resolve(PACKAGE_SCHEMAS)) compileAll();
  return { check, checkEnvelope, checkPayload, checkTarget, checkObject, errorsOf, compile, compileAll };
}

function compiler(files: readonly SchemaFile[], allErrors: boolean): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true,
    strictRequired: false, // `then` requires what `properties` beside it declares
    allowUnionTypes: true, // ["string", "null"]
    validateSchema: false, // done by loadSchemas
    meta: false,
    allErrors,
    logger: false,
    formats: { ...FORMATS },
    keywords: ['x_event_type'],
  });
  for (const { schema } of files) ajv.addSchema(schema);
  return ajv;
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function violations(validate: ValidateFunction, value: unknown): Violation[] {
  return validate(value) ? [] : describe(validate.errors ?? []);
}

function checkTarget(event: Envelope): Rejection | null {
  let target: string;
  if (event.event_type === 'WORK.ITEM_DISPATCHED') {
    target = event.payload.agent_target;
    if (isDispatchTarget(target)) return null;
  } else if (event.event_type === 'AGENT.TASK_DISPATCHED') {
    target = event.payload.agent;
    if (isAgent(target)) return null;
  } else return null;
  return { reason: `unknown agent_target: ${target}`, schemaId: null };
}

const clip = (text: string): string =>
  text.length <= READABLE_MAX_CHARACTERS ? text : `${text.slice(0, READABLE_MAX_CHARACTERS)}…`;

function unread(check: CheckNumber, reason: string) {
  return {
    ok: false,
    check,
    reason,
    schemaId: null,
    eventId: null,
    eventType: null,
    parsed: null,
    event: null,
  } as const;
}

function rejected(check: CheckNumber, rejection: Rejection, parsed: object) {
  const { event_id, event_type } = parsed as Record<string, unknown>;
  const eventId = readable(event_id);
  const eventType = readable(event_type);
  return { ok: false, check, ...rejection, eventId, eventType, parsed, event: null } as const;
}

function readable(value: unknown): string | null {
  return typeof value === 'string' && value.length <= READABLE_MAX_CHARACTERS ? value : null;
}
