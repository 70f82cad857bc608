/**
 * Forms: multipart/form-data as it arrives, to text fields and to files on disk.
 *
 * Owns: what a form may hold: parts, files, sizes, names given once. Finding the parts is the library's. Keeps I11: any
 * bytes end as a form or as a 4xx, at a bounded cost, and of a refused form no file is left.
 */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { Dicer } from '@fastify/busboy';
import { HttpFault, tooLarge } from './errors.ts';
import type { IncomingFiles, StoredFile } from './incoming-files.ts';
import { type PartHeader, type RawHeader, readPartHeader } from './part-header.ts';

/** A file of a request. Names and types are what the sender calls it: labels, never paths. */
export interface StoredUpload extends StoredFile {
  field: string;
  filename: string;
  declaredType: string | null;
}

/** What a route takes in a form besides text fields. */
export interface FormFiles {
  /** The field of all its files. */
  field: string;
  filesMax: number;
  partsMax: number;
}

export interface FormLimits {
  /** All text fields together. */
  textBytes: number;
  /** One file. */
  fileBytes: number;
}

export interface ReceivedForm {
  fields: ReadonlyMap<string, string>;
  files: readonly StoredUpload[];
  /** The same for the same content in the same order, whatever boundary the client chose. */
  fingerprint: string;
}

type FormPart = { name: string } & ({ text: string } | { file: StoredUpload });

/** Of a part. */
const PARSER_LIMITS = { maxHeaderSize: 16 * 1024, maxHeaderPairs: 32 };
const NAME_SHOWN = 64;

/** The body is not a form: 400. The rest of it may still be on its way, so the connection is closed. */
export function malformedForm(
  message: string,
  { path = '', cause }: { path?: string; cause?: unknown } = {},
): HttpFault {
  const details = { errors: [{ path, message }] };
  const text = 'The form is not valid multipart/form-data.';
  return new HttpFault('VALIDATION_ERROR', text, { Connection: 'close' }, { details, cause });
}

export async function receiveForm(
  chunks: AsyncGenerator<Uint8Array>,
  boundary: string,
  allowed: FormFiles,
  limits: FormLimits,
  incoming: IncomingFiles,
): Promise<ReceivedForm> {
  const parser = new Dicer({ boundary, ...PARSER_LIMITS });
  const reading = new FormReading(allowed, limits, incoming);
  const failed = Promise.withResolvers<never>();
  const finished = Promise.withResolvers<void>();
  const streams: Readable[] = [];
  const headers: PromiseWithResolvers<RawHeader>[] = [];
  const parts: Promise<FormPart | undefined>[] = [];
  let isFinished = false;
  let isRefused = false;
  failed.promise.catch(() => {
    isRefused = true;
  });

  parser.on('part', (stream) => {
    // A part that ends early says so on its stream, and the parser says it too.
    stream.on('error', () => {});
    const isOneTooMany = streams.length === allowed.partsMax;
    if (isOneTooMany) failed.reject(over('', `has more than ${allowed.partsMax} parts`));
    if (isOneTooMany || isRefused) return void stream.resume();
    const header = Promise.withResolvers<RawHeader>();
    stream.once('header', (values) => header.resolve(values as RawHeader));
    const part = reading.read(header.promise, stream);
    part.catch(failed.reject);
    streams.push(stream);
    headers.push(header);
    parts.push(part);
  });
  parser.on('error', (cause) => failed.reject(malformedForm('ends before its last boundary', { cause })));
  parser.on('finish', () => {
    isFinished = true;
    for (const header of headers) header.reject(malformedForm('has a part whose header does not end'));
    finished.resolve();
  });
  const feed = async () => {
    for await (const chunk of chunks) {
      if (isRefused) return failed.promise;
      // What follows the last boundary belongs to nothing. The parser forgets to say that it has taken a chunk with the
      // last boundary if it held it back until somebody had read the part before: then it only says that it is finished.
      if (!isFinished) {
        const taken = new Promise<void>((resolve) => parser.write(chunk, () => resolve()));
        await Promise.race([taken, finished.promise]);
      }
    }
    if (!isFinished) parser.end();
    await finished.promise;
    return Promise.all(parts);
  };
  try {
    const all = await Promise.race([feed(), failed.promise]);
    return formOf(all.filter((part) => part !== undefined));
  } catch (error) {
    isRefused = true;
    for (const header of headers) header.reject(error);
    for (const stream of streams) stream.destroy();
    // It may be held up where nobody reads any more.
    chunks.return(undefined).catch(() => {});
    const ended = await Promise.allSettled(parts);
    const read = ended.map((part) => (part.status === 'fulfilled' ? part.value : undefined));
    await incoming.discard(read.flatMap((part) => (part && 'file' in part ? [part.file] : [])));
    throw error;
  }
}

