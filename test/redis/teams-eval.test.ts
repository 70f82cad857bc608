/** The cases of `evals` in test mode, and what is said of cases that cannot be read. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it, test } from 'vitest';
import { TEAMS } from '../../schemas/teams.ts';
import { InvalidCases, loadCases, MIN_CASES, PATTERNS } from '../../scripts/eval/cases.ts';
import { unmet } from '../../scripts/eval/expectations.ts';
import { differing, failures, runCases } from '../../scripts/eval/runs.ts';
import { startInTestMode } from '../../scripts/eval/test-mode.ts';

const EVALS = join(import.meta.dirname, '../../evals');
const WITHIN_MS = 60_000;

describe('the cases of all teams', () => {
  const cases = loadCases(EVALS);

  it('are enough for every team and pattern', () => {
    const few = Object.keys(TEAMS).flatMap((team) =>
      PATTERNS.filter((pattern) => loadCases(EVALS, { team, pattern }).length < MIN_CASES).map((p) => `${team} ${p}`),
    );
    expect(few).toEqual([]);
  });

  it('pass in test mode, with the same bytes from one thread and from two', { timeout: 2 * WITHIN_MS }, async () => {
    const rounds = [];
    for (const threads of [1, 2]) {
      const own = await startInTestMode(cases, { threads, socketPath: inject('redisSocket') });
      try {
        rounds.push(await runCases(own, cases, { atOnce: 32, withinMs: WITHIN_MS }));
      } finally {
        await own.stop();
      }
    }
    const [one = [], two = []] = rounds;
    expect(failures([...one, ...two])).toEqual([]);
    expect(differing(one, two)).toEqual([]);
  });
});

describe('cases that cannot be read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'devteam-cases-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const good = { request_text: 'A text', expect: [{ path: 'status', equals: 'COMPLETED' }] };

  function problems(files: Record<string, unknown>): readonly string[] {
    const dir = mkdtempSync(join(folder, 'evals-'));
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(dir, name, '..'), { recursive: true });
      writeFileSync(join(dir, name), typeof content === 'string' ? content : JSON.stringify(content));
    }
    try {
      loadCases(dir);
      return [];
    } catch (error) {
      if (error instanceof InvalidCases) return error.problems;
      throw error;
    }
  }

  test.each<[string, string, unknown, RegExp]>([
    ['no JSON', 'email_team/sequential.json', '[{', /^email_team\/sequential\.json: is no JSON: /],
    ['an unknown team', 'mail_team/sequential.json', [good], /^mail_team\/sequential\.json: mail_team is no team/],
    ['an unknown pattern', 'email_team/serial.json', [good], /^email_team\/serial\.json: serial is none of sequential/],
    [
      'a case in the file of another pattern',
      'email_team/parallel.json',
      [good],
      /^email_team\/parallel\.json \/0\/pattern: sequential, in the file of parallel$/,
    ],
    [
      'a missing request',
      'email_team/sequential.json',
      [{ expect: good.expect }],
      /^email_team\/sequential\.json \/0\/request_text: /,
    ],
    [
      'an unknown member',
      'email_team/sequential.json',
      [{ ...good, request: 1 }],
      /^email_team\/sequential\.json \/0\/request: /,
    ],
    [
      'no expectation',
      'email_team/sequential.json',
      [{ ...good, expect: [] }],
      /^email_team\/sequential\.json \/0\/expect: /,
    ],
    [
      'a comparison that does not exist',
      'email_team/sequential.json',
      [{ ...good, expect: [{ path: 'status', is: 1 }] }],
      /^email_team\/sequential\.json \/0\/expect\/0/,
    ],
    [
      'two comparisons in one',
      'email_team/sequential.json',
      [{ ...good, expect: [{ path: 'status', equals: 1, exists: true }] }],
      /^email_team\/sequential\.json \/0\/expect\/0/,
    ],
    [
      'a script that counts',
      'email_team/sequential.json',
      // biome-ignore lint/suspicious/noThenProperty: the script's own key; nothing awaits this object.
      [{ ...good, script: [{ match: { agent: 'parser_agent' }, times: 1, then: { text: '' } }] }],
      /^email_team\/sequential\.json \/0\/script\/0\/times: /,
    ],
    [
      'two requests that begin alike',
      'email_team/sequential.json',
      [good, good],
      /^email_team\/sequential\.json \/1\/request_text: begins with the same line as email_team\/sequential\.json \/0$/,
    ],
  ])('are named with their place: %s', (_, name, content, problem) => {
    expect(problems({ [name]: content })).toEqual([expect.stringMatching(problem)]);
  });

  it('are all named at once', () => {
    expect(problems({ 'x_team/a.json': [], 'email_team/sequential.json': [{}] }).length).toBeGreaterThan(2);
  });
});

describe('an expectation', () => {
  const run = { a: { b: [{ n: 1 }, { n: 2, text: 'one two' }] }, none: null };

  test.each<[boolean, Parameters<typeof unmet>[1][number]]>([
    [true, { path: 'a.b.1.n', equals: 2 }],
    [false, { path: 'a.b.1.n', equals: '2' }],
    [true, { path: 'a.b.*.n', equals: [1, 2] }],
    [false, { path: 'a.b.*.n', equals: [2, 1] }],
    [true, { path: 'a.b.*.n', contains: 2 }],
    [true, { path: 'a.b.length', equals: 2 }],
    [true, { path: 'a.b.1.text', contains: 'e t' }],
    [false, { path: 'a.b.1.text', contains: 'three' }],
    [false, { path: 'a.c', contains: 'three' }],
    [true, { path: 'a.b.0.n', min: 1, max: 1 }],
    [false, { path: 'a.b.0.n', min: 1.1 }],
    [false, { path: 'a.b.0.n', max: 0.9 }],
    [false, { path: 'a.b.1.text', min: 0 }],
    [true, { path: 'a.b.0.n', one_of: [3, 1] }],
    [false, { path: 'a.b.0.n', one_of: [3, 2] }],
    [true, { path: 'none', exists: true }],
    [true, { path: 'none', equals: null }],
    [false, { path: 'some', equals: null }],
    [true, { path: 'some', exists: false }],
    [true, { path: 'a.toString', exists: false }],
  ])('is met %s: %j', (met, expectation) => {
    expect(unmet(run, [expectation]).length).toBe(met ? 0 : 1);
  });

  it('that is not met says what was wanted where, and what was found', () => {
    expect(
      unmet(run, [
        { path: 'none', equals: null },
        { path: 'a.b.0.n', min: 2, max: 3 },
      ]),
    ).toEqual(['/expect/1 a.b.0.n: min 2, max 3; found 1']);
  });
});
