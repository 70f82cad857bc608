import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/errors.ts';
import { createLog, createRedactor, type LogLevel, type LogLine } from '../../src/log.ts';

function capture(options: { level?: LogLevel; secrets?: string[]; readable?: boolean } = {}) {
  const texts: string[] = [];
  const log = createLog({
    level: options.level ?? 'DEBUG',
    secrets: options.secrets ?? [],
    readable: options.readable ?? false,
    out: (text) => texts.push(text),
  });
  return { log, texts, last: () => JSON.parse(texts.at(-1) ?? 'null') as LogLine };
}

describe('a line', () => {
  it('is one JSON object with the project lifted out of the metadata', () => {
    const { log, last } = capture();
    log.for('cost_worker').info('item completed', { project_id: 'p1', duration_ms: 4 });
    expect(last()).toEqual({
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      level: 'INFO',
      service: 'cost_worker',
      message: 'item completed',
      project_id: 'p1',
      metadata: { duration_ms: 4 },
    });
  });

  it('below the level goes nowhere, neither out nor to a sink', () => {
    const { log, texts } = capture({ level: 'WARN' });
    const lines: LogLine[] = [];
    log.addSink((line) => lines.push(line));
    log.write('INFO', 's', 'no');
    log.write('WARN', 's', 'yes');
    expect([texts.length, lines.map(({ message }) => message)]).toEqual([1, ['yes']]);
  });

  it('reaches a sink redacted, until the sink is removed', () => {
    const { log } = capture({ secrets: ['hunter22'] });
    const lines: LogLine[] = [];
    const remove = log.addSink((line) => lines.push(line));
    log.write('INFO', 's', 'pass hunter22');
    remove();
    log.write('INFO', 's', 'after');
    expect(lines.map(({ message }) => message)).toEqual(['pass [redacted]']);
  });

  it('cannot be forged by line breaks, controls or text direction in what it says', () => {
    const { log, texts } = capture();
    log.write('INFO', 's', 'a\n{"level":"ERROR"}\u001b[2J\u009b1m\u2028\u202e', { k: '\u0085' });
    expect(texts).toHaveLength(1);
    expect(texts[0]?.trimEnd()).toMatch(/^[\u0020-\u007e]+$/);
  });

  it('is made of printable characters for people too', () => {
    const { log, texts } = capture({ readable: true });
    log.write('WARN', 's', 'a\nb\u001b[2J', { k: 'x\ny', n: 1 });
    expect(texts[0]).toMatch(/WARN.*s.*a\\u000ab\\u001b\[2J.*k=x\\u000ay n=1/);
  });

  it('shows an error as code, message and stack', () => {
    const { log, last } = capture();
    log.write('ERROR', 's', 'failed', { error: new Fault('PROVIDER_ERROR', 'away', { cause: new Error('reset') }) });
    expect(last().metadata.error).toMatchObject({
      code: 'PROVIDER_ERROR',
      message: 'away',
      stack: expect.stringContaining('log.test.ts'),
      cause: { message: 'reset' },
    });
  });
});

describe('bounds', () => {
  it('hold for any metadata, and nothing throws', () => {
    const { log, texts } = capture();
    const cyclic: Record<string, unknown> = { self: null };
    cyclic.self = cyclic;
    const trap = {
      get boom() {
        throw new Error('trap');
      },
    };
    const odd = {
      cyclic,
      big: 10n,
      fn: () => 1,
      sym: Symbol('s'),
      bytes: Buffer.alloc(9),
      date: new Date(Number.NaN),
      map: new Map([[1, 2]]),
    };
    for (const metadata of [odd, { trap }, { long: 'x'.repeat(1e6) }, { many: Array(1e5).fill('x'.repeat(500)) }]) {
      log.write('INFO', 's', 'm'.repeat(1e5), metadata);
    }
    expect(Math.max(...texts.map((text) => text.length))).toBeLessThan(20_000);
    expect(texts).toHaveLength(4);
  });

  it('hold for arbitrary values', () => {
    const { log, texts } = capture();
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.dictionary(fc.string(), fc.anything()), (message, metadata) => {
        log.write('INFO', 's', message, metadata);
        JSON.parse(texts.pop() ?? '');
      }),
    );
  });
});

describe('redaction', () => {
  it('hides configured secrets wherever they stand, also as parts of URLs', () => {
    const redact = createRedactor(['p@ss/word', 'p@ss/word-longer', 'abc']);
    expect(redact('a p@ss/word-longer b p@ss/word c p%40ss%2Fword d abc')).toBe(
      'a [redacted] b [redacted] c [redacted] d abc',
    );
  });

  it.each([
    ['key sk-abcdefghijklmnop1234 used', 'key [redacted] used'],
    ['Authorization: Bearer abcdefgh.ijk', 'Authorization: Bearer [redacted]'],
    ['jwt eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.abc-_1 end', 'jwt [redacted] end'],
    ['redis://user:hidden@host:6379', 'redis://[redacted]@host:6379'],
    ['google AIzaSyA1234567890abcdefghijklmnopqrstuv', 'google [redacted]'],
  ])('hides what is shaped like a secret: %s', (text, hidden) => {
    expect(createRedactor([])(text)).toBe(hidden);
  });

  it.each(['task-1234567890abcdefgh', 'bearer of news', 'https://host/path@x', 'risk-assessment-of-everything'])(
    'leaves ordinary text alone: %s',
    (text) => {
      expect(createRedactor([])(text)).toBe(text);
    },
  );

  it('hides fields by name at any depth and keeps counts of tokens', () => {
    const { log, last } = capture();
    log.write('INFO', 's', 'm', {
      headers: { Authorization: 'Basic eHg=', 'Set-Cookie': ['a=b'], accept: '*/*' },
      apiKey: 'x',
      accessToken: 'y',
      usage: { input_tokens: 5, total_tokens: 7 },
      token: null,
    });
    expect(last().metadata).toEqual({
      headers: { Authorization: '[redacted]', 'Set-Cookie': '[redacted]', accept: '*/*' },
      apiKey: '[redacted]',
      accessToken: '[redacted]',
      usage: { input_tokens: 5, total_tokens: 7 },
      token: null,
    });
  });
});
