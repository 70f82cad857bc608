import { afterEach, describe, expect, it } from 'vitest';
import { createReadingThreads, type ReadingThreads, TooManyWaiting } from '../../src/documents/reading-threads.ts';
import type { Task } from '../fixtures/reading-tasks.ts';

type Job = { kind: Task; value: string };
let threads: ReadingThreads<Job, string> | undefined;
afterEach(() => threads?.close());

function start(options: Partial<Parameters<typeof createReadingThreads>[0]> = {}): ReadingThreads<Job, string> {
  threads = createReadingThreads<Job, string>({
    filename: new URL('../fixtures/reading-tasks.ts', import.meta.url).href,
    task: 'task',
    ...{ threads: 2, maxMemoryMb: 128, deadlineMs: 60_000, queueMax: 10, ...options },
  });
  return threads;
}
const echo = (value: string): Job => ({ kind: 'echo', value });
const done = (result: string) => ({ ok: true, result });

describe('reading threads', () => {
  it('give what the task gives, and what it throws', async () => {
    const { run } = start();
    expect(await Promise.all(['a', 'b', 'c', 'd'].map((value) => run(echo(value))))).toEqual(
      ['a', 'b', 'c', 'd'].map(done),
    );
    await expect(run({ kind: 'fail', value: 'no such file' })).rejects.toThrow('no such file');
  });

  it('end what takes too long, while other files are read beside it', async () => {
    const { run } = start({ deadlineMs: 3_000 });
    const endless = run({ kind: 'spin', value: '' });
    expect(await run(echo('beside'))).toEqual(done('beside'));
    expect(await endless).toEqual({ ok: false, limit: 'time limit' });
    expect(await Promise.all([run(echo('x')), run(echo('y'))])).toEqual([done('x'), done('y')]);
  });

  it('count the deadline of a file from the moment it is taken', async () => {
    const { run } = start({ threads: 1, deadlineMs: 3_000 });
    const results = Promise.all([
      run({ kind: 'spin', value: '' }),
      run({ kind: 'spin', value: '' }),
      run(echo('last')),
    ]);
    expect(await results).toEqual([
      { ok: false, limit: 'time limit' },
      { ok: false, limit: 'time limit' },
      done('last'),
    ]);
  });

  it.each(['heap', 'buffers'] as const)(
    'end what takes too much memory in %s, before the process has grown much more',
    async (kind) => {
      const { run } = start();
      await run(echo('first'));
      const before = process.memoryUsage.rss();
      let peak = before;
      const sampling = setInterval(() => {
        peak = Math.max(peak, process.memoryUsage.rss());
      }, 5);
      expect(await run({ kind, value: '' })).toEqual({ ok: false, limit: 'memory limit' });
      clearInterval(sampling);
      expect(Math.round((peak - before) / 1024 ** 2)).toBeLessThan(300);
      expect(await run(echo('after'))).toEqual(done('after'));
    },
  );

  it('refuse files when too many wait', async () => {
    const { run } = start({ threads: 1, queueMax: 1, deadlineMs: 2_000 });
    const [first, second] = [run({ kind: 'spin', value: '' }), run(echo('waited'))];
    await expect(run(echo('too many'))).rejects.toThrow(TooManyWaiting);
    expect([await first, await second]).toEqual([{ ok: false, limit: 'time limit' }, done('waited')]);
  });

  it('reject what is being read when they are closed', async () => {
    const { run, close } = start({ threads: 1 });
    const results = Promise.allSettled([run({ kind: 'spin', value: '' }), run(echo('waiting'))]);
    await close();
    expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
