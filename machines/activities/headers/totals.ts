/**
 * Labels of rows that add up other rows.
 *
 * Owns: what such labels are called in the languages that we know and some more, and telling them from tasks that merely contain the word:
 * `Total (6 entries)` and `Summe März` are totals, `Total redesign of the shop` is not. Does not own whether the row's
 * number is the sum of others.
 */

import { foldHeader } from './fold.ts';
import { monthOf } from './months.ts';
import { isTrailing } from './trailing-words.ts';
import { weekdayOf } from './weekdays.ts';

export type TotalLabel = 'total' | 'subtotal';

/** Longer is a sentence. */
const MAX_LABEL_CHARACTERS = 80;
/** Most words that name what is added up: `Finance Total`, `Total for Ann Doe`. */
const MAX_NAME_WORDS = 3;

const list = (text: string): readonly string[] => text.split(', ').map((phrase) => foldHeader(phrase).words.join(' '));
const TOTALS = list(
  [
    'Total, Totals, Grand total, Grand totals, Sum, Sum total, Overall, Overall total, Total sum, Report total, Final total, Total overall, Combined total',
    'Summe, Summen, Gesamt, Gesamtsumme, Gesamtergebnis, Ergebnis, Endsumme, Insgesamt, Gesamtstunden, Gesamtzeit, Gesamtdauer, Total Stunden, Summe gesamt, Summe total, Gesamttotal, Alles zusammen',
    'Total général, Totaux, Somme, Ensemble, Total HT, Total global, Total des heures, Total heures',
    'Suma, Suma total, Total general, Totales, Total horas, Total de horas, Total global',
    'Totale, Totali, Totale generale, Totale complessivo, Somma, Totale ore, Complessivo',
    'Total geral, Totais, Soma, Soma total, Total das horas',
    'Totaal, Totalen, Eindtotaal, Algemeen totaal, Som, Totaal uren, Totaal generaal',
    'Razem, Suma końcowa, Suma całkowita, Suma ogólna, Łącznie, Ogółem, W sumie, Razem godzin, Suma godzin, Suma łącznie',
    'Celkem, Celkový součet, Součet, Úhrnem, Součet celkem, Celkem hodin, Celkem za období',
    'Итого, Итог, Всего, Общий итог, Сумма, Разом, Всього, 合计, 总计, 总和, 합계, 총계, 총합계, Summa, Totalt, Sammanlagt',
    'Yhteensä, Kaikki yhteensä, I alt, Ialt, Sum i alt, Toplam, Genel toplam, Összesen, Mindösszesen, Σύνολο, المجموع, الإجمالي, סך הכל',
    '合計, 総計, 総合計, 計, 合計時間, 総時間, 合計工数, 月計, 全体合計',
    // The word for a total alone is known in other languages too: a total that counts doubles the hours.
    'Итого, Всего, Сумма, Разом, Всього, Summa, Totalt, Yhteensä, I alt, Ialt, Samlet, Toplam, Genel toplam, Összesen, Összeg',
    'Ukupno, Skupaj, Spolu, Kokku, Kopā, Iš viso, Σύνολο, 总计, 总和, 共计, 합계, 총계, 총합, المجموع, الإجمالي',
  ].join(', '),
);
const SUBTOTALS = list(
  [
    'Subtotal, Subtotals, Sub total, Sub totals, Week total, Weekly total, Day total, Daily total, Page total',
    'Zwischensumme, Zwischensummen, Teilsumme, Teilergebnis, Zwischenergebnis, Wochensumme, Tagessumme, Monatssumme, Zwischentotal, Übertrag, Subtotal',
    'Sous total, Sous totaux, Subtotales, Total parcial, Suma parcial, Subtotale, Subtotali, Totale parziale, Subtotais, Soma parcial',
    'Subtotaal, Subtotalen, Weektotaal, Dagtotaal, Tussentotaal, Suma częściowa, Suma pośrednia, Podsuma, Suma tygodnia, Suma dnia',
    'Промежуточный итог, 小计, 소계, Delsumma, Välisumma, Delsum, Ara toplam, Részösszeg, Carried forward, Brought forward, Carry over',
    'Mezisoučet, Mezisoučty, Dílčí součet, 小計, 中計, 週計, 日計',
  ].join(', '),
);
const KINDS = new Map<string, TotalLabel>([
  ...TOTALS.map((phrase) => [phrase, 'total'] as const),
  ...SUBTOTALS.map((phrase) => [phrase, 'subtotal'] as const),
]);
const MAX_PHRASE_WORDS = 3;

