/**
 * Which column of an order table is which, by its header.
 *
 * Owns: the words for each field in five languages, how well a header matches, and who gets a column that two fields
 * want.
 */
import { type Grid, type GridCell, type GridRow, NO_ROW, overlap, type Span } from './grid.ts';
import { LINE_FIELDS, type LineField } from './line-fields.ts';
import { fold } from './tokens.ts';

/** A column with a header; `field` is null if the header names nothing of an order line. */
export interface Column extends Span {
  field: LineField | null;
  /** All cells of its header. */
  header: readonly GridCell[];
}

export interface Header {
  columns: readonly Column[];
  score: number;
  /** Rows it takes, 1 or 2. */
  rows: number;
  /** Its quantity and what is ordered are named word for word. */
  strong: boolean;
}

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
    'menge, anzahl, stuckzahl, bestellmenge, stk, cantidad, cant, cantidad pedida, cant pedida, unidades',
    'quantita, qta, quantita ordinata, quantita richiesta, qta richiesta, pezzi',
  ],
  description: [
    'description, desc, item description, product description, product name, item name, name, details, goods, description of goods',
    'designation, libelle, intitule, bezeichnung, beschreibung, artikelbezeichnung, produktbezeichnung, warenbezeichnung, artikeltext, kurztext, materialkurztext, text',
    'descripcion, denominacion, concepto, nombre, descrizione, denominazione, descrizione articolo, descrizione merce',
  ],
  uom: [
    'uom, unit, unit of measure, unite, unite de mesure, conditionnement, einheit, mengeneinheit, me, vpe, gebinde',
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
const GENERIC =
  'item, product, article, produit, artikel, produkt, ware, articulo, producto, articolo, prodotto, merce'.split(', ');
/** Longer is no header. */
const MAX_HEADER_CHARACTERS = 80;
const BRACKETS = /[([][^)\]]{0,40}[)\]]/g;
const EQUAL = 4;
const EQUAL_BESIDES_BRACKETS = 3;
const LAST_WORDS = 2;
const SOME_WORDS = 1;

interface Synonym {
  field: LineField;
  phrase: string;
  /** Place among all. */
  rank: number;
}

/** Without a plural s, so that `Items` is `Item`. */
const singular = (text: string): string => text.replace(/(?<=\p{L}\p{L})s(?= |$)/gu, '');
const SYNONYM_LIST: readonly Synonym[] = LINE_FIELDS.flatMap((field) =>
  [...SYNONYMS[field].join(', ').split(', '), ...(field === 'sku' ? GENERIC : [])].map((phrase) => ({
    field,
    phrase: singular(phrase),
  })),
).map((synonym, rank) => ({ ...synonym, rank }));
const BY_LAST_WORD = Map.groupBy(SYNONYM_LIST, ({ phrase }) => phrase.slice(phrase.lastIndexOf(' ') + 1));

interface Match extends Synonym {
  score: number;
}

/** The header that begins at a row of the grid; null if it has no quantity, or nothing that is ordered. */
export function headerAt(grid: Grid, at: number): Header | null {
  const row = grid.rowAt(at);
  const single = chosen(
    row.cells.map((cell) => column([cell], [cell.text])),
    1,
  );
  const lower = at + 1 < grid.count ? grid.rowAt(at + 1) : NO_ROW;
  const stacks = lower.gap === 0 && !lower.startsPage && isWordy(row) && isWordy(lower);
  const stacked = stacks ? chosen(stackedColumns(row, lower), 2) : null;
  const best = stacked && stacked.score > (single?.score ?? 0) ? stacked : single;
  return best && isComplete(best) ? best : null;
}

/** What a row names of an order line, complete or not; null unless it names two fields word for word. */
export function partialHeaderAt(grid: Grid, at: number): ReadonlySet<LineField> | null {
  const header = chosen(
    grid.rowAt(at).cells.map((cell) => column([cell], [cell.text])),
    1,
  );
  const fields = new Set(header?.columns.flatMap(({ field }) => field ?? []));
  const named = fields.has('sku') || fields.has('description') || fields.has('qty');
  return header && named && fields.size > 1 && header.score >= fields.size * EQUAL_BESIDES_BRACKETS ? fields : null;
}

interface Placed extends Match {
  left: number;
  /** Of its column among the candidates. */
  index: number;
}

