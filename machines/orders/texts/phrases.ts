/**
 * The words around values: labels, prepositions of dates, ends of sentences.
 *
 * Owns: the vocabulary in five languages and how it is matched. Words are compared folded; a label is tried only where
 * its first word stands.
 */
import { type DateReading, dateAt } from '../values/dates.ts';
import { type Label, labelMeant } from './label-concepts.ts';
import { type Page, type Token, wordAt, words } from './tokens.ts';

export interface LabelMatch {
  label: Label;
  /** Index of the token after the label and its colon. */
  next: number;
  /** A colon, a number sign or a word for number follows. */
  marked: boolean;
}

type Sequence = readonly string[];

const LABELS: Readonly<Record<Label, string>> = {
  poNumber:
    'po, p o, purchase order no, purchase order number, po no, po number, order no, order number, order ref, n de commande, numero de commande, commande n, commande no, commande numero, bon de commande n, bestellnummer, bestellnr, bestell nr, bestell nummer, auftragsnummer, bestellung nr, bestellung nummer, pedido n, pedido no, pedido num, pedido numero, numero de pedido, n de pedido, orden de compra, ordine n, ordine no, ordine numero, numero ordine, numero d ordine, n ordine, po ref, po reference, customer po, your po, our po, order reference, our order no, order form no, reference commande, ref commande, n o de commande, n cde, cde n, n bc, bc n, notre commande n, bestell no, auftragsnr, auftrag nr, auftrags nr, unsere bestellung nr, n o de pedido, num de pedido, numero de orden, n de orden, orden n, nuestro pedido n, numero dell ordine, n o ordine, num ordine, rif ordine, einkaufsbeleg, einkaufsbelegnummer, nostro ordine n, ordine di acquisto n, oda n',
  order:
    'purchase order, order, bon de commande, commande, bestellung, pedido, ordine, purchase order form, ordre d achat, bestellschein, auftrag, orden de compra, ordine di acquisto, ordine d acquisto, nostro ordine, vostro ordine, notre commande, unsere bestellung, nuestro pedido',
  deliveryAddress:
    'ship to, deliver to, delivered to, shipped to, delivery to, delivery address, shipping address, deliver it to, send it to, livrer a, livrer au, adresse de livraison, livraison a, lieferadresse, lieferanschrift, lieferung an, liefern an, direccion de entrega, entregar en, entrega en, enviar a la direccion, indirizzo di consegna, consegnare a, consegna a, consegna presso, spedire a, deliver goods to, goods to be delivered to, place of delivery, delivery location, drop off address, lieu de livraison, livre a, destination, point de livraison, anlieferadresse, warenempfanger, versand an, versandadresse, lieferort, empfanger, direccion de envio, lugar de entrega, entregar a, enviar a, destino, punto de entrega, destinazione, adresse du chantier, adresse chantier, lieu du chantier, baustellenadresse, site address, job site address, direccion de obra, direccion de la obra, indirizzo cantiere, indirizzo del cantiere, destinazione merce, luogo di consegna, consegnare presso, spedire presso, indirizzo di spedizione',
  deliveryDate:
    'delivery date, date of delivery, requested delivery date, requested delivery, required by, needed by, delivery by, deliver by, deliver on, delivery on, delivery, date de livraison, livraison le, livraison souhaitee, livraison, date souhaitee, liefertermin, lieferdatum, wunschtermin, lieferung am, lieferung bis, fecha de entrega, entrega el, entrega, data di consegna, consegna il, consegna entro, consegna, date required, required date, required delivery date, requested date, due date, date needed, deliver before, delivery before, required on, delai de livraison, livraison prevue, livraison demandee, livrer le, livrer avant le, date de livraison souhaitee, lieferung zum, anlieferung am, liefern bis, lieferfrist, gewunschter liefertermin, benotigt bis, plazo de entrega, fecha de entrega solicitada, fecha solicitada, fecha requerida, entregar antes del, entregar el, consegna richiesta, data consegna, data richiesta, data di consegna richiesta, termine di consegna, consegnare entro il, consegna prevista',
  customerName:
    'customer, customer name, client, client name, nom du client, buyer, company, company name, bill to, kunde, kundenname, firma, auftraggeber, besteller, cliente, nombre del cliente, nome cliente, nome del cliente, empresa, razon social, societe, ditta, azienda, ragione sociale, from, invoice to, sold to, ordered by, purchaser, facturer a, facture a, acheteur, donneur d ordre, rechnung an, rechnungsempfanger, besteller, kaufer, facturar a, comprador, fatturare a, acquirente, committente',
  customerAddress:
    'address, customer address, billing address, invoice address, adresse, adresse de facturation, rechnungsadresse, anschrift, direccion, direccion de facturacion, indirizzo, indirizzo di fatturazione',
  contactName:
    'contact, contact name, contact person, attn, attention, ansprechpartner, kontakt, contacto, contatto, referente, buyer contact, your contact, our contact, interlocuteur, sachbearbeiter, persona de contacto, riferimento, persona di riferimento',
  email: 'email, e mail, mail, courriel, correo, correo electronico',
  phone: 'phone, phone number, tel, telephone, telefon, telefono, mobile, mob, handy, movil, cell, cellulare, portable',
  currency: 'currency, devise, wahrung, waehrung, moneda, divisa, valuta',
  incoterm: 'incoterm, incoterms, delivery terms, lieferbedingung, lieferbedingungen',
  notes:
    'note, notes, remark, remarks, comment, comments, special instructions, remarque, remarques, commentaire, commentaires, bemerkung, bemerkungen, anmerkung, anmerkungen, hinweis, nota, notas, observaciones, comentarios, osservazioni, commenti',
  subtotal:
    'subtotal, sub total, sous total, total ht, montant ht, zwischensumme, nettosumme, gesamt netto, summe netto, subtotale, base imponible, imponibile, net total, total net, total excl vat, total excluding vat, net amount, total hors taxes, total net ht, summe ohne mwst, nettobetrag, warenwert netto, merchandise, merchandise total, montant hors taxes, montant hors taxe, total net amount, neto, total neto, netto, totale netto, totale imponibile, total sin iva',
  tax: 'vat, tax, sales tax, tva, mwst, ust, umsatzsteuer, mehrwertsteuer, iva, i v a, t v a, vat amount, tax amount, montant tva, mwst betrag, importe iva, cuota iva, importo iva, zzgl mwst, plus vat, total vat amount, total tax amount, total tax, vat total, tax total, montant total tva',
  total:
    'total, sum, totals, montant total, summe, gesamt, gesamtsumme, totale, importe total, suma, total documento, totale documento, total commande, total pedido',
  grandTotal:
    'grand total, brutto, gesamtbrutto, gross total, po total, total amount, order total, total due, amount due, total ttc, montant ttc, total general, net a payer, gesamtbetrag, endbetrag, bruttosumme, rechnungsbetrag, gesamt brutto, summe brutto, total a pagar, importe total con iva, totale ordine, totale complessivo, totale generale, totale da pagare, total incl vat, total including vat, total inc vat, total amount due, net a payer ttc, summe inkl mwst, total con iva, totale iva inclusa',
  shipping:
    'fracht, frachtkosten, porto, transportkosten, frais de transport, carriage, delivery charge, shipping, shipping cost, shipping costs, freight, postage, port, frais de port, frais de livraison, versand, versandkosten, envio, gastos de envio, portes, spedizione, spese di spedizione',
};

