/**
 * What a person sees: lines, tables, colors.
 *
 * Owns: the layout. Does not own what is said. Text that comes from outside is shown without its control characters,
 * so that the name of a project cannot move the cursor of whoever lists it.
 */
import { styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

export interface Terminal {
  /** Width to fit into; null when nobody looks: nothing is cut then. */
  readonly columns: number | null;
  /** One or more lines to stdout. */
  print(text: string): void;
  /** One or more lines to stderr. */
  complain(text: string): void;
  style(style: Style, text: string): string;
}

/** Colors only on a terminal; `NO_COLOR` and `FORCE_COLOR` are Node's to read. */
export function standardTerminal({ stdout, stderr }: Pick<NodeJS.Process, 'stdout' | 'stderr'>): Terminal {
  return {
    columns: stdout.isTTY ? stdout.columns : null,
    print: (text) => void stdout.write(`${text}\n`),
    complain: (text) => void stderr.write(`${text}\n`),
    style: (style, text) => styleText(style, text, { stream: stdout }),
  };
}

export interface Column<Row> {
  title: string;
  of(row: Row): string | number | null;
  right?: boolean;
  style?(row: Row): Style | null;
  /** Is cut when the table is wider than the terminal. One at most. */
  flexible?: boolean;
}

const GAP = 2;
const FLEXIBLE_MIN = 12;

/** Rows under their titles, every column as wide as its widest cell. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], terminal: Terminal): string {
  const cells = rows.map((row) => columns.map((column) => plain(String(column.of(row) ?? '-'))));
  const widths = columns.map(({ title }, index) =>
    Math.max(...[title, ...cells.map((line) => line[index] ?? '')].map(widthOf)),
  );
  const flexible = columns.findIndex((column) => column.flexible);
  if (terminal.columns !== null && flexible >= 0) {
    const total = widths.reduce((sum, width) => sum + width + GAP, -GAP);
    const own = widths[flexible] as number;
    widths[flexible] = Math.min(own, Math.max(FLEXIBLE_MIN, own - (total - terminal.columns)));
  }
  const line = (texts: readonly string[], styleOf: (index: number) => Style | null) =>
    texts
      .map((text, index) => {
        const column = columns[index] as Column<Row>;
        const width = widths[index] as number;
        const short = cut(text, width);
        const padding = ' '.repeat(Math.max(0, width - widthOf(short)));
        const style = styleOf(index);
        const shown = style ? terminal.style(style, short) : short;
        if (column.right) return padding + shown;
        return index === texts.length - 1 ? shown : shown + padding;
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  const titles = columns.map(({ title }) => title);
  return [
    line(titles, () => 'dim'),
    ...cells.map((texts, row) => line(texts, (index) => columns[index]?.style?.(rows[row] as Row) ?? null)),
  ].join('\n');
}

/** Names and values below each other. */
export function facts(rows: readonly (readonly [name: string, value: string])[], terminal: Terminal): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${terminal.style('dim', name.padEnd(width))}  ${value}`).join('\n');
}

/** On one line, without control characters and without characters that turn the direction of writing. */
export function plain(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').replace(/[\u202A-\u202E\u2066-\u2069]/g, '');
}

const segments = new Intl.Segmenter();
const WIDE =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303F\uFF01-\uFF60]/u;

/** Cells of a terminal that a text takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of segments.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of segments.segment(text)) {
    const next = WIDE.test(segment) ? 2 : 1;
    if (used + next > width - 1) break;
    kept += segment;
    used += next;
  }
  return `${kept.trimEnd()}…`;
}

/** `2026-01-15 10:30:02` in UTC, as in the log. */
export const time = (iso: string | null): string => (iso === null ? '-' : iso.slice(0, 19).replace('T', ' '));

/** `1,234.50`, or `1,234` for a whole number when no fraction is wanted. */
export const amount = (value: number, fraction = 2): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: fraction, maximumFractionDigits: 2 });

export const plural = (count: number, noun: string): string => `${amount(count, 0)} ${noun}${count === 1 ? '' : 's'}`;
