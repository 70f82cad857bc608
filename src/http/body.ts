/**
 * Request bodies: bytes in, JSON or form fields out.
 *
 * Owns: what a body may be before anyone looks at its meaning: type, encoding, size, time, depth, number of parts.
 * Does not own its schema. Keeps I11: whatever a client sends ends as a value or as a 4xx, at a bounded cost.
 */
import { createHash, hash } from 'node:crypto';
import { MAX_NESTING, nestsDeeperThan, parseJson } from '../../schemas/json.ts';
import { HttpFault, invalid, tooLarge } from './errors.ts';
import { bytesOf, headersOf, type Received } from './received.ts';

export interface BodyLimits {
  /** A JSON body, and all text fields of a form together. */
  jsonBytes: number;
  /** One uploaded file. */
  fileBytes: number;
  /** Time for a JSON body to arrive; forms get four times as much. */
  arrivalMs: number;
}

/** What a route takes. `json?`: a JSON body or none. */
export type BodyKind = 'none' | 'json' | 'json?' | 'json|form';

export interface Upload {
  filename: string;
  bytes: Uint8Array;
}

/** `fingerprint`: the same for the same content, whatever boundary the client chose. */
export type ReceivedBody = { fingerprint(): string } & (
  | { kind: 'none' }
  | { kind: 'json'; json: unknown }
  | { kind: 'form'; fields: ReadonlyMap<string, string>; file: Upload | undefined }
);

const NOTHING: ReceivedBody = { kind: 'none', fingerprint: () => '' };
const PARTS_MAX = 20;
/** A form may hold this many times the size of its file. */
const FORM_FACTOR = 2.5;
const ARRIVAL_FACTOR = 4;

/** Reads and parses the body of a request as a route of this kind may have it. */
export async function receiveBody(source: Received, kind: BodyKind, limits: BodyLimits): Promise<ReceivedBody> {
  if (kind === 'none') return NOTHING;
  const headers = headersOf(source);
  const encoding = headers.get('content-encoding');
  if (encoding && encoding.toLowerCase() !== 'identity') throw unsupported(`Content-Encoding ${encoding}`);
  const contentType = headers.get('content-type') ?? '';
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  if (type === 'multipart/form-data' && kind === 'json|form') {
    const bytes = await readBytes(source, limits.fileBytes * FORM_FACTOR, limits.arrivalMs * ARRIVAL_FACTOR);
    return parseForm(bytes, contentType, limits);
  }
  if (type !== 'application/json' && type !== '') throw unsupported(`Content-Type ${type}`);
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  if (charset !== undefined && !/^"?utf-?8"?$/.test(charset)) throw unsupported(`charset ${charset}`);
  const bytes = await readBytes(source, limits.jsonBytes, limits.arrivalMs);
  if (bytes.length === 0 && kind === 'json?') return NOTHING;
  if (bytes.length > 0 && type === '') throw unsupported('A body without Content-Type');
  return { kind: 'json', json: parseJsonBody(bytes), fingerprint: () => hash('sha256', bytes, 'hex') };
}

function unsupported(what: string): HttpFault {
  return new HttpFault('UNSUPPORTED_MEDIA_TYPE', `${what.slice(0, 200)} is not supported here.`, {
    Connection: 'close',
  });
}

async function readBytes(source: Received, limitBytes: number, arrivalMs: number): Promise<Uint8Array> {
  const over = () => tooLarge(`The body is larger than ${limitBytes} bytes.`);
  const declared = headersOf(source).get('content-length');
  if (declared !== null && Number(declared) > limitBytes) throw over();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new HttpFault('VALIDATION_ERROR', 'The body did not arrive in time.', { Connection: 'close' }));
    }, arrivalMs);
  });
  try {
    const bytes = await Promise.race([bytesOf(source, limitBytes), late]);
    if (bytes.length > limitBytes) throw over();
    return bytes;
  } catch (error) {
    if (error instanceof HttpFault) throw error;
    throw new HttpFault('VALIDATION_ERROR', 'The body ended early.', { Connection: 'close' }, { cause: error });
  } finally {
    clearTimeout(timer);
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

async function parseForm(bytes: Uint8Array, contentType: string, limits: BodyLimits): Promise<ReceivedBody> {
  const boundary = /boundary=(?:"([^"]{1,70})"|([^;\s]{1,70}))/i.exec(contentType);
  const malformed = (message: string, cause?: unknown) =>
    new HttpFault(
      'VALIDATION_ERROR',
      'The form is not valid multipart/form-data.',
      {},
      { details: { errors: [{ path: '', message }] }, cause },
    );
  if (!boundary) throw malformed('has no boundary');
  // Counted before parsing: a form of many small parts costs far more to parse than to refuse.
  if (countOf(bytes, `--${boundary[1] ?? boundary[2]}`, PARTS_MAX + 2) > PARTS_MAX + 1) {
    throw tooLarge(`The form has more than ${PARTS_MAX} parts.`);
  }
  let form: FormData;
  try {
    form = await new Response(bytes as Uint8Array<ArrayBuffer>, {
      headers: { 'content-type': contentType },
    }).formData();
  } catch (error) {
    throw malformed('cannot be parsed', error);
  }
  const fields = new Map<string, string>();
  let file: Upload | undefined;
  let textBytes = 0;
  const digest = createHash('sha256');
  for (const [name, value] of form) {
    digest.update(`${JSON.stringify(name)}\n`);
    if (typeof value === 'string') {
      if (fields.has(name)) throw malformed(`has the field ${name.slice(0, 64)} twice`);
      textBytes += Buffer.byteLength(value);
      if (textBytes > limits.jsonBytes) throw tooLarge(`The text fields are larger than ${limits.jsonBytes} bytes.`);
      fields.set(name, value);
      digest.update(`${JSON.stringify(value)}\n`);
      continue;
    }
    // What a browser sends for an empty file input.
    if (value.size === 0 && value.name === '') continue;
    if (file) throw tooLarge('The form has more than one file.');
    if (name !== 'file') throw malformed(`has a file in the field ${name.slice(0, 64)}, expected file`);
    if (value.size > limits.fileBytes) throw tooLarge(`The file is larger than ${limits.fileBytes} bytes.`);
    file = { filename: value.name, bytes: await value.bytes() };
    digest.update(`${JSON.stringify(value.name)}\n`).update(file.bytes);
  }
  if (fields.has('file')) throw malformed('has text in the field file, expected a file');
  const fingerprint = digest.digest('hex');
  return { kind: 'form', fields, file, fingerprint: () => fingerprint };
}

function countOf(bytes: Uint8Array, text: string, atMost: number): number {
  const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let count = 0;
  for (let at = haystack.indexOf(text); at >= 0 && count < atMost; at = haystack.indexOf(text, at + text.length))
    count++;
  return count;
}
