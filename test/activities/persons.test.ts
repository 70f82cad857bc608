/** Who did the work, where a file names several people. */
import { describe, expect, it, test } from 'vitest';
import { csv, readFile } from '../fixtures/activity-files.ts';

const personsOf = async (lines: string[][]) => (await readFile(csv(lines))).rows.map(({ person }) => person);

describe('the person of a record', () => {
  test.each([
    'Reporter',
    'Approver',
    'Manager',
    'Requester',
    'Created by',
    'Approved by',
    'Last modified by',
    'Author',
    'Owner',
    'Ersteller',
    'Melder',
  ])('is the employee and not the %s', async (other) => {
    const lines = [
      [other, 'Task', 'Hours', 'Employee'],
      ['Zoe Fox', 'Build header', '2', 'Ann Lee'],
      ['Zoe Fox', 'Fix footer', '3', 'Bob Ray'],
    ];
    expect(await personsOf(lines)).toEqual(['Ann Lee', 'Bob Ray']);
  });

  test.each(['User', 'Worker', 'Mitarbeiter', 'Resource', 'Assignee', 'Full name'])(
    'is the %s before who wrote it down',
    async (header) => {
      const lines = [
        ['Created by', 'Task', 'Hours', header],
        ['Zoe Fox', 'Build header', '2', 'Ann Lee'],
      ];
      expect(await personsOf(lines)).toEqual(['Ann Lee']);
    },
  );

  it('is who wrote it down where nobody else is named', async () => {
    const lines = [
      ['Author', 'Task', 'Hours'],
      ['Zoe Fox', 'Build header', '2'],
    ];
    expect(await personsOf(lines)).toEqual(['Zoe Fox']);
  });

  test.each([
    ['First Name', 'Last Name'],
    ['fname', 'lname'],
    ['Vorname', 'Nachname'],
    ['Vorname', 'Name'],
  ])('is one name from %s and %s', async (first, last) => {
    const lines = [
      ['Task', first, last, 'Hours'],
      ['Build header', 'Ann', 'Lee', '2'],
      ['Fix footer', 'Bob', 'Ray', '3'],
    ];
    const { rows, input } = await readFile(csv(lines));
    expect(rows.map(({ person }) => person)).toEqual(['Ann Lee', 'Bob Ray']);
    expect(input.columns.person).toMatchObject({ header: `${first} + ${last}`, fill_percent: 100 });
  });

  it('is the full name before the login', async () => {
    const lines = [
      ['Task', 'Username', 'Full name', 'Hours'],
      ['Build header', 'ann', 'Ann Lee', '2'],
      ['Fix footer', 'bob', 'Bob Ray', '3'],
    ];
    expect(await personsOf(lines)).toEqual(['Ann Lee', 'Bob Ray']);
  });
});
