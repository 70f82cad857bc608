/**
 * Owns: reading a YAML document key by key into checked values, and saying all that is wrong with it.
 * Does not own: which keys there are (`llm-file.ts`). Reads nothing but the text and the variables it is handed.
 * Keeps I11: every problem names the file, the key's path, the value and what was expected. What may be a secret is
 * never shown: values of variables are not, only their names.
 */
import { LineCounter, parseDocument } from 'yaml';

/** Value of an environment variable; empty counts as unset. */
export type Variable = (name: string) => string | undefined;

/** A settings file has a few KiB; this bounds what the parser is given. */
const MAX_FILE_BYTES = 1_048_576;
const MAX_SHOWN_CHARS = 100;

export interface YamlSource {
  /** As problems name the file. */
  name: string;
  variable: Variable;
  problems: string[];
}

/** The document as its outermost section; null, with problems, if it is not one. */
export function parseYaml(text: string, source: YamlSource): Section | null {
  const { name, problems } = source;
  if (Buffer.byteLength(text) > MAX_FILE_BYTES) {
    problems.push(`${name}: is larger than ${MAX_FILE_BYTES} bytes`);
    return null;
  }
  const lineCounter = new LineCounter();
  // Prettier errors quote the line, which may hold a key.
  const document = parseDocument(text, { prettyErrors: false, lineCounter, logLevel: 'silent' });
  const byLine = new Map<number, string>();
  let readable = true;
  for (const { code, message, pos } of [...document.errors, ...document.warnings]) {
    readable &&= code === 'DUPLICATE_KEY';
    const { line } = lineCounter.linePos(pos[0]);
    const said = code === 'DUPLICATE_KEY' ? 'the key is there twice' : withoutQuotes(message);
    // What follows a syntax error on its line is mostly noise.
    if (!byLine.has(line)) byLine.set(line, `${name}: line ${line}: ${said}`);
  }
  problems.push(...byLine.values());
  if (!readable) return null;

  let value: unknown;
  try {
    value = document.toJS() ?? {};
  } catch (error) {
    problems.push(`${name}: ${withoutQuotes((error as Error).message)}`);
    return null;
  }
  if (isMapping(value)) return new Section('', value, source);
  problems.push(`${name}: expected a mapping of sections`);
  return null;
}

/** The parser's message without what it quotes of the text. */
function withoutQuotes(message: string): string {
  return (message.split(/[:\n]/, 1)[0] ?? '').trim();
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface Given {
  /** With variables put in. */
  value: unknown;
  /** Text that came out of variables may stand for a number or a boolean. */
  expanded: boolean;
}

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;
const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, 1: true, false: false, 0: false };

/**
 * One mapping of the document. Each key is asked for by its type; absent, null and empty are `undefined`. What nobody
 * has asked for when it ends is unknown.
 */
export class Section {
  /** From the top of the document, dots between; empty for the outermost. */
  readonly path: string;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #source: YamlSource;
  readonly #asked = new Set<string>();
  readonly #children: Section[] = [];

  constructor(path: string, values: Readonly<Record<string, unknown>>, source: YamlSource) {
    this.path = path;
    this.#values = values;
    this.#source = source;
  }