/** Reads the parts of one form, each as its own stream; what they may be together is counted here. */
class FormReading {
  readonly #allowed: FormFiles;
  readonly #limits: FormLimits;
  readonly #incoming: IncomingFiles;
  readonly #names = new Set<string>();
  #textBytes = 0;
  #files = 0;

  constructor(allowed: FormFiles, limits: FormLimits, incoming: IncomingFiles) {
    this.#allowed = allowed;
    this.#limits = limits;
    this.#incoming = incoming;
  }

  /** Undefined for what a browser sends of an empty file input. */
  async read(raw: Promise<RawHeader>, stream: Readable): Promise<FormPart | undefined> {
    const header = readPartHeader(await raw);
    if (typeof header === 'string') throw malformedForm(header);
    const { name, filename } = header;
    if (filename === null) return { name, text: await this.#text(header, stream) };
    const file = await this.#file(header, filename, stream);
    if (file.sizeBytes > 0 || filename !== '') return { name, file };
    await this.#incoming.discard([file]);
    return undefined;
  }

  async #text({ name, charset }: PartHeader, stream: Readable): Promise<string> {
    const shown = name.slice(0, NAME_SHOWN);
    const path = `/${shown}`;
    if (name === this.#allowed.field) throw malformedForm(`has text in the field ${shown}, expected a file`, { path });
    if (this.#names.has(name)) throw malformedForm(`has the field ${shown} twice`, { path });
    this.#names.add(name);
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) {
      this.#textBytes += chunk.length;
      const { textBytes } = this.#limits;
      if (this.#textBytes > textBytes) throw over(path, `makes the text fields larger than ${textBytes} bytes`);
      chunks.push(chunk);
    }
    try {
      return new TextDecoder(charset, { fatal: true }).decode(Buffer.concat(chunks));
    } catch (cause) {
      throw malformedForm(`has the field ${shown} in another encoding than ${charset.slice(0, 40)}`, { path, cause });
    }
  }

  async #file({ name, type }: PartHeader, filename: string, stream: Readable): Promise<StoredUpload> {
    const { field, filesMax } = this.#allowed;
    const shown = name.slice(0, NAME_SHOWN);
    if (name !== field) {
      throw malformedForm(`has a file in the field ${shown}, expected ${field}`, { path: `/${shown}` });
    }
    const path = `/${field}/${this.#files}`;
    this.#files += 1;
    if (this.#files > filesMax) throw over(path, `is one file too many: there may be ${filesMax}`);
    const { fileBytes } = this.#limits;
    const stored = await this.#incoming.store(
      upTo(stream, fileBytes, () => over(path, `is larger than ${fileBytes} bytes`)),
    );
    return { field, filename, declaredType: type, ...stored };
  }
}

/** The bytes of `content`; throws `refusal` when there are more than that. */
export async function* upTo(
  content: AsyncIterable<Uint8Array>,
  limitBytes: number,
  refusal: () => Error,
): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  for await (const chunk of content) {
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes) throw refusal();
    yield chunk;
  }
}

const over = (path: string, message: string) =>
  tooLarge(`The form${path && `: ${path}`} ${message}.`, [{ path, message }]);

function formOf(parts: readonly FormPart[]): ReceivedForm {
  const digest = createHash('sha256');
  for (const part of parts) {
    const { name, ...value } = part;
    const { filename, declaredType, sha256 } = 'file' in part ? part.file : {};
    digest.update(`${JSON.stringify('text' in value ? [name, value.text] : [name, filename, declaredType, sha256])}\n`);
  }
  return {
    fields: new Map(parts.flatMap((part) => ('text' in part ? [[part.name, part.text] as const] : []))),
    files: parts.flatMap((part) => ('file' in part ? [part.file] : [])),
    fingerprint: digest.digest('hex'),
  };
}
