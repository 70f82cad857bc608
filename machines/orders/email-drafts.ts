/**
 * Answers to who ordered, for a person to send.
 *
 * Owns: their wording in five languages. Foreign text stands on one line and is short: it cannot pass for ours.
 */
import type { EmailDraft, MissingField, OrderDraft } from '../../schemas/types.ts';
import { exceedsCodePoints } from '../formulas/code-points.ts';
import { oneLine } from './issues.ts';
import { UNKNOWN_SKU } from './order-issues.ts';
import type { Language } from './texts/language.ts';
import { plainDecimal } from './values/decimals.ts';

interface Wording {
  greeting: string;
  asks: string;
  received(order: string, lines: number): string;
  confirmed(order: string): string;
  order: string;
  closing: string;
}

const WORDINGS: Readonly<Record<Language, Wording>> = {
  en: {
    greeting: 'Hello,',
    asks: 'Thank you for your order. To process it we still need:',
    received: (order, lines) =>
      `Thank you. We have received ${order} with ${lines} ${lines === 1 ? 'line' : 'lines'} and are checking it.`,
    confirmed: (order) => `We confirm ${order}:`,
    order: 'your order',
    closing: 'Kind regards',
  },
  fr: {
    greeting: 'Bonjour,',
    asks: 'Merci pour votre commande. Pour la traiter, il nous manque :',
    received: (order, lines) =>
      `Merci. Nous avons bien reçu ${order} avec ${lines} ${lines === 1 ? 'ligne' : 'lignes'} et la vérifions.`,
    confirmed: (order) => `Nous confirmons ${order} :`,
    order: 'votre commande',
    closing: 'Cordialement',
  },
  de: {
    greeting: 'Guten Tag,',
    asks: 'vielen Dank für Ihre Bestellung. Uns fehlen noch folgende Angaben:',
    received: (order, lines) =>
      `vielen Dank. Wir haben ${order} mit ${lines} ${lines === 1 ? 'Position' : 'Positionen'} erhalten und prüfen sie.`,
    confirmed: (order) => `wir bestätigen ${order}:`,
    order: 'Ihre Bestellung',
    closing: 'Mit freundlichen Grüßen',
  },
  es: {
    greeting: 'Buenos días:',
    asks: 'Gracias por su pedido. Para tramitarlo nos falta:',
    received: (order, lines) =>
      `Gracias. Hemos recibido ${order} con ${lines} ${lines === 1 ? 'línea' : 'líneas'} y lo estamos revisando.`,
    confirmed: (order) => `Confirmamos ${order}:`,
    order: 'su pedido',
    closing: 'Saludos cordiales',
  },
  it: {
    greeting: 'Buongiorno,',
    asks: 'grazie per il vostro ordine. Per elaborarlo ci manca ancora:',
    received: (order, lines) =>
      `grazie. Abbiamo ricevuto ${order} con ${lines} ${lines === 1 ? 'riga' : 'righe'} e lo stiamo verificando.`,
    confirmed: (order) => `confermiamo ${order}:`,
    order: 'il vostro ordine',
    closing: 'Cordiali saluti',
  },
};

/** Who is answered, about what, in which language. */
export interface Correspondence {
  to: string;
  subject: string;
  language: Language;
}

/** Asks for what is missing, or says that the order has come. That a model was not reachable is our business. */
export function answerDraft(about: Correspondence, draft: OrderDraft, missing: readonly MissingField[]): EmailDraft {
  const wording = WORDINGS[about.language];
  const asked = missing
    .filter(({ field }) => field !== 'gateway')
    .map(({ field, reason }) => `- ${oneLine(field)}: ${oneLine(reason)}`);
  if (asked.length > 0) return email(about, wording, [wording.asks, ...asked]);
  return email(about, wording, [wording.received(orderName(wording, draft), draft.lines.length)]);
}

/** Confirms the lines of an approved order. */
export function confirmationDraft(about: Correspondence, draft: OrderDraft): EmailDraft {
  const wording = WORDINGS[about.language];
  const lines = draft.lines.map(({ line_no, sku, description, qty, uom }) => {
    const name = [sku === UNKNOWN_SKU ? '' : sku, description ?? ''].map(oneLine).filter(Boolean).join(' – ');
    return `${line_no}. ${plainDecimal(qty)}${uom ? ` ${oneLine(uom)}` : ''} × ${name}`;
  });
  return email(about, wording, [wording.confirmed(orderName(wording, draft)), ...lines]);
}

const orderName = ({ order }: Wording, { po_number }: OrderDraft): string =>
  po_number ? `${order} ${oneLine(po_number)}` : order;

const email = (
  { to, subject }: Correspondence,
  { greeting, closing }: Wording,
  body: readonly string[],
): EmailDraft => ({
  to,
  subject: `Re: ${oneLine(subject)}`,
  body_text: fitting((shown) => [greeting, '', ...shown, '', closing].join('\n'), body),
});

/** A message has no more code points. */
const MAX_BODY = 20_000;

/** The text of all lines; of more than a message holds, the first, and how many are left out. */
function fitting(textOf: (lines: readonly string[]) => string, lines: readonly string[]): string {
  const cut = (count: number): string =>
    textOf(count === lines.length ? lines : [...lines.slice(0, count), `… (+${lines.length - count})`]);
  let [fits, tooMany] = [0, lines.length + 1];
  while (tooMany - fits > 1) {
    const count = (fits + tooMany) >> 1;
    if (exceedsCodePoints(cut(count), MAX_BODY)) tooMany = count;
    else fits = count;
  }
  return cut(fits);
}
