import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Command, command, helpFor, parseLine, splitLine } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { isAfter, readServerEvents } from '../../src/cli/event-feed.ts';
import { UsageError } from '../../src/cli/failures.ts';
import { Progress } from '../../src/cli/progress.ts';
import { reportText } from '../../src/cli/report.ts';
import { newsOf, type TeamRun } from '../../src/cli/team-runs.ts';
import { type Column, cut, plain, type Terminal, table, widthOf } from '../../src/cli/terminal.ts';
import { valueLines } from '../../src/cli/values.ts';
import { parseCliConfig } from '../../src/config/cli.ts';
import { thisMachine } from '../../src/config/machine.ts';

const terminal = (columns: number | null = null): Terminal => ({
  columns,
  print: () => {},
  complain: () => {},
  style: (_, text) => text,
});

const parse = (...args: string[]) => parseLine(splitLine(args, commands), commands);

describe('a command line', () => {
  test('is read with common options before and after the words of the command', () => {
    const line = parse('--url', 'http://a', 'project', 'status', '--json', 'p1', '--key=k', '--limit', '3');
    expect(line).toMatchObject({ url: 'http://a', key: 'k', json: true, given: ['p1'], options: { limit: '3' } });
    expect(line.command?.path).toBe('project status');
  });

  test.each([
    [[], 'Which command?'],
    [['project'], 'Which command of project?'],
    [['projct', 'list'], 'There is no command "projct"'],
    [['project', 'lst'], 'There is no command of project "lst"'],
    [['project', 'status'], '<project> is missing.'],
    [['project', 'list', 'x'], 'There is no place for "x".'],
    [['project', 'list', '--colour'], "Unknown option '--colour'"],
    [['project', 'list', '--limit'], "Option '--limit <value>' argument missing"],
  ])('that cannot be understood says why: %j', (args, message) => {
    expect(() => parse(...args)).toThrow(UsageError);
    expect(() => parse(...args)).toThrow(message);
  });

  test('with --help wants no arguments and runs nothing, at every level', () => {
    for (const { path } of [...commands, { path: '' }, { path: 'project' }, { path: 'dlq' }]) {
      const split = splitLine([...path.split(' ').filter(Boolean), '--help'], commands);
      expect(split.path).toBe(path);
      expect(parseLine(split, commands).command).toBeNull();
      expect(helpFor(path, commands, terminal())).toContain('Usage  devteam');
    }
  });

  test('is shown in the help with every option that the command takes', () => {
    for (const { path, options, examples } of commands) {
      const help = helpFor(path, commands, terminal());
      for (const name of Object.keys(options)) expect(help).toContain(`--${name}`);
      for (const example of examples) expect(parse(...wordsOf(example)).command?.path).toBe(path);
    }
  });

  test('names a command by its longest words', () => {
    const make = (path: string): Command =>
      command({ path, summary: '', arguments: ['[x]'], options: {}, examples: [], run: async () => 0 });
    expect(splitLine(['a', 'b', 'c'], [make('a'), make('a b')])).toEqual({ path: 'a b', rest: ['c'] });
  });
});

