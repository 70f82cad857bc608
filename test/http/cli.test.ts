/**
 * The command line as a person runs it: its own process, against a platform in a process of its own. Long because
 * every command is run, and the platform they share takes seconds to start.
 */
import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OwnPlatform, startOwnPlatform } from '../../scripts/own-platform.ts';
import { eventually } from '../support/eventually.ts';
import { LLM_CONFIG } from '../support/llm-config-path.ts';

const ADMIN = 'the key of the tests';
const READER = 'a key that only reads';
const RUNNER = 'a key that only runs teams';
const CLI = join(import.meta.dirname, '../../src/cli.ts');
const CSV = join(import.meta.dirname, '../../examples/tasks.csv');
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;
const NOBODY = '5491ea29-7156-40d7-8a1e-3c345ddc8069';

let platform: OwnPlatform;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cli-test-'));
  const script = file('script.json', '[{"match":{"contains":"never works"},"then":{"fail":"server_error"}}]');
  platform = await startOwnPlatform({
    API_KEYS: [
      `tests:admin:${hash('sha256', ADMIN)}`,
      `reader:projects:read:${hash('sha256', READER)}`,
      `runner:teams:run:${hash('sha256', RUNNER)}`,
    ].join(','),
    RATE_LIMIT_PER_MINUTE: '0',
    MAX_ATTEMPTS: '2',
    RETRY_BASE_MS: '1',
    LLM_TEST_SCRIPT: script,
    LLM_CONFIG_PATH: LLM_CONFIG,
  });
});
afterAll(async () => {
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

interface Ran {
  code: number | null;
  out: string;
  err: string;
}

interface Running {
  ran: Promise<Ran>;
  /** What it has said so far. */
  said(): string;
}

function start(args: readonly string[], env: Record<string, string> = {}): Running {
  const { PATH = '', TMPDIR = tmpdir() } = process.env;
  const child = spawn(process.execPath, [CLI, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH, TMPDIR, DEVTEAM_URL: platform.url, DEVTEAM_API_KEY: ADMIN, ...env },
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ran = new Promise<Ran>((resolve) => child.once('close', (code) => resolve({ code, out, err })));
  return { ran, said: () => out };
}

const devteam = (...args: string[]) => start(args).ran;

/** The output of a command that must succeed. */
async function output(...args: string[]): Promise<string> {
  const { code, out, err } = await devteam(...args);
  expect({ code, err }, args.join(' ')).toEqual({ code: 0, err: '' });
  return out;
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
const json = async (...args: string[]): Promise<any> => JSON.parse(await output(...args, '--json'));

const create = async (...args: string[]): Promise<string> => (await json('project', 'create', ...args)).project_id;

/** The API itself, for waiting: a process per look would be slow. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
async function api(path: string): Promise<any> {
  return (await fetch(`${platform.url}/api/${path}`, { headers: { Authorization: `Bearer ${ADMIN}` } })).json();
}

async function firstOpen(kind: 'questions' | 'approvals', projectId: string): Promise<string> {
  let id = '';
  await eventually(`one of ${kind}`, async () => {
    id = (await api(`${kind}?project_id=${projectId}`))[kind][0]?.id ?? '';
    return id !== '';
  });
  return id;
}

async function ended(projectId: string): Promise<string> {
  let status = '';
  await eventually('the project is final', async () => {
    status = (await api(`projects/${projectId}`)).status;
    return ['COMPLETED', 'FAILED', 'STOPPED'].includes(status);
  });
  return status;
}

describe('a project', () => {
  test('is created from a file, watched to its end, and shown with its items, events and report', async () => {
    const out = await output('project', 'create', '--file', CSV, '--rate', '95', '--name', 'Q3 audit', '--watch');
    const [id = ''] = UUID.exec(out) ?? [];
    expect(out).toContain(`Project ${id} accepted with 24 rows\n`);
    expect(out).toContain('request     "Q3 audit", 24 rows, 95 per hour\n');
    for (const count of [1, 2, 3, 4, 5]) expect(out).toContain(`(${count} of 5)\n`);
    expect(out).toMatch(/completed {3}5 items done\nCOMPLETED\ndevteam project report \S+\n$/);

    const [list, status, report, events, starts] = await Promise.all([
      output('project', 'list', '--search', 'q3 AUD'),
      output('project', 'status', id),
      output('project', 'report', id),
      output('project', 'events', id),
      output('project', 'events', id, '--type', 'WORK.ITEM_STARTED', '--newest', '--limit', '2'),
    ]);
    expect(list.split('\n')[1]).toMatch(new RegExp(`^${id}  COMPLETED  100 %  .{19}  Q3 audit$`));
    expect(status).toContain('Estimate cost        DONE    cost_worker               1             1\n');
    expect(report).toContain('41.75 h at 95.00 per hour: 3,966.25; if the file is one month, 47,595.00 per year\n');
    expect(report.indexOf('Hours by category')).toBeLessThan(report.indexOf('Final report'));
    expect(events.trimEnd().split('\n')).toHaveLength(34);
    expect(starts.trimEnd().split('\n')).toHaveLength(3);
    expect(starts).toContain('WORK.ITEM_STARTED  requirements_manager  Report findings\n');
  });

  test('writes its report to a file, and replaces one only when forced', async () => {
    const id = await create('--file', CSV, '--rate', '95');
    await ended(id);
    const page = join(folder, 'report.html');
    expect(await output('project', 'report', id, '--out', page)).toBe(`Report written to ${page}\n`);
    expect(readFileSync(page, 'utf8')).toContain('<h2>How good the input is</h2>');
    const again = await devteam('project', 'report', id, '--out', page);
    expect([again.code, again.err]).toEqual([2, expect.stringContaining('is there already; --force replaces it.')]);
    const forced = await output('project', 'report', id, '--out', page, '--force', '--format', 'csv', '--json');
    expect(JSON.parse(forced)).toMatchObject({ file: page, format: 'csv' });
    expect(readFileSync(page, 'utf8')).toMatch(/^\ufeffsection,/);
    const book = join(folder, 'report.xlsx');
    await output('project', 'report', id, '--out', book);
    expect(readFileSync(book).subarray(0, 2).toString()).toBe('PK');
    for (const [wrong, said] of [
      [['--out', join(folder, 'report.pdf')], 'ends in none of'],
      [['--out', join(folder, 'none', 'report.csv')], 'cannot be written'],
      [['--format', 'csv'], 'need --out'],
      [['--out', 'x.csv', '--type', 'cost_analysis'], 'do not go with --out'],
    ] as const) {
      const { code, err } = await devteam('project', 'report', id, ...wrong);
      expect([code, err]).toEqual([2, expect.stringContaining(said)]);
    }
  });

  test('is told as one JSON document per line when it is watched with --json', async () => {
    const out = await output('project', 'create', '--file', CSV, '--rate', '95', '--watch', '--json');
    const documents = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(documents).toHaveLength(35);
    expect(documents[0]).toMatchObject({ status: 'CREATED', rows: 24 });
    expect(documents[1]).toMatchObject({
      log_id: expect.any(String),
      event: { event_type: 'PROJECT.INITIAL_REQUEST_RECEIVED' },
    });
    expect(documents[33].event.event_type).toBe('PROJECT.COMPLETED');
    expect(documents[34]).toMatchObject({ id: documents[0].project_id, name: 'tasks.csv', status: 'COMPLETED' });
  });

  test('goes on being watched when the connection is cut', async () => {
    const line = await breakable(platform.url);
    try {
      const watching = start(['project', 'create', '--file', CSV, '--watch'], { DEVTEAM_URL: line.url });
      await eventually('the question is shown', async () => /question .*\n.*devteam answer/.test(watching.said()));
      line.cut();
      const [id = ''] = UUID.exec(watching.said()) ?? [];
      await output('answer', await firstOpen('questions', id), '95');
      const { code, out } = await watching.ran;
      expect(code).toBe(0);
      const done = out.match(/done .*\(\d of 5\)/g) ?? [];
      expect(done.map((text) => text.slice(-8))).toEqual([1, 2, 3, 4, 5].map((count) => `(${count} of 5)`));
    } finally {
      line.close();
    }
  });

  test('that fails makes watching it fail, and tells why', async () => {
    const items = [
      {
        key: 'a',
        title: 'Build it',
        agent_target: 'dev_worker',
        description: 'x',
        work_context: { scope: 'never works' },
      },
      { key: 'b', title: 'Test it', agent_target: 'test_worker', depends_on: ['a'] },
    ];
    const plan = file('plan.json', items);
    const { code, out } = await devteam('project', 'create', 'Do what never works', '--items', plan, '--watch');
    expect(code).toBe(1);
    expect(out).toMatch(/failed {6}Test it: dependency_failed\n/);
    expect(out).toMatch(/failed {6}2 of 2 items failed\nFAILED\n/);
    const [id = ''] = UUID.exec(out) ?? [];
    expect(await output('project', 'status', id)).toMatch(/^failure +2 of 2 items failed$/m);
  });

  test('is stopped once', async () => {
    const id = await create('--file', CSV);
    await firstOpen('questions', id);
    expect(await output('project', 'stop', id, '--reason', 'wrong file')).toMatch(
      /^Project stopped, \d items? canceled\n$/,
    );
    expect(await devteam('project', 'stop', id)).toEqual({ code: 1, out: '', err: 'The project is STOPPED.\n' });
  });

  test('cannot steer the terminal by its name', async () => {
    const id = await create('A description', '--name', '\u001b[2Jevil\u009b31m');
    for (const args of [
      ['project', 'list'],
      ['project', 'status', id],
    ]) {
      const out = await output(...args);
      expect(out).toContain('[2Jevil 31m');
      expect(out.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    }
  });
});

describe('a question', () => {
  test('is shown, refused an answer that does not fit, answered once', async () => {
    const id = await create('--file', CSV);
    const question = await firstOpen('questions', id);
    expect(await output('project', 'status', id)).toContain(`devteam answer ${question} <answer>`);
    const refused = await devteam('answer', question, '12 EUR');
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/^The answer does not fit the question\.\n {2}\/answer .+\n$/);
    expect(await output('answer', question, '95')).toBe('Answer recorded, 1 item unblocked\n');
    expect((await devteam('answer', question, '95')).err).toBe('The question is closed.\n');
    expect(await ended(id)).toBe('COMPLETED');
    expect(await output('questions', '--project', id, '--status', 'all')).toContain(
      '  CLOSED  NUMBER       2  95      Which',
    );
  });

  test('of type JSON takes a file, and only JSON', async () => {
    const plan = file('rows-plan.json', [{ key: 'a', title: 'Measure', agent_target: 'time_waste_worker' }]);
    const id = await create('Measure where the time goes', '--items', plan);
    const question = await firstOpen('questions', id);
    expect((await devteam('answer', question, 'no rows')).code).toBe(2);
    const rows = file('rows.json', [{ text: 'Ticket triage', estimated_minutes: 30 }]);
    expect(await output('answer', question, '--file', rows)).toContain('Answer recorded');
    expect(await ended(id)).toBe('COMPLETED');
  });
});

describe('an approval', () => {
  test('is listed, given, and makes the item go on; a rejected one makes it fail', async () => {
    const plan = file('one.json', [{ key: 'a', title: 'Deploy', agent_target: 'worker' }]);
    const ids = [await create('Deploy on Friday', '--items', plan, '--requires-approval')];
    ids.push(await create('Deploy on Friday', '--items', plan, '--requires-approval'));
    const [given = '', refused = ''] = [
      await firstOpen('approvals', ids[0] as string),
      await firstOpen('approvals', ids[1] as string),
    ];
    expect(await output('approvals')).toContain(`${given}  ${ids[0]}  OPEN`);
    expect(await output('approve', given)).toBe('Approval APPROVED\n');
    expect(await output('approve', refused, '--reject', '--notes', 'not on a Friday')).toBe('Approval REJECTED\n');
    expect(await ended(ids[0] as string)).toBe('COMPLETED');
    expect(await ended(ids[1] as string)).toBe('FAILED');
    expect(await output('approvals', '--status', 'rejected')).toContain(`REJECTED`);
    expect((await devteam('approve', given)).err).toBe('The approval is APPROVED.\n');
  });
});

describe('a team', () => {
  const asRunner = (...args: string[]) => start(args, { DEVTEAM_API_KEY: RUNNER }).ran;

  test('is listed, and run and watched to its result with a key that may do nothing else', async () => {
    const [list, waited] = await Promise.all([
      asRunner('team', 'list'),
      asRunner('team', 'run', 'email_team', 'Where is order 4711?', '--wait'),
    ]);
    expect(list.out).toMatch(/^email_team +sequential +parser, writer +Understand an e-mail/m);
    expect(waited).toMatchObject({ code: 0, err: '' });
    expect(waited.out).toMatch(
      /done {8}parse · parser_agent \(1 of 2\)\n(?:.*\n)*.*done {8}write · .* \(2 of 2\)\nCOMPLETED\n/,
    );
    expect(waited.out).toContain('email_draft  writer_agent\n  email_draft:\n    subject: ');
    const [, id = ''] = /\ndevteam team show email_team (\S+)\n$/.exec(waited.out) ?? [];
    const [shown, whole] = await Promise.all([
      asRunner('team', 'show', 'email_team', id),
      json('team', 'show', 'email_team', id, '--memory'),
    ]);
    expect(shown.out).toMatch(
      /^email_team {2}COMPLETED\nrun +.*\npattern +sequential\nrequest +Where is order 4711\?\n/,
    );
    expect(shown.out).toMatch(/^write +writer_agent +COMPLETED +1 +\d+ +\d+ +test-1$/m);
    expect(whole.shared_context.conversations[0].content).toBe('Where is order 4711?');
  });

  test('takes its request and its context from files, works in rounds, hands its work to others', async () => {
    const request = file('draft.txt', 'It was bad.\n');
    const context = file('context.json', { style_guide: 'Short.' });
    const rounds = ['--pattern', 'iterative', '--max-iterations', '2', '--quality-threshold', '1'];
    const [run, handed] = await Promise.all([
      json('team', 'run', 'writing_team', '--file', request, '--context', context, ...rounds, '--wait'),
      json('team', 'run', 'admin_team', 'Assess', '--pattern', 'hierarchical', '--teams', 'email_team', '-w'),
    ]);
    expect(run).toMatchObject({ status: 'COMPLETED', request_text: 'It was bad.\n' });
    expect(run.result.details).toMatchObject({ pattern: 'iterative', accepted: false, iterations: 2 });
    const shown = await json('team', 'show', 'writing_team', run.run_id, '--memory');
    expect(shown.shared_context.context.style_guide).toBe('Short.');
    expect(handed.steps.map(({ task }: { task: string }) => task)).toEqual([
      'delegate',
      'parse',
      'write',
      'synthesize',
    ]);
  });

  test('that fails makes waiting for it fail, and tells whose task it was', async () => {
    const { code, out } = await devteam('team', 'run', 'email_team', 'This never works', '--wait');
    expect(code).toBe(1);
    expect(out).toMatch(/failed {6}parse · parser_agent: .+\n(?:.*\n)?FAILED\nfailed {2}parse:parser_agent: .+\n/);
  });

  test('says what is wrong with a request before anything is run', async () => {
    const [none, both, list, refused, unknown] = await Promise.all([
      devteam('team', 'run', 'email_team'),
      devteam('team', 'run', 'email_team', 'x', '--file', CSV),
      devteam('team', 'run', 'email_team', 'x', '--context', file('list.json', [])),
      devteam('team', 'run', 'email_team', 'x', '--pattern', 'hierarchical'),
      devteam('team', 'show', 'email_team', NOBODY),
    ]);
    expect([none.code, both.code, list.code, refused.code, unknown.code]).toEqual([2, 2, 2, 1, 1]);
    expect(refused.err).toBe('The team cannot run like this.\n  /context/teams context.teams missing\n');
    expect(unknown.err).toBe(`Run ${NOBODY} of email_team not found.\n`);
  });
});

describe('dead letters', () => {
  test('are listed, shown and sent again, each once', async () => {
    const plan = file('fails.json', [
      { key: 'a', title: 'Build it', agent_target: 'dev_worker', work_context: { scope: 'this never works' } },
    ]);
    await ended(await create('Do what cannot be done', '--items', plan));
    const { entries } = await json('dlq', 'list', '--group', 'dev_workers', '--waiting');
    const [{ id }] = entries;
    expect(await output('dlq', 'list')).toContain(`${id}  `);
    expect(await output('dlq', 'show', id)).toMatch(
      /consumer_group +dev_workers[\s\S]+"event_type": "WORK\.ITEM_DISPATCHED"/,
    );
    expect(await output('dlq', 'redrive', '--group', 'dev_workers', '--dry-run')).toContain('would_publish');
    expect(await output('dlq', 'redrive', id)).toMatch(/^Sent as event [0-9a-f-]{36}\n$/);
    expect(await output('dlq', 'redrive', id)).toMatch(/^Was sent before as event [0-9a-f-]{36}\n$/);
    expect(await output('dlq', 'redrive', '--all')).toMatch(/\d+ dead letters? matched, \d+ sent, \d+ skipped\n$/);
    expect((await json('dlq', 'list', '--waiting')).entries.some((entry: { id: string }) => entry.id === id)).toBe(
      false,
    );
  });
});

describe('replay --verify', () => {
  test('finds every project equal, and a state that was changed behind the log different', async () => {
    const id = await create('--file', CSV, '--rate', '95');
    await ended(id);
    expect(await output('replay', '--verify', id)).toBe('1 project equal, 0 different; 11 events folded\n');
    expect(await output('replay', '--verify')).toMatch(/^\d+ projects? equal, 0 different; \d+ events folded\n$/);

    const redis = new Redis({ path: join(platform.folder, 'redis', 'redis.sock') });
    const key = `audit:state:orchestrator:${id}`;
    const original = (await redis.hget(key, 'description')) as string;
    await redis.hset(key, 'description', JSON.stringify('Something else'));
    try {
      const { code, out } = await devteam('replay', '--verify', '--all');
      expect(code).toBe(1);
      expect(out).toContain(`Project ${id} differs\n  /description: stored "Something else", replayed "Find out where`);
      expect(out).toMatch(/, 1 different; \d+ events folded\n$/);
    } finally {
      await redis.hset(key, 'description', original);
      redis.disconnect();
    }
  });
});

describe('operations', () => {
  test('show every role', async () => {
    const { actors } = await json('actors');
    const out = await output('actors');
    for (const { role } of actors) expect(out).toMatch(new RegExp(`^${role} `, 'm'));
  });

  test('make a key that the server takes by its entry alone', async () => {
    const { key, entry } = await json('key', 'ops', 'projects:read+ops:read');
    expect(entry).toBe(`ops:projects:read+ops:read:${hash('sha256', key)}`);
    expect((await output('key', 'ops', 'admin')).split('\n')[0]).toMatch(/^key {4}dta_[\w-]{43}$/);
    expect((await devteam('key', 'ops', 'everything')).code).toBe(2);
  });
});

describe('a failure', () => {
  const failing = (args: string[], env: Record<string, string>) => start(args, env).ran;

  test('says what to do: no server, no key, an unknown key, a key that lacks the scope', async () => {
    expect(await failing(['project', 'list'], { DEVTEAM_URL: 'http://127.0.0.1:9' })).toEqual({
      code: 1,
      out: '',
      err: 'No server answers at http://127.0.0.1:9.\nStart one with `npm start`, or name another with --url or DEVTEAM_URL.\n',
    });
    expect((await failing(['project', 'list'], { DEVTEAM_API_KEY: '' })).err).toContain(
      'give it with --key or DEVTEAM_API_KEY',
    );
    expect((await devteam('project', 'list', '--key', 'wrong')).err).toContain('does not know the key');
    const lacking = await devteam('actors', '--key', READER);
    expect(lacking).toMatchObject({ code: 1, out: '', err: expect.stringContaining('lacks the scope ops:read') });
  });

  test('is told as the API tells it with --json, on stderr', async () => {
    const { code, out, err } = await devteam('project', 'status', NOBODY, '--json');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(JSON.parse(err)).toEqual({ error: { code: 'NOT_FOUND', message: `Project ${NOBODY} not found.` } });
  });

  test('of a request lists every violation', async () => {
    const plan = file('bad.json', [{ key: 'a', title: 'A', agent_target: 'nobody', depends_on: ['b'] }]);
    const { code, err } = await devteam('project', 'create', 'A plan that cannot be', '--items', plan);
    expect(code).toBe(1);
    expect(err).toMatch(/^The plan is not valid\.\n {2}\/items\/0\/\S+ .+\n {2}\/items\/0\/\S+ .+\n$/);
  });

  test('of use exits with 2 and names the help', async () => {
    for (const args of [
      [],
      ['project', 'create'],
      ['answer', NOBODY],
      ['replay'],
      ['dlq', 'redrive'],
      ['project', 'list', '--limit', '0'],
    ]) {
      const { code, out, err } = await devteam(...args);
      expect({ code, out }, args.join(' ')).toEqual({ code: 2, out: '' });
      expect(err).toMatch(/See devteam .*--help\n$/);
    }
  });

  test('of a server that is no such server is told as that', async () => {
    const other = createServer((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi'),
    );
    const url = await listening(other);
    const { code, err } = await failing(['project', 'list'], { DEVTEAM_URL: url });
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('Is it another server?') });
    other.close();
  });
});

describe('the demo', () => {
  const demo = (env: Record<string, string>): Promise<Ran> => {
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(process.execPath, [join(import.meta.dirname, '../../scripts/demo.ts')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH, HOME, ...env },
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
  };
  const shown =
    /completed[\s\S]+3,966\.25; if the file is one month[\s\S]+AWAITING_INPUT: the demo answers 95[\s\S]+unblocked[\s\S]+completed/;

  test('runs on the server that is there', async () => {
    const { code, out, err } = await demo({ DEVTEAM_URL: platform.url, DEVTEAM_API_KEY: ADMIN });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(`Using the server at ${platform.url}.`);
    expect(out).toMatch(shown);
  });

  test('starts a platform of its own where there is none, and leaves nothing behind', async () => {
    const own = mkdtempSync(join(tmpdir(), 'demo-'));
    const { code, out, err } = await demo({ DEVTEAM_URL: 'http://127.0.0.1:9', TMPDIR: own });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('No server answers at http://127.0.0.1:9.');
    expect(out).toMatch(shown);
    expect(readdirSync(own)).toEqual([]);
    rmSync(own, { recursive: true });
  });
});

/** A line to the server that can be cut. */
async function breakable(target: string) {
  const sockets = new Set<Socket>();
  const { hostname, port } = new URL(target);
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => other.destroy());
    }
    near.pipe(far).pipe(near);
  });
  const url = await listening(server);
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url,
    cut,
    close() {
      cut();
      server.close();
    },
  };
}

async function listening(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}
