/**
 * Times of day and UTC offsets: `8:00`, `08:00:00.5`, `8:00 PM`, `8h30`, `8.30 Uhr`, `午後8時30分`, `+01:00`.
 */

export interface TimeOfDay {
  /** Minutes since midnight, may have a fraction; 1440 for 24:00. */
  minuteOfDay: number;
  /** Minutes east of UTC; null when none is written. */
  offsetMinutes: number | null;
}

const LEAD_IN = '(?:(?:at|um|a las|kl\\.?|om|o|v|a|as|alle ore|alle|ore) )?';
const HALF_BEFORE = '(?:(午前|午後|上午|下午) ?)?';
const HALF_AFTER = '(?: ?(a\\.? ?m\\.?|p\\.? ?m\\.?))?';
/** `8:30:00.5` and `8h30`; `8時30分`; `8.30` and a bare `8` only before a word that makes them times; `8h`. */
const CLOCK = [
  '(?::| ?h ?)(\\d{2})(?::(\\d{2})(?:[.,](\\d{1,9}))?)?',
  '時(?:(\\d{1,2})分)?',
  '\\.(\\d{2})(?= ?(?:uhr|[ap]\\.? ?m))',
  ' ?h',
  '(?= ?uhr| ?[ap]\\.? ?m)',
].join('|');
const TIME = new RegExp(
  `^${LEAD_IN}${HALF_BEFORE}(\\d{1,2})(?:${CLOCK})(?: ?uhr| ?h(?![a-z]))?${HALF_AFTER}(?=$|z|[^\\p{L}\\d:.])`,
  'u',
);
const COMPACT = /^(\d{2})(\d{2})(?:(\d{2})(?:[.,](\d{1,9}))?)?(?=z|[-+]\d|$)/;
const OFFSET = /^(?:utc|gmt|z)?(?:([-+])(\d{1,2})(?::?([0-5]\d))?)?$/;
/** As the French of Canada write `08:00:30`. */
const IN_WORDS = /^(a )?(\d{1,2}) h (\d{2}) min (\d{2}) s(?=$| )/;
const REMARK = / ?(?:\([^()]{0,40}\)|\[[^[\]]{0,40}\])$/;
/** Minutes east of UTC of names that mean one offset. */
const ZONES: ReadonlyMap<string, number> = new Map([
  ['cet', 60],
  ['mez', 60],
  ['cest', 120],
  ['mesz', 120],
  ['wet', 0],
  ['west', 60],
  ['eet', 120],
  ['eest', 180],
  ['est', -300],
  ['edt', -240],
  ['cdt', -300],
  ['mst', -420],
  ['mdt', -360],
  ['pst', -480],
  ['pdt', -420],
  ['jst', 540],
]);

/**
 * Reads lower-cased text that holds nothing but a time of day, with or without an offset.
 * @param compact `T080000` is one, as it is after a compact date
 */
export function timeOfDay(text: string, compact: boolean): TimeOfDay | null {
  const said = text.replace(REMARK, '').replace(IN_WORDS, '$2:$3:$4');
  if (compact) {
    const [found, hours, minutes, seconds = '0', fraction = '0'] = COMPACT.exec(said) ?? [];
    if (found !== undefined) {
      return time(Number(hours), Number(minutes), `${seconds}.${fraction}`, '', said.slice(found.length));
    }
  }
  const [found = '', before, hours, minutes, seconds = '0', fraction = '0', kanji, dotted, after] =
    TIME.exec(said) ?? [];
  if (found === '') return null;
  return time(
    Number(hours),
    Number(minutes ?? kanji ?? dotted ?? 0),
    `${seconds}.${fraction}`,
    before ?? after ?? '',
    said.slice(found.length),
  );
}

function time(hours: number, minutes: number, seconds: string, half: string, zone: string): TimeOfDay | null {
  const hour = hourOfDay(hours, half);
  const offset = offsetOf(zone.trim());
  if (hour === null || offset === undefined || minutes >= 60 || Number(seconds) >= 60) return null;
  const minuteOfDay = hour * 60 + minutes + Number(seconds) / 60;
  return minuteOfDay > 1440 ? null : { minuteOfDay, offsetMinutes: offset };
}

function hourOfDay(hours: number, half: string): number | null {
  if (half === '') return hours <= 24 ? hours : null;
  const afternoon = half.startsWith('p') || half === '午後' || half === '下午';
  if (hours > 12) return afternoon && hours < 24 ? hours : null;
  return (hours % 12) + (afternoon ? 12 : 0);
}

/** Undefined for what is no offset. */
function offsetOf(zone: string): number | null | undefined {
  if (zone === '') return null;
  const known = ZONES.get(zone);
  if (known !== undefined) return known;
  const [found, sign, hours = '0', minutes = '0'] = OFFSET.exec(zone) ?? [];
  if (found === undefined || Number(hours) > 14) return undefined;
  const size = Number(hours) * 60 + Number(minutes);
  return sign === '-' ? 0 - size : size;
}
