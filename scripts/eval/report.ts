/** What an evaluation found, as a table for the terminal and as a file. */
import { type Column, type Style, type Terminal, table } from '../../src/cli/terminal.ts';
import type { Outcome } from './runs.ts';

interface Group {
  team: string;
  pattern: string;
  cases: number;
  passed: number;
  calls: number;
  tokens: number;
  costUsd: number;
  latencyMs: number;
}

const passed = (outcomes: readonly Outcome[]) => outcomes.filter(({ unmet }) => unmet.length === 0).length;
const sum = (outcomes: readonly Outcome[], of: (outcome: Outcome) => number) =>
  outcomes.reduce((total, outcome) => total + of(outcome), 0);

function groupOf(team: string, pattern: string, outcomes: readonly Outcome[]): Group {
  return {
    team,
    pattern,
    cases: outcomes.length,
    passed: passed(outcomes),
    calls: sum(outcomes, ({ run }) => run.token_usage.requests),
    tokens: sum(outcomes, ({ run }) => run.token_usage.total_tokens),
    costUsd: sum(outcomes, ({ run }) => run.token_usage.cost_usd),
    latencyMs: Math.round(sum(outcomes, ({ latencyMs }) => latencyMs) / Math.max(1, outcomes.length)),
  };
}

const groupsOf = (outcomes: readonly Outcome[]): Group[] =>
  [...Map.groupBy(outcomes, ({ team, pattern }) => `${team} ${pattern}`)].map(([name, members]) => {
    const [team = '', pattern = ''] = name.split(' ');
    return groupOf(team, pattern, members);
  });

/** A row for each team and pattern, and one for all. */
export function resultTable(outcomes: readonly Outcome[], terminal: Terminal, isReal: boolean): string {
  const style = ({ cases, passed: good }: Group): Style => (good === cases ? 'green' : 'red');
  const columns: Column<Group>[] = [
    { title: 'TEAM', of: ({ team }) => team },
    { title: 'PATTERN', of: ({ pattern }) => pattern },
    { title: 'CASES', of: ({ cases }) => cases, right: true },
    { title: 'PASSED', of: ({ passed: good }) => good, right: true, style },
    { title: 'CALLS', of: ({ calls }) => calls, right: true },
    { title: 'TOKENS', of: ({ tokens }) => tokens, right: true },
  ];
  if (isReal) {
    columns.push(
      { title: 'USD', of: ({ costUsd }) => costUsd.toFixed(4), right: true },
      { title: 'MS A CASE', of: ({ latencyMs }) => latencyMs, right: true },
    );
  }
  return table([...groupsOf(outcomes), groupOf('all', '', outcomes)], columns, terminal);
}

/** The report file: Markdown, or JSON where the file's name ends so. */
export function reportFile(outcomes: readonly Outcome[], { left, at }: { left: number; at: string }, path: string) {
  const rows = outcomes.map(({ place, team, pattern, run, latencyMs, unmet }) => ({
    case: place,
    team,
    pattern,
    passed: unmet.length === 0,
    tokens: run.token_usage.total_tokens,
    cost_usd: run.token_usage.cost_usd,
    latency_ms: Math.round(latencyMs),
    unmet,
  }));
  const all = groupOf('all', '', outcomes);
  const rate = all.cases === 0 ? 0 : all.passed / all.cases;
  if (path.endsWith('.json')) {
    const { cases, tokens, costUsd, latencyMs } = all;
    const totals = { cases, passed: all.passed, pass_rate: rate, tokens, cost_usd: costUsd, latency_ms: latencyMs };
    return `${JSON.stringify({ at, test_mode_only_cases: left, totals, cases: rows }, null, 2)}\n`;
  }
  const percent = (rate * 100).toFixed(1);
  const lines = rows.map(
    ({ case: name, passed: good, tokens, cost_usd, latency_ms }) =>
      `| ${name} | ${good ? 'passed' : 'failed'} | ${tokens} | ${cost_usd.toFixed(6)} | ${latency_ms} |`,
  );
  const failed = rows.filter((row) => !row.passed);
  return [
    '# Evaluation of the teams',
    '',
    `${at}: ${all.passed} of ${all.cases} cases passed (${percent} %), ${all.tokens} tokens, ${all.costUsd.toFixed(4)} USD, ${all.latencyMs} ms a case. Left out, since they are for test mode only: ${left}.`,
    '',
    '| Case | Result | Tokens | USD | ms |',
    '|---|---|---:|---:|---:|',
    ...lines,
    ...failed.flatMap(({ case: name, unmet }) => [
      '',
      `## ${name}`,
      '',
      ...unmet.map((line) => `- \`${line.replaceAll('`', "'")}\``),
    ]),
    '',
  ].join('\n');
}
