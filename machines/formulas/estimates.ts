/**
 * Minutes for an activity of which nobody said how long it takes.
 *
 * Owns: the estimate by length of the text.
 */

/** Minutes by the number of words: up to 1, up to 20, more. */
export function estimateByWords(text: string): 30 | 60 | 120 {
  const words = text.trim().split(/\s+/, 21).filter(Boolean).length;
  if (words <= 1) return 30;
  return words <= 20 ? 60 : 120;
}
