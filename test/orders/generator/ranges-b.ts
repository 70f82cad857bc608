/** Food, office and care in five languages. */
import type { Range } from './goods.ts';
import type { Language } from './truth.ts';

export const RANGES_B: Readonly<Record<Language, Range>> = {
  en: {
    nouns: [
      ['Olive oil', 'l'],
      ['Basmati rice', 'kg'],
      ['Copy paper A4', 'box'],
      ['Nitrile gloves', 'box'],
      ['Paper towels', 'pallet'],
      ['Whiteboard marker', 'ea'],
      ['Espresso beans', 'kg'],
      ['Bin liners', 'roll'],
      ['Hand soap', 'ea'],
      ['Cotton apron', 'ea'],
    ],
    variants: ['extra virgin', '80 g, white', 'powder free, L', 'black', 'organic', '500 ml', 'mild', '60 litre'],
  },
  fr: {
    nouns: [
      ['Huile d’olive', 'l'],
      ['Riz basmati', 'kg'],
      ['Papier copie A4', 'box'],
      ['Gants nitrile', 'box'],
      ['Essuie-mains', 'pallet'],
      ['Marqueur tableau blanc', 'ea'],
      ['Café en grains', 'kg'],
      ['Sacs poubelle', 'roll'],
      ['Savon liquide', 'ea'],
      ['Tablier coton', 'ea'],
    ],
    variants: ['vierge extra', '80 g blanc', 'non poudrés L', 'noir', 'bio', '500 ml', 'doux', '60 litres'],
  },
  de: {
    nouns: [
      ['Olivenöl', 'l'],
      ['Basmatireis', 'kg'],
      ['Kopierpapier A4', 'box'],
      ['Nitrilhandschuhe', 'box'],
      ['Papierhandtücher', 'pallet'],
      ['Whiteboardmarker', 'ea'],
      ['Kaffeebohnen', 'kg'],
      ['Müllbeutel', 'roll'],
      ['Handseife', 'ea'],
      ['Kochschürze', 'ea'],
    ],
    variants: ['nativ extra', '80 g weiß', 'puderfrei L', 'schwarz', 'Bio', '500 ml', 'mild', '60 Liter'],
  },
  es: {
    nouns: [
      ['Aceite de oliva', 'l'],
      ['Arroz basmati', 'kg'],
      ['Papel A4', 'box'],
      ['Guantes de nitrilo', 'box'],
      ['Toallas de papel', 'pallet'],
      ['Rotulador pizarra', 'ea'],
      ['Café en grano', 'kg'],
      ['Bolsas de basura', 'roll'],
      ['Jabón de manos', 'ea'],
      ['Delantal de algodón', 'ea'],
    ],
    variants: ['virgen extra', '80 g blanco', 'sin polvo L', 'negro', 'ecológico', '500 ml', 'suave', '60 litros'],
  },
  it: {
    nouns: [
      ['Olio di oliva', 'l'],
      ['Riso basmati', 'kg'],
      ['Carta A4', 'box'],
      ['Guanti in nitrile', 'box'],
      ['Asciugamani di carta', 'pallet'],
      ['Pennarello lavagna', 'ea'],
      ['Caffè in grani', 'kg'],
      ['Sacchi immondizia', 'roll'],
      ['Sapone mani', 'ea'],
      ['Grembiule cotone', 'ea'],
    ],
    variants: ['extravergine', '80 g bianca', 'senza polvere L', 'nero', 'biologico', '500 ml', 'delicato', '60 litri'],
  },
};
