/**
 * The four string formats of the contract, stricter than the usual ones: no `urn:uuid:` prefix, no UTC offset,
 * no leap second, no 30th of February.
 */

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DAY = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME_OF_DAY = /^T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?Z$/;
/** Every repetition is bounded by a separator or a count, so a hostile address costs linear time. */
const EMAIL =
  /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

const DAYS_IN_MONTH = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const DAY_LENGTH = 10;

/** Whether `text` is a calendar day that exists, `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  const match = DAY.exec(text);
  if (!match) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const last = month === 2 && leap ? 29 : (DAYS_IN_MONTH[month] ?? 0);
  return day >= 1 && day <= last;
}

/** Whether `text` is an instant in UTC, RFC 3339 with a capital `T` and `Z`. */
export function isDateTime(text: string): boolean {
  return TIME_OF_DAY.test(text.slice(DAY_LENGTH)) && isDate(text.slice(0, DAY_LENGTH));
}

/** Whether `text` is a uuid, 8-4-4-4-12 hex digits in any case. */
export const isUuid = (text: string): boolean => UUID.test(text);

/** Whether `text` is an ASCII e-mail address with a domain of at least two labels. */
export const isEmail = (text: string): boolean => EMAIL.test(text);

/** Format name → check. */
export const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  uuid: isUuid,
  'date-time': isDateTime,
  date: isDate,
  email: isEmail,
};
