/** Codes of articles, of many makes. */
import type { Dice } from './dice.ts';
import type { Family } from './truth.ts';

const LETTERS = 'ABCDEFGHKLMNPRSTVWX';
const letters = (dice: Dice, count: number) => Array.from({ length: count }, () => dice.pick([...LETTERS])).join('');

/** How codes look; one make per order, as a shop has one. */
export const MAKES: Readonly<Record<Family, readonly ((dice: Dice) => string)[]>> = {
  a: [
    (dice) => `${letters(dice, 1)}-${dice.int(1, 999)}`,
    (dice) => `${letters(dice, 2)}${dice.digits(5)}`,
    (dice) => `00${dice.digits(5)}`,
    (dice) => `${dice.int(100000, 899999)}`,
    (dice) => `${dice.int(1, 9)}.${dice.digits(3)}.${dice.digits(2)}`,
    (dice) => `0${dice.digits(3)}-${dice.digits(4)}`,
    (dice) => `${letters(dice, 3)}-${dice.digits(3)}-${letters(dice, 1)}`,
  ],
  b: [
    (dice) => `${dice.int(1000, 9999)}`,
    (dice) => `${letters(dice, 2)} ${dice.int(1000, 9999)}`,
    (dice) => `${letters(dice, 4)}/${dice.int(10, 99)}`,
    (dice) => `0${dice.digits(4)}`,
    (dice) => `${letters(dice, 2).toLowerCase()}_${dice.digits(4)}`,
    (dice) => `${dice.int(10, 99)} ${dice.digits(3)} ${dice.digits(2)}`,
    (dice) => `${letters(dice, 1)}${dice.digits(2)}.${dice.digits(4)}${letters(dice, 1)}`,
  ],
};
