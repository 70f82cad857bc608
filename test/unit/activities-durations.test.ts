import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DurationOptions, readDuration, wholeMinutes } from '../../machines/activities/values/durations.ts';

const minutesOf = (text: string, options: DurationOptions = {}): number | null => {
  const read = readDuration(text, options);
  return read === null ? null : wholeMinutes(read.minutes);
};

describe('a duration in the contract', () => {
  it.each([
    ['1:30', 90],
    ['01:30:00', 90],
    ['40:30', 2430],
    ['0:18:25', 18],
    ['18:25 min', 18],
    ['PT1H30M', 90],
    ['P1DT2H', 600],
    ['5400 s', 90],
    ['5400 sec', 90],
    ['90000 ms', 2],
    ['1w 2d', 3360],
    ['about 2 hours', 120],
    ['~2h', 120],
    ['3 days?', 1440],
    ['1 day and 2 hours', 600],
    ['1 Std. 30 Min.', 90],
    ['1 h 30 min', 90],
    ['2 jours', 960],
    ['1,5 ore', 90],
    ['3 uur', 180],
    ['2 godz.', 120],
    ['1 234,5 min', 1234],
    ["1'234.5 min", 1234],
    ['1\u00a0234,5 min', 1234],
    ['９０ 分', 90],
    ['٩٠ min', 90],
    ['۹۰ min', 90],
    ['९० min', 90],
    ['0 min', 0],
    ['0:00', 0],
    ['-30m', -30],
    // Of the older table.
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
    ['2h05', 125],
    ['1,500 min', 1500],
    ['1.15h', 69],
    ['0.5 day', 240],
    ['1 week', 2400],
    ['', null],
    ['hours', null],
    ['2-3 h', null],
    ['3 tasks', null],
    ['true', null],
  ])('%j lasts %j minutes', (cell, expected) => {
    expect(minutesOf(cell)).toBe(expected);
  });

  it.each([
    ['1', 'h', 60],
    ['1.5', 'h', 90],
    ['1,5', 'h', 90],
    ['20', 'min', 20],
    ['23.9', 'h', 1434],
    ['23.9', 'min', 24],
    ['0', 'h', 0],
    ['-1', 'h', -60],
    ['5400', 's', 90],
    ['5400000', 'ms', 90],
    ['2', 'd', 960],
    ['1', 'w', 2400],
    ['0.0625', 'day fraction', 90],
    ['6.25E-02', 'day fraction', 90],
  ] as const)('bare %j in %s lasts %j minutes', (cell, bareUnit, expected) => {
    expect(minutesOf(cell, { bareUnit })).toBe(expected);
  });
});

