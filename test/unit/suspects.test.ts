import { describe, expect, it } from 'vitest';
import { type Activity, Suspects, Turnstile } from '../../src/runtime/suspects.ts';

/** The table as the supervisor reads it after the thread has died. */
function verdictOn(...effects: [entryId: string, activity: Activity][]) {
  const inThread = new Suspects();
  for (const [entryId, activity] of effects) inThread.mark(inThread.enter(3, entryId), activity);
  const { blamed, suspected } = new Suspects(inThread.buffer).verdict();
  return { blamed: blamed.map(({ entryId }) => entryId), suspected: suspected.map(({ entryId }) => entryId) };
}

describe('the verdict on a dead thread (I6)', () => {
  it('blames the effect that was on the stack, and nobody who waited', () => {
    expect(verdictOn(['1-0', 'waiting'], ['2-0', 'running'], ['3-0', 'waiting'])).toEqual({
      blamed: ['2-0'],
      suspected: [],
    });
  });

  it('blames the only effect at work', () => {
    expect(verdictOn(['1-0', 'waiting'])).toEqual({ blamed: ['1-0'], suspected: [] });
  });

  it('blames nobody when several waited, and suspects all of them', () => {
    expect(verdictOn(['1-0', 'waiting'], ['2-0', 'waiting'])).toEqual({ blamed: [], suspected: ['1-0', '2-0'] });
  });

  it('blames the suspect that ran alone, and keeps those that queued behind it suspected', () => {
    expect(verdictOn(['1-0', 'alone'], ['2-0', 'waiting'], ['3-0', 'queued'])).toEqual({
      blamed: ['1-0'],
      suspected: ['3-0'],
    });
  });

  it('finds nobody when nothing was at work', () => {
    expect(verdictOn()).toEqual({ blamed: [], suspected: [] });
  });

  it('names role and entry, and forgets effects that have ended', () => {
    const suspects = new Suspects();
    suspects.leave(suspects.enter(1, '1-0'));
    suspects.enter(7, '1763890000000-18446744073709551615');
    expect(suspects.verdict().blamed).toEqual([{ role: 7, entryId: '1763890000000-18446744073709551615' }]);
  });

  it('does without a place when the table is full, and finds freed places again', () => {
    const suspects = new Suspects();
    const places = Array.from({ length: 512 }, (_, i) => suspects.enter(0, `${i}-0`));
    const none = suspects.enter(0, 'late-0');
    expect(none).toBe(-1);
    suspects.mark(none, 'running');
    suspects.leave(none);
    expect(suspects.verdict().blamed).toHaveLength(512);
    suspects.leave(places[100] as number);
    expect(suspects.enter(0, 'again-0')).toBe(places[100]);
  });

  it('shows the last beat of the thread', () => {
    const suspects = new Suspects();
    expect(suspects.lastBeatMs).toBe(0);
    suspects.beat(1_763_890_000_000);
    expect(new Suspects(suspects.buffer).lastBeatMs).toBe(1_763_890_000_000);
  });
});

it('a turnstile lets one through at a time, in the order they came', async () => {
  const turnstile = new Turnstile();
  const order: string[] = [];
  let inside = 0;
  await Promise.all(
    ['first', 'second', 'third'].map(async (name) => {
      const leave = await turnstile.enter();
      inside++;
      order.push(`${name} ${inside}`);
      await Promise.resolve();
      inside--;
      leave();
    }),
  );
  expect(order).toEqual(['first 1', 'second 1', 'third 1']);
});
