/**
 * The words that headers and labels name the fields of an order line with.
 *
 * Owns: the synonyms in five languages, and how well a text matches one: 4 it is one, 3 besides what is in brackets, 2 its
 * last words are, 1 others are.
 */

import { LINE_FIELDS, type LineField } from '../line-fields.ts';
import { fold } from '../texts/tokens.ts';
import { currencyIn } from '../values/cell-values.ts';
import { meaningsOf, type Role } from './header-concepts.ts';

/** In each list the sooner a phrase comes the more it says: `code` is a code, `item` may be a name. */
const SYNONYMS: Readonly<Record<LineField, readonly string[]>> = {
  sku: [
    'sku, item no, item number, item code, article no, article number, article code, part no, part number, product code',
    'product no, product number, stock code, catalog no, catalogue no, cat no, material, material no, material number, code, ref',
    'reference, code article, code produit, code art, ref article, ref produit, no article, n article',
    'artikelnummer, artikel nr, art nr, artnr, art no, artikelcode, materialnummer, material nr, produktnummer, sachnummer, teilenummer, bestellnummer',
    'referencia, codigo, cod, codigo articulo, codigo producto, cod articulo, cod producto, ref articulo',
    'codice, codice articolo, codice prodotto, cod articolo, cod art, cod prodotto, riferimento, rif',
  ],
  qty: [
    'qty, quantity, qyt, ordered, order qty, order quantity, quantity ordered, qty ordered, count, pcs, pieces',
    'qte, quantite, qte commandee, quantite commandee, nb',
    'menge, anzahl, stuckzahl, bestellmenge, stk, cantidad, cant, cantidad pedida, cant pedida, unidades, uds',
    'quantita, qta, quantita ordinata, quantita richiesta, qta richiesta, pezzi',
  ],
  description: [
    'description, desc, item description, product description, product name, item name, name, details, goods, description of goods',
    'designation, libelle, intitule, bezeichnung, beschreibung, artikelbezeichnung, produktbezeichnung, warenbezeichnung, artikeltext, kurztext, materialkurztext, text',
    'descripcion, denominacion, concepto, nombre, descrizione, denominazione, descrizione articolo, descrizione merce',
  ],
  uom: [
    'uom, unit, unit of measure, u, unite, unite de mesure, conditionnement, einheit, mengeneinheit, me, bme, vpe, gebinde',
    'unidad, unidad de medida, ud, unita, um, unita di misura, confezione',
  ],
  unit_price: [
    'unit price, price, price per unit, price each, unit cost, cost, net price, list price, rate, prix unitaire, prix unit, pu, pu ht, prix, prix net, tarif',
    'einzelpreis, stuckpreis, preis, nettopreis, preis je einheit, preis pro stuck, preis je stuck, ep, precio unitario, precio unit, precio ud, precio unidad, p unit, p unitario, precio, precio neto, coste, tarifa',
    'prezzo unitario, prezzo unit, prezzo, prezzo netto, costo, listino, tariffa',
  ],
  total_price: [
    'total, line total, total price, amount, net amount, line amount, extended price, extended, ext price, value, line value',
    'montant, montant ht, montant net, total ht, total ligne, prix total, gesamtpreis, gesamt, betrag, gesamtbetrag, nettobetrag, summe, wert, warenwert',
    'importe, importe neto, total linea, importo, importo netto, totale, totale riga, valore',
  ],
};
/** Name what is ordered, by its code or by its name: a code where no other column says so. */
export const GENERIC =
  'item, product, article, produit, artikel, produkt, ware, articulo, producto, articolo, prodotto, merce'.split(', ');
/** Longer is no header. */
export const MAX_HEADER_CHARACTERS = 80;
const BRACKETS = /[([][^)\]]{0,40}[)\]]/g;
const EQUAL = 4;
const EQUAL_BESIDES_BRACKETS = 3;
/** The least score of what is called a field word for word. */
export const NAMED = EQUAL_BESIDES_BRACKETS;
const LAST_WORDS = 2;
const SOME_WORDS = 1;

interface Synonym {
  field: LineField;
  phrase: string;
  /** Place among all. */
  rank: number;
}

/** Without a plural s, so that `Items` is `Item`; abbreviations such as `uds` keep theirs. */
const singular = (text: string): string => text.replace(/(?<=\p{L}{3})s(?= |$)/gu, '');
const SYNONYM_LIST: readonly Synonym[] = LINE_FIELDS.flatMap((field) =>
  [...SYNONYMS[field].join(', ').split(', '), ...(field === 'sku' ? GENERIC : [])].map((phrase) => ({
    field,
    phrase: singular(phrase),
  })),
).map((synonym, rank) => ({ ...synonym, rank }));
const BY_LAST_WORD = Map.groupBy(SYNONYM_LIST, ({ phrase }) => phrase.slice(phrase.lastIndexOf(' ') + 1));

