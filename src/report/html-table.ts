/**
 * A table of a report as HTML.
 *
 * Owns: alignment by kind of column, headers that screen readers follow, and how many rows a page shows.
 */
import { counted } from '../../machines/formulas/numbers.ts';
import { cellText, escaped } from './html-text.ts';
import { isNumeric, type ReportColumn, type ReportTable } from './report-table.ts';

/** Wider ones are set smaller. */
const WIDE_COLUMNS = 7;
/** Shorter ones are kept on one page. */
const WHOLE_ROWS = 12;

/** @param most rows at most; the rest is counted */
export function htmlTable({ columns, rows, caption, notes }: ReportTable, most: number): string {
  const shown = rows.slice(0, most);
  const left = rows.length - shown.length;
  const below = [...(left > 0 ? [`${counted(left, 'more row')} in the workbook and the CSV.`] : []), ...notes];
  const told = below.map((note) => `<p class="note">${escaped(note)}</p>`).join('');
  if (rows.length === 0) return told;
  // A column that is empty throughout takes the place of those that are not.
  const filled = columns.map((_, column) => shown.some((cells) => (cells[column] ?? null) !== null));
  const kept = columns.flatMap((column, index) => (filled[index] && !column.detail ? [{ column, index }] : []));
  const head = kept.map(({ column }) => `<th scope="col"${classOf(column)}>${escaped(column.title)}</th>`).join('');
  const lines = shown.map((cells) => {
    const line = kept.map(({ column, index }, place) => {
      const text = cellText(cells[index] ?? null, column.kind);
      return place === 0 ? `<th scope="row"${classOf(column)}>${text}</th>` : `<td${classOf(column)}>${text}</td>`;
    });
    return `<tr>${line.join('')}</tr>`;
  });
  const wide = kept.length >= WIDE_COLUMNS ? ' wide' : '';
  const whole = shown.length <= WHOLE_ROWS ? ' class="whole"' : '';
  return (
    `<div class="scroll${wide}"><table${whole}><caption>${escaped(caption)}</caption>` +
    `<thead><tr>${head}</tr></thead><tbody>${lines.join('')}</tbody></table></div>${told}`
  );
}

/** Narrower text columns hold words that are not broken; wider ones hold what a file says, which may have no spaces. */
const PROSE_WIDTH = 30;

function classOf(column: ReportColumn): string {
  if (isNumeric(column)) return ' class="n"';
  if (column.kind === 'date') return ' class="d"';
  return (column.width ?? 0) >= PROSE_WIDTH ? ' class="t"' : '';
}
