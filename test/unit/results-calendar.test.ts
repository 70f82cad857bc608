import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  calendarMonths,
  dayNumber,
  dayText,
  minuteNumber,
  monthText,
  weekText,
} from '../../machines/formulas/calendar.ts';

describe('the calendar', () => {
  it.each([
    ['1970-01-01', 0],
    ['2026-03-05', 20_517],
    ['2024-02-29T10:30', 19_782],
    ['2026-02-29', null],
    ['2026-13-01', null],
    ['2026-3-5', null],
    ['1969-12-31', null],
    ['2100-01-01', null],
    ['05.03.2026', null],
    ['', null],
  ])('reads %s as day %s', (text, day) => {
    expect(dayNumber(text)).toBe(day);
  });

  it.each([
    ['1970-01-02T00:01', 1441],
    ['1970-01-02T23:59:59', 2879],
    ['1970-01-02T24:00', null],
    ['1970-01-02', null],
    ['1970-02-30T10:00', null],
  ])('reads %s as minute %s', (text, minute) => {
    expect(minuteNumber(text)).toBe(minute);
  });

  // As `date -d <day> +%G-W%V` says.
  it.each([
    ['2026-01-01', '2026-W01'],
    ['2025-12-29', '2026-W01'],
    ['2025-12-28', '2025-W52'],
    ['2021-01-03', '2020-W53'],
    ['2021-01-04', '2021-W01'],
    ['2026-03-05', '2026-W10'],
    ['1970-01-01', '1970-W01'],
    ['2027-01-01', '2026-W53'],
  ])('knows the ISO week of %s', (text, week) => {
    expect(weekText(dayNumber(text) as number)).toBe(week);
  });

  it('goes from text to number and back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 47_481 }), (day) => {
        expect(dayNumber(dayText(day))).toBe(day);
        expect(dayText(day).startsWith(monthText(day))).toBe(true);
        // Monday to Sunday are one week.
        expect(weekText(day) === weekText(day + 1)).toBe((day + 3) % 7 !== 6);
      }),
    );
  });

  it('counts months between days, both included', () => {
    const months = (a: string, b: string) => calendarMonths(dayNumber(a) as number, dayNumber(b) as number);
    expect([
      months('2026-01-31', '2026-02-01'),
      months('2026-01-01', '2026-01-31'),
      months('2025-12-31', '2026-12-01'),
    ]).toEqual([2, 1, 13]);
  });
});
