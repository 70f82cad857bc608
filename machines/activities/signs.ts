/**
 * Whether a table is a list of activities at all.
 *
 * Owns: what speaks for it and what against it, by the headers. A list of customers has names and texts too, and
 * minutes made up for it would be worth nothing.
 */
import { type Column, strengthOf } from './columns/column.ts';
import { isProse } from './columns/content.ts';
import { foldHeader } from './headers/fold.ts';
import type { Role } from './headers/roles.ts';

/** What a role says for or against activities. */
const SIGNS: Readonly<Partial<Record<Role, number>>> = {
  summary: 1,
  task: 1,
  activity: 1,
  case: 0.5,
  status: 0.5,
  priority: 0.5,
  due: 0.5,
  start: 0.5,
  start_date: 0.5,
  start_time: 0.5,
  end: 0.5,
  end_date: 0.5,
  end_time: 0.5,
  timestamp: 0.25,
  date: 0.25,
  created: 0.25,
  project: 0.5,
  person: 0.25,
  note: 0.25,
  description: 0.25,
  tag: 0.25,
  kind: 0.25,
  points: 0.5,
  email: -0.75,
  location: -0.75,
  money: -1,
  currency: -0.5,
  count: -0.5,
};

/** Words of headers of other lists: people and places, goods and prices, accounts, readings, marks. */
const FOREIGN = new Set(
  [
    'phone telephone mobile fax telefon handy telefono telefone telefoon komorka 電話番号',
    'address adresse anschrift direccion indirizzo endereco adres adresa street strasse rue calle via rua straat ulica ulice 住所',
    'city town ort stadt ville ciudad citta cidade stad plaats miasto mesto zip plz postal postcode postleitzahl country land pays pais paese kraj zeme',
    'birthday birthdate geburtstag geburtsdatum gender salutation anrede company firma',
    'price preis prix precio prezzo preco prijs cena 価格 単価 quantity qty menge quantite cantidad quantita quantidade hoeveelheid aantal ilosc mnozstvi 数量',
    'stock bestand lager inventory warehouse sku article artikel barcode ean gtin upc supplier lieferant weight gewicht color colour size',
    'vat mwst ust tva iva btw dph iban bic invoice rechnung facture factura fattura amount betrag montant importe importo valor bedrag kwota castka discount rabatt',
    'artist kunstler artiste album genre track song film movie director actor isbn publisher episode',
    'salary gehalt lohn wage payroll hired hire einstellungsdatum dependents marital',
    'grade score mark marks exam punkte temperature temperatur humidity pressure voltage sensor latitude longitude altitude ip host hostname useragent bytes port',
  ]
    .join(' ')
    .split(' '),
);

/** Below this, or below what speaks against it, nothing says that these are activities. */
const ENOUGH = 0.5;
/** As much must speak against a table in which something looks like time. */
const MUCH_AGAINST = 2;

/** @param hasTime some column or columns say how long */
export function looksLikeActivities(columns: readonly Column[], hasTime: boolean, hasHeader: boolean): boolean {
  if (!hasHeader) return hasTime || columns.some(isProse);
  const { speaksFor, against } = weigh(columns);
  if (hasTime) return against < MUCH_AGAINST || speaksFor > against;
  return speaksFor >= ENOUGH && speaksFor > against;
}

/**
 * Whether a table could be a list of activities in a language whose headers we do not know: texts and figures stand
 * under headers without a role, and no header speaks against it.
 */
export function mayBeForeignActivities(
  columns: readonly Column[],
  text: Column | undefined,
  couldBeTime: readonly Column[],
): boolean {
  if (text === undefined || text.header === '' || text.roles.length > 0) return false;
  return couldBeTime.some(({ roles }) => roles.length === 0) && weigh(columns).against === 0;
}

function weigh(columns: readonly Column[]): { speaksFor: number; against: number } {
  let speaksFor = 0;
  let against = 0;
  for (const column of columns) {
    if (column.profile.filled === 0) continue;
    const [match] = column.roles;
    const sign = match === undefined ? 0 : (SIGNS[match.role] ?? 0);
    const weight = strengthOf(column) >= 3 ? 1 : 0.5;
    const { words } = foldHeader(column.header);
    const isForeign = words.some((word) => FOREIGN.has(word));
    if (isForeign) against += 1;
    else if (sign > 0) speaksFor += sign * weight;
    else against -= sign;
  }
  return { speaksFor, against };
}
