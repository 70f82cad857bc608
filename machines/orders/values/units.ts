/**
 * Units of measure and currencies, as orders write them.
 *
 * Owns: canonical names. Nothing is converted: 2 boxes stay 2 boxes.
 */
import { fold, words } from '../texts/tokens.ts';

const CANONICAL: ReadonlyMap<string, string> = new Map(
  (
    [
      [
        'ea',
        'ea each pc pcs pce pces piece pieces unit units stk st stuck stueck einheit einheiten unite unites u ud uds unidad unidades pz pezzo pezzi unita pieza piezas pza pzas pzs',
      ],
      ['box', 'box boxes carton cartons karton kartons boite boites caja cajas scatola scatole ctn ctns ktn crt'],
      ['pallet', 'pallet pallets palette palettes paletten palet palets bancale bancali'],
      ['pack', 'pack packs packet packets package packages packung packungen paquet paquets paquete paquetes'],
      ['pack', 'pk pks pkt pck paq pacco pacchi pacchetto pacchetti confezione confezioni packchen'],
      ['kg', 'kg kgs kilo kilos kilogram kilograms kilogramm kilogramme kilogrammes kilogramo kilogramos chilogrammi'],
      ['g', 'g gr gram grams gramm gramme grammes gramo gramos grammo grammi'],
      ['l', 'l lt ltr liter liters litre litres litro litros litri'],
      ['m', 'm mt mtr mtrs meter meters metre metres metro metros metri'],
    ] as const
  ).flatMap(([unit, names]) => names.split(' ').map((name) => [name, unit] as const)),
);
/** Say only that things are counted: `5 units of Widget A` are 5 of it. */
const COUNTERS = words('unit units unite unites einheit einheiten unidad unidades unita');
/** Containers without a canonical name stay as they are written. */
const CONTAINERS = words(
  [
    'bag bags bottle bottles bundle bundles can cans case cases crate crates dozen drum drums jar jars pair pairs ream',
    'reams roll rolls sack sacks set sets sheet sheets tin tins tray trays tube tubes ton tons tonne tonnes cm mm ml km',
    'bouteille bouteilles rouleau rouleaux sac sacs sachet sachets lot lots paire paires douzaine caisse caisses ramettes',
    'flasche flaschen rolle rollen sacke paar dose dosen kiste kisten dutzend eimer satz bund',
    'botella botellas bolsa bolsas rollo rollos par pares docena saco sacos juego juegos lata latas',
    'bottiglia bottiglie rotolo rotoli sacco sacchi paio paia dozzina cassa casse risma risme lattine',
  ].join(' '),
);

const SYMBOLS: ReadonlyMap<string, string> = new Map([
  ...([...Object.entries({ $: 'USD', '€': 'EUR', '£': 'GBP', '¥': 'JPY', '₹': 'INR', '₩': 'KRW' })] as const),
  ...([...Object.entries({ '₺': 'TRY', '₽': 'RUB', '₴': 'UAH', '₪': 'ILS', '₫': 'VND', '฿': 'THB' })] as const),
]);
/** What stands before `$`: `US$`, `C$`. */
const DOLLARS: ReadonlyMap<string, string> = new Map(
  Object.entries({ us: 'USD', c: 'CAD', ca: 'CAD', a: 'AUD', au: 'AUD', nz: 'NZD', hk: 'HKD', s: 'SGD', r: 'BRL' }),
);
const NAMES: ReadonlyMap<string, string> = new Map(
  (
    [
      ['EUR', 'eur euro euros'],
      ['USD', 'dollar dollars dolares dollari'],
      ['CHF', 'franken'],
      ['PLN', 'zł zl'],
    ] as const
  ).flatMap(([code, names]) => names.split(' ').map((name) => [name, code] as const)),
);
const CODES = new Set(
  [
    'AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KRW KWD MAD MXN MYR NGN',
    'NOK NZD PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TND TRY TWD UAH USD VND ZAR',
  ].flatMap((codes) => codes.split(' ')),
);

/** `ea`, `box`, `pallet`, `pack`, `kg`, `g`, `l`, `m`; any other unit as it is written. */
export function canonicalUnit(raw: string): string {
  return CANONICAL.get(fold(raw).replace(/\.$/, '')) ?? raw;
}

/** Whether a folded word is known as a unit, counters included. */
export const isUnit = (word: string): boolean => CANONICAL.has(word) || CONTAINERS.has(word);

export const isCounter = (word: string): boolean => COUNTERS.has(word);

/** ISO 4217 code of a symbol, a code in capitals or a name, given as written and folded; undefined if it is none. */
export function currencyCode(raw: string, word: string): string | undefined {
  return CODES.has(raw) ? raw : (SYMBOLS.get(raw) ?? NAMES.get(word));
}

/** ISO 4217 code of the letters before `$`. */
export const dollarOf = (prefix: string): string | undefined => DOLLARS.get(prefix);
