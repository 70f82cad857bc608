/** Which columns count, by header and content, in ten languages; and what the caller decides. */
import { describe, expect, it, test } from 'vitest';
import { csv, minutesOf, readFile } from '../fixtures/activity-files.ts';

const read = (lines: string[][], mapping = {}) => readFile(csv(lines), { mapping });
const textsOf = async (lines: string[][]) => (await read(lines)).rows.map(({ text }) => text);
const categoriesOf = async (lines: string[][]) => (await read(lines)).rows.map(({ category }) => category);
const timeOf = async (lines: string[][]) => minutesOf(await read(lines));

describe('headers', () => {
  test.each([
    ['English', 'Task', 'Category', 'Time spent (h)'],
    ['German', 'Aufgabe', 'Kategorie', 'Dauer (Std.)'],
    ['French', 'Tâche', 'Catégorie', 'Durée (heures)'],
    ['Spanish', 'Tarea', 'Categoría', 'Duración (horas)'],
    ['Italian', 'Attività', 'Categoria', 'Durata (ore)'],
    ['Portuguese', 'Tarefa', 'Categoria', 'Duração (horas)'],
    ['Dutch', 'Taak', 'Categorie', 'Duur (uren)'],
    ['Polish', 'Zadanie', 'Kategoria', 'Czas trwania (godz.)'],
    ['Czech', 'Úkol', 'Kategorie', 'Doba trvání (hod.)'],
    ['Japanese', '作業内容', '分類', '作業時間（時間）'],
    ['capitals', 'TASK', 'CATEGORY', 'HOURS'],
    ['CamelCase', 'TaskName', 'TaskCategory', 'TimeSpentHours'],
    ['snake_case', 'task_name', 'task_category', 'time_spent_hours'],
    ['no accents', 'Tache', 'Categorie', 'Duree (heures)'],
  ])('in %s are known', async (_, text, category, duration) => {
    const lines = [
      [text, category, duration],
      ['Invoice check', 'finance', '1.5'],
      ['Server patch', 'it', '0.25'],
    ];
    const { rows, input } = await read(lines);
    expect(rows.map((row) => [row.text, row.category, row.estimated_minutes])).toEqual([
      ['Invoice check', 'finance', 90],
      ['Server patch', 'it', 15],
    ]);
    expect(input.unit).toMatchObject({ unit: 'h', by: 'header', assumed: false });
    expect([input.columns.text, input.columns.category, input.columns.duration]).toEqual(
      [text, category, duration].map((header) => ({ header, chosen_by: 'header', fill_percent: 100 })),
    );
  });
});

describe('the text', () => {
  test.each<[string, string[][], string[]]>([
    [
      'is never an empty column',
      [
        ['Task', 'Description', 'Hours'],
        ['', 'Invoice check', '1'],
        ['', 'Server patch', '2'],
      ],
      ['Invoice check', 'Server patch'],
    ],
    [
      'is never a constant one',
      [
        ['Task', 'Notes', 'Hours'],
        ['Work', 'Invoice check', '1'],
        ['Work', 'Server patch', '2'],
        ['Work', 'Call', '1'],
      ],
      ['Invoice check', 'Server patch', 'Call'],
    ],
    [
      'is never an id',
      [
        ['Task', 'Summary', 'Hours'],
        ['OPS-101', 'Invoice check', '1'],
        ['OPS-102', 'Server patch', '2'],
      ],
      ['Invoice check', 'Server patch'],
    ],
    [
      'is never a person',
      [
        ['Name', 'Notes', 'Hours'],
        ['Ann Smith', 'Invoice check', '1'],
        ['Bob Jones', 'Server patch', '2'],
        ['Ann Smith', 'Call', '1'],
      ],
      ['Invoice check', 'Server patch', 'Call'],
    ],
    [
      'falls back per row to the next best',
      [
        ['Task', 'Description', 'Hours'],
        ['Invoice check', 'of May', '1'],
        ['', 'Server patch', '2'],
      ],
      ['Invoice check', 'Server patch'],
    ],
    [
      'is a summary before a description',
      [
        ['Description', 'Summary', 'Hours'],
        ['As said on the phone', 'Invoice check', '1'],
        ['See mail', 'Server patch', '2'],
      ],
      ['Invoice check', 'Server patch'],
    ],
    [
      'is a title before a description',
      [
        ['Description', 'Title', 'Hours'],
        ['As said on the phone', 'Invoice check', '1'],
        ['See mail', 'Server patch', '2'],
      ],
      ['Invoice check', 'Server patch'],
    ],
  ])('%s', async (_, lines, texts) => {
    expect(await textsOf(lines)).toEqual(texts);
  });
});

