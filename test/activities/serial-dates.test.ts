/** Days that spreadsheets store as numbers. */
import { describe, expect, it } from 'vitest';
import { csv, readFile } from '../fixtures/activity-files.ts';

describe('numbers of days since 1900', () => {
  it('are dates under the header of a date, which is said', async () => {
    const lines = [
      ['Date', 'Task', 'Hours'],
      ['46083', 'Plan', '2'],
      ['46084', 'Fix', '3'],
    ];
    const { rows, input } = await readFile(csv(lines));
    expect(rows.map(({ date }) => date)).toEqual(['2026-03-02', '2026-03-03']);
    expect(input.warnings.join(' ')).toContain('"Date" holds days counted from 1900');
  });

  it('have their time of day in the fraction', async () => {
    const lines = [
      ['Task', 'Start', 'End'],
      ['Plan', '46083.375', '46083.4375'],
    ];
    const { rows } = await readFile(csv(lines));
    expect(rows).toMatchObject([{ date: '2026-03-02', start: '2026-03-02T09:00', estimated_minutes: 90 }]);
  });

  it('stay numbers under any other header', async () => {
    const lines = [
      ['Task', 'Seconds'],
      ['Plan', '46080'],
    ];
    const { rows } = await readFile(csv(lines));
    expect(rows.map(({ estimated_minutes }) => estimated_minutes)).toEqual([768]);
  });
});