const BY: readonly string[] = [
  'by, before, until, no later than, not later than, on or before, delivery on, deliver on, arrive on, arriving on',
  'for monday, for tuesday, for wednesday, for thursday, for friday, for saturday, for sunday',
  'pour le, avant le, d ici le, d ici au, au plus tard le, pour',
  'bis, bis zum, bis spatestens, bis spatestens zum, spatestens am, spatestens bis, vor dem, zum, fur den',
  'para el, antes del, antes de, a mas tardar el, hasta el, para',
  'entro il, entro, entro e non oltre il, per il, prima del, non oltre il',
];

/** What may stand between a preposition or a label and the date. */
const BEFORE_DATE = words(
  'the is on at spatestens le el il den dem der zum am est ist es e latest date on or : , . - ( monday tuesday wednesday thursday friday saturday sunday lundi mardi mercredi jeudi vendredi samedi dimanche montag dienstag mittwoch donnerstag freitag samstag sonntag lunes martes miercoles jueves viernes sabado domingo lunedi martedi mercoledi giovedi venerdi sabato domenica mon tue wed thu fri',
);
const BEFORE_DATE_TOKENS = 4;
const MAX_LABEL_TOKENS = 14;
/** What words may mean together. */
const MEANT: ReadonlySet<Label> = new Set([
  ...(['poNumber', 'order', 'deliveryAddress', 'deliveryDate'] as const),
  ...(['customerName', 'customerAddress', 'currency'] as const),
]);
const NUMBER_WORDS = words('no nr nro num number numero numer nummer n # № ref id');
const COLONS = words(': =');
/** Do not count between the words of a label: `P.O.`, `sous-total`, `n.º`. */
const INNER_MARKS = words(". - ' ’ ° / *");
/** A full stop after these ends no sentence. */
const ABBREVIATIONS = words(
  'st rd ave av blvd bd dr no nr n apt ste str pl pza c ctra via mr mrs ms inc ltd co corp ca approx pcs pc stk pz ud uds art ref tel bzw sig sr sra mme coop avda avd bldg ind urb edif esc izq dcha res bat fraz loc pol prov hl gral cia',
);

const labels = index(Object.entries(LABELS).map(([label, list]) => [label as Label, list] as const));
const prepositions = index(BY.map((list) => ['by', list] as const));

/** The label that begins at the token. */
export function labelAt(page: Page, at: number): LabelMatch | null {
  const phrase = phraseAt(page, at);
  if (!page.body[at]?.first || (phrase?.marked && COLONS.has(wordAt(page.body, phrase.next - 1)))) return phrase;
  return meantAt(page, at, phrase?.label) ?? phrase;
}