const set = (text: string): ReadonlySet<string> => new Set(text.split(' ').flatMap((word) => foldHeader(word).words));
/** Periods, things counted and small words, which leave a total a total: `Total hours this week`. */
const PLAIN_WORDS = set(
  [
    'week month year quarter day period today this per of in for the all and to from hours time duration entries entry rows records items tasks days billable non worked amount cost kw cw q1 q2 q3 q4',
    'woche monat jahr quartal tag zeitraum der die das für im alle aller und bis von vom stunden zeit dauer einträge zeilen arbeitszeit kalenderwoche aufgaben',
    'semaine mois année trimestre jour période du de des la le les pour et au heures temps durée entrées lignes',
    'semana mes año trimestre día periodo del el los las para y al horas tiempo duración entradas',
    'settimana mese anno trimestre giorno periodo della delle per ore tempo durata voci ano mês dia período da do das dos tempo duração horas registros',
    'maand jaar kwartaal dag periode van het voor uren tijd duur regels tydzień miesiąc rok dzień okres za godzin godziny czas wpisów týden měsíc den období hodin hodiny čas doba záznamů',
    '% € $ £ #',
  ].join(' '),
);
/** Between a total and what it is of. */
const OF_WORDS = set('for of für von pour de per para di voor van dla za pro');
/** What somebody does with totals: `Check total` is a task. */
const VERBS = set(
  'check review calculate compute update verify fix add show compare report create send reconcile run the a new prüfen berechnen vérifier calculer comprobar calcular verificare calcolare controleren sprawdzić zkontrolovat',
);

/** What kind of sum a row's label announces, null for labels of records. */
export function totalLabel(text: string): TotalLabel | null {
  // What begins like a formula is a text that somebody has typed, or an attack, and no label.
  if (/^\s*[=+@-]/.test(text)) return null;
  const label = text.trim();
  if (label === '' || label.length > MAX_LABEL_CHARACTERS) return null;
  const { words, bracketed } = foldHeader(label);
  const said = words.filter((word) => word !== 'σ');
  if (said.length === 0) return words.length > 0 && bracketed.length === 0 ? 'total' : null;
  const found = phraseIn(said);
  if (!found) return null;
  const { kind, before, after } = found;
  const [namesBefore, namesAfter] = [before.filter(isName), after.filter(isName)];
  if (namesBefore.length + namesAfter.length === 0) return kind;
  if (namesBefore.length + namesAfter.length > MAX_NAME_WORDS) return null;
  return isNamed(label, found, namesAfter.length) ? 'subtotal' : null;
}

interface Found {
  kind: TotalLabel;
  before: readonly string[];
  after: readonly string[];
}

/** The longest phrase at either end. */
function phraseIn(words: readonly string[]): Found | null {
  for (let length = Math.min(MAX_PHRASE_WORDS, words.length); length > 0; length -= 1) {
    const first = KINDS.get(words.slice(0, length).join(' '));
    if (first) return { kind: first, before: [], after: words.slice(length) };
    const last = KINDS.get(words.slice(-length).join(' '));
    if (last) return { kind: last, before: words.slice(0, -length), after: [] };
  }
  return null;
}

/** After one or two words: `Total: Ann Doe`, `Grand total: Acme`. */
const COLON_AFTER_LABEL = /^[^\s:]{1,20}(?: [^\s:]{1,20})? ?:/;

const isName = (word: string): boolean =>
  !PLAIN_WORDS.has(word) && !/\d/.test(word) && !isTrailing(word) && monthOf(word) === null && weekdayOf(word) === null;

/**
 * True if the words beside the total name what is added up, as pivot tables write it: `Finance Total`, `Total Finance`,
 * `Total: Ann Doe`, `Summe für Acme`. Names and the total's word are capitalized there, and tasks rarely are throughout.
 */
function isNamed(label: string, { before, after }: Found, namesAfter: number): boolean {
  if (namesAfter > 0 && (OF_WORDS.has(after[0] as string) || COLON_AFTER_LABEL.test(label))) return true;
  if (before.some((word) => VERBS.has(word))) return false;
  return namesAfter <= 1 && label.split(/\s+/).every((word) => !/^\p{Ll}/u.test(word));
}
