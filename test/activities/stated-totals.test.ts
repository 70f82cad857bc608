/** Totals that a file states, and whether they are called wrong. */
import { describe, expect, it, test } from 'vitest';
import { csv, minutesOf, readFile } from '../fixtures/activity-files.ts';

const header = ['Aufgabe', 'Stunden'];
const read = (lines: string[][]) => readFile(csv([header, ...lines], ';'));
const checksOf = async (lines: string[][]) => (await read(lines)).input.checks.map(({ check }) => check);

describe('a total of the file', () => {
  it('is right above the rows that it adds up', async () => {
    const lines = [
      ['Zwischensumme', '5'],
      ['Planung', '2'],
      ['Montage', '3'],
      ['Zwischensumme', '7'],
      ['Abnahme', '4'],
      ['Doku', '3'],
    ];
    expect(await checksOf(lines)).toEqual([]);
  });

  it('is right as a carry-over of all rows above', async () => {
    const lines = [
      ['Planung', '2'],
      ['Montage', '3'],
      ['Übertrag', '5'],
      ['Abnahme', '4'],
      ['Übertrag', '9'],
      ['Doku', '3'],
    ];
    expect(await checksOf(lines)).toEqual([]);
  });

  it('is called wrong where it is no sum of the file', async () => {
    const lines = [
      ['Planung', '2'],
      ['Montage', '3'],
      ['Summe', '50'],
    ];
    expect(await checksOf(lines)).toEqual(['total does not add up']);
  });

  test.each(['Итого', '合计', 'Summa', 'Yhteensä', 'I alt', 'Toplam', '합계', 'المجموع', 'Összesen'])(
    'is known as %s',
    async (label) => {
      const lines = [
        ['Planung', '2'],
        ['Montage', '3'],
        ['Abnahme', '4'],
        [label, '9'],
      ];
      expect(minutesOf(await read(lines))).toEqual([120, 180, 240]);
    },
  );
});
