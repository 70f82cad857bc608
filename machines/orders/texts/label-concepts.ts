/**
 * What a label means by the words it is made of, where it is no phrase of the list.
 *
 * Owns: the stems of what orders state besides their lines, and which field they name together. A label is short and
 * stands by itself, before a colon or in a cell of its own; in running text only phrases count.
 */

export type Label =
  | 'poNumber'
  | 'order'
  | 'deliveryAddress'
  | 'deliveryDate'
  | 'customerName'
  | 'customerAddress'
  | 'contactName'
  | 'email'
  | 'phone'
  | 'currency'
  | 'incoterm'
  | 'notes'
  | 'subtotal'
  | 'tax'
  | 'total'
  | 'grandTotal'
  | 'shipping';

/** Each is tried on one folded word. */
const CONCEPTS = {
  order:
    /^(?:po|order|purchase|commande|cde|bc|bestell(?:ung|schein|referenz)?|best|auftrag|auftrags|pedido|ped|orden|oc|ordine|ord|oda|requisition)$/u,
  number: /^(?:no|nr|num|number|numero|nummer|n|ref|reference|referenz|referencia|riferimento|rif|zeichen|id|code|#)$/u,
  /** One word: `Bestellnr`. */
  orderNumber: /^(?:bestell|auftrags?|order|po|commande|pedido)(?:nr|nummer|no|num|number|ref|referenz)$/u,
  deliver:
    /^(?:deliver\p{L}*|ship\p{L}*|livr\p{L}*|(?:an|aus)?liefer(?:ung|ort|adresse|anschrift|n|stelle)?|versand|versenden|entreg\p{L}*|envi(?:o|ar|os)|consegn\p{L}*|spedi\p{L}*|destin(?:o|ation|azione)|recib\p{L}*|recep\p{L}*|ricev\p{L}*|scarico|ablade\p{L}*|empfang\p{L}*|warenempf\p{L}*|consignee|drop)$/u,
  goods: /^(?:goods|destinatari[oe]?|ware|merce|mercancia|marchandises?)$/u,
  place:
    /^(?:address|adresse|anschrift|direccion|indirizzo|place|lieu|site|ort|stelle|lugar|luogo|location|point|punto|to|a|an|bei|en|nach|presso|para|per|chez)$/u,
  date: /^(?:dates?|datum|fecha|data|termin|tag|day|jour|dia|giorno|by|before|on|bis|am|zum|avant|antes|entro|deadline|limite?|plazo|frist|delai|echeance|scadenza|eta|due|when|il|le|el)$/u,
  /** Says by itself that a day follows. */
  term: /^(?:liefertermin|lieferdatum|lieferfrist|wunsch(?:liefer)?(?:termin|datum)|delai|plazo|eta|arrivee|arrivo|llegada|ankunft|echeance|scadenza|deadline|termin)$/u,
  need: /^(?:required?|requested|needed|wanted|wunsch\p{L}*|gewunscht\p{L}*|benotigt|souhait\p{L}*|voulue?|demandee?|dese\p{L}*|necesit\p{L}*|solicitad\p{L}*|requerid\p{L}*|richiest[oa]|desiderat[oa]|serve|arrive|arrival|prevue?|previst[oa])$/u,
  customer:
    /^(?:customer|client|cliente|kunde|buyer|purchaser|besteller|auftraggeber|acheteur|comprador|acquirente|committente|company|firmenname|societe|empresa|azienda|ditta|esercizio|betrieb|ragione|raison|razon|establecimiento|organi[sz]ation)$/u,
  by: /^(?:by|from|von|durch|par|por|da|de|dal)$/u,
  ordered: /^(?:ordered|bestellt|commande|pedido|ordinato|auftrag)$/u,
  name: /^(?:name|nom|nombre|nome|sociale?|account)$/u,
  currency:
    /^(?:(?:beleg|bestell|auftrags|dokument)?wahrung|currency|ccy|cur|wahrung|waehrung|whrg|wahr|devise|monnaie|moneda|divisa|valuta)$/u,
  amounts: /^(?:prices|amounts|prix|montants|preise|betrage|precios|importes|prezzi|importi)$/u,
  in: /^(?:in|en|quoted|exprimes|expresados|espressi)$/u,
  /** Of somebody or something else. */
  aside:
    /^(?:supplier|vendor|seller|lieferant\p{L}*|fournisseur|vendeur|proveedor|vendedor|fornitore|venditore|payment|zahlung\p{L}*|paiement|pago|pagamento|terms|conditions|bedingung\p{L}*|condiciones|condizioni|method|mode|via|durch|art|versandart|carrier|transport\p{L}*|note|slip|lieferschein|schein|cost|costs|kosten|versandkosten|frais|gastos|spese|phone|tel|fax|mail|email|contact|week|woche|semaine|semana|settimana|project|projet|projekt|proyecto|progetto|contatto|contacto|kontakt|persona|person|responsable|referente|ansprechpartner|sachbearbeit\p{L}*|total|price|qty|quantity|menge)$/u,
} as const;
type Concept = keyof typeof CONCEPTS;

/** More words are a sentence. */
const MAX_WORDS = 6;

/** The label that folded words name together; null if they name none. */
export function labelMeant(said: readonly string[]): Label | null {
  if (said.length === 0 || said.length > MAX_WORDS) return null;
  const has = (concept: Concept): boolean => said.some((word) => CONCEPTS[concept].test(word));
  if (has('aside')) return null;
  if (has('currency') || (has('amounts') && has('in'))) return 'currency';
  // `Commandé par` says who, `Bon de commande` what.
  const ordered = CONCEPTS.ordered.test(said[0] as string);
  return deliveryMeant(has) ?? orderMeant(has, ordered);
}

function deliveryMeant(has: (concept: Concept) => boolean): Label | null {
  if (has('term') && !has('order')) return 'deliveryDate';
  const delivers = has('deliver') || (has('goods') && has('place'));
  if (has('need') && !has('order') && !has('number') && (has('date') || delivers)) return 'deliveryDate';
  // `Deliver by` says a day, `Liefern an` a place; with both words the day is meant: `Data di consegna`.
  if (delivers && has('date') && !has('order')) return 'deliveryDate';
  return delivers && !has('number') ? 'deliveryAddress' : null;
}

function orderMeant(has: (concept: Concept) => boolean, ordered: boolean): Label | null {
  if (has('date') && !has('orderNumber')) return null;
  if (ordered && has('by') && !has('number')) return 'customerName';
  if (has('orderNumber') || (has('order') && has('number'))) return 'poNumber';
  return has('customer') && !has('number') && !has('place') ? 'customerName' : null;
}
