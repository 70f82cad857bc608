/**
 * Puts an order on paper in a style.
 *
 * Owns: the columns, rows, facts and totals. Does not own: what a reader should make of them (`expectation.ts`).
 */
import { amountOf, formatAmount, formatDay, symbolOf, times } from './amounts.ts';
import type { Dice } from './dice.ts';
import { expectedOf } from './expectation.ts';
import type { Block, Column, Fact, Paper, Row, Shown, Style, TotalName } from './paper.ts';
import type { Amount, HeaderField, Order, OrderItem, Party } from './truth.ts';
import { type ColumnRole, fill, unitsOf, wordingOf } from './wording/wording.ts';

export function compose(plain: Order, decoy: Order, style: Style, dice: Dice): Paper {
  const order = discounted(plain, style);
  const wording = wordingOf(order.family, order.language);
  const unitTexts = unitWords(order, dice);
  const show = painter(order, style);
  const columns = columnsOf(order, style, dice);
  const rows = order.items.map((item, at) => ({
    kind: 'item' as const,
    cells: columns.map(({ role }) => cellOf(role, item, at, { order, style, unitTexts, show })),
  }));
  const facts = factsOf(order, style, dice);
  const blocks = blocksOf(order, style, dice);
  const features = [
    ...(style.perHundred ? ['prices per 100'] : []),
    ...(style.qtyWithUnit ? ['unit in quantity'] : []),
    ...(style.stacked ? ['two header rows'] : []),
    ...(style.columns.includes('discount') ? ['discounts'] : []),
    ...(style.sections ? ['section rows'] : []),
    ...(style.codeless === null ? [] : ['a line without code']),
    `currency in ${style.currencyPlace}`,
    ...[...facts, ...blocks].flatMap(({ field, label }) => (field === null ? [] : [`${field} as "${label}"`])),
    `header: ${columns.map(({ header, over }) => (over === '' ? header : `${over}/${header}`)).join(' | ')}`,
    ...(['sku', 'description', 'unit_price', 'uom'] as const)
      .filter((role) => !style.columns.includes(role))
      .map((role) => `no ${role} column`),
  ];
  const sectionTexts = style.sections ? ['A', 'B'].map((part) => `${part} – ${wording.titles[0]}`) : [];
  return {
    ...{ order, wording, style, decoy, columns, features },
    letterhead: letterheadOf(order.buyer, dice),
    title: dice.pick(wording.titles),
    facts,
    blocks,
    intro: dice.pick(wording.intro),
    notes: dice.sample(wording.notes, dice.int(0, 2)),
    closing: [dice.pick(wording.closing), order.buyer.person],
    rows: spread(rows, sectionTexts, style),
    totals: totalsOf(order, style, dice, show),
    expected: expectedOf(order, style, unitTexts, sectionTexts),
  };
}

function discounted(order: Order, style: Style): Order {
  if (!style.columns.includes('discount')) return order;
  const items = order.items.map((item, at) => {
    const percent = style.discounts[at % style.discounts.length] ?? 0;
    return { ...item, total: times(times(item.qty, item.unitPrice, 4), amountOf(100 - percent, 2), 2) };
  });
  const subtotal = amountOf(
    items.reduce((sum, { total }) => sum + total.digits, 0),
    2,
  );
  const tax = times(subtotal, amountOf(order.vatTenths, 3), 2);
  return { ...order, items, subtotal, tax, total: amountOf(subtotal.digits + tax.digits, 2) };
}

function unitWords(order: Order, dice: Dice): string[] {
  const chosen = new Map<string, string>();
  return order.items.map(({ unit }) => {
    const text = chosen.get(unit) ?? dice.pick(unitsOf(order.language)[unit]);
    chosen.set(unit, text);
    return text;
  });
}

type Show = (amount: Amount, kind: 'qty' | 'money') => Shown;

function painter(order: Order, style: Style): Show {
  return (amount, kind) => {
    const text = formatAmount(amount, kind === 'qty' ? { ...style.numbers, group: '' } : style.numbers);
    if (kind === 'qty' || style.currencyPlace !== 'cells') return { text, amount };
    const symbol = symbolOf(order.currency);
    return {
      text: order.language === 'en' ? `${symbol}${symbol.length > 1 ? ' ' : ''}${text}` : `${text} ${symbol}`,
      amount,
    };
  };
}

function columnsOf(order: Order, style: Style, dice: Dice): Column[] {
  const wording = wordingOf(order.family, order.language);
  const [over, unit, total] = wording.priceGroup;
  const isPrice = (role: ColumnRole) => role === 'unit_price' || role === 'total_price';
  const currency = dice.pick([order.currency, symbolOf(order.currency)]);
  return style.columns.map((role) => {
    let header = dice.pick(wording.headers[role]);
    if (role === 'unit_price' && style.perHundred) header = dice.pick(wording.per100);
    if (style.stacked && isPrice(role)) header = role === 'unit_price' ? unit : total;
    if (style.currencyPlace === 'headers' && isPrice(role))
      header += dice.pick([` (${currency})`, ` ${currency}`, ` [${currency}]`]);
    return {
      role,
      header: style.headerCase === 'upper' ? header.toUpperCase() : header,
      over: style.stacked && isPrice(role) ? over : '',
    };
  });
}

