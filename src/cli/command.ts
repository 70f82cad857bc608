/**
 * What a command is, how its line is read, and its help.
 *
 * Owns: options that every command has, checks of the number and form of what is given. Does not own any command.
 */
import { parseArgs } from 'node:util';
import type { Client } from './client.ts';
import { UsageError } from './failures.ts';
import type { Terminal } from './terminal.ts';

export interface Option {
  type: 'string' | 'boolean';
  short?: string;
  /** Name of the value in the help. */
  value?: string;
  about: string;
}

type Options = Readonly<Record<string, Option>>;
/** What was given of the options. */
export type Values<O extends Options> = { readonly [K in keyof O]?: O[K]['type'] extends 'boolean' ? boolean : string };

/** One use of a command. */
export interface Call<O extends Options = Options> {
  client: Client;
  terminal: Terminal;
  /** What was given besides options; as many as the command declares, absent ones undefined. */
  given: readonly string[];
  options: Values<O>;
  /** `--json`: answers as JSON instead of for people. */
  json: boolean;
  /** The answer as JSON or, for people, as `text` tells it. */
  show<T>(answer: T, text: (answer: T) => string): void;
  /** Says something besides the answer: to stderr. */
  note(text: string): void;
}

export interface Command<O extends Options = Options> {
  /** Words that call it. */
  path: string;
  summary: string;
  /** `<name>` must be given, `[name]` may be. */
  arguments: readonly string[];
  options: O;
  /** Lines below the options. */
  notes?: readonly string[];
  examples: readonly string[];
  /** Resolves with the exit code. */
  run(call: Call<O>): Promise<number>;
}

/** Lets `run` know the command's own options. */
export function command<const O extends Options>(definition: Command<O>): Command {
  return definition as unknown as Command;
}

const COMMON = {
  url: { type: 'string', value: 'url', about: 'Address of the server (DEVTEAM_URL; http://localhost:3000)' },
  key: { type: 'string', value: 'key', about: 'API key (DEVTEAM_API_KEY, which `ps` does not show)' },
  json: { type: 'boolean', about: 'Print JSON' },
  help: { type: 'boolean', short: 'h', about: 'Show this' },
} as const satisfies Options;

export interface ParsedLine {
  /** Null: help is wanted, for all commands that begin with the path. */
  command: Command | null;
  given: readonly string[];
  options: Readonly<Record<string, string | boolean | undefined>>;
  url: string | undefined;
  key: string | undefined;
  json: boolean;
}

/** @throws UsageError */
export function parseLine({ path, rest }: SplitLine, commands: readonly Command[]): ParsedLine {
  const found = commands.find((candidate) => candidate.path === path) ?? null;
  const specified: Options = { ...found?.options, ...COMMON };
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs({
      args: rest,
      options: Object.fromEntries(
        Object.entries(specified).map(([name, { type, short }]) => [name, { type, ...(short && { short }) }]),
      ),
      allowPositionals: true,
      strict: true,
    }) as typeof parsed;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  const { positionals: given } = parsed;
  const values = parsed.values as Record<string, string | boolean | undefined>;
  const line: ParsedLine = {
    command: values.help === true ? null : found,
    given,
    options: values,
    url: values.url as string | undefined,
    key: values.key as string | undefined,
    json: values.json === true,
  };
  if (values.help === true) return line;
  if (!found) throw new UsageError(unknown(path, given[0], commands));
  const needed = found.arguments.filter((argument) => argument.startsWith('<'));
  const missing = needed[given.length];
  if (missing !== undefined) throw new UsageError(`${missing} is missing.`);
  const surplus = given[found.arguments.length];
  if (surplus !== undefined) throw new UsageError(`There is no place for ${JSON.stringify(surplus)}.`);
  return line;
}

export interface SplitLine {
  /** The command's words, as far as there is one. */
  path: string;
  rest: string[];
}

/** Common options may stand before the command's words. */
export function splitLine(args: readonly string[], commands: readonly Command[]): SplitLine {
  const before: string[] = [];
  let next = 0;
  for (; next < args.length; next++) {
    const arg = args[next] as string;
    if (!arg.startsWith('-')) break;
    before.push(arg);
    if ((arg === '--url' || arg === '--key') && next + 1 < args.length) before.push(args[++next] as string);
  }
  let path = '';
  for (; next < args.length; next++) {
    const longer = path === '' ? (args[next] as string) : `${path} ${args[next]}`;
    if (!commands.some((candidate) => candidate.path === longer || candidate.path.startsWith(`${longer} `))) break;
    path = longer;
  }
  return { path, rest: [...before, ...args.slice(next)] };
}

function unknown(path: string, word: string | undefined, commands: readonly Command[]): string {
  const known = [...new Set(below(path, commands).map(({ path: full }) => wordAfter(full, path)))].join(', ');
  const wanted = path === '' ? 'command' : `command of ${path}`;
  return word === undefined ? `Which ${wanted}? ${known}` : `There is no ${wanted} ${JSON.stringify(word)}: ${known}`;
}

const below = (path: string, commands: readonly Command[]) =>
  commands.filter((candidate) => path === '' || candidate.path === path || candidate.path.startsWith(`${path} `));

const wordAfter = (full: string, path: string) => full.slice(path === '' ? 0 : path.length + 1).split(' ', 1)[0];

/** Help for one command, or for all that begin with `path`. */
export function helpFor(path: string, commands: readonly Command[], terminal: Terminal): string {
  const found = commands.find((candidate) => candidate.path === path);
  return found ? helpForOne(found, terminal) : helpForMany(path, commands, terminal);
}

function helpForOne(
  { path, summary, arguments: names, options, notes, examples }: Command,
  terminal: Terminal,
): string {
  const title = (text: string) => terminal.style('bold', text);
  const usage = ['devteam', path, ...names, '[options]'].join(' ');
  return [
    summary,
    '',
    `${title('Usage')}  ${usage}`,
    ...(Object.keys(options).length > 0 ? ['', title('Options'), ...listOptions(options)] : []),
    '',
    title('Options of every command'),
    ...listOptions(COMMON),
    ...(notes ? ['', ...notes] : []),
    '',
    title('Examples'),
    ...examples.map((example) => `  devteam ${example}`),
  ].join('\n');
}

function helpForMany(path: string, commands: readonly Command[], terminal: Terminal): string {
  const title = (text: string) => terminal.style('bold', text);
  const shown = below(path, commands).map((each) => [[each.path, ...each.arguments].join(' '), each.summary] as const);
  return [
    path === '' ? 'The command line of the project API.' : `Commands of devteam ${path}`,
    '',
    `${title('Usage')}  devteam ${path === '' ? '' : `${path} `}<command> [options]`,
    '',
    title('Commands'),
    ...aligned(shown),
    '',
    title('Options of every command'),
    ...listOptions(COMMON),
    '',
    `Exit codes: 0 done, 1 failed, 2 wrong usage. More: devteam ${path === '' ? '' : `${path} `}<command> --help`,
  ].join('\n');
}

function listOptions(options: Options): string[] {
  return aligned(
    Object.entries(options).map(([name, { short, value, about }]) => [
      `${short ? `-${short}, ` : ''}--${name}${value ? ` <${value}>` : ''}`,
      about,
    ]),
  );
}

function aligned(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
