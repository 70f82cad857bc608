/**
 * The category of an activity: as given, else by what its text is about.
 *
 * Owns: the keywords and their order.
 */
import { clean } from './rows.ts';

const KEYWORDS: readonly (readonly [keyword: string, category: string])[] = [
  ['security', 'security'],
  ['sécurité', 'security'],
  ['securite', 'security'],
  ['fraud', 'risk'],
  ['finance', 'finance'],
  ['report', 'reporting'],
  ['rapport', 'reporting'],
  ['data', 'data quality'],
  ['cleanup', 'data quality'],
  ['normalize', 'data quality'],
];

/** The cleaned cell if it is not empty, else the category of the first keyword that the text contains. */
export function categoryOf(cell: string | null | undefined, text: string): string {
  const given = clean(cell ?? '');
  if (given !== '') return given;
  const lower = text.toLowerCase();
  return KEYWORDS.find(([keyword]) => lower.includes(keyword))?.[1] ?? 'uncategorized';
}
