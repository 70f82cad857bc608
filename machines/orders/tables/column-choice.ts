/**
 * Who gets a column that two fields want, and which columns nobody has named.
 *
 * Owns: the choice. Words come first, as people mean them; what stands below decides where words leave it open (two
 * columns of codes, a word that nobody knows) or plainly say something else (a `Unit` full of prices).
 */

import type { LineField } from '../line-fields.ts';
import { type Content, contradicts, type KnownByLooks, speaksFor } from './column-content.ts';
import { settleSums } from './column-sums.ts';
import { GENERIC, type Match, NAMED, NUMBER } from './header-words.ts';

export interface Candidate {
  left: number;
  matches: readonly Match[];
  /** Its words say that it is no field, such as a discount. */
  aside: boolean;
}

export interface Choice {
  /** By index of the candidate. */
  fields: Map<number, LineField>;
  /** How well each is named; 0 for what only its content tells. */
  scores: Map<LineField, number>;
}

interface Placed extends Match {
  left: number;
  /** Of its column among the candidates. */
  index: number;
}

interface Choosing extends Choice {
  candidates: readonly Candidate[];
  /** What stands below; null if nothing does. */
  contents: readonly Content[] | null;
}

/** Gives each field its column: by words, and where there are rows below by what stands there. */
export function choose(candidates: readonly Candidate[], contents: readonly Content[] | null): Choice {
  const choosing: Choosing = { candidates, contents, fields: new Map(), scores: new Map() };
  const matches = candidates
    .flatMap(({ matches, left }, index) => matches.map((match): Placed => ({ ...match, left, index })))
    .sort((a, b) => b.score - a.score || a.rank - b.rank || a.left - b.left);
  for (const match of matches) if (!isContradicted(choosing, match)) take(choosing, match);
  if (contents) fill(choosing, contents);
  nameGeneric(matches, choosing.fields);
  // What is called a field by its name keeps it if nothing else fits; a unit that is a number stands nowhere.
  for (const match of matches) if (match.score >= NAMED && match.field !== 'uom') take(choosing, match);
  return choosing;
}

type Taken = Pick<Placed, 'field' | 'index' | 'score'>;

function take({ scores, fields }: Choosing, { field, index, score }: Taken): void {
  if (scores.has(field) || fields.has(index)) return;
  scores.set(field, score);
  fields.set(index, field);
}

function isContradicted({ contents }: Choosing, { field, index, phrase }: Placed): boolean {
  const content = contents?.[index];
  if (!contents || !content) return false;
  if (contradicts(field, content)) return true;
  // `No.` may count the lines, `Item` too, or name what a column of codes stands for.
  if (phrase === NUMBER && content.counts) return true;
  const named = GENERIC.includes(phrase) && (content.counts || speaksFor('description', content));
  return named && contents.some((other, at) => at !== index && speaksFor('sku', other));
}

/** Columns that nobody has, and that are not said to be something else. */
const freeIn = ({ candidates, fields }: Choosing): number[] =>
  candidates.flatMap(({ aside, matches }, index) => {
    const named = matches.some(({ score, phrase }) => score >= NAMED && !GENERIC.includes(phrase));
    return aside || named || fields.has(index) ? [] : [index];
  });

/** Its words say that it holds codes. */
const isCode = ({ matches }: Candidate): boolean =>
  matches.some(({ field, phrase }) => field === 'sku' && !GENERIC.includes(phrase));

/** Names, codes and units are known by their looks, amounts by arithmetic; a count only if nothing else may be it. */
function fill(choosing: Choosing, contents: readonly Content[]): void {
  const { fields, scores, candidates } = choosing;
  const fitting = (field: KnownByLooks): number[] =>
    freeIn(choosing).filter((index) => speaksFor(field, contents[index] as Content));
  for (const field of ['uom', 'description', 'sku'] as const) {
    const fits = fitting(field);
    const index =
      field === 'description' ? (fits.find((at) => !isCode(candidates[at] as Candidate)) ?? fits[0]) : fits[0];
    if (index !== undefined) take(choosing, { field, index, score: 0 });
  }
  const sums = settleSums(fields, freeIn(choosing), contents);
  for (const [field, index] of sums) {
    for (const [at, other] of fields) if (other === field) fields.delete(at);
    fields.set(index, field);
    scores.set(field, scores.get(field) ?? 0);
  }
  const counts = fitting('qty');
  if (counts.length === 1) take(choosing, { field: 'qty', index: counts[0] as number, score: 0 });
}

/** Where nothing is called a name: `Item` is one next to a column of codes, and of two the second. */
function nameGeneric(matches: readonly Placed[], fields: Map<number, LineField>): void {
  if (new Set(fields.values()).has('description')) return;
  const codes = matches.filter(({ field }) => field === 'sku');
  const isGeneric = ({ phrase }: Match): boolean => GENERIC.includes(phrase);
  const taken = codes.find(({ index }) => fields.get(index) === 'sku');
  const free = codes.filter(({ index }) => !fields.has(index));
  const code = taken && isGeneric(taken) ? free.find((match) => !isGeneric(match)) : undefined;
  const name = code ? taken : free.find(isGeneric);
  if (code) fields.set(code.index, 'sku');
  if (name) fields.set(name.index, 'description');
}
