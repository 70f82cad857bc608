/**
 * Durations of ISO 8601: `PT1H30M`, `P1DT2H`, `PT0.5H`, `P0Y0M0DT16H0M0S`.
 */
import type { Duration } from './duration.ts';
import { minutesPer } from './units.ts';

const MAX_CHARACTERS = 80;
const AMOUNT = '(\\d+(?:[.,]\\d+)?)';
const ISO = new RegExp(
  `^p(?:${AMOUNT}y)?(?:${AMOUNT}m)?(?:${AMOUNT}w)?(?:${AMOUNT}d)?(?:t(?:${AMOUNT}h)?(?:${AMOUNT}m)?(?:${AMOUNT}s)?)?$`,
);

/** Lower-cased `text` as a duration; days and weeks count as working time, years and months must be 0. */
export function isoDuration(text: string): Duration | null {
  const parts = text.length > MAX_CHARACTERS ? null : ISO.exec(text);
  if (parts === null) return null;
  const [years, months, weeks, days, hours, minutes, seconds] = parts.slice(1);
  if ([years, months, weeks, days, hours, minutes, seconds].every((part) => part === undefined)) return null;
  if (amount(years) + amount(months) > 0) return null;
  const workdays = amount(weeks) + amount(days) > 0;
  return {
    minutes:
      amount(weeks) * minutesPer('w') +
      amount(days) * minutesPer('d') +
      amount(hours) * minutesPer('h') +
      amount(minutes) +
      amount(seconds) * minutesPer('s'),
    form: 'iso',
    ...(workdays && { workdays }),
  };
}

const amount = (digits: string | undefined): number => Number((digits ?? '0').replace(',', '.'));
