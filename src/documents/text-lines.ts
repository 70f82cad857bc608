/**
 * Lines of text as they come about.
 *
 * Owns: white space, which counts once except where it is verbatim, and what a row of a table is as text.
 */

export interface TextLines {
  add(text: string, verbatim: boolean): void;
  /** Ends the line. */
  end(): void;
  /** Ends the line if there is anything on it; a paragraph has a blank line before it. */
  block(paragraph: boolean): void;
  /** Cells of a table's row. */
  row(cells: readonly string[]): void;
  text(): string;
}

/** Cells of more lines are there to lay out a page, not to be read across. */
const MAX_CELL_LINES = 3;

export function createTextLines(): TextLines {
  const lines: string[] = [];
  let line = '';
  function end(): void {
    lines.push(line.trimEnd());
    line = '';
  }
  return {
    end,
    block(paragraph) {
      if (line.trim() !== '') end();
      else line = '';
      if (paragraph && lines.length > 0 && lines.at(-1) !== '') lines.push('');
    },
    row(cells) {
      if (line.trim() !== '') end();
      const filled = cells.filter((cell) => cell !== '');
      const isRead =
        filled.length > 1 && filled.every((cell) => cell.split('\n', MAX_CELL_LINES + 1).length <= MAX_CELL_LINES);
      const oneLine = () => cells.map((cell) => cell.replace(/\s+/g, ' ')).join('\t');
      for (const text of isRead ? [oneLine()] : filled) lines.push(text.trimEnd());
    },
    add(text, verbatim) {
      if (verbatim) {
        const [first = '', ...rest] = text.split(/\r\n|\n|\r/);
        line += first;
        for (const next of rest) {
          end();
          line = next;
        }
        return;
      }
      const words = text.replace(/[\s\u00a0]+/g, ' ');
      line += line === '' || line.endsWith(' ') ? words.trimStart() : words;
    },
    text() {
      if (line.trim() !== '') end();
      return lines
        .join('\n')
        .replace(/\n{3,}/g, '\n\n')
        .trim();
    },
  };
}