export interface Match extends Synonym {
  score: number;
}

/** What a header names. */
export interface Named {
  matches: readonly Match[];
  /** It is none of an order line, as a position or a discount. */
  aside: boolean;
}

const PRICED = /[€£$]/;
/** Behind all phrases. */
const BY_MEANING = SYNONYM_LIST.length;

/**
 * What the texts of a header name, word for word or by what their words mean. A text whose words are all understood
 * says nothing by one of them alone: `Pack price` is no pack, `Delivery date` no delivery.
 */
export function namedBy(texts: readonly string[]): Named {
  const said = texts.filter((text) => text.length <= MAX_HEADER_CHARACTERS).map((text) => ({ text, ...meant(text) }));
  const matches = said.flatMap(({ text, meanings, understood }) => {
    const exact = matchesOf(text).filter(({ score }) => score >= NAMED || !understood);
    const fields = new Set(exact.map(({ field }) => field));
    return [...exact, ...meanings.filter(({ field }) => !fields.has(field))];
  });
  const [first] = said;
  return { matches: fullest(matches), aside: matches.length === 0 && Boolean(first?.aside) };
}

function meant(text: string): { meanings: Match[]; understood: boolean; aside: boolean } {
  const bare = fold(text.replace(BRACKETS, ' ')).match(/\p{L}+|#/gu) ?? [];
  const meanings = meaningsOf(bare, PRICED.test(text) || currencyIn(text) !== null, text.includes('%'));
  const understood = meanings.length > 0 && meanings.every(({ full }) => full);
  return {
    meanings: meanings.flatMap(({ role, full }) => {
      const field = FIELD_OF_ROLE[role];
      const score = full ? LAST_WORDS : SOME_WORDS;
      const phrase = PHRASE_OF_ROLE[role] ?? '';
      return field ? [{ field, phrase, score, rank: BY_MEANING + (role === 'number' ? 1 : 0) }] : [];
    }),
    understood,
    aside: meanings.some(({ role }) => role === 'other' || role === 'position' || role === 'ean'),
  };
}

/** What `No.` by itself is remembered as. */
export const NUMBER = 'number';
const PHRASE_OF_ROLE: Partial<Record<Role, string>> = { article: GENERIC[0] as string, number: NUMBER };
const FIELD_OF_ROLE: Readonly<Record<Role, LineField | null>> = {
  ...{ sku: 'sku', qty: 'qty', description: 'description', uom: 'uom' },
  ...{ unit_price: 'unit_price', total_price: 'total_price' },
  ...{ article: 'sku', number: 'sku', ean: null, position: null, other: null },
};

/** `Unit` is no unit where `Unit price` is said as well. */
const fullest = (matches: readonly Match[]): Match[] =>
  matches.filter(
    ({ phrase, score }) =>
      !matches.some(
        (other) => phrase !== '' && other.score >= score && other.phrase !== phrase && other.phrase.includes(phrase),
      ),
  );

/** The best match of each field that a header names. */
function matchesOf(text: string): Match[] {
  const bare = text.replace(BRACKETS, ' ');
  // `Art.-Nr.` is one word, `Item/No` are two.
  const said = [words(text, ' '), words(text, '')];
  const besides = [words(bare, ' '), words(bare, '')];
  const likely = said.flatMap((phrase) => phrase.split(' ')).flatMap((word) => BY_LAST_WORD.get(word) ?? []);
  const best = new Map<LineField, Match>();
  for (const synonym of new Set(likely)) {
    const score = scoreOf(synonym.phrase, said, besides);
    const before = best.get(synonym.field);
    if (score > (before?.score ?? 0) || (score === before?.score && synonym.rank < before.rank)) {
      best.set(synonym.field, { ...synonym, score });
    }
  }
  return [...best.values()];
}

function scoreOf(phrase: string, said: readonly string[], besides: readonly string[]): number {
  if (said.includes(phrase)) return EQUAL;
  if (besides.includes(phrase)) return EQUAL_BESIDES_BRACKETS;
  if (said.some((words) => words.endsWith(` ${phrase}`))) return LAST_WORDS;
  return said.some((words) => ` ${words} `.includes(` ${phrase} `)) ? SOME_WORDS : 0;
}

const words = (text: string, mark: string): string =>
  singular(
    fold(text)
      .replace(/[^\p{L}\p{N}\s]+/gu, mark)
      .replace(/\s+/g, ' ')
      .trim(),
  );
