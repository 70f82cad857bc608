/**
 * What headers and durations of a file mean, a file per cell of the tables that say so. Long because those are long.
 */
import { describe, expect, it, test } from 'vitest';
import { csv, minutesOf, type ReadFileOptions, readFile } from '../fixtures/activity-files.ts';
import columns from '../vectors/columns.json' with { type: 'json' };
import duration from '../vectors/duration.json' with { type: 'json' };

/** Cells below headers, as a column of that name has them. */
const CONTENT: readonly (readonly [RegExp, readonly [string, string]])[] = [
  [/^start/i, ['09:00', '10:00']],
  [/^end/i, ['10:30', '12:00']],
  [/^(?:timestamp|due|updated|created)/i, ['2026-03-02 09:00', '2026-03-03 10:00']],
  [/hour|minutes|time \(h\)|spent|effort/i, ['1.5', '2']],
  [/type|categor/i, ['ops', 'sales']],
];
const FREE_TEXTS = [
  ['Call the bank', 'Write the minutes'],
  ['Ask for a quote', 'Check the invoice'],
];

function fileUnder(headers: readonly string[]): string {
  let texts = 0;
  const contents = headers.map(
    (header) => CONTENT.find(([pattern]) => pattern.test(header))?.[1] ?? FREE_TEXTS[texts++ % 2] ?? ['', ''],
  );
  return csv([headers, contents.map(([first]) => first as string), contents.map(([, second]) => second as string)]);
}

describe('the columns of a file', () => {
  it.each<[string, string | null, string | null, string | null]>([
    ['Task, Type, Hours', 'Task', 'Type', 'Hours'],
    ['Name, Task Type, Time spent', 'Name', 'Task Type', 'Time spent'],
    ['Timestamp, Description', 'Description', null, null],
    ['Estimated title, Category', 'Estimated title', 'Category', null],
    ['Task, Start time, End time', 'Task', null, 'End time − Start time'],
    ['text, category, estimated_minutes', 'text', 'category', 'estimated_minutes'],
    ['Task time (h), Task', 'Task', null, 'Task time (h)'],
    ['TASKS, Types, Hour', 'TASKS', 'Types', 'Hour'],
    ['Tasks, Due time, Updated hours, Effort', 'Tasks', null, 'Effort'],
    ['__proto__, constructor, Task', 'Task', null, null],
  ])('%s are %s / %s / %s', async (headers, text, category, time) => {
    const { input } = await readFile(fileUnder(headers.split(', ')));
    const { columns: found } = input;
    expect([found.text?.header ?? null, found.category?.header ?? null, found.duration?.header ?? null]).toEqual([
      text,
      category,
      time,
    ]);
  });

  it('foo are none: the file is refused with what it has', async () => {
    await expect(readFile('foo\nbar\n')).rejects.toThrow('no column holds the text of an activity; columns: "foo"');
  });

  it.each(columns.cases.filter(({ expected }) => !('error' in expected)))(
    '$headers are those of the worked cases',
    async ({ headers, expected }) => {
      const { columns: found } = (await readFile(fileUnder(headers))).input;
      for (const [use, header] of Object.entries(expected))
        expect(found[use as 'text' | 'category' | 'duration']?.header ?? null).toBe(header);
    },
  );
});

/** Minutes of a cell that is alone in a column of time. */
const alone = async (cell: string, header = 'Time spent', options: ReadFileOptions = {}) => {
  const [minutes] = minutesOf(
    await readFile(
      csv([
        ['Task', header],
        ['Call the bank', cell],
      ]),
      options,
    ),
  );
  return minutes ?? null;
};

/** What has been decided otherwise since the worked cases were written. */
const DECIDED_SINCE: ReadonlyMap<string, number> = new Map([
  ['1 week', 2400],
  ['0h', 0],
]);

