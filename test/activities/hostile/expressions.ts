// Texts that almost match an expression, over and over: each would cost minutes if the expression went back for more.
import { type HostileFile, lines } from './hostile-file.ts';

/** Long runs, as cells of durations, as cells of dates, as texts and as headers. */
const RUNS: readonly (readonly [name: string, piece: string])[] = [
  ['single digits', '1 '],
  ['hours', '1h'],
  ['ISO durations', 'PT1H'],
  ['dots', '.'],
  ['brackets that open', '('],
  ['brackets of every kind', '([{【'],
  ['addresses', 'a@'],
  ['addresses with dots', 'a@a.'],
  ['months', 'jan '],
  ['totals', 'Total '],
  ['apostrophes and digits', "1'000"],
  ['thousands', '1.000'],
  ['colons', '1:'],
  ['spaces before a question mark', ' ?'],
  ['words joined by hyphens', 'a-'],
  ['capitals and dots', 'A.'],
  ['zeros, colons and spaces', '0: '],
  ['number words', 'one and '],
  ['tildes', '~ '],
  ['signs', '+-'],
  ['ligatures', '\ufdfa'],
  ['combining marks', 'a\u0301\u0301'],
  ['dates', '2026-01-01T'],
  ['hexadecimal runs', 'deadbeef-'],
  ['issue keys', 'AB-1'],
  ['spaces', ' '],
  ['tabs', '\t'],
  ['ideographic spaces', '\u3000'],
  ['slashes', '/ '],
  ['underscores', '_x0041'],
];

const CELL_CHARS = 9_990;

function runs(
  name: string,
  filename: string,
  line: (run: string) => string,
  head: (run: string) => string,
): HostileFile {
  return {
    ...{ name, filename, expected: 'any' },
    bytes: () => {
      const made = RUNS.map(([, piece]) => piece.repeat(Math.ceil(CELL_CHARS / piece.length)).slice(0, CELL_CHARS));
      const body = [...made, ...made.map((run) => `${run}!`), ...made.map((run) => `1${run}x`), ...made].map(line);
      return Buffer.concat([lines(0, String, head(made[0] as string)), Buffer.from(`\n${body.join('\n')}\n`)]);
    },
  };
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** 100,000 cells of nearly 100 characters, which is as long as most expressions look. */
const MANY_CHARS = 95;

export const EXPRESSIONS: readonly HostileFile[] = [
  runs(
    'runs as durations',
    'a.csv',
    (run) => `Task,${quoted(run)},1`,
    () => 'Task,Duration,Other',
  ),
  runs(
    'runs as starts and ends',
    'a.csv',
    (run) => `Task,${quoted(run)},${quoted(run)}`,
    () => 'Task,Start,End',
  ),
  runs(
    'runs as rates',
    'a.csv',
    (run) => `Task,1,${quoted(run)}`,
    () => 'Task,Hours,Hourly rate',
  ),
  runs(
    'runs as ids and headers of no meaning',
    'a.csv',
    (run) => `Task,1,${quoted(run)},${quoted(run)}`,
    () => 'Task,Hours,Issue key,Something',
  ),
  runs(
    'runs as texts, persons and categories',
    'a.csv',
    (run) => `${quoted(run)},${quoted(run)},${quoted(run)},1`,
    () => 'Task,Person,Category,Hours',
  ),
  runs(
    'runs without a header',
    'a.csv',
    (run) => `${quoted(run)},${quoted(run)}`,
    (run) => `${quoted(run)},${quoted(run)}`,
  ),
  {
    ...{ name: 'runs as headers', filename: 'a.csv', expected: 'any' },
    bytes: () =>
      lines(
        3,
        () => `A${',1'.repeat(RUNS.length * 4)}`,
        `Task,${RUNS.flatMap(([, piece]) => Array<string>(4).fill(piece.repeat(4_000)))
          .map(quoted)
          .join(',')}`,
      ),
  },
  ...['Duration', 'Date', 'Task', 'Rate'].map(
    (header): HostileFile => ({
      ...{ name: `90,000 short runs as ${header}`, filename: 'a.csv', expected: 'any' },
      bytes: () =>
        lines(
          90_000,
          (i) => {
            const [, piece] = RUNS[i % RUNS.length] as readonly [string, string];
            return `T${i},${quoted(`1${piece.repeat(MANY_CHARS).slice(0, MANY_CHARS - 10)}x`)}`;
          },
          header === 'Task' ? 'Hours,Task' : `Task,${header}`,
        ),
    }),
  ),
];
