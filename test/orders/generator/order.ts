/**
 * An order, before anybody has written it down.
 *
 * Owns: what was ordered, in exact numbers that add up. Does not own: what of it a document shows, and how.
 */
import { addDays, amountOf, times, trimmed } from './amounts.ts';
import type { Dice } from './dice.ts';
import { goodsOf } from './goods.ts';
import { makeParty, makeSite } from './parties.ts';
import type { Amount, Family, Language, Order, OrderItem, Unit } from './truth.ts';

const VAT_TENTHS: Readonly<Record<Language, readonly number[]>> = {
  en: [200],
  fr: [200, 55],
  de: [190, 70],
  es: [210, 100],
  it: [220, 100],
};

const SITES: Readonly<Record<Language, readonly string[]>> = {
  en: ['Warehouse 2', 'Goods In', 'Central Stores'],
  fr: ['Entrepôt Nord', 'Quai 3', 'Magasin central'],
  de: ['Lager 2', 'Werk Süd', 'Wareneingang'],
  es: ['Almacén central', 'Muelle 4', 'Planta 2'],
  it: ['Magazzino 2', 'Stabilimento Est', 'Ricevimento merci'],
};

const PO_NUMBERS: Readonly<Record<Family, readonly ((dice: Dice) => string)[]>> = {
  a: [
    (dice) => `45${dice.digits(8)}`,
    (dice) => `PO-${dice.int(1000, 99999)}`,
    (dice) => `${dice.int(2025, 2027)}/${dice.digits(4)}`,
    (dice) => `P0${dice.digits(4)}`,
    (dice) => `B${dice.int(24, 27)}-${dice.digits(5)}`,
  ],
  b: [
    (dice) => `${dice.int(100, 9999)}`,
    (dice) => `${dice.pick(['EK', 'CF', 'OA', 'BC', 'PED'])}_${dice.int(25, 27)}_${dice.digits(3)}`,
    (dice) => `${dice.int(25, 27)}.${dice.digits(4)}`,
    (dice) => `${dice.pick(['X', 'K', 'V'])}${dice.digits(6)}-R${dice.int(1, 3)}`,
  ],
};

export function makeOrder(family: Family, language: Language, dice: Dice): Order {
  const buyer = makeParty(language, dice);
  let supplier = makeParty(language, dice);
  while (supplier.name === buyer.name || supplier.person === buyer.person) supplier = makeParty(language, dice);
  const site = dice.chance(0.5) ? makeSite(language, buyer, dice.pick(SITES[language]), dice) : buyer;
  const orderDay = addDays('2026-01-05', dice.int(0, 330));
  const items = makeItems(family, language, dice);
  const subtotal = amountOf(
    items.reduce((sum, { total }) => sum + total.digits, 0),
    2,
  );
  const vatTenths = dice.pick(VAT_TENTHS[language]);
  const tax = times(subtotal, amountOf(vatTenths, 3), 2);
  return {
    ...{ language, family, buyer, supplier, site, orderDay, items, vatTenths, subtotal, tax },
    poNumber: dice.pick(PO_NUMBERS[family])(dice),
    deliveryDay: addDays(orderDay, dice.int(3, 60)),
    currency: currencyOf(language, dice),
    total: amountOf(subtotal.digits + tax.digits, 2),
  };
}

function currencyOf(language: Language, dice: Dice): string {
  if (language === 'en') return dice.pick(['GBP', 'USD', 'EUR']);
  if (language === 'de') return dice.pick(['EUR', 'EUR', 'EUR', 'CHF']);
  return 'EUR';
}

function makeItems(family: Family, language: Language, dice: Dice): OrderItem[] {
  const goods = goodsOf(family, language, dice);
  const other = goodsOf(family, language, dice.fork('other codes'));
  return Array.from({ length: lineCount(dice) }, () => {
    const { description, unit } = goods.item();
    const qty = quantity(unit, dice);
    const unitPrice = price(qty.digits / 10 ** qty.decimals < 40, dice);
    return {
      ...{
        sku: goods.code(),
        secondCode: other.code(),
        ean: `40${dice.digits(11)}`,
        description,
        qty,
        unit,
        unitPrice,
      },
      total: times(qty, unitPrice, 2),
    };
  });
}

function lineCount(dice: Dice): number {
  const size = dice.int(1, 10);
  if (size <= 2) return dice.int(1, 2);
  if (size <= 8) return dice.int(3, 14);
  return size === 9 ? dice.int(15, 32) : dice.int(33, 60);
}

function quantity(unit: Unit, dice: Dice): Amount {
  const isMeasured = unit === 'kg' || unit === 'm' || unit === 'l';
  if (isMeasured && dice.chance(0.4)) return trimmed(amountOf(dice.int(5, 4000), dice.pick([1, 2])));
  return amountOf(dice.pick([dice.int(1, 9), dice.int(10, 99), dice.int(1, 40) * 25, dice.int(1, 12) * 10]), 0);
}

/** What is ordered in numbers is cheap. */
function price(isFew: boolean, dice: Dice): Amount {
  if (!isFew && dice.chance(0.15)) return amountOf(dice.int(1001, 9999), 4);
  if (isFew && dice.chance(0.15)) return amountOf(dice.int(100000, 480000), 2);
  return amountOf(
    dice.pick([dice.int(5, 99), dice.int(100, 2000), isFew ? dice.int(2000, 25000) : dice.int(5, 900)]),
    2,
  );
}