describe('a cell alone in a column without a unit', () => {
  it.each([
    ...([
      ['45 m', 45],
      ['90min', 90],
      ['1h', 60],
      [' 3 HRS ', 180],
      ['1.5h', 90],
      ['1,5h', 90],
      ['1.5d', 720],
      ['2 days', 960],
      ['1h30', 90],
      ['1h 30m', 90],
      ['1:30', 90],
      ['2h05', 125],
      ['1 day and 2 hours', 600],
      ['1,500 min', 1500],
      ['1.15h', 69],
      ['1', 60],
      ['1.5', 90],
      ['1,5', 90],
      ['24', 24],
      ['90', 90],
      ['45', 45],
      ['23.9', 1434],
      ['0.5 day', 240],
      ['about 2 hours', 120],
      ['', null],
      ['hours', null],
      ['0', 0],
      ['0h', 0],
      ['0.2m', 0],
      ['2-3 h', null],
      ['3 tasks', null],
      ['true', null],
      // A day is 480 minutes of work, a week five of them.
      ['1 week', 2400],
      ['40:30', 2430],
      ['01:30:00', 90],
      ['0:18:25', 18],
      ['18:25 min', 18],
      ['PT1H30M', 90],
      ['P1DT2H', 600],
      ['5400 s', 90],
      ['5400 sec', 90],
      ['90000 ms', 2],
      ['1w 2d', 3360],
      ['~2h', 120],
      ['half an hour', 30],
      ['eine Stunde', 60],
      ['an hour of talk', null],
      ['the hour', null],
      ['3 days?', 1440],
      ['1 Std. 30 Min.', 90],
      ['1 h 30 min', 90],
      ['2 jours', 960],
      ['1,5 ore', 90],
      ['3 uur', 180],
      ['2 godz.', 120],
      ['2 horas 15 minutos', 135],
      ['1 hora e 30 minutos', 90],
      ['2 hodiny 15 minut', 135],
      ['1時間30分', 90],
      ['1 heure 30', 90],
      ['1 ora e 30 minuti', 90],
      ['1 uur en 30 minuten', 90],
      ['1 234,5 min', 1234],
      ["1'234.5 min", 1234],
      ['1\u00a0234,5 min', 1234],
      ['1\u202f234,5 min', 1234],
      ['１２０分', 120],
      ['٩٠ min', 90],
    ] as [string, number | null][]),
  ])('%j lasts %j minutes', async (cell, minutes) => {
    expect(await alone(cell)).toBe(minutes);
  });

  it.each(['-1', '-30m'])('%j is left out with a warning', async (cell) => {
    const file = csv([
      ['Task', 'Time spent'],
      ['Call the bank', '1 h'],
      ['Mail', cell],
    ]);
    const { rows, input, warnings } = await readFile(file);
    expect(rows.map(({ text }) => text)).toEqual(['Call the bank']);
    expect(input.rows.ignored.negative).toEqual({ count: 1, first_row: 3 });
    expect(warnings).toContainEqual(expect.stringMatching(/negative/));
  });

  it.each(duration.cases)('$value lasts as long as in the worked cases', async ({ value, text, ...worked }) => {
    const cell = String(value ?? '');
    const { rows } = await readFile(
      csv([
        ['Task', 'Spent'],
        [text, cell],
      ]),
    );
    expect(rows[0]?.estimated_minutes).toBe(DECIDED_SINCE.get(cell) ?? worked.expected_estimate);
  });
});

