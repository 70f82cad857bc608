/** Rows that may be no work: absences, rejected entries, empty days. */
import { describe, expect, it } from 'vitest';
import { csv, minutesOf, readFile } from '../fixtures/activity-files.ts';

const read = (lines: string[][]) => readFile(csv(lines, ';'));

describe('rows that may be no work', () => {
  it('are counted and said where they are absences', async () => {
    const result = await read([
      ['Datum', 'Art', 'Tätigkeit', 'Stunden'],
      ['02.03.2026', 'Arbeit', 'Montage', '8'],
      ['03.03.2026', 'Urlaub', '', '8'],
      ['04.03.2026', 'Krank', '', '8'],
      ['06.03.2026', 'Arbeit', 'Wartung', '7,5'],
    ]);
    expect(minutesOf(result)).toEqual([480, 480, 480, 450]);
    expect(result.input.warnings).toContain(
      '2 rows (16 h), first row 3, look like absence, not work: "Urlaub", "Krank"; they are counted.',
    );
  });

  it('are counted and said where they were rejected', async () => {
    const result = await read([
      ['Date', 'Task', 'Hours', 'Status'],
      ['2026-03-02', 'Plan sprint', '2', 'Approved'],
      ['2026-03-03', 'Fix login', '3', 'Rejected'],
    ]);
    expect(minutesOf(result)).toEqual([120, 180]);
    expect(result.input.warnings).toContain('Row 3 (3 h) is no accepted entry by "Status": "Rejected"; it is counted.');
  });

  it('are left out where they are a date and a weekday alone', async () => {
    const result = await read([
      ['Datum', 'Tag', 'Von', 'Bis', 'Stunden', 'Tätigkeit'],
      ['06.03.2026', 'Fr', '08:00', '16:00', '8,00', 'Montage Halle 3'],
      ['07.03.2026', 'Sa', '', '', '', ''],
      ['08.03.2026', 'So', '', '', '', ''],
      ['09.03.2026', 'Mo', '08:00', '12:00', '4,00', 'Wartung Presse'],
    ]);
    expect(minutesOf(result)).toEqual([480, 240]);
    expect(result.input.rows.ignored.note).toEqual({ count: 2, first_row: 3 });
  });

  it('are not found in texts that only mention an absence', async () => {
    const { input } = await read([
      ['Task', 'Hours'],
      ['Plan the holiday campaign', '2'],
      ['Build vacation calendar', '3'],
    ]);
    expect(input.warnings.join(' ')).not.toContain('absence');
  });
});
