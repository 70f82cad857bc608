/**
 * The language that an order is written in.
 *
 * Owns: the words that give a language away. The one with most of them counts, English where none has any.
 */
import { fold, words } from './tokens.ts';

export const LANGUAGES = ['en', 'fr', 'de', 'es', 'it'] as const;
export type Language = (typeof LANGUAGES)[number];

const MAX_CHARACTERS = 20_000;
const WORD = /\p{L}+/gu;
const SIGNS: Readonly<Record<Language, ReadonlySet<string>>> = {
  en: words(
    'the of and for please order ship item description quantity qty price unit amount delivery address with you we by your our send thanks regards date from customer number is are this invoice subtotal',
  ),
  fr: words(
    'le les des du et pour veuillez merci commande livraison adresse reference designation quantite qte prix montant pu ht tva ttc sous bonjour nous vous votre notre avec est bon societe cordialement unite envoyer souhaitons',
  ),
  de: words(
    'der die das und fur bitte bestellung lieferung lieferadresse liefertermin artikel artikelnummer bezeichnung menge anzahl preis einzelpreis gesamtpreis betrag summe mwst zwischensumme wir sie ihre unsere mit ist gmbh einheit stuck stk guten hallo gruss grussen vom bestellnummer bestellen',
  ),
  es: words(
    'el los las y para por favor pedido entrega direccion referencia codigo articulo descripcion cantidad precio importe unidad gracias saludos nosotros nuestra nuestro con fecha hola envio necesitamos buenos rogamos',
  ),
  it: words(
    'il gli e per favore ordine consegna indirizzo codice articolo descrizione quantita qta prezzo importo totale unita grazie saluti noi nostra nostro con data buongiorno spedizione vorremmo della del imponibile ordiniamo',
  ),
};

/** The language of texts of any length. */
export function languageOf(texts: readonly string[]): Language {
  const counts: Record<Language, number> = { en: 0, fr: 0, de: 0, es: 0, it: 0 };
  for (const text of texts) {
    for (const [word] of fold(text.slice(0, MAX_CHARACTERS)).matchAll(WORD)) {
      for (const language of LANGUAGES) if (SIGNS[language].has(word)) counts[language] += 1;
    }
  }
  return LANGUAGES.reduce((best, language) => (counts[language] > counts[best] ? language : best));
}
