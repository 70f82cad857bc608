/**
 * Orders in text files: columns held apart by blanks in family a, a paragraph for each item in family b.
 *
 * Owns: how a table looks without cells.
 */
import type { Dice } from './dice.ts';
import { itemRows, type Paper, without } from './paper.ts';
import type { Expected } from './truth.ts';

export interface PlainText {
  text: string;
  expected: Expected;
  features: readonly string[];
}

export function plainTextA(paper: Paper, dice: Dice): PlainText {
  const gap = ' '.repeat(dice.int(2, 4));
  const rows = itemRows(paper).map(({ cells }) => cells.map(({ text }) => text));
  const headers = paper.columns.map(({ header }) => header);
  const widths = headers.map((header, i) => Math.max(header.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const isNumber = (i: number) => ['qty', 'unit_price', 'total_price'].includes(paper.columns[i]?.role ?? '');
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (isNumber(i) ? cell.padStart(widths[i] as number) : cell.padEnd(widths[i] as number)))
      .join(gap)
      .trimEnd();
  const total = widths.reduce((sum, width) => sum + width + gap.length, -gap.length);
  const sums = paper.totals.map(
    ({ label, value }) => `${label}${value.text.padStart(Math.max(2, total - label.length))}`,
  );
  const rule = dice.chance(0.6) ? ['-'.repeat(total)] : [];
  const text = [
    ...head(paper, dice),
    '',
    line(headers),
    ...rule,
    ...rows.map(line),
    ...rule,
    ...sums,
    '',
    ...paper.notes,
    '',
    ...paper.closing,
  ];
  return {
    text: `${text.join('\n')}\n`,
    expected: { ...paper.expected, tolerated: [] },
    features: ['columns of text'],
  };
}

export function plainTextB(paper: Paper, dice: Dice): PlainText {
  const joint = dice.pick([': ', ' = ', ' : ']);
  const items = itemRows(paper).map(({ cells }) =>
    paper.columns.flatMap(({ header }, i) => (cells[i]?.text ? [`${header}${joint}${cells[i]?.text}`] : [])).join('\n'),
  );
  const text = [...head(paper, dice), '', items.join('\n\n'), '', ...paper.notes];
  return {
    text: `${text.join('\n')}\n`,
    expected: { ...without(paper.expected, ['totals.subtotal', 'totals.tax', 'totals.total']), tolerated: [] },
    features: ['a paragraph for each item'],
  };
}

function head(paper: Paper, dice: Dice): string[] {
  const mark = dice.pick([': ', ' : ']);
  return [
    ...paper.letterhead,
    '',
    paper.title,
    '',
    ...paper.facts.map(({ label, value }) => `${label}${mark}${value.text}`),
    ...paper.blocks.flatMap(({ label, lines }) =>
      lines.length === 1 ? ['', `${label}${mark}${lines[0]}`] : ['', `${label}:`, ...lines],
    ),
  ];
}
