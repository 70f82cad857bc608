/** Negative durations: whose time they take away. */
import { describe, expect, it } from 'vitest';
import { settleCorrections } from '../../machines/activities/corrections.ts';
import { csv, minutesOf, readFile } from '../fixtures/activity-files.ts';

const read = (lines: string[][]) => readFile(csv(lines));

describe('a negative duration', () => {
  it('is taken from the nearest row above with the same text', async () => {
    const lines = [
      ['Date', 'Task', 'Hours'],
      ['2026-03-01', 'Plan', '8'],
      ['2026-03-02', 'Plan', '8'],
      ['2026-03-03', 'Plan', '-2'],
      ['2026-04-02', 'Plan', '8'],
    ];
    expect(minutesOf(await read(lines))).toEqual([480, 360, 0, 480]);
  });

  it('is taken from further up, then from below, where the nearest row has less time', async () => {
    const lines = [
      ['Date', 'Task', 'Hours'],
      ['2026-03-01', 'Plan', '1'],
      ['2026-03-02', 'Plan', '1'],
      ['2026-03-03', 'Plan', '-4'],
      ['2026-04-02', 'Plan', '3'],
      ['2026-04-03', 'Plan', '3'],
    ];
    expect(minutesOf(await read(lines))).toEqual([0, 0, 0, 60, 180]);
  });

  it('takes nothing from another person', async () => {
    const lines = [
      ['Date', 'Person', 'Task', 'Hours'],
      ['2026-03-01', 'Bob Ray', 'Plan', '8'],
      ['2026-03-03', 'Ann Lee', 'Plan', '-2'],
      ['2026-04-02', 'Ann Lee', 'Plan', '8'],
    ];
    expect(minutesOf(await read(lines))).toEqual([480, 0, 360]);
  });

  it('takes nothing from another project, and something from a row without one', async () => {
    const lines = [
      ['Project', 'Task', 'Hours'],
      ['', 'Plan', '8'],
      ['Bolt', 'Plan', '8'],
      ['Acme', 'Plan', '-2'],
    ];
    expect(minutesOf(await read(lines))).toEqual([360, 480, 0]);
  });

  it('is left out and said where the person has less time', async () => {
    const lines = [
      ['Person', 'Task', 'Hours'],
      ['Bob Ray', 'Plan', '8'],
      ['Ann Lee', 'Plan', '-2'],
    ];
    const { rows, input } = await read(lines);
    expect(rows.map(({ estimated_minutes }) => estimated_minutes)).toEqual([480]);
    expect(input.rows.ignored.negative).toEqual({ count: 1, first_row: 3 });
  });

  it('keeps the sum and stays linear in 200,000 rows of one activity', () => {
    const given = Array.from({ length: 200_000 }, (_, i) => (i % 2 === 0 ? 60 : -60));
    const key = { text: 'plan', person: '', project: '' };
    const began = performance.now();
    const { minutes, corrections } = settleCorrections(given, () => key);
    expect(minutes.every((value) => value === 0)).toBe(true);
    expect(corrections).toBe(100_000);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
