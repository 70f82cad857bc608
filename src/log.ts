/**
 * Owns: what a log line looks like, what it must not contain (secrets, control characters), and how long it gets.
 * Does not own: where lines are kept (a sink does that). Threads send what they have to say to the main thread.
 * Keeps I9: no line and no part of one grows without bound.
 */
import { styleText } from 'node:util';
import { faultData } from './errors.ts';

/** From the least to the most important. */
export const LOG_LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One line, already redacted and cut. */
export interface LogLine {
  /** ISO 8601 with milliseconds. */
  timestamp: string;
  level: LogLevel;
  /** Role or part of the process that speaks. */
  service: string;
  message: string;
  project_id?: string;
  metadata: Record<string, unknown>;
}

/** A `project_id` in the metadata becomes the line's own. Errors may be passed as values. */
export type Say = (message: string, metadata?: Readonly<Record<string, unknown>>) => void;

export interface ServiceLog {
  debug: Say;
  info: Say;
  warn: Say;
  error: Say;
}

export interface Log {
  write(level: LogLevel, service: string, message: string, metadata?: Readonly<Record<string, unknown>>): void;
  for(service: string): ServiceLog;
  /** Every line that passes the level goes there as well, after stdout. Returns what ends it. */
  addSink(sink: (line: LogLine) => void): () => void;
}

export interface LogOptions {
  /** Lowest level written. */
  level: LogLevel;
  /** Texts that appear in no line. */
  secrets: readonly string[];
  /** Takes one line with its line break; stdout if absent. */
  out?: (text: string) => void;
  /** For a person at a terminal instead of JSON; if absent: when stdout is a terminal. */
  readable?: boolean;
}

const maxMessageChars = 2_000;
const maxTextChars = 4_000;
const maxLineChars = 16_384;
const maxDepth = 6;
const maxEntries = 50;
const redacted = '[redacted]';

export function createLog({ level, secrets, out, readable }: LogOptions): Log {
  const lowest = LOG_LEVELS.indexOf(level);
  const redact = createRedactor(secrets);
  const sinks = new Set<(line: LogLine) => void>();
  const asText = (readable ?? (!out && process.stdout.isTTY)) ? forPeople : asJson;
  const print = out ?? toStdout();

  const write: Log['write'] = (at, service, message, metadata = {}) => {
    if (LOG_LEVELS.indexOf(at) < lowest) return;
    const { project_id, ...rest } = metadata;
    const line: LogLine = {
      timestamp: new Date().toISOString(),
      level: at,
      service,
      message: cut(redact(message), maxMessageChars),
      ...(typeof project_id === 'string' && { project_id: cut(project_id, 100) }),
      metadata: plain(rest, redact),
    };
    let text = asText(line);
    if (text.length > maxLineChars && JSON.stringify(line.metadata).length > maxLineChars) {
      line.metadata = { truncated: true };
      text = asText(line);
    }
    print(`${text}\n`);
    for (const sink of sinks) sink(line);
  };

  return {
    write,
    for: (service) => ({
      debug: (message, metadata) => write('DEBUG', service, message, metadata),
      info: (message, metadata) => write('INFO', service, message, metadata),
      warn: (message, metadata) => write('WARN', service, message, metadata),
      error: (message, metadata) => write('ERROR', service, message, metadata),
    }),
    addSink(sink) {
      sinks.add(sink);
      return () => sinks.delete(sink);
    },
  };
}

/** Shorter ones would blot out ordinary words. */
const minSecretChars = 4;

const secretShapes: readonly [RegExp, string][] = [
  [/\bBearer\s+[\w.~+/=-]{8,}/gi, `Bearer ${redacted}`],
  [/\b(?:sk|pk|rk)-[\w-]{16,}/g, redacted],
  [/\bAIza[\w-]{30,}/g, redacted],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, redacted],
  [/:\/\/[^\s/@:]*:[^\s/@]+@/g, `://${redacted}@`],
];

/** What every one of the shapes begins with. */
const maybeSecret = /Bearer|[spr]k-|AIza|eyJ|:\/\//i;