describe('the kind of work', () => {
  test.each(['Activity', 'Type', 'Project'])('is %s where a better text stands beside it', async (header) => {
    const lines = [
      [header, 'Description', 'Hours'],
      ['Finance', 'Invoice check', '1'],
      ['IT', 'Server patch', '2'],
      ['IT', 'Call', '1'],
    ];
    expect(await categoriesOf(lines)).toEqual(['Finance', 'IT', 'IT']);
    expect(await textsOf(lines)).toEqual(['Invoice check', 'Server patch', 'Call']);
  });

  it('is Task beside notes', async () => {
    const lines = [
      ['Task', 'Notes', 'Hours'],
      ['Finance', 'Invoice check', '1'],
      ['IT', 'Server patch', '2'],
      ['IT', 'Call the supplier', '1'],
    ];
    expect(await categoriesOf(lines)).toEqual(['Finance', 'IT', 'IT']);
  });

  it('is told by words of the text where no column says it', async () => {
    const lines = [
      ['Task', 'Hours'],
      ['Fraud report', '1'],
      ['Security review', '1'],
      ['Rapport annuel', '1'],
      ['Mail', '1'],
    ];
    expect(await categoriesOf(lines)).toEqual(['risk', 'security', 'reporting', 'uncategorized']);
  });
});

