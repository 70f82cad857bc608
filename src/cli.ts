/**
 * The `devteam` command.
 *
 * Owns: reading the line, connecting it to a command, and how the process ends. Exit codes: 0 done, 1 failed,
 * 2 wrong usage.
 */
import { readFileSync } from 'node:fs';
import { Client, type Connection } from './cli/client.ts';
import { type Command, helpFor, type ParsedLine, parseLine, splitLine } from './cli/command.ts';
import { commands } from './cli/commands/index.ts';
import { asJson, EXIT_FAILURE, EXIT_USAGE, explain, UsageError } from './cli/failures.ts';
import { standardTerminal, type Terminal } from './cli/terminal.ts';
import { readCliConfig } from './config.ts';
import { Fault } from './errors.ts';

/** Runs one command line; resolves with the exit code. */
async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  if (args[0] === '--version') {
    terminal.print(version());
    return 0;
  }
  const split = splitLine(args, commands);
  try {
    const line = parseLine(split, commands);
    if (line.command) return await run(line, line.command, terminal);
    terminal.print(helpFor(split.path, commands, terminal));
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    terminal.complain(error.message);
    terminal.complain(`See ${['devteam', split.path, '--help'].filter(Boolean).join(' ')}`);
    return EXIT_USAGE;
  }
}

async function run(
  { given, options, url, key, json }: ParsedLine,
  command: Command,
  terminal: Terminal,
): Promise<number> {
  const connection = connectionOf(url, key);
  const note = (text: string) => terminal.complain(text);
  const client = new Client(connection, note);
  const show = <T>(answer: T, text: (answer: T) => string) =>
    terminal.print(json ? JSON.stringify(answer, null, 2) : text(answer));
  try {
    return await command.run({ client, terminal, given, options: options as never, json, show, note });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (json) terminal.complain(asJson(error));
    else for (const text of explain(error, connection)) terminal.complain(text);
    return EXIT_FAILURE;
  }
}

function connectionOf(url: string | undefined, key: string | undefined): Connection {
  const read = readCliConfig();
  if ('problems' in read) throw new UsageError(read.problems.join('\n'));
  if (url !== undefined && !/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new UsageError(`--url: expected a URL http:// or https://, not ${JSON.stringify(url)}.`);
  }
  return { url: (url ?? read.config.url).replace(/\/+$/, ''), apiKey: key ?? read.config.apiKey };
}

function version(): string {
  return (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version;
}

// `devteam … | head` closes the pipe early, which is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await main(process.argv.slice(2), standardTerminal(process));
