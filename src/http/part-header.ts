/**
 * What the header of a form's part says. Pure.
 *
 * Owns: names as browsers, curl and libraries write them. A name is a label: what it may be used for is decided elsewhere.
 */
import { MIMEType } from 'node:util';

export interface PartHeader {
  /** Of the field. */
  name: string;
  /** Null for a text field. */
  filename: string | null;
  /** What the sender says it is, without parameters and in lower case; null if nothing. */
  type: string | null;
  charset: string;
}

/** Values by name in lower case; each character is a byte. */
export type RawHeader = Readonly<Record<string, readonly string[]>>;

/** Larger ones are not read to their end. */
const MAX_CHARS = 8 * 1024;
const PLAIN_ENCODINGS = new Set(['7bit', '8bit', 'binary']);

/** The header, or what is wrong with it. */
export function readPartHeader(header: RawHeader): PartHeader | string {
  const size = Object.values(header).reduce((sum, values) => sum + values.join('').length, 0);
  if (size > MAX_CHARS) return `has a part with a header of more than ${MAX_CHARS} bytes`;
  const disposition = /^\s*form-data\s*(;.*)?$/is.exec(header['content-disposition']?.[0] ?? '');
  if (!disposition) return 'has a part without Content-Disposition: form-data';
  const encoding = header['content-transfer-encoding']?.[0]?.trim().toLowerCase();
  if (encoding && !PLAIN_ENCODINGS.has(encoding)) return `has a part in the encoding ${encoding.slice(0, 40)}`;
  // Browsers escape the quotation mark alone, so a backslash before anything else is one.
  const parameters = parametersOf(`form/data${(disposition[1] ?? '').replace(/\\(?!")/g, '\\\\')}`);
  const name = parameters?.get('name');
  if (parameters === undefined || typeof name !== 'string' || name === '') return 'has a part without a name';
  const type = header['content-type']?.[0];
  return {
    name: textOf(name),
    filename: filenameOf(parameters.get('filename*') ?? null, parameters.get('filename') ?? null),
    type: type?.split(';', 1)[0]?.trim().toLowerCase() || null,
    charset: (type && parametersOf(type)?.get('charset')) || 'utf-8',
  };
}

function parametersOf(text: string): MIMEType['params'] | undefined {
  try {
    return new MIMEType(text).params;
  } catch {
    return undefined;
  }
}

/** @param extended as in RFC 5987, `UTF-8''na%C3%AFve.csv` */
function filenameOf(extended: string | null, plain: string | null): string | null {
  const encoded = extended === null ? undefined : /^utf-8'[^']*'(.*)$/i.exec(extended)?.[1];
  if (encoded !== undefined) {
    try {
      return decodeURIComponent(encoded);
    } catch {
      // The plain one is there for those who cannot read it.
    }
  }
  return plain === null ? null : textOf(plain);
}

const ESCAPES: Readonly<Record<string, string>> = { '%22': '"', '%0d': '\r', '%0a': '\n' };

/** Bytes as UTF-8, without the escapes of browsers. */
function textOf(bytes: string): string {
  const text = new TextDecoder().decode(Buffer.from(bytes, 'latin1'));
  return text.replace(/%(?:22|0d|0a)/gi, (code) => ESCAPES[code.toLowerCase()] as string);
}
