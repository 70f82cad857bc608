/**
 * The unit of time that a number format writes behind its numbers, as `0" min"`, `0.00 "h"` or `0.0\h` do.
 */
import type { TimeUnit } from '../../../machines/activities/tables.ts';

/** Without accents, in lower case, without a dot at the end. */
const WORDS: Readonly<Record<TimeUnit, string>> = {
  ms: 'ms msec msecs millisecond milliseconds millisekunde millisekunden ミリ秒 毫秒',
  s: 's sec secs second seconds sek sekunde sekunden seconde secondes seg segs segundo segundos secondo secondi seconden sekunda sekundy sekund 秒',
  min: 'm min mins minute minutes minuten minuto minutos minuti minuut minuta minuty minut 分 分钟 分鐘',
  h: 'h hr hrs hour hours std stunde stunden heure heures hora horas ora ore uur uren u godz godzina godziny godzin hod hodina hodiny hodin 時間 小时 小時',
  d: 'd day days tag tage tagen pt jour jours j dia dias giorno giorni gg dag dagen dzien dni den dny dnu 日 天',
  w: 'w wk wks week weeks woche wochen wo semaine semaines sem semana semanas settimana settimane weken tydzien tygodnie tygodni tyden tydny 週 周',
};

const UNITS = new Map(
  Object.entries(WORDS).flatMap(([unit, words]) => words.split(' ').map((word) => [word, unit as TimeUnit] as const)),
);
/** Longer codes are no formats. */
const MAX_CODE_CHARS = 255;

/** Null if the format writes none, or more than one. */
export function unitOfFormat(code: string | number): TimeUnit | null {
  if (typeof code === 'number' || code.length > MAX_CODE_CHARS) return null;
  const units = new Set<TimeUnit>();
  for (const word of literalsOf(code).split(/[\s()[\]]+/)) {
    const folded = word
      .normalize('NFD')
      .replace(/\p{M}+/gu, '')
      .toLowerCase()
      .replace(/[.:]$/, '');
    const unit = UNITS.get(folded) ?? UNITS.get(word);
    if (unit !== undefined) units.add(unit);
  }
  const [unit] = units;
  return units.size === 1 ? (unit as TimeUnit) : null;
}

/** What the section for positive numbers writes beside digits; a digit is a space. */
function literalsOf(code: string): string {
  let literals = '';
  for (let at = 0; at < code.length; at += 1) {
    const char = code[at] as string;
    if (char === ';') break;
    if (char === '"') {
      const end = code.indexOf('"', at + 1);
      literals += code.slice(at + 1, end < 0 ? code.length : end);
      at = end < 0 ? code.length : end;
    } else if (char === '\\') {
      literals += code[at + 1] ?? '';
      at += 1;
    } else if (char === '_' || char === '*') {
      literals += ' ';
      at += 1;
    } else if (char === '[') {
      const end = code.indexOf(']', at);
      at = end < 0 ? code.length : end;
    } else literals += /[\p{L}\p{M}]/u.test(char) && !/[a-z]/i.test(char) ? char : ' ';
  }
  return literals;
}