/** Takes out the given texts (also as they stand in URLs) and whatever is shaped like a key or token. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const texts = secrets
    .filter((text) => text.length >= minSecretChars)
    .flatMap((text) => [text, encodeURIComponent(text)]);
  // The longest first: one secret may be a part of another.
  const alternatives = [...new Set(texts)].sort((a, b) => b.length - a.length).map((text) => RegExp.escape(text));
  const known = alternatives.length > 0 ? new RegExp(alternatives.join('|'), 'g') : null;
  return (text) => {
    let result = known ? text.replace(known, redacted) : text;
    if (!maybeSecret.test(result)) return result;
    for (const [shape, instead] of secretShapes) result = result.replace(shape, instead);
    return result;
  };
}

const secretName = /(^|_)(authorization|cookie|password|passwd|secret|token|api_?keys?|private_?key|credentials?)$/;

/** Names are few, and asked about for every line. */
const secretNames = new Map<string, boolean>();
const maxKnownNames = 1_000;

/** Whether a field of this name holds a secret: `api_key`, `accessToken`, `set-cookie`; not `input_tokens`. */
function isSecretName(name: string): boolean {
  let secret = secretNames.get(name);
  if (secret === undefined) {
    const words = name.replace(/([a-z\d])([A-Z])/g, '$1_$2').replaceAll('-', '_');
    secret = secretName.test(words.toLowerCase());
    if (secretNames.size < maxKnownNames) secretNames.set(name, secret);
  }
  return secret;
}

/** Metadata as bounded plain JSON without secrets; never throws, whatever it is given. */
function plain(metadata: Readonly<Record<string, unknown>>, redact: (text: string) => string): Record<string, unknown> {
  const value = (of: unknown, depth: number): unknown => {
    switch (typeof of) {
      case 'string':
        return cut(redact(of), maxTextChars);
      case 'bigint':
        return String(of);
      case 'function':
      case 'symbol':
        return `[${typeof of}]`;
      case 'object':
        return of === null ? null : container(of, depth);
      default:
        return of;
    }
  };
  const container = (of: object, depth: number): unknown => {
    if (depth >= maxDepth) return '[too deep]';
    if (ArrayBuffer.isView(of)) return `[${of.byteLength} bytes]`;
    if (of instanceof Date) return Number.isNaN(of.getTime()) ? null : of.toISOString();
    if (of instanceof Error) return value(faultData(of), depth);
    if (of instanceof Map || of instanceof Set) return value([...of], depth);
    if (Array.isArray(of)) return of.slice(0, maxEntries).map((element) => value(element, depth + 1));
    return record(of, depth);
  };
  const record = (of: object, depth: number): Record<string, unknown> => {
    const fields = Object.entries(of).slice(0, maxEntries);
    return Object.fromEntries(
      fields.map(([name, field]) => {
        const hidden = isSecretName(name) && (typeof field === 'string' || typeof field === 'object') && field !== null;
        return [cut(redact(name), 100), hidden ? redacted : value(field, depth + 1)];
      }),
    );
  };
  try {
    return record(metadata, 0);
  } catch (error) {
    // A getter that throws must not take the caller down.
    return { unloggable: error instanceof Error ? redact(error.message) : 'thrown value' };
  }
}

function cut(text: string, maxChars: number): string {
  return text.length <= maxChars ? text : `${text.slice(0, maxChars)}… (${text.length} characters)`;
}

/** What JSON leaves as it is but a terminal or viewer obeys: C1 controls, line separators, text direction. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what it looks for
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function escapeControls(text: string): string {
  return text.replace(unprintable, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function asJson(line: LogLine): string {
  return escapeControls(JSON.stringify(line));
}

const colours = { DEBUG: 'gray', INFO: 'green', WARN: 'yellow', ERROR: 'red' } as const;

function forPeople({ timestamp, level, service, message, project_id, metadata }: LogLine): string {
  const fields = Object.entries({ ...(project_id && { project_id }), ...metadata }).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const paint = (format: Parameters<typeof styleText>[0], text: string) => styleText(format, escapeControls(text));
  return [
    paint('gray', timestamp.slice(11, 23)),
    paint(colours[level], level.padEnd(5)),
    paint('bold', service),
    escapeControls(message),
    ...(fields.length > 0 ? [paint('gray', fields.join(' '))] : []),
  ].join(' ');
}

/** No person sees that a line is this late, and at a thousand lines per second it saves most writes. */
const FLUSH_MS = 20;

function toStdout(): (text: string) => void {
  // A reader that goes away (`npm start | head`) ends the log, not the process.
  if (process.stdout.listenerCount('error') === 0) process.stdout.on('error', () => {});
  // Writing to a pipe or file holds everything up: the lines of a moment are written at once.
  let waiting = '';
  const flush = () => {
    const text = waiting;
    waiting = '';
    if (text !== '') process.stdout.write(text);
  };
  process.on('exit', flush);
  return (text) => {
    if (waiting === '') setTimeout(flush, FLUSH_MS);
    waiting += text;
  };
}
