import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DateOrder,
  dateOrderOf,
  type Moment,
  minutesBetween,
  readEpoch,
  readMoment,
} from '../../machines/activities/values/dates.ts';

const DAY = '2026-03-02';
const shown = (moment: Moment | null): string | null => {
  if (moment === null) return null;
  const { day, minuteOfDay, offsetMinutes } = moment;
  return [day, minuteOfDay, offsetMinutes === null ? null : `@${offsetMinutes}`]
    .filter((part) => part !== null)
    .join(' ');
};

describe('a moment', () => {
  it.each([
    ['2026-03-02', DAY],
    ['2026-03-02T08:00', `${DAY} 480`],
    ['2026-03-02T08:00:00Z', `${DAY} 480 @0`],
    ['2026-03-02T08:00:00.000Z', `${DAY} 480 @0`],
    ['2026-03-02T08:00:30', `${DAY} 480.5`],
    ['2026-03-02T08:00:00.000+0100', `${DAY} 480 @60`],
    ['2026-03-02T08:00+01:00[Europe/Berlin]', `${DAY} 480 @60`],
    ['2026-03-02 08:00:00 -05:30', `${DAY} 480 @-330`],
    ['2026-03-02T08:00-05:30', `${DAY} 480 @-330`],
    ['2026-03-02 08 h 00 min 30 s', `${DAY} 480.5`],
    ['2026-03-02 08:00:00 UTC', `${DAY} 480 @0`],
    ['2026-03-02 08:00 CEST', `${DAY} 480 @120`],
    ['2026-03-02Z', DAY],
    ['2026-03-02 08:00', `${DAY} 480`],
    ['2026-03-02, 8:00 p.m.', `${DAY} 1200`],
    ['2026/03/02(月) 8:00', `${DAY} 480`],
    ['2026.03.02', DAY],
    ['02.03.2026', DAY],
    ['02.03.2026 08:00:00', `${DAY} 480`],
    ['02.03.2026, 08.30 Uhr', `${DAY} 510`],
    ['02.03.2026 08.30', `${DAY} 510`],
    ['02.03.2026 08.30.30', `${DAY} 510.5`],
    ['02.03.26 | 13:29', `${DAY} 809`],
    ['2.3.2026', DAY],
    ['2. 3. 2026', DAY],
    ['02/03/2026', DAY],
    ['03/02/2026 08:00 AM', `${DAY} 480`],
    ['3/2/2026, 8:00:00\u202fPM', `${DAY} 1200`],
    ['3/22/2026', '2026-03-22'],
    ['22/3/2026', '2026-03-22'],
    ['5/26/2026 8:00', '2026-05-26 480'],
    ['02/Mar/26 8:00 AM', `${DAY} 480`],
    ['02/Mar/2026:08:00:00 +0100', `${DAY} 480 @60`],
    ['March 2, 2026', DAY],
    ['Mar 2, 2026 8:00 AM', `${DAY} 480`],
    ['Mar 2, 2026 @ 08:00:00.000', `${DAY} 480`],
    ['2 March 2026', DAY],
    ['2nd of March 2026', DAY],
    ['Monday, March 2, 2026', DAY],
    ['Mon, 2 Mar 2026 08:00:00 +0100', `${DAY} 480 @60`],
    ['Mon Mar 02 2026 08:00:00 GMT+0100 (Central European Standard Time)', `${DAY} 480 @60`],
    ['Mon Mar  2 08:00:00 2026', `${DAY} 480`],
    ['Mon Mar  2 08:00:00 CET 2026', `${DAY} 480`],
    ['Mon 3/2/26 8:00 AM', `${DAY} 480`],
    ['2-Mar-26', DAY],
    ['2-Mar-99', '1999-03-02'],
    ['2026-Mar-02', DAY],
    ['2. März 2026 um 08:00', `${DAY} 480`],
    ['2 mars 2026 à 08:00', `${DAY} 480`],
    ['1er mars 2026', '2026-03-01'],
    ['mar 2 mars 2026', DAY],
    ['2 de marzo de 2026', DAY],
    ['2 marzo 2026', DAY],
    ['2 de março de 2026', DAY],
    ['2 mrt. 2026', DAY],
    ['2 marca 2026', DAY],
    ['2 września 2026', '2026-09-02'],
    ['2. února 2026', '2026-02-02'],
    ['2. září 2026', '2026-09-02'],
    ['2026年3月2日', DAY],
    ['2026年3月2日 8時30分', `${DAY} 510`],
    ['2026年3月2日(月) 午後8時', `${DAY} 1200`],
    ['20260302', DAY],
    ['20260302T080000Z', `${DAY} 480 @0`],
    ['20260302T0800', `${DAY} 480`],
    ['20260302 08:00', `${DAY} 480`],
    ['5 mars 2026 à 08 h 00 min 30 s UTC', '2026-03-05 480.5 @0'],
    ['5 mars 2026 à 08 h 30', '2026-03-05 510'],
    ['poniedziałek, 2 marca 2026 08:00', `${DAY} 480`],
    ['2026年3月2日月曜日 8:00', `${DAY} 480`],
    ['2026年3月2日星期一 上午8:00', `${DAY} 480`],
    ['٠٢/٠٣/٢٠٢٦', DAY],
    ['8:00', '480'],
    ['08:00:00', '480'],
    ['8:00 AM', '480'],
    ['8:00 PM', '1200'],
    ['13:00 PM', '780'],
    ['12:00 AM', '0'],
    ['12:30 p. m.', '750'],
    ['8 PM', '1200'],
    ['8h30', '510'],
    ['8h', '480'],
    ['8.30 Uhr', '510'],
    ['8 Uhr', '480'],
    ['8.30 a.m.', '510'],
    ['午前8:30', '510'],
    ['24:00', '1440'],
    ['08:00 Z', '480 @0'],
  ])('is read from %j as %s', (text, expected) => {
    expect(shown(readMoment(text))).toBe(expected);
  });

  it.each([
    ['02/03/2026', 'mdy', '2026-02-03'],
    ['02/03/2026', 'dmy', '2026-03-02'],
    ['26/03/02', 'ymd', '2026-03-02'],
    ['02.03.2026', 'ymd', '2026-03-02'],
    ['2026-03-02', 'mdy', '2026-03-02'],
    ['29/04/2025', 'mdy', null],
    ['4.5.2026', 'mdy', '2026-04-05'],
  ] as const)('%j in a column of %s is %s', (text, order, expected) => {
    expect(readMoment(text, order)?.day ?? null).toBe(expected);
  });

  it.each([
    ...[
      '',
      'x',
      '-',
      'Monday',
      'March',
      'March 2',
      '2 March',
      '8',
      '8.30',
      '1.5',
      '90',
      '12345678',
      '20261302',
      '40:30',
    ],
    ...[
      '25:00',
      '24:01',
      '8:60',
      '8:00:60',
      '13:00 AM',
      '24:00 PM',
      '1:30 h:mm',
      '8:00-9:30',
      '2026-03-02 08:00-09:30',
      '2026-02-30',
      '30/02/2026',
    ],
    ...[
      '31.04.2026',
      '2026-13-01',
      '2026年2月30日',
      '30 February 2026',
      '2 Foo 2026',
      '02/03-2026',
      '1/2/345',
      '2026-03-02x',
    ],
    ...[
      '2026-03-02 - 2026-03-08',
      '2026-03-02 lunch',
      '2026-03-02 8:00 XYZ',
      '8:00 constructor',
      '2026-03-02 8:00 +15:00',
      '2026-W10',
      '2026-03',
    ],
    ...[
      'Foo, 2 Mar 2026',
      '20260302T0860',
      'about 2 hours',
      '8:00'.padEnd(100),
      'Foo Mar 2 08:00:00 2026',
      'Feb 30 08:00:00 2026',
    ],
  ])('is not %j', (text) => {
    expect(readMoment(text)).toBeNull();
  });

  it('is a day that exists or null for any text', () => {
    const token = fc.constantFrom(
      ...'2026 03 2 12 31 - / . : T Z + am pm h Mar mon , ( ) 年 月 日 uhr'.split(' '),
      ' ',
    );
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.array(token).map((tokens) => tokens.join('')),
    );
    fc.assert(
      fc.property(text, fc.constantFrom('dmy', 'mdy', 'ymd', undefined), (cell, order) => {
        const moment = readMoment(cell, order as DateOrder);
        dateOrderOf([cell]);
        readEpoch(cell);
        expect(moment === null || moment.day === null || !Number.isNaN(Date.parse(moment.day))).toBe(true);
        expect(moment === null || ((moment.minuteOfDay ?? 0) >= 0 && (moment.minuteOfDay ?? 0) <= 1440)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('is read back from what locales write', () => {
    const locales = [
      'en-US',
      'en-GB',
      'de-DE',
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
    const when = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2060, 0, 1) });
    const styles = fc.constantFrom('short', 'medium', 'long', 'full');
    fc.assert(
      fc.property(
        when,
        fc.constantFrom(...locales),
        styles,
        fc.constantFrom('short', 'medium'),
        (ms, locale, dateStyle, timeStyle) => {
          const date = new Date(ms - (ms % 60_000));
          const format = new Intl.DateTimeFormat(locale, {
            dateStyle: dateStyle as 'short',
            timeStyle: timeStyle as 'short',
            timeZone: 'UTC',
          });
          const cell = format.format(date);
          const order = locale === 'en-US' ? 'mdy' : 'dmy';
          expect([cell, shown(readMoment(cell, order))]).toEqual([
            cell,
            `${date.toISOString().slice(0, 10)} ${date.getUTCHours() * 60 + date.getUTCMinutes()}`,
          ]);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('an epoch', () => {
  it.each([
    ['1772438400', `${DAY} 480 @0`],
    ['1772438400000', `${DAY} 480 @0`],
    ['1772438430.5', `${DAY} 480.5083333333333 @0`],
    ['/Date(1772438400000)/', `${DAY} 480 @0`],
    ['/Date(1772438400000+0100)/', `${DAY} 480 @0`],
    ['90', null],
    ['17724384001', null],
    ['x', null],
    ['1'.repeat(100), null],
  ])('in %j is %s', (text, expected) => {
    expect(shown(readEpoch(text))).toBe(expected);
  });
});

describe('the order of dates', () => {
  it.each([
    [['29/04/2025', '02/03/2025'], 'dmy', false],
    [['5/26/2026', '3/2/2026'], 'mdy', false],
    [['02.03.2026'], 'dmy', false],
    [['2026-03-02'], 'ymd', false],
    [['2026-03-02', '29/04/2025'], 'dmy', false],
    [['02/03/2026'], 'dmy', true],
    [['2/2/2026'], 'dmy', false],
    [['03/02/2026 08:00 AM'], 'mdy', true],
    [['29/04/2025', '5/26/2026'], 'dmy', true],
    [['Mon 3/2/26'], 'mdy', false],
    [['Mon 2/3/26'], 'dmy', false],
    [['Sun 3/2/26'], 'dmy', true],
    [['3/2/2026', '3/3/2026', '3/4/2026', '3/5/2026', '3/6/2026'], 'mdy', false],
    [['2/3/2026', '3/3/2026', '4/3/2026', '5/3/2026', '6/3/2026'], 'dmy', false],
    [['6/3/2026', '5/3/2026', '4/3/2026'], 'dmy', true],
    [['1/2/2026', '2/1/2026', '1/3/2026'], 'dmy', true],
    [['3/2/2026', '3/4/2026', '4/1/2026'], 'mdy', true],
    [['2/3/2026', '4/3/2026', '1/4/2026'], 'dmy', true],
    [['26/03/02', '26/03/03', '26/03/04'], 'ymd', true],
    [['26/03/02', '26/03/03', '26/03/04', '26/03/05', '26/03/06'], 'ymd', false],
    [['31/32/02'], 'dmy', false],
    [['99/12/31'], 'ymd', false],
    [['8:00', 'x', '', '3/2/2026'.padStart(99)], 'dmy', false],
    [[], 'dmy', false],
  ] as const)('in %j is %s; doubtful: %j', (cells, order, doubtful) => {
    expect(dateOrderOf(cells)).toEqual({ order, doubtful });
  });
});

describe('the time between', () => {
  it.each([
    ['8:00', '9:30', 90],
    ['22:00', '1:30', 210],
    ['22:00', '24:00', 120],
    ['8:00', '8:00', 0],
    ['2026-03-02 08:00', '2026-03-02 09:30', 90],
    ['2026-03-02 22:00', '2026-03-03 01:30', 210],
    ['2026-03-02 09:30', '2026-03-02 08:00', -90],
    ['2026-03-02 22:00', '1:30', 210],
    ['22:00', '2026-03-03 01:30', 210],
    ['2026-03-02T08:00:00Z', '2026-03-02T10:30:00+01:00', 90],
    ['2026-03-29T01:30:00+01:00', '2026-03-29T03:30:00+02:00', 60],
    ['2026-03-02T08:00:00Z', '2026-03-02 09:30', null],
    ['2026-03-02', '2026-03-03', null],
    ['2026-03-02 08:00', '2026-03-03', null],
  ])('%j and %j is %j minutes', (start, end, expected) => {
    expect(minutesBetween(readMoment(start) as Moment, readMoment(end) as Moment)).toBe(expected);
  });
});
