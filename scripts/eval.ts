/**
 * `npm run eval`: whether the teams do what their cases expect.
 *
 * In test mode, which is the default, every case must pass, and all rounds must give the same bytes, with one thread and
 * with two. With `LLM_TEST_MODE=false` the configured models are asked, once, and a report says what came of it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { standardTerminal, type Terminal } from '../src/cli/terminal.ts';
import { InvalidCases, loadCases, PATTERNS, type PlacedCase } from './eval/cases.ts';
import { reportFile, resultTable } from './eval/report.ts';
import { differing, failures, type Outcome, runCases } from './eval/runs.ts';
import { startInTestMode } from './eval/test-mode.ts';
import { startOwnNode } from './own-node.ts';

const FOLDER = fileURLToPath(new URL('../evals', import.meta.url));
const THREADS = [1, 2];
const ROUNDS = 2;
const TEST_AT_ONCE = 32;
const TEST_WITHIN_MS = 120_000;
const REAL_AT_ONCE = 4;
const REAL_WITHIN_MS = 3 * 3_600_000;
const USAGE = `npm run eval -- [--team <team>] [--pattern ${PATTERNS.join('|')}] [--report <file.md|file.json>]

Asks no model unless LLM_TEST_MODE=false. The report is written for real models only, unless --report is given;
its usual place is eval-report.md in STORAGE_DIR (./storage).`;

const { values } = parseArgs({
  options: {
    team: { type: 'string' },
    pattern: { type: 'string' },
    report: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

async function inTestMode(
  cases: readonly PlacedCase[],
  terminal: Terminal,
): Promise<{ outcomes: Outcome[]; bad: string[] }> {
  const rounds: Outcome[][] = [];
  const bad: string[] = [];
  for (const threads of THREADS) {
    const own = await startInTestMode(cases, { threads, surroundings: surroundings() });
    try {
      for (let round = 1; round <= ROUNDS; round++) {
        const since = performance.now();
        const outcomes = await runCases(own, cases, { atOnce: TEST_AT_ONCE, withinMs: TEST_WITHIN_MS });
        const tookS = ((performance.now() - since) / 1000).toFixed(1);
        const name = `${threads} ${threads === 1 ? 'thread' : 'threads'}, round ${round}`;
        const good = outcomes.filter(({ unmet }) => unmet.length === 0).length;
        const differs = rounds[0] ? differing(rounds[0], outcomes) : [];
        rounds.push(outcomes);
        bad.push(...failures(outcomes).map((text) => `${name}: ${text}`));
        bad.push(...differs.map((text) => `${name} and the first round: ${text}`));
        const same = rounds.length === 1 ? '' : differs.length === 0 ? ', same bytes' : `, ${differs.length} differ`;
        terminal.print(`${name}: ${good} of ${cases.length} passed in ${tookS} s${same}`);
      }
    } finally {
      await own.stop();
    }
  }
  return { outcomes: rounds[0] ?? [], bad };
}

/** What of the surroundings counts in test mode: what finds Redis. */
function surroundings(): Record<string, string | undefined> {
  const { PATH, XDG_CACHE_HOME, EMBEDDED_REDIS_BIN } = process.env;
  return { PATH, XDG_CACHE_HOME, EMBEDDED_REDIS_BIN };
}

async function withModels(cases: readonly PlacedCase[], terminal: Terminal): Promise<Outcome[]> {
  const own = await startOwnNode(process.env);
  try {
    return await runCases(own, cases, {
      atOnce: REAL_AT_ONCE,
      withinMs: REAL_WITHIN_MS,
      onEnd: ({ place, unmet, latencyMs }) =>
        terminal.print(`${unmet.length === 0 ? 'passed' : 'failed'}  ${place}  ${Math.round(latencyMs)} ms`),
    });
  } finally {
    await own.stop();
  }
}

function write(outcomes: readonly Outcome[], left: number, path: string, terminal: Terminal): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, reportFile(outcomes, { left, at: new Date().toISOString() }, path));
  terminal.print(`Report: ${path}`);
}

async function main(): Promise<number> {
  const terminal = standardTerminal(process);
  if (values.help) {
    terminal.print(USAGE);
    return 0;
  }
  const cases = loadCases(FOLDER, values);
  if (cases.length === 0) {
    terminal.complain(`no case for ${[values.team, values.pattern].filter(Boolean).join(' ') || 'anything'}`);
    return 2;
  }
  if (process.env.LLM_TEST_MODE !== 'false') {
    terminal.print(`${cases.length} cases in test mode: no model is asked`);
    const { outcomes, bad } = await inTestMode(cases, terminal);
    terminal.print(`\n${resultTable(outcomes, terminal, false)}`);
    for (const text of bad) terminal.complain(text);
    if (values.report) write(outcomes, 0, resolve(values.report), terminal);
    return bad.length === 0 ? 0 : 1;
  }
  const asked = cases.filter(({ script }) => script === undefined);
  terminal.print(`${asked.length} cases with the configured models`);
  const outcomes = await withModels(asked, terminal);
  terminal.print(`\n${resultTable(outcomes, terminal, true)}`);
  for (const text of failures(outcomes)) terminal.print(text);
  const usual = join(process.env.STORAGE_DIR ?? 'storage', 'eval-report.md');
  write(outcomes, cases.length - asked.length, resolve(values.report ?? usual), terminal);
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof InvalidCases)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