const wordsOf = (line: string) =>
  (line.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^["']|["']$/g, ''));

describe('the environment of the command line', () => {
  test('names server and key, and says what is wrong with them', () => {
    const machine = thisMachine();
    expect(parseCliConfig({}, machine)).toEqual({ config: { url: 'http://localhost:3000', apiKey: null } });
    expect(parseCliConfig({ DEVTEAM_URL: 'https://team.example/x/', DEVTEAM_API_KEY: 'k' }, machine)).toEqual({
      config: { url: 'https://team.example/x', apiKey: 'k' },
    });
    expect(parseCliConfig({ DEVTEAM_URL: 'localhost:3000' }, machine)).toEqual({
      problems: ['DEVTEAM_URL="localhost:3000": expected a URL http:// or https://'],
    });
  });
});

describe('a table', () => {
  const columns: Column<{ name: string; size: number | null }>[] = [
    { title: 'NAME', of: ({ name }) => name, flexible: true },
    { title: 'SIZE', of: ({ size }) => size, right: true },
  ];

  test('gives every column the width of its widest cell, numbers to the right, nothing as a dash', () => {
    expect(
      table(
        [
          { name: 'a', size: 1200 },
          { name: 'long name', size: null },
        ],
        columns,
        terminal(),
      ),
    ).toBe(['NAME       SIZE', 'a          1200', 'long name     -'].join('\n'));
  });

  test('never is wider than the terminal as long as its flexible column has something to give', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }),
        fc.integer({ min: 20, max: 60 }),
        (names, width) => {
          const rows = names.map((name) => ({ name, size: 12 }));
          const lines = table(rows, columns, terminal(width)).split('\n');
          expect(lines).toHaveLength(rows.length + 1);
          for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  test('shows no control characters of its cells', () => {
    const [, line] = table([{ name: 'a\u001b[2J\r\nb\u009b1m\u202ec', size: 1 }], columns, terminal()).split('\n');
    expect(line).toBe('a [2J b 1mc     1');
  });

  test('counts wide characters as two cells and never cuts one in half', () => {
    expect([widthOf('表'), widthOf('e\u0301'), widthOf('👩‍💻')]).toEqual([2, 1, 2]);
    expect([cut('表格表格', 5), cut('abcdef', 4), cut('abc', 3)]).toEqual(['表格…', 'abc…', 'abc']);
  });
});

describe('server-sent events', () => {
  const text = [
    'retry: 2000\n\n',
    ': ping\n\n',
    'id: 1-0\nevent: WORK.ITEM_STARTED\ndata: {"a":"é表"}\n\n',
    'id: 2-0\nevent: resync\ndata: {}\n\n',
    'id: 3-0\ndata: x\ndata: y\n\n',
    'id: 4-0\nevent: CUT\ndata: incomplete\n',
  ].join('');

  test('are the same however their bytes are cut', async () => {
    const bytes = Buffer.from(text);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: bytes.length })), async (places) => {
        const cuts = [0, ...places.toSorted((a, b) => a - b), bytes.length];
        const chunks = cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
        expect(await Array.fromAsync(readServerEvents(ReadableStream.from(chunks)))).toEqual([
          { id: '1-0', type: 'WORK.ITEM_STARTED', data: '{"a":"é表"}' },
          { id: '2-0', type: 'resync', data: '{}' },
          { id: '3-0', type: 'message', data: 'x\ny' },
        ]);
      }),
    );
  });

  test('are put in order by time and then by number', () => {
    expect([isAfter('10-0', '9-5'), isAfter('9-10', '9-9'), isAfter('9-9', '9-9'), isAfter('9-1', '10-0')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('progress', () => {
  test('lists the first twenty items of a plan and says that there are more', () => {
    const progress = new Progress();
    const labels = Array.from({ length: 30 }, (_, index) => progress.line(planned(index))?.text);
    expect(labels.filter(Boolean)).toHaveLength(21);
    expect(labels[20]).toBe('… and more');
  });
});

test('progress names the agents of a team as they finish', () => {
  const timestamp = '2026-01-15T10:30:00.000Z';
  const payload = { agent_id: 'parser_agent', result: { task: 'parse', output: {} } };
  const line = new Progress().line({ event_type: 'AGENT.RESULT_SHARED', timestamp, payload } as never);
  expect(line).toMatchObject({ label: 'step', text: 'parse · parser_agent' });
});

const planned = (index: number) =>
  ({
    event_type: 'BACKLOG.ITEM_CREATED',
    timestamp: '2026-01-15T10:30:00.000Z',
    payload: { backlog_item: { id: `item-${index}`, title: `Item ${index}`, agent_target: 'worker', depends_on: [] } },
  }) as never;

describe('a report', () => {
  test('tells findings before conclusions and shows plain values of a type it does not know', () => {
    const deliverable = (type: string, content: Record<string, unknown>) => {
      return { id: type, type, agent: 'worker', confidence: 0.5, late: type === 'odd', content };
    };
    const text = reportText(
      [
        deliverable('odd', { note: 'line\none', nested: { hidden: true }, figure: 3 }),
        deliverable('with_agent_scenario', { summary: 'Recovering 1 h.' }),
        deliverable('cost_analysis', { total_hours: 1, hourly_rate: 2, monthly_cost: 2, annual_cost: 24 }),
      ],
      terminal(),
    );
    expect(text).toBe(
      [
        'Cost  worker, confidence 0.5',
        '  1.00 h at 2.00 per hour: 2.00; if the file is one month, 24.00 per year',
        '',
        'Savings  worker, confidence 0.5',
        '  Recovering 1 h.',
        '',
        'odd  worker, confidence 0.5, late',
        '  note: line one',
        '  figure: 3',
      ].join('\n'),
    );
    const handed = {
      team_id: 'email_team',
      summary: 'email_team completed 1 of 1 steps: Hello',
      artifacts: [{ kind: 'email_draft', agent: 'writer_agent', content: { subject: 'Hello' } }],
      details: { steps: [{ task: 'write', agent: 'writer_agent', output: { summary: 'All said' } }] },
    };
    const [, summary, ...artifact] = reportText([deliverable('team_result', handed)], terminal()).split('\n');
    expect(summary).toBe('  email_team completed 1 of 1 steps: Hello');
    expect(artifact).toEqual(['  email_draft  writer_agent', '    subject: Hello']);
    const bare = reportText([deliverable('team_result', { ...handed, artifacts: [] })], terminal());
    expect(bare.split('\n').slice(2)).toEqual(['  write  writer_agent', '    summary: All said']);
    expect(plain('a\tb')).toBe('a b');
  });
});

describe('a run of a team', () => {
  const step = (task: string, status: string, attempt = 1) => ({
    task,
    agent: `${task}_agent`,
    status,
    attempt,
    failure: status === 'FAILED' ? { reason: 'no\nanswer' } : null,
  });
  const run = (...steps: object[]) => ({ steps }) as TeamRun;
  const told = (now: TeamRun, before: TeamRun | null) =>
    newsOf(now, before, 1).map(({ label, text }) => `${label} ${text}`);

  test('is told by what has changed since it was looked at last', () => {
    const first = run(step('parse', 'RUNNING'), step('write', 'PENDING'));
    const second = run(step('parse', 'COMPLETED'), step('write', 'RUNNING'));
    expect(told(first, null)).toEqual(['working parse · parse_agent']);
    expect(told(second, first)).toEqual(['done parse · parse_agent (1 of 2)', 'working write · write_agent']);
    expect(told(second, second)).toEqual([]);
    const failed = run(step('parse', 'COMPLETED'), step('write', 'FAILED'), step('send', 'SKIPPED'));
    expect(told(failed, second)).toEqual(['failed write · write_agent: no\nanswer', 'skipped send · send_agent']);
  });

  test('counts what is done once, also when several steps end between two looks, and names rounds', () => {
    const before = run(step('a', 'COMPLETED'), step('review', 'RUNNING'));
    const after = run(step('a', 'COMPLETED'), step('review', 'COMPLETED'), step('a', 'COMPLETED', 2));
    expect(told(after, before)).toEqual(['done review · review_agent (2 of 3)', 'done a (round 2) · a_agent (3 of 3)']);
  });
});

describe('any value', () => {
  test('is shown by its members, lists by their elements, what is empty not at all', () => {
    const value = {
      subject: 'Order\u001b[2J 4711',
      body: 'Dear all,\n  bye',
      flag: false,
      none: null,
      empty: { list: [], text: '', deeper: {} },
      steps: [{ step: 1, note: '' }, { step: 2, parts: ['x', ['y', 'z']] }, 'end'],
    };
    expect(valueLines('draft', value)).toEqual([
      'draft:',
      '  subject: Order [2J 4711',
      '  body:',
      '    Dear all,',
      '     bye',
      '  flag: false',
      '  steps:',
      '    - step: 1',
      '    - step: 2',
      '      parts:',
      '        - x',
      '        - - y',
      '          - z',
      '    - end',
    ]);
  });
});