  /** Whether the key has a value at all. */
  has(key: string): boolean {
    return Object.hasOwn(this.#values, key) && this.#values[key] !== null;
  }

  problem(key: string, text: string): void {
    this.#report(key, '', text);
  }

  integer(key: string, min: number, max: number): number | undefined {
    return this.#read(key, `an integer from ${min} to ${max}`, (given) => {
      const value = numberIn(given);
      return Number.isSafeInteger(value) && value >= min && value <= max ? value : undefined;
    });
  }

  number(key: string, min: number, max: number, maxDecimals = 9): number | undefined {
    const expected = `a number from ${min} to ${max} with at most ${maxDecimals} decimals`;
    return this.#read(key, expected, (given) => {
      const value = numberIn(given);
      return value >= min && value <= max && Number(value.toFixed(maxDecimals)) === value ? value : undefined;
    });
  }

  boolean(key: string): boolean | undefined {
    return this.#read(key, 'true or false', ({ value, expanded }) => {
      if (typeof value === 'boolean') return value;
      return expanded ? BOOLEANS[String(value).toLowerCase()] : undefined;
    });
  }

  oneOf<const T extends string>(key: string, values: readonly T[]): T | undefined {
    return this.#read(key, `one of ${values.join(', ')}`, ({ value }) => {
      const text = typeof value === 'string' ? value.toLowerCase() : null;
      return values.find((known) => known.toLowerCase() === text);
    });
  }

  text(key: string, expected = 'a text', pattern = /^[^\p{Cc}]{1,1000}$/u): string | undefined {
    return this.#read(key, expected, ({ value }) => {
      return typeof value === 'string' && pattern.test(value) ? value : undefined;
    });
  }

  /** Never shown, whatever is wrong with it. */
  secret(key: string): string | undefined {
    const accepts = ({ value }: Given) => (typeof value === 'string' && !/\s/.test(value) ? value : undefined);
    return this.#read(key, 'a text without blanks', accepts, true);
  }

  /** Without slashes at the end. It may hold a password, so it is not shown either. */
  url(key: string, expected: string, accepts: (url: URL) => boolean): string | undefined {
    const parse = ({ value }: Given) => {
      const url = typeof value === 'string' ? URL.parse(value) : null;
      return url && accepts(url) ? String(value).replace(/\/+$/, '') : undefined;
    };
    return this.#read(key, expected, parse, true);
  }

  /** Elements all different. */
  listOf<const T extends string>(key: string, values: readonly T[]): T[] | undefined {
    return this.#read(key, `a list of different names out of ${values.join(', ')}`, ({ value }) => {
      if (!Array.isArray(value) || value.length === 0 || new Set(value).size < value.length) return undefined;
      return value.every((element) => values.includes(element)) ? (value as T[]) : undefined;
    });
  }

  /** An absent one is empty. */
  section(key: string): Section {
    this.#asked.add(key);
    const value = this.has(key) ? this.#values[key] : {};
    if (!isMapping(value)) this.#report(key, shown(value), 'expected a mapping');
    return this.#child(key, isMapping(value) ? value : {});
  }

  /**
   * The key's mapping of names to mappings. A name with nothing behind it is an empty mapping.
   * @param accepts whether a name is one, otherwise reported as not what is `expected`
   */
  sections(
    key: string,
    expected = 'a name',
    accepts: (name: string) => boolean = () => true,
  ): [name: string, section: Section][] | undefined {
    if (!this.has(key)) return void this.#asked.add(key);
    const outer = this.section(key);
    if (!isMapping(this.#values[key])) return undefined;
    return outer.keys().map((name) => {
      if (!accepts(name)) outer.problem(name, `expected ${expected}`);
      return [name, outer.section(name)];
    });
  }

  /** The key's list of mappings. */
  sectionList(key: string): Section[] | undefined {
    this.#asked.add(key);
    if (!this.has(key)) return undefined;
    const value = this.#values[key];
    if (!Array.isArray(value) || !value.every(isMapping)) {
      this.#report(key, shown(value), 'expected a list of mappings');
      return undefined;
    }
    return value.map((element, index) => this.#child(`${key}[${index}]`, element));
  }

  /** Names of a section whose keys are not fixed. */
  keys(): string[] {
    return Object.keys(this.#values);
  }

  /** Reports the keys of this section and those below that nobody has asked for. */
  end(): void {
    for (const key of this.keys()) {
      if (this.#asked.has(key)) continue;
      const known = [...this.#asked].toSorted().join(', ');
      this.#report(key, '', known ? `is not known here; known: ${known}` : 'is not known here');
    }
    for (const child of this.#children) child.end();
  }

  #child(key: string, values: Readonly<Record<string, unknown>>): Section {
    const child = new Section(this.#pathOf(key), values, this.#source);
    this.#children.push(child);
    return child;
  }

  #pathOf(key: string): string {
    const name = /^[\w:.@/[\]-]{1,100}$/.test(key) ? key : shown(key);
    return this.path ? `${this.path}.${name}` : name;
  }

  #report(key: string, value: string, text: string): void {
    this.#source.problems.push(`${this.#source.name}: ${this.#pathOf(key)}${value && `=${value}`}: ${text}`);
  }

  #read<T>(key: string, expected: string, parse: (given: Given) => T | undefined, hidden = false): T | undefined {
    this.#asked.add(key);
    const raw = Object.hasOwn(this.#values, key) ? this.#values[key] : undefined;
    const problem = (text: string) => this.#report(key, hidden ? hiddenValue(raw) : shown(raw), text);
    const given = Array.isArray(raw) ? this.#expandedList(raw) : this.#expanded(raw);
    if (!given) {
      problem('a $ with a brace must be followed by NAME} or NAME:-default}');
      return undefined;
    }
    if (given.value === undefined || given.value === null || given.value === '') return undefined;
    const value = parse(given);
    if (value === undefined) problem(`expected ${expected}`);
    return value;
  }

  /** Null for a reference that is none. */
  #expanded(raw: unknown): Given | null {
    if (typeof raw !== 'string' || !raw.includes('${')) return { value: raw, expanded: false };
    if (raw.replace(REFERENCE, '').includes('${')) return null;
    const value = raw.replace(REFERENCE, (_, name: string, fallback = '') => this.#source.variable(name) || fallback);
    return { value, expanded: true };
  }

  /** Elements that come to nothing are not there; a list of nothing else is not said. */
  #expandedList(raw: readonly unknown[]): Given | null {
    const elements = raw.map((element) => this.#expanded(element));
    if (elements.includes(null)) return null;
    const kept = (elements as Given[]).filter(({ value, expanded }) => !(expanded && value === ''));
    const value = kept.length === 0 && raw.length > 0 ? undefined : kept.map((element) => element.value);
    return { value, expanded: kept.some(({ expanded }) => expanded) };
  }
}

function numberIn({ value, expanded }: Given): number {
  if (typeof value === 'number') return value;
  return expanded && /^\d{1,15}(\.\d{1,12})?$/.test(String(value)) ? Number(value) : Number.NaN;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (isMapping(value)) return 'a mapping';
  const text = typeof value === 'string' ? value : String(value);
  const short = text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS)}…` : text;
  return typeof value === 'string' ? JSON.stringify(short) : short;
}

function hiddenValue(value: unknown): string {
  return `<set, ${String(value).length} characters>`;
}
