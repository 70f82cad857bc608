/**
 * Request bodies: bytes in; JSON, form fields and files out.
 *
 * Owns: what a body may be before anyone looks at its meaning: type, encoding, size, time, depth. Does not own its
 * schema, nor how forms are taken apart (`form.ts`). Keeps I11: whatever a client sends ends as a value or as a 4xx, at
 * a bounded cost.
 */
import { hash } from 'node:crypto';
import { MAX_NESTING, nestsDeeperThan, parseJson } from '../../schemas/json.ts';
import { HttpFault, invalid, tooLarge } from './errors.ts';
import { type FormFiles, malformedForm, receiveForm, type StoredUpload } from './form.ts';
import type { IncomingFiles } from './incoming-files.ts';
import { bytesOf, chunksOf, headersOf, type Received } from './received.ts';

export interface BodyLimits {
  /** A JSON body, and all text fields of a form together. */
  jsonBytes: number;
  /** One uploaded file. */
  fileBytes: number;
  /** Time for a JSON body to arrive; files get four times as much. */
  arrivalMs: number;
}

/** What a route takes. */
export interface TakenBody {
  json: 'never' | 'optional' | 'needed';
  form: FormFiles | undefined;
  /** Content type of a body that is a file of its own. */
  raw: string | undefined;
}

/** `fingerprint`: the same for the same content, however it was sent. */
export type ReceivedBody = { fingerprint(): string; files: readonly StoredUpload[] } & (
  | { kind: 'none' }
  | { kind: 'raw' }
  | { kind: 'json'; json: unknown }
  | { kind: 'form'; fields: ReadonlyMap<string, string> }
);

const NO_FILES: readonly StoredUpload[] = [];
const NOTHING: ReceivedBody = { kind: 'none', files: NO_FILES, fingerprint: () => '' };
/** A form may hold this many times the size of a file. */
const FORM_FACTOR = 2.5;
const ARRIVAL_FACTOR = 4;

/** Reads and parses the body of a request as a route may have it. The files are the caller's to remove. */
export async function receiveBody(
  source: Received,
  taken: TakenBody,
  limits: BodyLimits,
  incoming: IncomingFiles | undefined,
): Promise<ReceivedBody> {
  const { json, form, raw } = taken;
  if (json === 'never' && !form && raw === undefined) return NOTHING;
  const headers = headersOf(source);
  const encoding = headers.get('content-encoding');
  if (encoding && encoding.toLowerCase() !== 'identity') throw unsupported(`Content-Encoding ${encoding}`);
  const contentType = headers.get('content-type') ?? '';
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  if (form && incoming && type === 'multipart/form-data')
    return receiveFiles(source, contentType, form, limits, incoming);
  if (incoming && raw !== undefined && type === raw) return receiveRaw(source, raw, limits, incoming);
  if (json === 'never') {
    const expected = [...(form ? ['multipart/form-data'] : []), ...(raw === undefined ? [] : [raw])].join(' or ');
    throw unsupported(type === '' ? 'A body without Content-Type' : `Content-Type ${type}`, expected);
  }
  if (type !== 'application/json' && type !== '') throw unsupported(`Content-Type ${type}`);
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  if (charset !== undefined && !/^"?utf-?8"?$/.test(charset)) throw unsupported(`charset ${charset}`);
  const bytes = await readBytes(source, limits.jsonBytes, limits.arrivalMs);
  if (bytes.length === 0 && json === 'optional') return NOTHING;
  if (bytes.length > 0 && type === '') throw unsupported('A body without Content-Type');
  const fingerprint = () => hash('sha256', bytes, 'hex');
  return { kind: 'json', json: parseJsonBody(bytes), files: NO_FILES, fingerprint };
}

function unsupported(what: string, expected?: string): HttpFault {
  const instead = expected === undefined ? '' : ` Send ${expected}.`;
  const message = `${what.slice(0, 200)} is not supported here.${instead}`;
  const path = `header.${what.startsWith('Content-Encoding') ? 'Content-Encoding' : 'Content-Type'}`;
  const details = { errors: [{ path, message }] };
  return new HttpFault('UNSUPPORTED_MEDIA_TYPE', message, { Connection: 'close' }, { details });
}