/** What the words of a line mean together, up to its colon or its end. A phrase that is all of it needs no more. */
function meantAt({ body }: Page, at: number, phrase: Label | undefined): LabelMatch | null {
  const { line } = body[at] as Token;
  const said: string[] = [];
  for (let next = at; next <= at + MAX_LABEL_TOKENS; next += 1) {
    const token = body[next];
    const ended = token?.line !== line;
    if (ended || token?.word === ':') {
      const label = labelMeant(said);
      // Totals, contacts and remarks are named by phrases alone.
      if (!label || (phrase && !MEANT.has(phrase))) return null;
      return { label, next: ended ? next : next + 1, marked: !ended };
    }
    if (token.kind === 'number' || token.kind === 'date') return null;
    if (token.kind === 'word' || token.word === '#') said.push(token.word);
  }
  return null;
}

function phraseAt({ body }: Page, at: number): LabelMatch | null {
  const match = matchAt(labels, body, at);
  if (!match) return null;
  const { line } = body[match.next - 1] as Token;
  let next = match.next;
  let marked = match.value === 'poNumber' && isNumberWord(body[match.next - 1] as Token);
  for (let token = body[next]; token?.line === line; token = body[next]) {
    const colon = COLONS.has(token.word);
    const counts = !marked || !colon ? NUMBER_WORDS.has(token.word) : false;
    const dot = /^[.°*)o]$/.test(token.word) && !token.spaced;
    if (!colon && !counts && !dot) break;
    marked ||= !dot;
    next += 1;
    if (colon) break;
  }
  return { label: match.value, next, marked };
}

/** Whether the token is `no.`, `#` or another word for number. */
export const isNumberWord = ({ word }: Token): boolean => NUMBER_WORDS.has(word);

/** A preposition and the date it points at. */
export function dateByAt(page: Page, at: number, dayFirst: boolean | null): (DateReading & { from: number }) | null {
  const match = matchAt(prepositions, page.body, at);
  return match && dateNear(page, match.next, dayFirst);
}

/** The date at the token or behind a few words that lead to one. */
export function dateNear(
  { body }: Page,
  at: number,
  dayFirst: boolean | null,
): (DateReading & { from: number }) | null {
  const flow = body[at]?.flow;
  for (let from = at; from <= at + BEFORE_DATE_TOKENS; from += 1) {
    const date = body[from]?.flow === flow ? dateAt(body, from, dayFirst) : null;
    if (date && body[date.next - 1]?.flow === flow) return { ...date, from };
    if (!BEFORE_DATE.has(wordAt(body, from))) return null;
  }
  return null;
}

/** Whether the token is a mark at the end of a value that does not belong to it: not the full stop of `Inc.` */
export function isLoose(tokens: readonly Token[], at: number): boolean {
  const mark = wordAt(tokens, at);
  return /^[-,:;–—(|]$/.test(mark) || (mark === '.' && !isAbbreviation(tokens[at - 1]));
}

/** `Inc`, and single letters such as those of `S.r.l.` */
const isAbbreviation = (token: Token | undefined): boolean =>
  token !== undefined &&
  (ABBREVIATIONS.has(token.word) || (token.kind === 'word' && (token.word.length === 1 || /str$/.test(token.word))));

/** Whether the token ends a sentence; a full stop does not after an abbreviation. */
export function endsSentence({ body }: Page, at: number): boolean {
  const [before, token, after] = [body[at - 1], body[at], body[at + 1]];
  if (token?.kind !== 'mark') return false;
  if (/^[;!?]$/.test(token.word)) return true;
  if (token.word !== '.' || (after && !after.spaced)) return false;
  return after?.flow !== token.flow || !isAbbreviation(before);
}

type Index<V> = ReadonlyMap<string, readonly { value: V; rest: Sequence }[]>;

function index<V>(entries: readonly (readonly [V, string])[]): Index<V> {
  const byFirst = new Map<string, { value: V; rest: Sequence }[]>();
  for (const [value, list] of entries) {
    for (const phrase of list.split(', ')) {
      const [first = '', ...rest] = phrase.split(' ');
      byFirst.set(
        first,
        [...(byFirst.get(first) ?? []), { value, rest }].sort((a, b) => b.rest.length - a.rest.length),
      );
    }
  }
  return byFirst;
}

function matchAt<V>(phrases: Index<V>, tokens: readonly Token[], at: number): { value: V; next: number } | null {
  const flow = tokens[at]?.flow;
  for (const { value, rest } of phrases.get(wordAt(tokens, at)) ?? []) {
    let next = at + 1;
    const complete = rest.every((word) => {
      if (INNER_MARKS.has(wordAt(tokens, next))) next += 1;
      next += 1;
      return tokens[next - 1]?.word === word && tokens[next - 1]?.flow === flow;
    });
    if (complete) return { value, next };
  }
  return null;
}