describe('a duration as a tool writes it', () => {
  it.each([
    ['Toggl classic', '45:25 min', 45],
    ['Toggl', '42 sec', 1],
    ['Clockify', '01:30:00', 90],
    ['Kimai', '1:41', 101],
    ['Redmine', '1:30 h', 90],
    ['Redmine', '1h30m', 90],
    ['Jira', '1 week, 2 days, 3 hours, 4 minutes', 3544],
    ['Jira in French', '1s 2j 3h 4m', 3544],
    ['YouTrack', '1w 2d 3h', 3540],
    ['WakaTime', '1 hr 30 mins 5 secs', 90],
    ['MS Project', '16 hrs', 960],
    ['MS Project', '2.5 wks?', 6000],
    ['MS Project', 'P0Y0M0DT16H0M0S', 960],
    ['ServiceNow', '1970-01-01 01:30:00', 90],
    ['ServiceNow', '1970-01-02 02:30:00', 1590],
    ['ServiceNow', '1 Day 2 Hours 30 Minutes', 630],
    ['a spreadsheet library', '1899-12-30T01:30:00.000Z', 90],
    ['a spreadsheet library', '1899-12-31 06:30', 1830],
    ['Python', '1 day, 16:30:00', 2430],
    ['Python', '2 days, 0:00:01.500000', 2880],
    ['Python', '-1 day, 23:30:00', -30],
    ['pandas', '0 days 01:30:00.000000', 90],
    ['pandas', '-1 days +23:30:00', -30],
    ['PostgreSQL', '1 day 02:30:00', 1590],
    ['PostgreSQL', '-1 days -02:30:00', -1590],
    ['.NET', '1.02:30:00', 1590],
    ['.NET', '-1.02:30:00', -1590],
    ['.NET', '1.02:30:00.5000000', 1590],
    ['Oracle', '+01 02:30:00.000000', 1590],
    ['a stopwatch', '00:01:30.500', 2],
    ['a log', '00:01:30,500', 2],
    ['a program without plurals', '2 hour(s) 30 minute(s)', 150],
    ['a program without zeros', '1:5', 65],
    ['a person', ':45', 45],
    ['SAP', '1:30-', -90],
    ['an accountant', '(0:15)', -15],
    ['ISO', 'PT0.5H', 30],
    ['ISO', 'PT0,5H', 30],
    ['ISO', 'PT5400S', 90],
    ['ISO', 'P1W', 2400],
    ['ISO', '-PT30M', -30],
    ['a German', '1,5 Std.', 90],
    ['a German', 'ca. 2 Std.', 120],
    ['a German', '1Std.30Min.', 90],
    ['a German', 'etwa 2 Stunden und 5 Minuten', 125],
    ['a German', 'ungefähr 2 PT', 960],
    ['a German', '2 Personentage', 960],
    ['a Swiss', "1'500 Min", 1500],
    ['a Frenchman', 'env. 2 h', 120],
    ['a Frenchman', '1 heure et 30 minutes', 90],
    ['a Frenchman', '5 jours-homme', 2400],
    ['a Frenchman', '3 jours ouvrés', 1440],
    ['a Spaniard', '1 hora y 30 minutos', 90],
    ['a Spaniard', '2 días', 960],
    ['an Italian', '1 ora e 30 minuti', 90],
    ['an Italian', '2 gg', 960],
    ['a Portuguese', '2 dias úteis', 960],
    ['a Dutchman', '1 uur en 5 minuten', 65],
    ['a Pole', '2 dni 3 godziny i 5 minut', 1145],
    ['a Czech', '2 hodiny a 30 minut', 150],
    ['a Japanese', '1時間30分', 90],
    ['a Japanese', '約2時間', 120],
    ['a Japanese', '2時間程度', 120],
    ['a Japanese', '0.5人日', 240],
    ['a consultant', '2 person days', 960],
    ['a consultant', '2 man-days', 960],
    ['a consultant', '2 PD', 960],
    ['a hand', "45'", 45],
    ['a hand', "1h30'", 90],
    ['a hand', '1′30″', 2],
    ['a hand', "1'30''", 2],
    ['a hand', '1½ h', 90],
    ['a hand', '½ day', 240],
    ['a hand', '¾ h', 45],
    ['a hand', '1/2 day', 240],
    ['a hand', '1 1/2 h', 90],
    ['a hand', '5 400 s', 90],
    ['a hand', '.5h', 30],
    ['a hand', '5m30', 6],
    ['a hand', '+1:30', 90],
    ['a hand', '1 h & 30 min', 90],
    ['a hand', '\u2212 0:30', -30],
  ])('of %s: %j lasts %j minutes', (_, cell, expected) => {
    expect(minutesOf(cell)).toBe(expected);
  });

  it.each([
    ['18:25', 'm:s', 18],
    ['18:25.5', 'm:s', 18],
    ['90:00', 'm:s', 90],
    ['1:18:25', 'm:s', 78],
    ['1:30 h', 'm:s', 90],
    ['18:25', 'h:m', 1105],
  ] as const)('%j in a column of %s lasts %j minutes', (cell, clock, expected) => {
    expect(minutesOf(cell, { clock })).toBe(expected);
  });

  it.each([
    ['1.500 min', ',', 1500],
    ['1.500 min', '.', 2],
    ['1,500 min', ',', 2],
    ['1.500', ',', 1500],
  ] as const)('%j with decimals after %j lasts %j minutes', (cell, decimal, expected) => {
    expect(minutesOf(cell, { decimal, bareUnit: 'min' })).toBe(expected);
  });
});

