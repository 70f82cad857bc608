/**
 * Orders typeset by groff: `tbl` tables with wrapped descriptions and a header on each page.
 *
 * Owns: the source. Does not own: starting groff (`programs.ts`).
 */
import type { Dice } from './dice.ts';
import { type Paper, textOf } from './paper.ts';

export interface Typeset {
  source: string;
  visible: string;
  features: readonly string[];
}

const NUMERIC = new Set(['qty', 'unit_price', 'total_price', 'discount']);

export function typeset(paper: Paper, dice: Dice): Typeset {
  const isB = paper.order.family === 'b';
  const boxed = dice.chance(0.4) ? ['allbox;'] : [];
  const wraps = dice.chance(0.4);
  const formats = paper.columns.map(({ role }) =>
    role === 'description' && wraps ? 'lw(3.4c)' : NUMERIC.has(role) && !isB ? 'r' : 'l',
  );
  const facts = paper.facts.map(({ label, value }) => [`${label}:`, value.text]);
  const source = [
    '.pl 29.7c',
    '.nr PO 1.8c',
    '.nr LL 17.6c',
    '.nr PS 9',
    '.nr VS 11',
    '.ds CH',
    '.nr HY 0',
    '.nh',
    '.na',
    ...paper.letterhead.flatMap((line) => [literal(line), '.br']),
    '.SH',
    literal(paper.title),
    ...(isB ? [] : plainTable(facts)),
    ...paper.blocks.flatMap(({ label, lines }) => [
      '.LP',
      `\\fB${literal(label)}\\fP`,
      '.br',
      ...lines.flatMap((line) => [literal(line), '.br']),
    ]),
    '.LP',
    literal(paper.intro),
    '.TS H',
    ...boxed,
    `${formats.map((format) => `${format.replace('r', 'l')}b`).join(' ')}`,
    `${formats.join(' ')}.`,
    paper.columns.map(({ header, over }) => literal(over === '' ? header : `${over} ${header}`)).join('\t'),
    '.TH',
    ...paper.rows.flatMap((row) => rowSource(row, paper, wraps)),
    '.TE',
    ...plainTable(paper.totals.map(({ label, value }) => [label, value.text])),
    ...(isB ? plainTable(facts) : []),
    ...[...paper.notes, ...paper.closing].flatMap((line) => ['.LP', literal(line)]),
  ];
  return { source: `${source.join('\n')}\n`, visible: textOf(paper), features: wraps ? ['wrapped descriptions'] : [] };
}

function rowSource(row: Paper['rows'][number], paper: Paper, wraps: boolean): string[] {
  if (row.kind === 'blank') return ['.sp 0.5'];
  if (row.kind === 'section') return [literal(row.text)];
  const cells = row.cells.map(({ text }, i) =>
    wraps && paper.columns[i]?.role === 'description' ? `T{\n${literal(text)}\nT}` : literal(text),
  );
  return [cells.join('\t')];
}

const plainTable = (rows: readonly (readonly string[])[]): string[] =>
  rows.length === 0 ? [] : ['.LP', '.TS', 'l r.', ...rows.map((cells) => cells.map(literal).join('\t')), '.TE'];

/** Nothing in it is a request or an escape. */
const literal = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('\u202f', '\u00a0')
    .replaceAll('€', '\\[Eu]')
    .replace(/^([.'])/, '\\&$1');
