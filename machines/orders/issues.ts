/**
 * What is odd about an order, as it is told to the person who decides.
 *
 * Owns: how places, values and foreign text are written in a description, and the order of anomalies.
 */
import type { OrderIssue } from '../../schemas/types.ts';
import { firstCodePoints } from '../formulas/code-points.ts';
import type { Source } from './sources.ts';

export type Severity = 'warning' | 'error';

const MAX_QUOTE = 200;
/** What would break a line, or show as nothing. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu;

/** An anomaly of the order, of a field, or of a line from 1. */
export function issue(
  type: string,
  severity: Severity,
  description: string,
  { field, line }: { field?: string; line?: number | undefined } = {},
): OrderIssue {
  return {
    ...{ type, severity, description },
    ...(field !== undefined && { field }),
    ...(line !== undefined && { line_ref: line }),
  };
}

/** Foreign text on one line, at most 200 code points. */
export const oneLine = (text: string): string => firstCodePoints(text.replace(UNPRINTABLE, ' ').trim(), MAX_QUOTE);

export const quoted = (text: string): string => `"${oneLine(text)}"`;

/** `order.xlsx, Sheet1!B7`, `order.pdf, page 2`, `body.txt, line 3`, `the form's delivery_date`. */
export function placeOf(source: Source): string {
  if (source.kind === 'form') return `the form's ${source.field}`;
  const file = oneLine(source.filename);
  if (source.kind === 'cell') return `${file}, ${oneLine(source.sheet)}!${source.cell}`;
  return source.kind === 'page' ? `${file}, page ${source.page}` : `${file}, line ${source.line}`;
}

/** An event lists no more; a draft has as many lines, and a line can have several. */
const MAX_ISSUES = 5000;

/** By line, those of the whole order first, then by type. Of too many, warnings of the last lines are left out first. */
export function sortIssues(issues: readonly OrderIssue[]): OrderIssue[] {
  const sorted = byLine(issues);
  if (sorted.length <= MAX_ISSUES) return sorted;
  const kept = [true, false].flatMap((whole) =>
    ['error', 'warning'].flatMap((severity) =>
      sorted.filter((one) => (one.line_ref == null) === whole && one.severity === severity),
    ),
  );
  return byLine(kept.slice(0, MAX_ISSUES));
}

function byLine(issues: readonly OrderIssue[]): OrderIssue[] {
  return [...issues].sort(
    (a, b) => (a.line_ref ?? 0) - (b.line_ref ?? 0) || Number(a.type > b.type) - Number(a.type < b.type),
  );
}
