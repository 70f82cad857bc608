/**
 * The lines of the order: those of the attachments, else of the message; with totals, and checked against them.
 *
 * Owns: which source the lines are taken from, which of several stated totals is the order's, and what the message says
 * otherwise. The message does not add to attachments: it speaks of them.
 */

import type { DocumentLine, DocumentReading, ReadTable } from './document-reading.ts';
import type { LineFields } from './line-fields.ts';
import type { Said } from './settling.ts';
import type { Found } from './sources.ts';
import type { TotalKind } from './tables/totals-rows.ts';
import { fold } from './texts/tokens.ts';
import { confirmTotals, pricedLine, sumOfLines, type Totals } from './values/arithmetic.ts';
import { decimal, equalToCents } from './values/decimals.ts';
import { settle } from './values/fields.ts';

export interface OrderLines {
  lines: readonly DocumentLine[];
  totals: Totals<Found>;
  /** Stated, but no field of a draft. */
  shipping: Found | undefined;
  /** Totals with a name that says that tax is included. */
  gross: boolean;
  /** Lines of the message that say something else than the attachments. */
  contradictions: readonly Contradiction[];
}

export interface Contradiction {
  /** What the message says. */
  said: LineFields<Found>;
  /** The line, from 1, that is taken instead; null if no attachment has it. */
  taken: { no: number; fields: LineFields<Found> } | null;
}

/** The lines of attachments and message; `message` is body and subject. */
export function linesOfOrder(attached: readonly DocumentReading[], message: readonly DocumentReading[]): OrderLines {
  const ofFiles = attached.flatMap(({ lines }) => lines);
  const ofMessage = message.find(({ lines }) => lines.length > 0)?.lines ?? [];
  const lines = ofFiles.length > 0 ? ofFiles : ofMessage;
  const readings = [...attached, ...message];
  const { totals, shipping, gross } = totalsOf(
    readings.flatMap(({ tables }) => tables),
    readings.map(({ found }) => found),
    lines,
  );
  const confirmed = confirmTotals(
    lines.map(({ fields }) => fields),
    totals,
  );
  return {
    lines: lines.map((line, index) => ({ ...line, fields: confirmed.lines[index] as LineFields<Found> })),
    totals: confirmed.totals,
    ...{ shipping, gross },
    contradictions: ofFiles.length > 0 ? contradictions(ofFiles, ofMessage) : [],
  };
}

type StatedTotals = Pick<OrderLines, 'totals' | 'shipping' | 'gross'>;

function totalsOf(tables: readonly ReadTable[], said: readonly Said[], lines: readonly DocumentLine[]): StatedTotals {
  const sum = sumOf(lines.map(({ fields }) => fields));
  // Several tables with a subtotal each have none together.
  const [first, ...others] = tables.filter(({ totals }) => totals.some(({ kind }) => kind !== 'shipping'));
  const apart = first !== undefined && others.length > 0 && [first, ...others].every(agreesWithItself);
  const of = (kind: TotalKind): Found | undefined => {
    const stated = tables.flatMap(({ totals }) => totals.flatMap((total) => (total.kind === kind ? total.amount : [])));
    const whole = stated.find((amount) => isSum(amount, sum));
    if (whole) return whole;
    if (stated.length > 1 && apart) return undefined;
    const labeled = said.map((source) => settle(source.get(`totals.${kind}`) ?? [])).find(Boolean);
    return stated.at(-1) ?? labeled;
  };
  const [subtotal, tax, grand, net] = [of('subtotal'), of('tax'), of('grand'), of('total')];
  const total = grand ?? net;
  return {
    totals: { ...(subtotal && { subtotal }), ...(tax && { tax }), ...(total && { total }) },
    shipping: of('shipping'),
    gross: grand !== undefined,
  };
}

const agreesWithItself = ({ lines, totals }: ReadTable): boolean => {
  const sum = sumOf(lines);
  return totals.some(({ amount }) => isSum(amount, sum));
};

const sumOf = (lines: readonly LineFields<Found>[]): number | null => sumOfLines(lines.map(pricedLine));

const isSum = ({ value }: Found, sum: number | null): boolean =>
  typeof value === 'number' && sum !== null && equalToCents(decimal(value), decimal(sum));

/** What the message says of lines: of a known one another quantity, of an unknown one that it is ordered. */
function contradictions(lines: readonly DocumentLine[], said: readonly DocumentLine[]): Contradiction[] {
  const known = new Map<string, number>();
  for (const [index, { fields }] of lines.entries()) {
    for (const name of namesOf(fields)) if (!known.has(name)) known.set(name, index);
  }
  return said.flatMap(({ fields }): Contradiction[] => {
    const index = namesOf(fields).flatMap((name) => known.get(name) ?? [])[0];
    if (index === undefined) return isDefinite(fields) ? [{ said: fields, taken: null }] : [];
    const taken = (lines[index] as DocumentLine).fields;
    const differs = fields.qty?.value != null && taken.qty?.value != null && fields.qty.value !== taken.qty.value;
    return differs ? [{ said: fields, taken: { no: index + 1, fields: taken } }] : [];
  });
}

/** By what a line can be known again. */
const namesOf = ({ sku, description }: LineFields<Found>): string[] =>
  [sku, description].flatMap((field) =>
    field
      ? [
          fold(String(field.value))
            .replace(/[^\p{L}\p{N}]+/gu, ' ')
            .trim(),
        ]
      : [],
  );

/** `5 boxes of pens` is ordered, `our 3 items` speaks of the attachment. */
const isDefinite = ({ sku, uom, unit_price }: LineFields<Found>): boolean => Boolean(sku ?? uom ?? unit_price);
