/**
 * The hourly rate of each record, where the file has one.
 *
 * Owns: that rates count only in one currency, and that money per day, in cents or in percent is no money per hour.
 */
import { type Column, roleOf } from './columns/column.ts';
import { foldWords } from './headers/fold.ts';
import { type SheetRow, textOf } from './tables.ts';
import { plainDigits } from './values/digits.ts';
import { notationOf, readNumber } from './values/numbers.ts';

export interface Rates {
  column: Column;
  /** Null where the row has none. */
  read(row: SheetRow): number | null;
}

/** The rates, or why they cannot be used; null: the file has none. */
export function findRates(
  columns: readonly Column[],
  records: readonly SheetRow[],
  mapped: Column | undefined,
): { rates: Rates } | { refused: string } | null {
  const named = columns.filter((each) => roleOf(each) === 'rate' && each.profile.filled > 0);
  const column = mapped ?? named.find((each) => whyUnused(each) === null);
  if (!column) {
    const [unused] = named.flatMap((each) => whyUnused(each) ?? []);
    return unused === undefined ? null : { refused: unused };
  }
  const cells = records.map(({ cells }) => textOf(cells[column.index]).trim());
  const { decimal, doubtful } = notationOf(cells.map(amountIn));
  const read = ({ cells }: SheetRow): number | null => {
    const cell = cells[column.index];
    if (typeof cell === 'object' && cell.kind === 'number') return isRate(cell.value) ? cell.value : null;
    const amount = readNumber(amountIn(textOf(cell).trim()), doubtful ? undefined : decimal);
    return amount !== null && isRate(amount) ? amount : null;
  };
  const readable = records.filter((row) => read(row) !== null).length;
  const perOther = cells.filter(isPerOther);
  if (perOther.length > 0 && readable === 0) {
    const sample = JSON.stringify((perOther[0] as string).slice(0, 40));
    return { refused: `The rates in "${column.name}" are not per hour (such as ${sample}); none of them is used.` };
  }
  if (readable === 0) return null;
  const currencies = currenciesOf(columns, records, column, cells);
  if (currencies.size > 1) {
    const list = [...currencies].slice(0, 5).join(', ');
    return { refused: `The rates in "${column.name}" are in several currencies (${list}); none of them is used.` };
  }
  return { rates: { column, read } };
}

const MONEY_SIGNS = /[€$£¥]|\b[A-Z]{3}\b|zł|Kč|Fr\.|kr/g;

/** What it costs would be beyond numbers that keep their cents. */
const MAX_RATE = 1e9;
const isRate = (amount: number): boolean => amount >= 0 && amount <= MAX_RATE;

/** A cell without currency and without the hour that the rate is for; '' for a rate per anything else. */
function amountIn(text: string): string {
  if (text.length > MAX_CELL_CHARACTERS) return '';
  const bare = text.replace(MONEY_SIGNS, '').trim();
  const { amount, per } = splitPer(bare);
  // `120.-` and `120,-` are whole amounts.
  return per === null || isHour(per) ? plainDigits(amount.replace(/[.,] ?[-–—]{1,2}$/, '')).trim() : '';
}

/** A longer cell holds no rate. */
const MAX_CELL_CHARACTERS = 60;
/** Words between an amount and what it is for; a slash needs none. */
const PER = new Set('per pro je par por all a za na'.split(' '));

/** `95/h`, `95 per hour`: the amount and what it is for; null: it says nothing of that. */
function splitPer(text: string): { amount: string; per: string | null } {
  const slash = text.indexOf('/');
  if (slash >= 0) return { amount: text.slice(0, slash).trim(), per: text.slice(slash + 1) };
  const words = text.split(' ');
  const at = words.findIndex((word) => PER.has(word.toLowerCase()));
  if (at > 0) return { amount: words.slice(0, at).join(' '), per: words.slice(at + 1).join(' ') };
  return { amount: text, per: null };
}

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '));
const HOURS = words('h hr hrs hour std stunde heure hora ora uur u godz godzine godzina hod hodinu hodina 時間 時');
const isHour = (per: string): boolean => foldWords(per).some((word) => HOURS.has(word));

function isPerOther(text: string): boolean {
  const { amount, per } = splitPer(text.slice(0, MAX_CELL_CHARACTERS).replace(MONEY_SIGNS, '').trim());
  return /\d/.test(amount) && per !== null && /\p{L}/u.test(per) && !isHour(per);
}

const DAYS = words(
  'day daily tag tagessatz tagsatz tagespreis tagesansatz pt mt pd tjm journalier journaliere jour jours diario diaria dia dias giornaliera giornaliero giorno dag dagtarief dagprijs dzienna dzien dniowka denni den 日当 日 人日',
);
const LONGER = words(
  'week weekly woche wochensatz month monthly monat monatssatz mois mensuel mensuelle mes mensual 月',
);
const CENTS = words('cent cents ct cts penny pence rappen centime centimes centavo centavos centesimi grosz halere');

/** Why a column of rates holds no money per hour, as a sentence; null: it does. */
function whyUnused({ header, name }: Column): string | null {
  const said = foldWords(header);
  const says = (wanted: ReadonlySet<string>) => said.some((word) => wanted.has(word));
  if (says(HOURS) && !says(CENTS)) return null;
  if (says(DAYS)) return `"${name}" is money per day and not per hour; it is not used as a rate.`;
  if (says(LONGER)) return `"${name}" is money for longer than an hour; it is not used as a rate.`;
  if (says(CENTS)) return `"${name}" is in hundredths of the currency; it is not used as a rate.`;
  return said.includes('%') ? `"${name}" is in percent; it is not used as a rate.` : null;
}

function currenciesOf(
  columns: readonly Column[],
  records: readonly SheetRow[],
  rate: Column,
  cells: readonly string[],
): Set<string> {
  const found = new Set<string>();
  for (const cell of cells) for (const [sign] of cell.matchAll(MONEY_SIGNS)) found.add(sign);
  const named = columns.find((column) => roleOf(column) === 'currency' && column.profile.filled > 0);
  if (named) {
    for (const { cells: row } of records) {
      const currency = textOf(row[named.index]).trim();
      if (currency !== '' && textOf(row[rate.index]).trim() !== '') found.add(currency.toUpperCase());
    }
  }
  return found;
}
