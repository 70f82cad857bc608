/**
 * Owns: turning environment variables into typed values, and saying all that is wrong with them.
 * Does not own: which variables there are (`config.ts`). Reads nothing but what it is handed.
 * Keeps I11: every problem names the variable, its value and what was expected; a secret's value is never shown.
 */

/** What a path must be; a writable folder may still have to be made. */
export type PathKind = 'file' | 'program' | 'folder' | 'writable folder';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the parser needs to know about the machine. */
export interface Machine {
  hostName: string;
  pid: number;
  cores: number;
  /** Working directory. */
  cwd: string;
  homeDir: string;
  /** Folder of this package. */
  packageDir: string;
  /** Text of a file; throws if it cannot be read. */
  readText(path: string): string;
  /** Why the path cannot be used so; null = it can. */
  problemWith(path: string, kind: PathKind): string | null;
}

/** The variable's name, then old names that are read when it is unset. */
export type Names = string | readonly [string, ...string[]];

interface Found {
  name: string;
  value: string;
}

const maxShownChars = 100;

export class EnvReader {
  readonly problems: string[] = [];
  /** Values that must never be shown. */
  readonly secrets: string[] = [];
  readonly #env: Environment;
  readonly #machine: Machine;

  constructor(env: Environment, machine: Machine) {
    this.#env = env;
    this.#machine = machine;
  }

  /** Records what is wrong with a variable as it was given, or with the value it has by default. */
  problem(name: string, value: string | number, text: string): void {
    const shown = String(value);
    const short = shown.length > maxShownChars ? `${shown.slice(0, maxShownChars)}…` : shown;
    this.problems.push(`${name}=${JSON.stringify(short)}: ${text}`);
  }

  secretProblem(name: string, value: string, text: string): void {
    this.problems.push(`${name}=<set, ${value.length} characters>: ${text}`);
  }

  /** The first of the names that is set; an empty variable counts as unset. */
  find(names: Names): Found | null {
    for (const name of [names].flat()) {
      const value = this.#env[name]?.trim();
      if (value) return { name, value };
    }
    return null;
  }

  #read<T, D>(names: Names, fallback: D, expected: string, parse: (text: string) => T | undefined): T | D {
    const found = this.find(names);
    if (!found) return fallback;
    const value = parse(found.value);
    if (value !== undefined) return value;
    this.problem(found.name, found.value, `expected ${expected}`);
    return fallback;
  }

  integer<D>(names: Names, fallback: D, min: number, max: number): number | D {
    return this.#read(names, fallback, `an integer from ${min} to ${max}`, (text) => {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      return value >= min && value <= max ? value : undefined;
    });
  }

  number<D>(names: Names, fallback: D, min: number, max = Number.MAX_SAFE_INTEGER): number | D {
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    return this.#read(names, fallback, `a number ${range}, with at most 10 decimals`, (text) => {
      const value = /^\d{1,15}(\.\d{1,10})?$/.test(text) ? Number(text) : Number.NaN;
      return value >= min && value <= max ? value : undefined;
    });
  }

  boolean<D>(names: Names, fallback: D): boolean | D {
    const values = new Map([
      ['true', true],
      ['1', true],
      ['false', false],
      ['0', false],
    ]);
    return this.#read(names, fallback, 'true, false, 1 or 0', (text) => values.get(text.toLowerCase()));
  }

  oneOf<const T extends string, D>(names: Names, fallback: D, values: readonly T[]): T | D {
    return this.#read(names, fallback, `one of ${values.join(', ')}`, (text) => {
      return values.find((value) => value.toLowerCase() === text.toLowerCase());
    });
  }

  text<D>(names: Names, fallback: D, expected: string, accepts: RegExp | ((text: string) => boolean)): string | D {
    const fits = accepts instanceof RegExp ? (text: string) => accepts.test(text) : accepts;
    return this.#read(names, fallback, expected, (text) => (fits(text) ? text : undefined));
  }

  /** Comma-separated, blanks trimmed, empty elements dropped; each element is parsed, undefined = not acceptable. */
  list<T, D>(names: Names, fallback: D, expected: string, parse: (element: string) => T | undefined): T[] | D {
    return this.#read(names, fallback, expected, (text) => {
      const elements = text.split(',').map((element) => element.trim());
      const parsed = elements.filter(Boolean).map(parse);
      return parsed.length > 0 && parsed.every((element) => element !== undefined) ? (parsed as T[]) : undefined;
    });
  }

  url<D>(names: Names, fallback: D): string | D {
    return this.#read(names, fallback, 'a URL http:// or https://', (text) => {
      const url = URL.parse(text);
      return url && /^https?:$/.test(url.protocol) ? text.replace(/\/+$/, '') : undefined;
    });
  }

  /** A path against the working directory; checked, also when it is the fallback. */
  path<D extends string | null>(
    names: Names,
    fallback: D,
    kind: PathKind,
    resolve: (path: string) => string,
  ): string | D {
    const found = this.find(names);
    const given = found?.value ?? fallback;
    if (given === null) return fallback;
    const path = resolve(given);
    const problem = this.#machine.problemWith(path, kind);
    if (problem) this.problem(found?.name ?? [names].flat()[0] ?? '', given, problem);
    return path;
  }

  /** A secret from the variable itself or from the file that `<NAME>_FILE` names. */
  secret(names: Names): Found | null {
    for (const name of [names].flat()) {
      const value = this.#env[name] || null;
      const file = this.#env[`${name}_FILE`] || null;
      if (value && file) this.problem(`${name}_FILE`, file, `${name} is set as well; only one of the two may be`);
      const found = value ?? (file && this.#secretFile(name, file));
      if (found) {
        this.secrets.push(found);
        return { name, value: found };
      }
    }
    return null;
  }

  #secretFile(name: string, file: string): string | null {
    try {
      const text = this.#machine.readText(file).replace(/\r?\n$/, '');
      if (text) return text;
      this.problem(`${name}_FILE`, file, 'the file is empty');
    } catch (error) {
      this.problem(`${name}_FILE`, file, `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
    }
    return null;
  }
}
