/**
 * Words that change from one occurrence of an activity to the next: months, weekdays and names of people.
 *
 * Owns: which words these are, and how words are folded for comparison. Does not own how a text is cut into words
 * (`text-tokens.ts`).
 */

/** In English, German, French, Spanish, Italian, Portuguese, Dutch, Polish and Czech, folded. */
const MONTHS = `
january february march april may june july august september october november december
januar februar marz maerz mai juni juli oktober dezember janner feber
janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre
enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre
gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
janeiro fevereiro marco maio junho julho setembro outubro novembro dezembro
januari februari maart mei augustus
styczen stycznia luty lutego marzec marca kwiecien kwietnia maj maja czerwiec czerwca lipiec lipca sierpien sierpnia
wrzesien wrzesnia pazdziernik pazdziernika listopad listopada grudzien grudnia
leden ledna unor unora brezen brezna duben dubna kveten kvetna cerven cervna cervenec cervence srpen srpna zari rijen
rijna listopadu prosinec prosince
jan feb mar apr jun jul aug sep sept oct nov dec okt dez janv fevr avr juil ene abr ago dic gen giu lug ott out`;

const WEEKDAYS = `
monday tuesday wednesday thursday friday saturday sunday
montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag
lundi mardi mercredi jeudi vendredi samedi dimanche
lunes martes miercoles jueves viernes sabado domingo
lunedi martedi mercoledi giovedi venerdi domenica
segunda terca quarta quinta sexta
maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
poniedziałek wtorek sroda czwartek piatek sobota niedziela
pondeli utery streda ctvrtek patek nedele`;

/** Months and weekdays, folded. */
export const CALENDAR_WORDS: ReadonlySet<string> = new Set(
  `${MONTHS} ${WEEKDAYS}`.split(/\s+/).filter((word) => word !== ''),
);

const ASCII = /^[\0-\x7f]*$/;
export const isAscii = (text: string): boolean => ASCII.test(text);

/** Lower case, compatibility forms as their plain ones, without accents. */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  if (isAscii(lower)) return lower;
  return lower
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC');
}

/** Scripts that do not put spaces between words. */
const UNSPACED = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}`;
export const UNSPACED_RUN = new RegExp(`[${UNSPACED}]+|[^${UNSPACED}]+`, 'gu');
export const STARTS_UNSPACED = new RegExp(`^[${UNSPACED}]`, 'u');

/** Shorter words are articles and prefixes as often as names. */
const LEAST_NAME_LETTERS = 3;
/** Names are read from the rows; more distinct people than this are no longer people. */
const MAX_PEOPLE = 20_000;
const NAME_WORDS = /[\p{L}\p{M}]+/gu;
/** Family names of two characters stand alone in Chinese and Japanese texts. */
const FAMILY_NAME_CHARACTERS = 2;

/** Folded words of the names of people. Of an address such as `ann.lee@example.org` only what names the person. */
export function namesOf(people: Iterable<string>): Set<string> {
  const names = new Set<string>();
  let count = 0;
  for (const person of people) {
    if (++count > MAX_PEOPLE) break;
    for (const [word] of fold(person.split('@', 1)[0] ?? '').matchAll(NAME_WORDS)) {
      if (!STARTS_UNSPACED.test(word)) {
        if (word.length >= LEAST_NAME_LETTERS) names.add(word);
        continue;
      }
      if (word.length >= FAMILY_NAME_CHARACTERS) names.add(word);
      if (word.length > FAMILY_NAME_CHARACTERS) names.add(word.slice(0, FAMILY_NAME_CHARACTERS));
    }
  }
  return names;
}
