/**
 * What a header means by the words it is made of, where it is no phrase of the list.
 *
 * Owns: the stems of what order tables speak of in five languages, and which field they name together. People head their
 * columns in their own words: `Menge best.`, `Cód. fab.`, `Net price/unit`; no list of phrases holds them all, but what
 * columns are about is a closed set. Also tells what is no field, such as a discount, so that nobody takes it for one.
 */
import type { LineField } from '../line-fields.ts';
import { words } from '../texts/tokens.ts';

/** What a column is about; `other` is nothing of an order line. */
export type Role = LineField | 'article' | 'number' | 'ean' | 'position' | 'other';

const CONCEPTS = {
  qty: 'qty quantity qte qta qt q menge anzahl anz stuckzahl stk stck count pcs pieces pezzi piezas nb nbre nombre cant ctd cdad ctdad unidades uds units many viel viele combien cuanto quanti quante colli colis',
  name: 'description desc descr name designation design libelle intitule nom bezeichnung bez beschreibung text descripcion denominacion denominazione descrizione nombre nome concepto concetto detail detalle dettaglio spec specification what',
  article:
    'item product prod article art artikel art produit produkt ware goods good articulo producto articolo prodotto merce material materiale mat genero mercancia marchandise stock part teil bien beni gegenstand leistung',
  code: 'code cod codice codigo ref reference referencia riferimento rif sku mpn id ident sachnummer',
  number: 'no nr num number numero nummer n',
  ean: 'ean gtin upc barcode strichcode isbn',
  unit: 'unit uom um udm einheit einh me bme mengeneinheit ve vpe unite unidad ud unita un u uv uc gebinde verpackung pack packaging package packing pkg conditionnement cond emballage envase embalaje formato format confezione conf imballo measure misura medida mesure mis med size per',
  price: 'price prix preis precio prezzo cost coste costo cout tarif tarifa tariffa rate listino pu ep ek vk pvp prc',
  wanted:
    'ordered bestellt bestellte best commandee commande pedida pedido solicitada richiesta richiesto ordinata ordinato req required requested needed benotigt order',
  each: 'each ea unitaire unitario unitaria unit einzel stuck piece piezza je cad cada cadauno ud un u pz stk st p',
  total:
    'total tot totale sum summe amount betrag montant mt importe imp importo suma valor valore valeur value wert gesamt ges extended ext extension',
  line: 'line ln lno ligne lig linea lin riga rg zeile row position pos posicion posizione posten lfd rang item seq #',
  discount: 'discount disc rabatt rab remise rem dto dcto descuento sconto sc rebate nachlass reduction skonto r',
  tax: 'vat tva iva mwst ust tax taxe steuer imposta impuesto',
  date: 'date datum fecha data termin liefertermin lieferdatum lieferung delivery livraison entrega consegna wanted due when cuando quando wann eta delai lt woche kw',
  remark:
    'remark note noter comment commentaire bemerkung anmerkung hinweis observacion nota comentario osservazione commento please beachten info remarque kommentar',
  aside:
    'weight gewicht poids peso volume volumen customs zoll taric hs douane douanier origin origine ursprung stock bestand lager status warehouse kostenstelle konto account project projekt currency wahrung devise moneda divisa valuta bestellung ordine auftrag orden customer kunde client cliente terms zahlung payment buyer contact',
  done: 'delivered geliefert livre entregado consegnato evaso backorder open offen offene received erhalten recu restant pendiente residuo rest invoiced shipped',
} as const;
type Concept = keyof typeof CONCEPTS;

/** German, and whoever else writes words together: what the last part says. */
const ENDINGS: readonly (readonly [ending: RegExp, Concept])[] = [
  [/(?:menge|anzahl|stuckzahl)$/, 'qty'],
  [/(?:preis)$/, 'price'],
  [/(?:summe|betrag|wert)$/, 'total'],
  [/(?:bezeichnung|bez|beschreibung|text|name)$/, 'name'],
  [/(?:einheit|gebinde)$/, 'unit'],
  [/(?:termin|datum)$/, 'date'],
  [/(?:bemerkung|hinweis)$/, 'remark'],
  [/^(?:quant|cantid)/, 'qty'],
  [/^(?:descri|denomin|design|bezeich)/, 'name'],
  [/^gesamt/, 'total'],
];
/** What stands before `nummer` in one word says of what: `Artikelnr.`, `Bestellnummer`. */
const NUMBERED = /^(?<what>\p{L}{3,})(?:nummer|nr|num|no|code|ref)$/u;
/** A line is counted, not an article: `Zeilennummer`. */
const LINE_NUMBER = /^(?:pos|position|posten|zeilen?|lfd|laufende|line|row)$/;
const ASIDE_NUMBER = /^(?:kunden|auftrags|lieferanten|konto|beleg|customer|order|account)$/;
/** Say nothing of what a column is about. */
const FILLERS = words(
  'of the a de d del della dell des du la le l el los il in der die das den dem und and et y e for pour per pro par por your our ihre ihr unser unsere su sus vs ns votre notre vostro vostra nostro nostra nuestro nuestra vuestro interne interna interno internal supplier lieferant lieferanten fournisseur proveedor fornitore manufacturer mfr mfg hersteller fabricant fabricante fab fabbricante fabbr vendor buyer customer kunden kunde client cliente cat catalog catalogue katalog catalogo venta verkauf vente vendita sale sales ordered order ord bestellt best commande commandee pedida pedido solicitada richiesta richiesto req required requested net netto neto nette brut ht ttc excl incl exkl inkl vat tva iva mwst eur usd gbp chf euro lfd how wie',
);