async function receiveFiles(
  source: Received,
  contentType: string,
  allowed: FormFiles,
  limits: BodyLimits,
  incoming: IncomingFiles,
): Promise<ReceivedBody> {
  const boundary = /boundary=(?:"([^"]{1,70})"|([^;\s]{1,70}))/i.exec(contentType);
  if (!boundary) throw malformedForm('has no boundary');
  const form = await receiveForm(
    arriving(source, limits.fileBytes * FORM_FACTOR, limits.arrivalMs * ARRIVAL_FACTOR),
    (boundary[1] ?? boundary[2]) as string,
    allowed,
    { textBytes: limits.jsonBytes, fileBytes: limits.fileBytes },
    incoming,
  );
  return { kind: 'form', fields: form.fields, files: form.files, fingerprint: () => form.fingerprint };
}

async function receiveRaw(
  source: Received,
  declaredType: string,
  limits: BodyLimits,
  incoming: IncomingFiles,
): Promise<ReceivedBody> {
  const content = arriving(source, limits.fileBytes, limits.arrivalMs * ARRIVAL_FACTOR);
  const stored = await incoming.store(content);
  const file = { field: '', filename: '', declaredType, ...stored };
  return { kind: 'raw', files: [file], fingerprint: () => `raw ${stored.sha256}` };
}

const tooMuch = (limitBytes: number) =>
  tooLarge(`The body is larger than ${limitBytes} bytes.`, [
    { path: '', message: `is larger than ${limitBytes} bytes` },
  ]);

/** A body that will not come to its end any more. */
function broken(message: string, cause?: unknown): HttpFault {
  const details = { errors: [{ path: '', message }] };
  return new HttpFault('VALIDATION_ERROR', `The body ${message}.`, { Connection: 'close' }, { details, cause });
}

function refuseLarge(source: Received, limitBytes: number): void {
  const declared = headersOf(source).get('content-length');
  if (declared !== null && Number(declared) > limitBytes) throw tooMuch(limitBytes);
}

/** Rejects when a body has had `arrivalMs`. */
function lateness(arrivalMs: number): { late: Promise<never>; end(): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  const timer = setTimeout(() => reject(broken('did not arrive in time')), arrivalMs);
  return { late: promise, end: () => clearTimeout(timer) };
}

/** The pieces of a body as they come. @throws HttpFault when there are too many bytes, or they do not come in time */
async function* arriving(source: Received, limitBytes: number, arrivalMs: number): AsyncGenerator<Uint8Array> {
  refuseLarge(source, limitBytes);
  const { late, end } = lateness(arrivalMs);
  const chunks = chunksOf(source);
  let sizeBytes = 0;
  try {
    for (;;) {
      const next = await Promise.race([chunks.next(), late]);
      if (next.done) return;
      sizeBytes += next.value.length;
      if (sizeBytes > limitBytes) throw tooMuch(limitBytes);
      yield next.value;
    }
  } catch (error) {
    throw error instanceof HttpFault ? error : broken('ended early', error);
  } finally {
    end();
  }
}

async function readBytes(source: Received, limitBytes: number, arrivalMs: number): Promise<Uint8Array> {
  refuseLarge(source, limitBytes);
  const { late, end } = lateness(arrivalMs);
  try {
    const bytes = await Promise.race([bytesOf(source, limitBytes), late]);
    if (bytes.length > limitBytes) throw tooMuch(limitBytes);
    return bytes;
  } catch (error) {
    throw error instanceof HttpFault ? error : broken('ended early', error);
  } finally {
    end();
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
/** Only a text that spells the key, or hides letters in escapes, can hold it; the others are not walked. */
const MAYBE_FORBIDDEN = /__proto__|\\u00[57]/i;

/** A JSON text as a value; `path` names the form field it came in. */
export function parseJsonBody(bytes: Uint8Array, path = ''): unknown {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw invalid('The body is not valid UTF-8.', [{ path, message: 'is not valid UTF-8' }]);
  }
  if (nestsDeeperThan(text, MAX_NESTING)) throw tooLarge(`The body is nested deeper than ${MAX_NESTING} levels.`);
  const parsed = parseJson(text);
  if (!parsed.ok) throw invalid('The body is not valid JSON.', [{ path, message: parsed.problem }]);
  if (MAYBE_FORBIDDEN.test(text) && holdsForbiddenKey(parsed.value)) {
    throw invalid('The body holds a forbidden key.', [{ path, message: 'must not hold the key __proto__' }]);
  }
  return parsed.value;
}

/** Recursion is bounded by the nesting checked before. */
function holdsForbiddenKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(holdsForbiddenKey);
}
