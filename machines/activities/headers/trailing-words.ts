/**
 * What may stand behind the name of a quantity: the unit, the form of the number, the currency.
 */

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '));

/** As `foldHeader` gives them: without plural s. */
const UNIT_WORDS = words(
  [
    'h hr hrs hour hours hh hhmm mm ss m min mins minute minutes s sec secs second seconds ms msec millisecond d day days w week pd md pt mt mh ph fte',
    'std stdn stunde stunden minuten sekunde sekunden tag tage tagen heure heures seconde jour jours j jh hora horas hs minuto segundo dia dias ora ore minuti secondi giorni',
    'uur uren u minuut minuten seconden dagen godz godzina godziny godzin minuty minut sekundy dni hod hodina hodiny hodin minuta dny',
    '時間 分 秒 日 人日 人時 人月 時',
  ].join(' '),
);
const FORM_WORDS = words('decimal decimale decimaal dezimal dez dec decimales in numeric hmm formatted');
const CURRENCY_WORDS = words('eur usd gbp chf pln czk jpy cad aud € $ £ ¥ kc zl euro');

/** True if a pair of brackets says no more than a unit of time or the form of a number of hours: `(h)`, `(hh:mm)`. */
export const isTimeUnit = (bracket: readonly string[]): boolean =>
  bracket.length > 0 && bracket.every((word) => UNIT_WORDS.has(word) || FORM_WORDS.has(word));

/** True if a pair of brackets says no more than a currency: `(EUR)`. */
export const isCurrency = (bracket: readonly string[]): boolean =>
  bracket.length > 0 && bracket.every((word) => CURRENCY_WORDS.has(word));

export const isTrailing = (word: string): boolean =>
  UNIT_WORDS.has(word) || FORM_WORDS.has(word) || CURRENCY_WORDS.has(word);
