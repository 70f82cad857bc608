/**
 * Writes sheets as delimited text in the encodings that programs and countries have.
 *
 * Owns: delimiter, quotes, line ends, encoding.
 */
import type { NumberStyle } from './amounts.ts';
import type { Dice } from './dice.ts';
import type { Grid } from './grid.ts';
import type { Attachment } from './truth.ts';

/** A delimited file, and what was chosen for it. */
export interface Delimited extends Attachment {
  features: readonly string[];
}

export function delimited(grid: Grid, name: string, numbers: NumberStyle, dice: Dice): Delimited {
  const delimiter = dice.pick([';', ';', ',', '\t', '|']);
  const encoding = dice.pick(['utf-8', 'utf-8', 'utf-8-bom', 'utf-16le', 'windows-1252'] as const);
  const ending = dice.pick(['\r\n', '\n']);
  const quoteAll = dice.chance(0.15);
  const isHidden = ({ row, column }: { row: number; column: number }) =>
    grid.hiddenRows.has(row) || grid.hiddenColumns.has(column);
  const cells = grid.cells.filter((cell) => !isHidden(cell));
  const height = Math.max(0, ...cells.map(({ row }) => row)) + 1;
  const width = Math.max(0, ...cells.map(({ column }) => column)) + 1;
  const quote = (text: string) =>
    (quoteAll && text !== '') || /["\r\n]/.test(text) || text.includes(delimiter)
      ? `"${text.replaceAll('"', '""')}"`
      : text;
  const ragged = dice.chance(0.2);
  const lines = Array.from({ length: height }, (_, row) => {
    const line = Array.from({ length: width }, (_, column) => {
      return quote(cells.find((cell) => cell.row === row && cell.column === column)?.shown.text ?? '');
    }).join(delimiter);
    return ragged ? trimEnd(line, delimiter) : line;
  });
  const extension = delimiter === '\t' && dice.chance(0.6) ? 'tsv' : 'csv';
  return {
    filename: `${name}.${extension}`,
    bytes: encode(`${lines.join(ending)}${ending}`, encoding),
    features: [encoding, `delimiter ${JSON.stringify(delimiter)}`, `decimal ${numbers.decimal}`],
  };
}

function trimEnd(line: string, delimiter: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === delimiter) end -= 1;
  return line.slice(0, end);
}

type Encoding = 'utf-8' | 'utf-8-bom' | 'utf-16le' | 'windows-1252';

/** What Windows-1252 has in place of C1 controls, from 0x80. */
const C1 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

export function encode(text: string, encoding: Encoding): Uint8Array {
  if (encoding === 'utf-16le') return Buffer.from(`\ufeff${text}`, 'utf16le');
  if (encoding === 'utf-8-bom') return Buffer.from(`\ufeff${text}`);
  if (encoding === 'utf-8') return Buffer.from(text);
  const codes = Array.from(text.replaceAll('\u202f', '\u00a0'), (char) => {
    const code = char.codePointAt(0) as number;
    if (code < 0x80 || (code >= 0xa0 && code <= 0xff)) return code;
    const at = C1.indexOf(char);
    return at >= 0 ? 0x80 + at : null;
  });
  // A file that this encoding cannot hold is one that its program would not have written in it.
  return codes.includes(null) ? Buffer.from(`\ufeff${text}`) : Uint8Array.from(codes as number[]);
}
