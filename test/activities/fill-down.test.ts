/** Values that stand once for several rows. */
import { describe, expect, it, test } from 'vitest';
import { csv, readFile } from '../fixtures/activity-files.ts';

const read = (lines: string[][]) => readFile(csv(lines));

describe('a value that is written once for several rows', () => {
  it('is the person and the project of the rows below it, which is said', async () => {
    const lines = [
      ['Employee', 'Project', 'Task', 'Hours'],
      ['Anna Schmidt', 'Acme', 'Plan sprint', '2'],
      ['', '', 'Fix login', '3.5'],
      ['', 'Bolt', 'Review', '1'],
      ['Ben Kahn', 'Acme', 'Deploy', '0.5'],
      ['', '', 'Rollback', '2'],
    ];
    const { rows, input } = await read(lines);
    expect(rows.map(({ person, project }) => `${person}/${project}`)).toEqual([
      'Anna Schmidt/Acme',
      'Anna Schmidt/Acme',
      'Anna Schmidt/Bolt',
      'Ben Kahn/Acme',
      'Ben Kahn/Acme',
    ]);
    expect(input.warnings).toContain('In "Employee" 3 blank cells were read as the value above.');
  });

  it('is the day of the rows below it', async () => {
    const lines = [
      ['Date', 'Task', 'Hours'],
      ['2026-03-02', 'Plan', '2'],
      ['', 'Fix', '3'],
      ['2026-03-03', 'Mail', '1'],
      ['', 'Call', '1'],
    ];
    const { rows } = await read(lines);
    expect(rows.map(({ date }) => date)).toEqual(['2026-03-02', '2026-03-02', '2026-03-03', '2026-03-03']);
  });

  it('is the task of the rows below it', async () => {
    const lines = [
      ['Task', 'Employee', 'Hours'],
      ['Plan', 'Anna', '2'],
      ['', 'Ben', '3'],
      ['Mail', 'Anna', '1'],
      ['', 'Ben', '0.5'],
    ];
    const { rows } = await read(lines);
    expect(rows.map(({ text }) => text)).toEqual(['Plan', 'Plan', 'Mail', 'Mail']);
  });

  test.each(['"', 'dito', 'idem', '〃', 'Ditto'])('is repeated by %s', async (mark) => {
    const lines = [
      ['Aufgabe', 'Person', 'Std'],
      ['Montage', 'Anna', '2'],
      [mark, 'Ben', '3'],
      [mark, 'Cleo', '1'],
    ];
    const { rows, input } = await read(lines);
    expect(rows.map(({ text }) => text)).toEqual(['Montage', 'Montage', 'Montage']);
    expect(input.warnings).toContain('In "Aufgabe" 2 ditto marks were read as the value above.');
  });
});

describe('an optional value', () => {
  it('stays empty where equal ones follow each other', async () => {
    const lines = [
      ['Project', 'Task', 'Hours'],
      ['Acme', 'Plan sprint', '2'],
      ['', 'Fix login', '3.5'],
      ['Acme', 'Review', '1'],
      ['', 'Deploy', '0.5'],
      ['Bolt', 'Rollback', '2'],
    ];
    const { rows } = await read(lines);
    expect(rows.map(({ project }) => project)).toEqual(['Acme', undefined, 'Acme', undefined, 'Bolt']);
  });

  it('stays empty as a note', async () => {
    const lines = [
      ['Date', 'Employee', 'Note', 'Hours'],
      ['2026-03-02', 'Anna', 'Installed the pump', '2'],
      ['2026-03-03', 'Anna', '', '3'],
      ['2026-03-04', 'Ben', '', '1'],
      ['2026-03-05', 'Ben', 'Tested the pump', '1'],
    ];
    const { rows } = await read(lines);
    expect(rows.map(({ text }) => text)).toEqual(['Installed the pump', '', '', 'Tested the pump']);
  });
});
