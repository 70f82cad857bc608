/** What was done, where the column of the text is constant, empty in places or has an unknown header. */
import { describe, expect, it } from 'vitest';
import { csv, readFile } from '../fixtures/activity-files.ts';

const read = (lines: string[][]) => readFile(csv(lines));
const textsOf = async (lines: string[][]) => (await read(lines)).rows.map(({ text }) => text);

describe('the text of a record', () => {
  it('is the constant activity before the weekday', async () => {
    const lines = [
      ['Datum', 'Tag', 'Tätigkeit', 'Stunden'],
      ['02.03.2026', 'Montag', 'Montage', '8'],
      ['03.03.2026', 'Dienstag', 'Montage', '8'],
      ['04.03.2026', 'Mittwoch', 'Montage', '8'],
      ['05.03.2026', 'Donnerstag', 'Montage', '8'],
    ];
    expect(await textsOf(lines)).toEqual(['Montage', 'Montage', 'Montage', 'Montage']);
  });

  it('is the constant description where nothing else has words, and nobody is told that there is none', async () => {
    const lines = [
      ['Date', 'Description', 'Person', 'Hours'],
      ['2026-03-02', 'Support', 'Ann Lee', '2'],
      ['2026-03-03', 'Support', 'Bob Ray', '3'],
      ['2026-03-04', 'Support', 'Ann Lee', '1'],
      ['2026-03-05', 'Support', 'Ann Lee', '4'],
    ];
    const { rows, input } = await read(lines);
    expect(rows.map(({ text }) => text)).toEqual(['Support', 'Support', 'Support', 'Support']);
    expect(input.warnings.join(' ')).not.toContain('No column says what was done');
  });

  it('is never a month', async () => {
    const lines = [
      ['Monat', 'Aufgabe', 'Stunden'],
      ['März', 'Montage', '8'],
      ['April', 'Montage', '8'],
      ['Mai', 'Montage', '8'],
      ['Juni', 'Montage', '8'],
    ];
    expect(await textsOf(lines)).toEqual(['Montage', 'Montage', 'Montage', 'Montage']);
  });

  it('is the project in rows whose text is empty', async () => {
    const lines = [
      ['Project', 'Task', 'Notes', 'Hours'],
      ['Acme', '', '', '2'],
      ['Bolt', 'Fix login', '', '3'],
      ['Core', '', '', '1'],
    ];
    expect(await textsOf(lines)).toEqual(['Acme', 'Fix login', 'Core']);
  });

  it('is the only column of words beside a time, whatever its header, which is said', async () => {
    const lines = [
      ['Arbeitsinhalte XY', 'Stunden'],
      ['Übergabe', '1'],
      ['Montage', '2'],
    ];
    const { rows, input } = await read(lines);
    expect(rows.map(({ text }) => text)).toEqual(['Übergabe', 'Montage']);
    expect(input.columns.text).toMatchObject({ header: 'Arbeitsinhalte XY', chosen_by: 'content' });
    expect(input.warnings.join(' ')).toContain('"Arbeitsinhalte XY" is read as the text');
  });
});