describe('the time', () => {
  test.each<[string, string[], string[], number]>([
    ['is Time spent before Estimate', ['Estimate', 'Time spent'], ['8 h', '1 h'], 60],
    ['is Actual before Plan', ['Plan (h)', 'Actual (h)'], ['8', '1'], 60],
    ['is Worked before Estimated', ['Estimated hours', 'Worked hours'], ['8', '1'], 60],
    ['is Ist before Soll', ['Soll (h)', 'Ist (h)'], ['8', '1'], 60],
    ['is a decimal before its h:mm twin', ['Time (h:mm)', 'Time (decimal)'], ['1:30', '1.5'], 90],
    ['are hours and minutes added up', ['Hours', 'Minutes'], ['1', '30'], 90],
    ['is end minus start', ['Start', 'End'], ['09:00', '10:30'], 90],
    ['is end minus start over midnight', ['Start', 'End'], ['23:30', '01:00'], 90],
    [
      'is end minus start with the day in other columns',
      ['Date', 'Start time', 'End time'],
      ['2026-03-02', '9:00 AM', '1:30 PM'],
      270,
    ],
    [
      'is end minus start across time zones',
      ['Start', 'End'],
      ['2026-03-02T09:00:00+01:00', '2026-03-02T09:30:00Z'],
      90,
    ],
    ['is end minus start without the break', ['Start', 'End', 'Break (min)'], ['09:00', '17:30', '30'], 480],
    ['is end minus start with one date for both', ['Date', 'Start', 'End'], ['2026-03-02', '22:30', '01:00'], 150],
    ['is the sum of a week', ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'], ['1', '0.5', '', '2', ''], 210],
    ['is the sum of a German week', ['Mo', 'Di', 'Mi', 'Do', 'Fr'], ['1', '0,5', '', '2', ''], 210],
  ])('%s', async (_, headers, cells, minutes) => {
    const lines = [
      ['Task', ...headers],
      ['Invoice check', ...cells],
      ['Server patch', ...cells],
    ];
    expect(await timeOf(lines)).toEqual([minutes, minutes]);
  });

  it('that a twin column says otherwise is told', async () => {
    const lines = [
      ['Task', 'Time (decimal)', 'Time (h:mm)'],
      ['Call', '1.5', '1:30'],
      ['Mail', '2', '0:20'],
    ];
    const { input, warnings } = await read(lines);
    expect(input.checks).toContainEqual(
      expect.objectContaining({ check: 'twin columns differ', count: 1, first_row: 3 }),
    );
    expect(warnings).toContainEqual(expect.stringMatching(/say different times in row 3/));
  });

  it.each(['Story Points', 'Story point estimate', 'Points'])('is never %s', async (header) => {
    const { input } = await read([
      ['Summary', header],
      ['Invoice check', '3'],
      ['Server patch', '5'],
    ]);
    expect(input.rows).toMatchObject({ given: 0, inferred: 2 });
    expect(input.columns.duration).toBeUndefined();
  });

  it('that is planned alone is said to be', async () => {
    const { warnings } = await read([
      ['Task', 'Estimate (h)'],
      ['Call', '1'],
      ['Mail', '2'],
    ]);
    expect(warnings).toContainEqual(expect.stringMatching(/planned time/));
  });
});

describe('the caller', () => {
  const lines = [
    ['Name', 'Task', 'Hours', 'Extra', 'From', 'To', 'Day', 'Who', 'Rate'],
    ['Invoice check', 'Finance', '8', '30', '09:00', '09:45', '2026-03-02', 'Ann', '80'],
    ['Server patch', 'IT', '8', '15', '10:00', '10:15', '2026-03-03', 'Bob', '90'],
  ];

  test.each<[object, object]>([
    [{ text: 'Name' }, { text: 'Invoice check' }],
    [{ text: 'task' }, { text: 'Finance' }],
    [{ category: 'Who' }, { category: 'Ann' }],
    [{ duration: 'Extra', unit: 'min' }, { estimated_minutes: 30 }],
    [{ duration: 'Extra', unit: 'h' }, { estimated_minutes: 1800 }],
    [{ duration: ['Hours', 'Rate'], unit: 'min' }, { estimated_minutes: 88 }],
    [
      { start: 'From', end: 'To' },
      { start: '2026-03-02T09:00', end: '2026-03-02T09:45' },
    ],
    [{ date: 'Day' }, { date: '2026-03-02' }],
    [{ person: 'Task' }, { person: 'Finance' }],
    [{ project: 'Who' }, { project: 'Ann' }],
    [{ rate: 'Hours' }, { rate: 8 }],
  ])('decides by %j', async (mapping, row) => {
    const { rows, input } = await read(lines, mapping);
    expect(rows[0]).toMatchObject(row);
    expect(input.mapping).toEqual(mapping);
    for (const use of Object.keys(mapping).filter((key) => key !== 'unit')) {
      expect(input.columns[use as 'text']?.chosen_by).toBe('mapping');
    }
  });

  it('is told the headers if a name is not there', async () => {
    await expect(read(lines, { duration: 'Spent' })).rejects.toThrow(
      'mapping/duration: there is no column "Spent"; columns: "Name", "Task", "Hours", "Extra", "From", "To", "Day", "Who", "Rate"',
    );
  });
});

describe('a rate in the file', () => {
  it('counts per row, and its mean is weighted by time', async () => {
    const { rows, hourlyRate } = await read([
      ['Task', 'Hours', 'Hourly rate (EUR)'],
      ['Call', '1', '60'],
      ['Mail', '3', '100'],
    ]);
    expect([rows.map(({ rate }) => rate), hourlyRate]).toEqual([[60, 100], 90]);
  });

  it('in currencies of a column beside it counts if they are one', async () => {
    const file = (second: string) => [
      ['Task', 'Hours', 'Rate', 'Currency'],
      ['Call', '1', '60', 'EUR'],
      ['Mail', '3', '100', second],
    ];
    expect((await read(file('eur'))).hourlyRate).toBe(90);
    const mixed = await read(file('USD'));
    expect(mixed.hourlyRate).toBeNull();
    expect(mixed.warnings).toContainEqual(expect.stringMatching(/in several currencies \(EUR, USD\)/));
  });

  it('in several currencies counts nowhere, which is said', async () => {
    const { rows, hourlyRate, warnings } = await read([
      ['Task', 'Hours', 'Rate'],
      ['Call', '1', '60 €'],
      ['Mail', '3', '$100'],
    ]);
    expect([rows.map(({ rate }) => rate), hourlyRate]).toEqual([[undefined, undefined], null]);
    expect(warnings).toContainEqual(expect.stringMatching(/in several currencies/));
  });
});

describe('a duration that is not that of the row', () => {
  it.each([
    ['Avg. handling time (min)', /is an average by its name/],
    ['Durchschnittliche Dauer (min)', /is an average by its name/],
    ['Downtime (min)', /may be the time of a machine/],
    ['Laufzeit (min)', /may be the time of a machine/],
    ['Runtime (min)', /may be the time of a machine/],
  ])('is said: %s', async (header, sentence) => {
    const { warnings } = await readFile(
      csv([
        ['Task', header],
        ['Call customer', '5'],
        ['Write mail', '10'],
      ]),
    );
    expect(warnings).toContainEqual(expect.stringMatching(sentence));
  });

  it('is not the least or the most of several', async () => {
    const { rows } = await readFile(
      csv([
        ['Activity', 'Min', 'Max', 'Avg (min)'],
        ['Enter invoice', '2', '9', '5'],
        ['Send reminder', '4', '20', '10'],
      ]),
    );
    expect(rows.map(({ estimated_minutes }) => estimated_minutes)).toEqual([5, 10]);
  });
});

describe('a file whose time cannot be found', () => {
  it('is asked about if it has columns that could hold it', async () => {
    const { input, warnings } = await read([
      ['Task', 'Hours', 'Val'],
      ['Call', 'long', '1.5'],
      ['Mail', 'short', '2'],
      ['Plan', '1', '0.5'],
    ]);
    expect(input.question).toEqual({ about: 'time column', options: ['Hours', 'Val'] });
    expect(warnings[0]).toMatch(/estimates from the length of the text/);
  });

  it('asks for a column that says it holds the time, even if most of its cells cannot be read', async () => {
    const values = ['1', 'Infinity', '1e308', 'soon', '0x10', 'many'];
    const { input } = await readFile(csv([['Task', 'Hours'], ...values.map((value, i) => [`Write page ${i}`, value])]));
    expect(input.question).toEqual({ about: 'time column', options: ['Hours'] });
  });

  it('and that has no sign of activities is asked about as a whole', async () => {
    const { input, warnings } = await read([
      ['Customer', 'City', 'E-mail'],
      ['Acme', 'Rome', 'a@acme.example'],
      ['Beta', 'Oslo', 'b@beta.example'],
    ]);
    expect(input.question).toEqual({ about: 'activities' });
    expect(warnings[0]).toMatch(/no time and no cost is computed/);
  });
});