describe('durations in one column', () => {
  const column = async (header: string, cells: readonly string[], options: ReadFileOptions = {}) =>
    readFile(csv([['Task', header], ...cells.map((cell, i) => [`Activity ${i}`, cell])], ';'), options);
  const minutes = async (...args: Parameters<typeof column>) => minutesOf(await column(...args));

  test.each<[string, string[], (number | null)[]]>([
    ['Minutes', ['20', '0.2', ''], [20, 0, null]],
    ['Hours', ['30'], [1800]],
    ['Time (h)', ['100'], [6000]],
    ['Time spent', ['23.9', '24'], [24, 24]],
    ['estimated_minutes', ['5'], [5]],
    ['Effort in days', ['1'], [480]],
    ['Duration (s)', ['5400'], [90]],
    ['Duration sec', ['5400'], [90]],
    ['Time in seconds', ['5400'], [90]],
    ['Duration [ms]', ['5400000'], [90]],
    ['duration_ms', ['5400000'], [90]],
    ['DurationMinutes', ['90'], [90]],
    ['Aufwand (PT)', ['0,5'], [240]],
    ['Effort (w)', ['1'], [2400]],
    ['Dauer in Stunden', ['1,5'], [90]],
    ['Durée (min)', ['45'], [45]],
    ['Tiempo (horas)', ['1,5'], [90]],
    ['Tempo (ore)', ['1,5'], [90]],
    ['Tempo (horas)', ['1,5'], [90]],
    ['Bestede uren', ['1,5'], [90]],
    ['Czas (godz.)', ['1,5'], [90]],
    ['Čas (hod)', ['1,5'], [90]],
    ['作業時間（分）', ['45'], [45]],
  ])('under %s, %j last %j minutes', async (header, cells, expected) => {
    expect(await minutes(header, cells)).toEqual(expected);
  });

  test.each<[string, string[], string[], (number | null)[]]>([
    ['1.500 groups thousands where commas are decimal', ['Minuten'], ['1.500', '12,5'], [1500, 12]],
    ['1.500 is a decimal where others have other lengths', ['Hours'], ['1.500', '2.25'], [90, 135]],
    ['1,500 groups thousands where points are decimal', ['Minutes'], ['1,500', '12.5'], [1500, 12]],
    ['1,500 is a decimal where others have other lengths', ['Stunden'], ['1,500', '2,25'], [90, 135]],
  ])('%s', async (_, [header], cells, expected) => {
    expect(await minutes(header as string, cells)).toEqual(expected);
  });

  it('of 1.500 alone is read with a warning, or as the caller decides', async () => {
    expect((await column('Hours', ['1.500', '2.500'])).warnings).not.toEqual([]);
    expect(await minutes('Minutes', ['1.500'], { mapping: { decimal: ',' } })).toEqual([1500]);
    expect(await minutes('Minutes', ['1.500'], { mapping: { decimal: '.' } })).toEqual([2]);
  });

  it('have the unit of a column beside them', async () => {
    const file = csv([
      ['Task', 'Duration', 'Unit'],
      ['Call', '90', 'min'],
      ['Mail', '2', 'h'],
      ['Plan', '1', 'days'],
    ]);
    const read = await readFile(file);
    expect(minutesOf(read)).toEqual([90, 120, 480]);
    expect(read.input.unit).toMatchObject({ by: 'unit column', assumed: false });
  });

  it('have the unit that a twin column settles', async () => {
    const file = csv([
      ['Task', 'Duration', 'h:mm'],
      ['Call', '5400', '1:30'],
      ['Mail', '900', '0:15'],
    ]);
    const read = await readFile(file);
    expect(minutesOf(read)).toEqual([90, 15]);
    expect(read.input.unit).not.toMatchObject({ by: 'magnitude' });
  });

  it('have the unit that start and end settle', async () => {
    const file = csv([
      ['Task', 'Start', 'End', 'Duration'],
      ['Call', '2026-03-02 09:00', '2026-03-02 10:30', '5400'],
      ['Mail', '2026-03-02 11:00', '2026-03-02 11:15', '900'],
    ]);
    const read = await readFile(file);
    expect(minutesOf(read)).toEqual([90, 15]);
    expect(read.input.unit).not.toMatchObject({ by: 'magnitude' });
  });

  it('of no unit are assumed by their size, which is said', async () => {
    for (const cells of [
      ['1', '2'],
      ['30', '45'],
    ]) {
      const { input, warnings } = await column('Duration', cells);
      expect(input.unit).toMatchObject({ by: 'magnitude', assumed: true });
      expect(warnings[0]).toMatch(/^No unit is stated for the numbers in "Duration"/);
    }
  });

  it('of a median above 600 are suspected to be seconds', async () => {
    const { input, warnings } = await column('Duration', ['5400', '3600', '900', '1800']);
    expect(input.checks).toContainEqual(expect.objectContaining({ check: 'median suggests seconds' }));
    expect(warnings).toContainEqual(expect.stringMatching(/second/));
  });

  it('over 24 h in one row, or of a median over 8 h, are warned of', async () => {
    const long = await column('Hours', ['1', '1', '30']);
    expect(long.input.checks).toContainEqual(
      expect.objectContaining({ check: 'over 24 h in one row', count: 1, first_row: 4 }),
    );
    expect(long.warnings).toContainEqual(expect.stringMatching(/^Row 4 has more than 24 hours/));
    const many = await column('Hours', ['9', '10', '11']);
    expect(many.input.checks).toContainEqual(expect.objectContaining({ check: 'median over 8 h' }));
    expect(many.warnings.length).toBeGreaterThan(0);
  });

  it('that are negative are corrections where the same text has as much time', async () => {
    const file = csv([
      ['Task', 'Hours'],
      ['Call the bank', '2'],
      ['Mail', '1'],
      ['Call the bank', '-0.5'],
    ]);
    const { input, warnings } = await readFile(file);
    expect(input.minutes).toEqual({ given: 150, inferred: 0 });
    expect(warnings).toContainEqual(expect.stringMatching(/negative duration is taken as correction/));
  });
});
