/** Sentences of a text: split at `.`, `!`, `?` and line ends; a text of nothing else is one sentence itself. Pure. */
export function sentencesOf(text: string): string[] {
  const pieces = text
    .split(/[.!?\r\n\u2028\u2029]/)
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '');
  const whole = text.trim();
  return pieces.length > 0 || whole === '' ? pieces : [whole];
}
