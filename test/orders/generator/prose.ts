/**
 * Orders as people write them in a message: sentences and a list, without a table.
 *
 * Owns: the wording of the list and of the fields around it, quoted old orders and signatures, and what a reader should
 * make of them.
 */
import { formatAmount, formatDay, isAmbiguous, symbolOf, toNumber } from './amounts.ts';
import type { Dice } from './dice.ts';
import { acceptedUnits, addressesOf } from './expectation.ts';
import { decoyMarks, type Paper } from './paper.ts';
import type { Expected, ExpectedField, HeaderField, Order, OrderItem } from './truth.ts';
import { fill, unitsOf } from './wording/wording.ts';

export interface Prose {
  text: string;
  /** The text without what it quotes. */
  said: string;
  subject: string;
  expected: Expected;
  features: readonly string[];
}

export function proseOf(paper: Paper, dice: Dice): Prose {
  const { order, style, wording } = paper;
  const priced = dice.chance(0.5);
  const template = dice.pick(priced ? wording.pricedItems : wording.items);
  const units = new Map(order.items.map(({ unit }) => [unit, dice.pick(unitsOf(order.language)[unit])]));
  const items = order.items.slice(0, 12);
  const list = items.map((item) => sayItem(item, template, units.get(item.unit) as string, paper));
  const header: Partial<Record<HeaderField, ExpectedField>> = {
    'customer.name': { accepted: [order.buyer.name], required: false },
    'customer.vat': { accepted: [order.buyer.vat], required: false },
  };
  const before: string[] = [];
  const after: string[] = [];
  const say = (templates: readonly string[], values: Record<string, string>) => {
    (dice.chance(0.5) ? before : after).push(fill(dice.pick(templates), values));
  };
  const subject = fill(dice.pick(wording.subject), { po: order.poNumber, name: order.buyer.name });
  if (dice.chance(0.85)) say(wording.says.po, { po: order.poNumber });
  const saysPo = [...before, ...after, subject].some((text) => text.includes(order.poNumber));
  if (saysPo) header.po_number = { accepted: [order.poNumber], required: true };
  if (dice.chance(0.85)) {
    say(wording.says.day, { day: formatDay(order.deliveryDay, style.days, order.language) });
    header['delivery.date'] = { accepted: [order.deliveryDay], required: !isAmbiguous(order.deliveryDay, style.days) };
  }
  if (dice.chance(0.75)) {
    const { name, street, town } = order.site;
    say(wording.says.place, { place: '{place}' });
    for (const part of [before, after]) {
      part.forEach((line, i) => {
        part[i] = line.replace(
          '{place}',
          line.includes('\n') ? [name, street, town].join('\n') : `${name}, ${street}, ${town}`,
        );
      });
    }
    header['delivery.address'] = { accepted: addressesOf(order.site), required: true };
  }
  if (priced) header.currency = { accepted: [order.currency], required: true };
  const sections = [
    fill(dice.pick(wording.greeting), { name: order.supplier.person }),
    ...(before.length > 0 ? [before.join('\n')] : []),
    dice.pick(wording.intro),
    list.join('\n'),
    ...(after.length > 0 ? [after.join(dice.pick(['\n', '\n\n']))] : []),
    dice.pick([[], [dice.pick(wording.notes)]]).join(''),
    signatureOf(order, dice.pick(wording.closing), dice),
  ].filter((section) => section !== '');
  const quotes = dice.chance(0.3);
  const said = `${sections.join('\n\n')}\n`;
  return {
    text: quotes ? `${said}\n${quotedOrder(paper, dice)}\n` : said,
    ...{ said, subject },
    expected: {
      lines: items.map((item) => ({
        sku: [item.sku],
        description: [item.description],
        qty: toNumber(item.qty),
        uom: template.includes('{unit}') ? acceptedUnits(item, units.get(item.unit) as string) : [null, 'ea'],
        unit_price: priced ? toNumber(item.unitPrice) : null,
        total_price: null,
      })),
      tolerated: [],
      header,
      days: quotes ? [order.deliveryDay, paper.decoy.orderDay] : [order.deliveryDay],
      traps: quotes ? decoyMarks(paper.decoy, 0, 1, 2) : [],
    },
    features: [`"${template}"`, ...(quotes ? ['quotes an old order'] : [])],
  };
}

function sayItem(item: OrderItem, template: string, unit: string, { order, style }: Paper): string {
  const money = formatAmount(item.unitPrice, style.numbers);
  const symbol = symbolOf(order.currency);
  const price = order.language === 'en' ? `${symbol}${money}` : `${money} ${symbol}`;
  const qty = formatAmount(item.qty, { ...style.numbers, group: '' });
  return fill(template, { qty, unit, price, sku: item.sku, description: item.description });
}

function signatureOf({ buyer }: Order, closing: string, dice: Dice): string {
  const mark = dice.chance(0.3) ? ['-- '] : [];
  const lines = [
    buyer.person,
    buyer.name,
    `${buyer.street}, ${buyer.town}`,
    `Tel. ${buyer.phone}`,
    buyer.email,
    `USt/VAT ${buyer.vat}`,
  ];
  return [closing, ...mark, ...lines.slice(0, dice.int(1, 5))].join('\n');
}

/** What was ordered another time, below the message. */
export function quotedOrder({ decoy, order, style, wording }: Paper, dice: Dice): string {
  const values = {
    name: order.supplier.person,
    email: order.supplier.email,
    day: formatDay(decoy.orderDay, style.days, order.language),
  };
  const old = [
    wording.oldOrder,
    ...decoy.items.slice(0, 3).map(({ qty, sku, description }) => `- ${qty.digits} x ${sku} ${description}`),
    fill(wording.says.po[0] as string, { po: decoy.poNumber }),
  ];
  if (dice.chance(0.7)) return [fill(wording.quoted, values), ...old.map((line) => `> ${line}`)].join('\n');
  const head = [
    `${wording.from}: ${values.name} <${values.email}>`,
    `${wording.sent}: ${values.day}`,
    `${wording.to}: ${order.buyer.email}`,
  ];
  return [
    ...head,
    `${wording.subjectLabel}: ${fill(wording.subject[0] as string, { po: decoy.poNumber, name: order.buyer.name })}`,
    '',
    ...old,
  ].join('\n');
}