/** The field that a label names word for word. */
export function fieldNamed(label: string): LineField | null {
  const [best] = matchesOf(label).sort((a, b) => b.score - a.score || a.rank - b.rank);
  return best && best.score >= EQUAL_BESIDES_BRACKETS ? best.field : null;
}

interface Candidate extends Span {
  header: readonly GridCell[];
  matches: readonly Match[];
}

function chosen(candidates: readonly Candidate[], rows: number): Header | null {
  const matches = candidates.flatMap(({ matches, left }, index) => matches.map((match) => ({ ...match, left, index })));
  if (matches.length < 2) return null;
  matches.sort((a, b) => b.score - a.score || a.rank - b.rank || a.left - b.left);
  const scores = new Map<LineField, number>();
  const fields = new Map<number, LineField>();
  for (const { field, index, score } of matches) {
    if (scores.has(field) || fields.has(index)) continue;
    scores.set(field, score);
    fields.set(index, field);
  }
  nameGeneric(matches, fields);
  const scoreOf = (field: LineField): number => scores.get(field) ?? 0;
  return {
    columns: candidates.map(({ left, right, header }, index) => ({
      ...{ left, right, header },
      field: fields.get(index) ?? null,
    })),
    score: scores.values().reduce((sum, score) => sum + score, 0),
    rows,
    strong: Math.min(scoreOf('qty'), Math.max(scoreOf('sku'), scoreOf('description'))) >= EQUAL_BESIDES_BRACKETS,
  };
}

/** Where nothing is called a name: `Item` is one next to a column of codes, and of two the second. */
function nameGeneric(matches: readonly Placed[], fields: Map<number, LineField>): void {
  if (new Set(fields.values()).has('description')) return;
  const codes = matches.filter(({ field }) => field === 'sku');
  const isGeneric = ({ phrase }: Match): boolean => GENERIC.includes(phrase);
  const taken = codes.find(({ index }) => fields.get(index) === 'sku');
  const free = codes.filter(({ index }) => !fields.has(index));
  const code = taken && isGeneric(taken) ? free.find((match) => !isGeneric(match)) : undefined;
  const name = code ? taken : free.find(isGeneric);
  if (code) fields.set(code.index, 'sku');
  if (name) fields.set(name.index, 'description');
}

function isComplete({ columns }: Header): boolean {
  const has = (name: LineField): boolean => columns.some(({ field }) => field === name);
  return has('qty') && (has('sku') || has('description'));
}

/** The columns of two rows: a cell above several speaks with each of them. */
function stackedColumns(upper: GridRow, lower: GridRow): Candidate[] {
  const above = lower.cells.map((cell) => {
    const over = upper.cells.filter((head) => overlap(head, cell) > 0);
    return over.length > 0 ? over : upper.cells.filter(({ left }) => left <= cell.left).slice(-1);
  });
  const uses = new Map<GridCell, number>();
  for (const head of above.flat()) uses.set(head, (uses.get(head) ?? 0) + 1);
  const below = lower.cells.map((cell, index) => {
    const heads = above[index] as readonly GridCell[];
    const own = heads.filter((head) => overlap(head, cell) > 0);
    const text = heads.map((head) => head.text).join(' ');
    const together = [`${text} ${cell.text}`, `${cell.text} ${text}`];
    const shared = heads.some((head) => (uses.get(head) as number) > 1);
    const alone = shared ? [] : [cell.text, ...(own.length > 0 ? [text] : [])];
    return column([...own, cell], [...together, ...alone]);
  });
  const rest = upper.cells.filter((head) => !uses.has(head)).map((cell) => column([cell], [cell.text]));
  return [...below, ...rest].sort((a, b) => a.left - b.left);
}

/** A header says words, no numbers. */
const isWordy = ({ cells }: GridRow): boolean =>
  cells.length > 0 &&
  cells.every(({ typed, text }) => !typed && text.length <= MAX_HEADER_CHARACTERS && /\p{L}/u.test(text));

function column(header: readonly GridCell[], texts: readonly string[]): Candidate {
  const [first, ...others] = header as [GridCell, ...GridCell[]];
  return {
    left: others.reduce((least, { left }) => Math.min(least, left), first.left),
    right: others.reduce((most, { right }) => Math.max(most, right), first.right),
    header,
    matches: first.typed ? [] : texts.flatMap(matchesOf),
  };
}

/** The best match of each field that a header names. */
function matchesOf(text: string): Match[] {
  if (text.length > MAX_HEADER_CHARACTERS) return [];
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
