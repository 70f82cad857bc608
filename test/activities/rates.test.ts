/** Rates in a file: which are money per hour, and which are not. */
import { describe, expect, it, test } from 'vitest';
import { csv, readFile } from '../fixtures/activity-files.ts';

const withRate = (header: string, ...cells: string[]) =>
  readFile(csv([['Task', 'Hours', header], ...cells.map((cell, i) => [`Build part ${'ab'[i]}`, '2', cell])]));

describe('the rate of a record', () => {
  test.each([
    ['CHF 120.-', 120],
    ['120,-', 120],
    ['95 €/h', 95],
    ['$1,200.50/hr', 1200.5],
    ['95 € pro Stunde', 95],
    ['EUR 95.50 per hour', 95.5],
  ])('is read from %s', async (cell, rate) => {
    const { rows, hourlyRate } = await withRate('Rate', cell, cell);
    expect(rows.map((row) => row.rate)).toEqual([rate, rate]);
    expect(hourlyRate).toBe(rate);
  });

  test.each(['Day rate', 'Daily rate', 'Tagessatz', 'Tagessatz (EUR)', 'TJM', 'Taux journalier', 'Rate (cents)'])(
    'is not %s, which is said',
    async (header) => {
      const { hourlyRate, input } = await withRate(header, '800', '800');
      expect(hourlyRate).toBeNull();
      expect(input.columns.rate).toBeUndefined();
      expect(input.warnings.join(' ')).toContain(`"${header}" is`);
    },
  );

  test.each(['Success rate', 'Avg heart rate', 'Exchange rate', 'Tax rate', 'Completion rate'])(
    'is never the %s',
    async (header) => {
      const { hourlyRate } = await withRate(header, '95', '80');
      expect(hourlyRate).toBeNull();
    },
  );

  it('is not money per day in the cells, which is said', async () => {
    const { hourlyRate, input } = await withRate('Rate', '800/day', '800/day');
    expect(hourlyRate).toBeNull();
    expect(input.warnings.join(' ')).toContain('The rates in "Rate" are not per hour (such as "800/day")');
  });

  it('is the one per hour where one per day stands beside it', async () => {
    const lines = [
      ['Task', 'Hours', 'Day rate', 'Hourly rate'],
      ['Build header', '2', '800', '100'],
    ];
    expect((await readFile(csv(lines))).hourlyRate).toBe(100);
  });
});
