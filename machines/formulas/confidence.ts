/**
 * How far an analysis can be trusted, from what its rows say about themselves.
 *
 * Owns: the confidence of the four analytic deliverables.
 */
import { type Analyzed, lacksEstimate, rowsOf } from './rows.ts';

/** 0.5 to 0.8. Added up in hundredths, which are exact. */
export function confidence(context: Analyzed): number {
  const rows = rowsOf(context);
  const categories = new Set<unknown>();
  let unestimated = 0;
  for (const row of rows) {
    const given = row?.category;
    if (typeof given === 'string' && given !== '') categories.add(given);
    if (lacksEstimate(row)) unestimated += 1;
  }
  let hundredths = 60;
  if (typeof context.hourly_rate === 'number') hundredths += 10;
  if (rows.length > 5) hundredths += 5;
  if (categories.size > 1) hundredths += 5;
  if (unestimated > 2) hundredths -= 10;
  return hundredths / 100;
}