interface CellInputs {
  order: Order;
  style: Style;
  unitTexts: readonly string[];
  show: Show;
}

function cellOf(role: ColumnRole, item: OrderItem, at: number, { order, style, unitTexts, show }: CellInputs): Shown {
  const text = (value: string): Shown => ({ text: value });
  const unit = unitTexts[at] as string;
  switch (role) {
    case 'line_no':
      return {
        text: String((at + 1) * (order.family === 'a' ? 10 : 1)),
        amount: amountOf((at + 1) * (order.family === 'a' ? 10 : 1), 0),
      };
    case 'sku':
      return text(style.codeless === at ? '' : item.sku);
    case 'second_code':
      return text(item.secondCode);
    case 'ean':
      return text(item.ean);
    case 'description':
      return text(item.description);
    case 'qty': {
      const shown = show(item.qty, 'qty');
      return style.qtyWithUnit ? text(`${shown.text} ${unit}`) : shown;
    }
    case 'uom':
      return text(unit);
    case 'unit_price':
      return show(
        style.perHundred ? { ...item.unitPrice, digits: item.unitPrice.digits * 100 } : item.unitPrice,
        'money',
      );
    case 'discount': {
      const percent = style.discounts[at % style.discounts.length] ?? 0;
      return percent === 0 ? text('') : { text: `${percent} %` };
    }
    case 'total_price':
      return show(item.total, 'money');
    case 'line_day':
      return { text: formatDay(order.deliveryDay, style.days, order.language), day: order.deliveryDay };
    case 'remark':
      return text(at % 3 === 1 ? 'OK' : '');
  }
}

function spread(rows: readonly Row[], sections: readonly string[], style: Style): Row[] {
  const spaced =
    style.blankRows && rows.length > 3
      ? [...rows.slice(0, 2), { kind: 'blank' as const }, ...rows.slice(2)]
      : [...rows];
  const [first, second] = sections;
  if (first === undefined || second === undefined || spaced.length < 4) return spaced;
  const half = Math.ceil(spaced.length / 2);
  return [
    { kind: 'section', text: first },
    ...spaced.slice(0, half),
    { kind: 'section', text: second },
    ...spaced.slice(half),
  ];
}

function letterheadOf(buyer: Party, dice: Dice): string[] {
  const lines = [
    buyer.name,
    buyer.street,
    buyer.town,
    buyer.country,
    buyer.phone,
    buyer.email,
    `www.${buyer.email.split('@')[1]}`,
  ];
  return dice.chance(0.2) ? [buyer.name, `${buyer.street} · ${buyer.town}`] : lines.slice(0, dice.int(2, lines.length));
}

function factsOf(order: Order, style: Style, dice: Dice): Fact[] {
  const wording = wordingOf(order.family, order.language);
  const day = (value: string): Shown => ({ text: formatDay(value, style.days, order.language), day: value });
  const fact = (field: HeaderField | null, labels: readonly string[], value: Shown): Fact => ({
    field,
    label: dice.pick(labels),
    value,
  });
  const facts: Fact[] = [];
  if (style.shows.po) facts.push(fact('po_number', wording.po, { text: order.poNumber }));
  facts.push(fact(null, wording.orderDay, day(order.orderDay)));
  if (style.shows.day) facts.push(fact('delivery.date', wording.deliveryDay, day(order.deliveryDay)));
  if (style.shows.customer) facts.push(fact('customer.name', wording.customer, { text: order.buyer.name }));
  if (style.shows.vat) facts.push(fact('customer.vat', wording.vat, { text: order.buyer.vat }));
  if (style.currencyPlace === 'fact') facts.push(fact('currency', wording.currency, { text: order.currency }));
  for (const [label, value] of dice.sample(wording.other, dice.int(0, 3)))
    facts.push({ field: null, label, value: { text: value } });
  const [first, ...rest] = facts;
  return first === undefined ? [] : dice.chance(0.5) ? facts : [first, ...dice.shuffle(rest)];
}

function blocksOf(order: Order, style: Style, dice: Dice): Block[] {
  const wording = wordingOf(order.family, order.language);
  const blocks: Block[] = [];
  const { site, supplier } = order;
  const place = [site.name, site.street, site.town, ...(dice.chance(0.4) ? [site.country] : [])];
  if (style.shows.address) {
    const lines = style.addressInLine ? [place.join(', ')] : place;
    blocks.push({ field: 'delivery.address', label: dice.pick(wording.deliverTo), lines });
  }
  if (style.shows.supplier) {
    blocks.push({
      field: null,
      label: dice.pick(wording.supplier),
      lines: [supplier.name, supplier.street, supplier.town],
    });
  }
  return dice.shuffle(blocks);
}

function totalsOf(order: Order, style: Style, dice: Dice, show: Show): Paper['totals'] {
  const wording = wordingOf(order.family, order.language);
  const rate = formatAmount(
    order.vatTenths % 10 === 0 ? amountOf(order.vatTenths / 10, 0) : amountOf(order.vatTenths, 1),
    style.numbers,
  );
  return style.totals.map((name: TotalName) => {
    const shown = show(order[name], 'money');
    const amountInTotals =
      style.currencyPlace === 'totals' ? { ...shown, text: `${shown.text} ${order.currency}` } : shown;
    return { name, label: fill(dice.pick(wording[name]), { rate }), value: amountInTotals };
  });
}
