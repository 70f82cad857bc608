/**
 * Numbers and days as they are written in the five languages.
 *
 * Owns: exact amounts and their notation. Amounts are integers with a scale, so that no binary fraction gets into a
 * truth.
 */
import type { Dice } from './dice.ts';
import type { Amount, Language } from './truth.ts';

export interface NumberStyle {
  decimal: ',' | '.';
  /** Between thousands; empty for none. */
  group: string;
}

export const toNumber = ({ digits, decimals }: Amount): number => Number(toPlain({ digits, decimals }));

export const amountOf = (digits: number, decimals: number): Amount => ({ digits, decimals });

/** `1234.50` */
export function toPlain({ digits, decimals }: Amount): string {
  if (decimals === 0) return String(digits);
  const text = String(Math.abs(digits)).padStart(decimals + 1, '0');
  return `${digits < 0 ? '-' : ''}${text.slice(0, -decimals)}.${text.slice(-decimals)}`;
}

/** Without zeros at the end, but with at least `least` decimals. */
export function trimmed(amount: Amount, least = 0): Amount {
  let { digits, decimals } = amount;
  while (decimals > least && digits % 10 === 0) {
    digits /= 10;
    decimals -= 1;
  }
  return { digits, decimals };
}

/** Rounded half up to `decimals`. */
export function times(a: Amount, b: Amount, decimals: number): Amount {
  const scale = a.decimals + b.decimals - decimals;
  const product = BigInt(a.digits) * BigInt(b.digits);
  if (scale <= 0) return { digits: Number(product * 10n ** BigInt(-scale)), decimals };
  const unit = 10n ** BigInt(scale);
  return { digits: Number((product + unit / 2n) / unit), decimals };
}

export function formatAmount(amount: Amount, style: NumberStyle): string {
  const [whole = '0', fraction] = toPlain(amount).split('.');
  const grouped = style.group === '' ? whole : whole.replace(/\B(?=(\d{3})+$)/g, style.group);
  return fraction === undefined ? grouped : `${grouped}${style.decimal}${fraction}`;
}

const NBSP = '\u00a0';
const NUMBER_STYLES: Readonly<Record<Language, readonly NumberStyle[]>> = {
  en: [
    { decimal: '.', group: ',' },
    { decimal: '.', group: '' },
  ],
  fr: [
    { decimal: ',', group: ' ' },
    { decimal: ',', group: NBSP },
    { decimal: ',', group: '\u202f' },
    { decimal: ',', group: '' },
  ],
  de: [
    { decimal: ',', group: '.' },
    { decimal: ',', group: '' },
  ],
  es: [
    { decimal: ',', group: '.' },
    { decimal: ',', group: '' },
  ],
  it: [
    { decimal: ',', group: '.' },
    { decimal: ',', group: '' },
  ],
};

export function numberStyle(language: Language, currency: string, dice: Dice): NumberStyle {
  if (currency === 'CHF') return { decimal: '.', group: "'" };
  return dice.pick(NUMBER_STYLES[language]);
}

const MONTHS: Readonly<Record<Language, string>> = {
  en: 'January February March April May June July August September October November December',
  fr: 'janvier février mars avril mai juin juillet août septembre octobre novembre décembre',
  de: 'Januar Februar März April Mai Juni Juli August September Oktober November Dezember',
  es: 'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre',
  it: 'gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre',
};

export type DayStyle = 'iso' | 'dots' | 'slashes' | 'dashes' | 'short' | 'month' | 'english' | 'abbreviated';

export function dayStyle(language: Language, dice: Dice): DayStyle {
  if (language === 'en') return dice.pick(['iso', 'month', 'english', 'abbreviated', 'slashes']);
  if (language === 'de') return dice.pick(['dots', 'dots', 'short', 'iso', 'month']);
  return dice.pick(['slashes', 'slashes', 'iso', 'month', 'dots', 'dashes']);
}

/** True if the day could be read as another one where the style does not say what is the day and what the month. */
export const isAmbiguous = (day: string, style: DayStyle): boolean =>
  (style === 'slashes' || style === 'dashes') && Number(day.slice(8)) <= 12 && day.slice(8) !== day.slice(5, 7);

export function formatDay(day: string, style: DayStyle, language: Language): string {
  const [y = '', m = '', d = ''] = day.split('-');
  const month = MONTHS[language].split(' ')[Number(m) - 1] as string;
  const plain = String(Number(d));
  switch (style) {
    case 'iso':
      return day;
    case 'dots':
      return `${d}.${m}.${y}`;
    case 'short':
      return `${d}.${m}.${y.slice(2)}`;
    case 'slashes':
      return `${d}/${m}/${y}`;
    case 'dashes':
      return `${d}-${m}-${y}`;
    case 'english':
      return `${month} ${plain}, ${y}`;
    case 'abbreviated':
      return `${d}-${month.slice(0, 3)}-${y}`;
    case 'month':
      return (
        { de: `${plain}. ${month} ${y}`, es: `${plain} de ${month} de ${y}` }[language as 'de'] ??
        `${plain} ${month} ${y}`
      );
  }
}

/** Days after `day`. */
export function addDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);
}

const SYMBOLS: Readonly<Record<string, string>> = { EUR: '€', GBP: '£', USD: '$', CHF: 'CHF' };
export const symbolOf = (currency: string): string => SYMBOLS[currency] ?? currency;
