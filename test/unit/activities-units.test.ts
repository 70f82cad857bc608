import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TimeUnit } from '../../machines/activities/tables.ts';
import { clockOfHeader, minutesPer, unitOfHeader, unitOfWord } from '../../machines/activities/values/units.ts';

describe('a unit', () => {
  it.each([
    ['ms', 1 / 60_000],
    ['s', 1 / 60],
    ['min', 1],
    ['h', 60],
    ['d', 480],
    ['w', 2400],
  ] as const)('%s counts %j minutes', (unit, expected) => {
    expect(minutesPer(unit)).toBe(expected);
  });

  const words: Record<TimeUnit, string> = {
    h: 'h hr hrs hour hours Std Std. Stunde Stunden heure heures hora horas ora ore uur uren u godz godz. godzina godziny godzin hod hod. hodina hodiny hodin 時間',
    min: 'm min min. mins minute Minuten minuto minutos minuti minuut minuten minuta minuty minut 分 MIN',
    s: 's sec secs second seconds Sek Sekunde Sekunden seconde secondes segundo segundos secondo secondi sekunda sekundy 秒',
    ms: 'ms msec millisecond milliseconds Millisekunden',
    d: 'd day days Tag Tage Arbeitstage Personentage jour jours j día días dia dias giorno giorni gg dag dagen dzień dni den dny dní 日 日間 人日 PD PT MT JH',
    w: 'w week weeks wk wks Woche Wochen semaine semaines semana semanas settimana settimane weken tydzień tygodnie týden týdny 週 週間',
  };
  const cases = Object.entries(words).flatMap(([unit, list]) => list.split(' ').map((word) => [word, unit] as const));
  it.each(cases)('is read from the word %j as %s', (word, unit) => {
    expect(unitOfWord(word)).toBe(unit);
  });

  it.each(['', '.', 'x', 'mo', 'month', 'year', 'task', 'points', 'constructor', 'stunden'.padStart(40, 'x')])(
    'is not %j',
    (word) => {
      expect(unitOfWord(word)).toBeNull();
    },
  );
});

describe('a header', () => {
  it.each([
    ['Duration (seconds)', 's'],
    ['Time (h)', 'h'],
    ['Timespent (h)', 'h'],
    ['duration_ms', 'ms'],
    ['Temps passé (min)', 'min'],
    ['Pause (min)', 'min'],
    ['Hours', 'h'],
    ['Hours (decimal)', 'h'],
    ['Actual hours', 'h'],
    ['Stunden', 'h'],
    ['Iststunden', 'h'],
    ['Hodiny', 'h'],
    ['Godziny', 'h'],
    ['Horas', 'h'],
    ['Heures', 'h'],
    ['Ore', 'h'],
    ['Uren', 'h'],
    ['estimated_minutes', 'min'],
    ['Minutes', 'min'],
    ['Minuten', 'min'],
    ['MINUTES', 'min'],
    ['Effort (PD)', 'd'],
    ['Effort (days)', 'd'],
    ['Effort in days', 'd'],
    ['Days (8 hours)', 'd'],
    ['Effort (person days)', 'd'],
    ['Aufwand [h]', 'h'],
    ['Aufwand in Std.', 'h'],
    ['時間(分)', 'min'],
    ['時間（分）', 'min'],
    ['工数（人日）', 'd'],
    ['時間', 'h'],
    ['作業時間', null],
    ['Std.', 'h'],
    ['h', 'h'],
    ['durationSeconds', 's'],
    ['timeSpentSeconds', 's'],
    ['DurationInMinutes', 'min'],
    ['durationMs', 'ms'],
    ['time_hours', 'h'],
    ['time_spent_s', 's'],
    ['DURATION_MIN', 'min'],
    ['TimeHrs', 'h'],
    ['Time h', 'h'],
    ['Effort PT', 'd'],
    ['Hours/week', 'h'],
    ['Total (hours/day)', 'h'],
    ['Duration', null],
    ['Duration (decimal)', null],
    ['Duration (HH:mm)', null],
    ['Durée (h:mm)', null],
    ['hh:mm:ss', null],
    ['Start (24h)', null],
    ['Time', null],
    ['Week', null],
    ['Day', null],
    ['Tag', null],
    ['Tags', null],
    ['Hora de inicio', null],
    ['Second approver', null],
    ['Min rate', null],
    ['Hourly rate', null],
    ['Cost per hour', null],
    ['Kosten pro Stunde', null],
    ['EUR/h', null],
    ['Rate (EUR/h)', null],
    ['m', null],
    ['s', null],
    ['Months', null],
    ['', null],
    [`${' '.repeat(200)}Hours`, null],
  ] as const)('%j gives bare numbers the unit %j', (header, expected) => {
    expect(unitOfHeader(header)).toBe(expected);
  });

  it.each([
    ['Duration (HH:mm)', 'h:m'],
    ['Dauer (h:mm)', 'h:m'],
    ['Time (hh:mm)', 'h:m'],
    ['[h]:mm', null],
    ['Duration (mm:ss)', 'm:s'],
    ['hh:mm:ss', 'h:m:s'],
    ['Duration (h)', null],
    ['Time: short', null],
    ['Hours:Minutes', null],
    ['HH:mm'.padStart(300), null],
  ] as const)('%j describes the clock %j', (header, expected) => {
    expect(clockOfHeader(header)).toBe(expected);
  });

  it('gives a unit or null for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        for (const unit of [unitOfHeader(text), unitOfWord(text)]) {
          expect(unit === null || minutesPer(unit) > 0).toBe(true);
        }
        expect([null, 'h:m', 'm:s', 'h:m:s']).toContain(clockOfHeader(text));
      }),
    );
  });
});