describe('what is no single duration', () => {
  it.each([
    ...['', ' ', '-', '--', '?', '~', '()', '.', ':', '1:', '::', 'n/a', 'hours', 'h', 'PD', 'p', 'PT', 'true', 'TBD'],
    ...[
      '< 1h',
      '> 2h',
      '≤ 3 h',
      '2h+',
      '2-3 h',
      '2 – 3 h',
      '2 to 3 h',
      '1h/2h',
      '1h - 30m',
      '1h -30m',
      '2 h -',
      '2h and',
    ],
    ...[
      '1:75',
      '1:30:75',
      '1:75:00',
      '1:30:00 AM',
      '8:00-9:30',
      '1:30.5',
      '1:02:30:00',
      '1:30 tasks',
      '1:30 s',
      '1:30 m',
    ],
    ...['0:18:25 min', ':30:00', '1.02:30', '1 week 02:30:00', '1 day 2:75', '1970-02-01 01:30:00', '1970-01-00 01:30'],
    ...['1899-12-29 01:30', '1.02:75:00', `${'1'.repeat(60)}:30`],
    ...[
      '3 tasks',
      '1 month',
      '1mo',
      'P1M',
      'P1Y',
      'P1',
      'PT1X',
      `PT${'1'.repeat(90)}H`,
      '10%',
      '1e3 m',
      '1 constructor',
    ],
    ...[
      '1h75',
      '1h.5',
      '1h½',
      '1h 30 45',
      '1d4',
      '1,2,3 h',
      '1.2,3.4 h',
      '12.34,5 h',
      '27"',
      '1 day-tripper',
      '2 person',
    ],
    ...[
      '2 person tasks',
      '2 man-tasks',
      '½',
      '1 h 2 ½',
      '1.5',
      '90',
      '1s 4m',
      '1h, 30',
      '1s 2s',
      '2026-03-02',
      '9'.repeat(20).concat(' h'),
    ],
  ])('%j is none', (cell) => {
    expect(readDuration(cell, {})).toBeNull();
  });

  it('takes linear time for cells made to exhaust a pattern matcher', () => {
    const started = performance.now();
    for (const piece of [
      ' ',
      '1',
      '1.',
      '1,',
      "1'000",
      '1 000 ',
      '1:',
      ':',
      'a',
      '-',
      '(',
      '~',
      '?',
      '1h',
      '1 h,',
      'p',
      'é',
    ]) {
      const cell = piece.repeat(Math.ceil(10_000 / piece.length));
      for (const text of [cell, `${cell}x`, `1${cell}h`, `1 h${cell}1`, `pt${cell}`])
        readDuration(text, { bareUnit: 'h' });
    }
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('a reading', () => {
  it.each([
    ['90', { minutes: 90, form: 'bare' }],
    ['1:30', { minutes: 90, form: 'clock' }],
    ['~1h', { minutes: 60, form: 'units', approximate: true }],
    ['1 h ca.', { minutes: 60, form: 'units', approximate: true }],
    ['PT1M', { minutes: 1, form: 'iso' }],
    ['P1D', { minutes: 480, form: 'iso', workdays: true }],
    ['1 day', { minutes: 480, form: 'units', workdays: true }],
    ['1w', { minutes: 2400, form: 'units', workdays: true }],
    ['1 day 01:00', { minutes: 1500, form: 'clock' }],
    ['-0', { minutes: 0, form: 'bare' }],
    ['-0:00', { minutes: 0, form: 'clock' }],
  ])('of %j says how it came about', (cell, expected) => {
    expect(readDuration(cell, { bareUnit: 'min' })).toEqual(expected);
  });

  it('says that bare days and weeks are working time', () => {
    expect(readDuration('2', { bareUnit: 'd' })).toEqual({ minutes: 960, form: 'bare', workdays: true });
    expect(readDuration('2', { bareUnit: 'w' })).toEqual({ minutes: 4800, form: 'bare', workdays: true });
  });
});

describe('whole minutes', () => {
  it.each([
    [8.475 * 60, 508],
    [1.5, 2],
    [2.5, 2],
    [0.5, 0],
    [-1.5, -2],
    [-0.2, 0],
    [0, 0],
    [1e300, Number.NaN],
    [Number.NaN, Number.NaN],
    [Number.POSITIVE_INFINITY, Number.NaN],
  ])('of %j are %j', (minutes, expected) => {
    expect(wholeMinutes(minutes)).toBe(expected);
  });
});

const DIGITS = ['0123456789', '０１２３４５６７８９', '٠١٢٣٤٥٦٧٨٩', '۰۱۲۳۴۵۶۷۸۹', '०१२३४५६७८९'];
const two = (n: number): string => String(n).padStart(2, '0');
const NOTATIONS: readonly ((h: number, m: number) => string)[] = [
  (h, m) => `${h}:${two(m)}`,
  (h, m) => `${two(h)}:${two(m)}:00`,
  (h, m) => `${h}:${two(m)} h`,
  (h, m) => `${h * 60 + m}:00 min`,
  (h, m) => `${h}h${two(m)}`,
  (h, m) => `${h}h ${m}m`,
  (h, m) => `${h} Std. ${m} Min.`,
  (h, m) => `${h} hours and ${m} minutes`,
  (h, m) => `${h} heures et ${m} minutes`,
  (h, m) => `${h} horas y ${m} minutos`,
  (h, m) => `${h} ore e ${m} minuti`,
  (h, m) => `${h} horas e ${m} minutos`,
  (h, m) => `${h} uur en ${m} minuten`,
  (h, m) => `${h} godz. ${m} min`,
  (h, m) => `${h} hodin a ${m} minut`,
  (h, m) => `${h}時間${m}分`,
  (h, m) => `PT${h}H${m}M`,
  (h, m) => `${h * 60 + m} min`,
  (h, m) => `${(h * 60 + m) * 60} s`,
  (h, m) => `${(h * 60 + m) * 60_000} ms`,
  (h, m) => `${(h * 60 + m) / 60} h`,
  (h, m) => `${String((h * 60 + m) / 480)}d`,
  (h, m) => `${Math.floor(h / 24)}.${two(h % 24)}:${two(m)}:00`,
  (h, m) => `${Math.floor(h / 24)} days, ${h % 24}:${two(m)}:00`,
];

describe('minutes written in any notation', () => {
  it('read back in any script', () => {
    const minute = fc.integer({ min: 0, max: 59 });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9999 }),
        minute,
        fc.constantFrom(...NOTATIONS),
        fc.constantFrom(...DIGITS),
        fc.boolean(),
        (hours, minutes, notation, digits, negative) => {
          const ascii = notation(hours, minutes);
          // Only those two begin with days, whose sign is not that of the clock.
          const signed = negative && !ascii.includes('days') ? `-${ascii}` : ascii;
          const cell = signed.replace(/\d/g, (digit) => digits[Number(digit)] as string);
          const expected = signed === ascii ? hours * 60 + minutes : 0 - (hours * 60 + minutes);
          expect(minutesOf(cell, { decimal: '.' })).toBe(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('read back from any locale of the runtime', () => {
    const locales = [
      'en-US',
      'de-DE',
      'de-CH',
      'fr-FR',
      'es-ES',
      'it-IT',
      'pt-BR',
      'pt-PT',
      'nl-NL',
      'pl-PL',
      'cs-CZ',
      'ja-JP',
    ];
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), fc.constantFrom(...locales), (hundredths, locale) => {
        const format = new Intl.NumberFormat(locale, { minimumFractionDigits: 2 });
        const decimal = format.formatToParts(1.5).find(({ type }) => type === 'decimal')?.value === ',' ? ',' : '.';
        const cell = format.format(hundredths / 100);
        const read = readDuration(cell, { bareUnit: 'min', decimal });
        expect([cell, read?.minutes]).toEqual([cell, hundredths / 100]);
      }),
    );
  });

  it('are a safe number or null for any text', () => {
    const token = fc.constantFrom(
      ...'1 30 . , : h m min days week - + ( ) ~ ? x 0 ½ / \' " p t PT a y e 時間'.split(' '),
      ' ',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string({ unit: 'binary' }),
          fc.array(token).map((tokens) => tokens.join('')),
        ),
        fc.constantFrom('min', 'h', 'w', 'day fraction', undefined),
        fc.constantFrom('.', ',', undefined),
        fc.constantFrom('h:m', 'm:s', undefined),
        (text, bareUnit, decimal, clock) => {
          const options = { ...(bareUnit && { bareUnit }), ...(decimal && { decimal }), ...(clock && { clock }) };
          const read = readDuration(text, options as DurationOptions);
          expect(read === null || Number.isSafeInteger(wholeMinutes(read.minutes))).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
