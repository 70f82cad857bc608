/**
 * What can be ordered: industrial goods in family a, food, office and care in family b.
 *
 * Owns: how descriptions come of nouns and variants.
 */
import { MAKES } from './codes.ts';
import type { Dice } from './dice.ts';
import { RANGES_A } from './ranges-a.ts';
import { RANGES_B } from './ranges-b.ts';
import type { Family, Language, Unit } from './truth.ts';

/** Nouns by unit, then what makes variants of them. */
export interface Range {
  nouns: readonly (readonly [string, Unit])[];
  variants: readonly string[];
}

const RANGES: Readonly<Record<Family, Readonly<Record<Language, Range>>>> = { a: RANGES_A, b: RANGES_B };

export interface Goods {
  code(): string;
  item(): { description: string; unit: Unit };
}

export function goodsOf(family: Family, language: Language, dice: Dice): Goods {
  const make = dice.pick(MAKES[family]);
  const range = RANGES[family][language];
  const used = new Set<string>();
  const fresh = (draw: () => string): string => {
    for (let attempt = 0; attempt < 50; attempt++) {
      const value = draw();
      if (!used.has(value)) {
        used.add(value);
        return value;
      }
    }
    const value = `${draw()} ${dice.digits(3)}`;
    used.add(value);
    return value;
  };
  return {
    code: () => fresh(() => make(dice)),
    item: () => {
      const [noun, unit] = dice.pick(range.nouns);
      const joint = family === 'a' ? dice.pick([' ', ', ', ' - ']) : dice.pick([' ', ' ', ', ']);
      const description = fresh(
        () => `${noun}${joint}${dice.sample(range.variants, dice.chance(0.25) ? 2 : 1).join(' ')}`,
      );
      return { description, unit };
    },
  };
}