export interface Meaning {
  role: Role;
  /** Every word of it is understood. */
  full: boolean;
}

const CONCEPTS_OF: ReadonlyMap<string, ReadonlySet<Concept>> = new Map(
  Map.groupBy(
    (Object.entries(CONCEPTS) as [Concept, string][]).flatMap(([concept, list]) =>
      list.split(' ').map((word) => [word, concept] as const),
    ),
    ([word]) => word,
  )
    .entries()
    .map(([word, all]) => [word, new Set(all.map(([, concept]) => concept))]),
);

/** The words of a header, folded, in the order said; `priced` if a currency stands with them. */
export function meaningsOf(said: readonly string[], priced: boolean, percent: boolean): Meaning[] {
  const parts = said.map(conceptsOf);
  const full = said.every((word, at) => (parts[at] as ReadonlySet<Concept>).size > 0 || FILLERS.has(word));
  const has = (...wanted: Concept[]): boolean => parts.some((own) => wanted.some((concept) => own.has(concept)));
  // `Qty delivered` counts too, but not what is ordered.
  const sure = full && !has('done');
  return rolesOf(has, { priced, percent, count: said.length }).map((role) => ({ role, full: sure }));
}

function conceptsOf(word: string): ReadonlySet<Concept> {
  const known = CONCEPTS_OF.get(word) ?? CONCEPTS_OF.get(word.replace(/s$/, ''));
  if (known) return known;
  const what = NUMBERED.exec(word)?.groups?.what;
  if (what !== undefined) return LINE_NUMBER.test(what) ? LINE : ASIDE_NUMBER.test(what) ? ASIDE : CODE;
  const ending = ENDINGS.find(([pattern]) => pattern.test(word));
  return new Set(ending ? [ending[1]] : []);
}

const LINE: ReadonlySet<Concept> = new Set(['line']);
const ASIDE: ReadonlySet<Concept> = new Set(['aside']);
const CODE: ReadonlySet<Concept> = new Set(['code']);

interface Said {
  priced: boolean;
  percent: boolean;
  /** Words. */
  count: number;
}

/** The roles that what is said together can mean, the likeliest first. */
function rolesOf(has: (...wanted: Concept[]) => boolean, { priced, percent, count }: Said): Role[] {
  const money = moneyRole(has, priced, count);
  if (percent && !money) return ['other'];
  if (has('discount') && !has('name', 'code')) return ['other'];
  if (money) return [money];
  if (has('remark') || has('tax')) return ['other'];
  if (has('ean')) return ['ean'];
  // `Nombre` counts in French and names in Spanish: what stands below decides.
  if (has('qty') && has('name')) return ['qty', 'description'];
  if (has('qty')) return ['qty'];
  if (has('date')) return ['other'];
  if (has('code') || (has('article') && has('number'))) return ['sku'];
  if (has('name')) return ['description'];
  if (has('line')) return has('article') ? ['article', 'position'] : ['position'];
  if (has('article')) return ['article'];
  if (has('aside', 'done')) return ['other'];
  if (has('unit')) return ['uom'];
  return has('number') ? ['number'] : [];
}

function moneyRole(has: (...wanted: Concept[]) => boolean, priced: boolean, count: number): LineField | null {
  if (has('price')) return has('total') && !has('each') ? 'total_price' : 'unit_price';
  // `Amount ordered` counts.
  if (has('total'))
    return has('each') ? 'unit_price' : has('wanted') && !has('line') && !priced ? 'qty' : 'total_price';
  if (!priced || has('qty', 'name', 'code')) return null;
  return has('each', 'unit') && count > 0 ? 'unit_price' : null;
}
