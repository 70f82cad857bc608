/**
 * Where a quoted cell of a text file ends.
 *
 * Owns: RFC 4180 and what people and programs write instead: inch marks, quotes that are not doubled, a quote that is
 * never closed. The work is linear in the text: a search that runs past a cell skips only doubled quotes, so no later
 * cell searches the same stretch again.
 */

const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;

export interface QuotedEnd {
  /** Index of the quote that closes the cell; -1: the opening quote is an ordinary character. */
  closing: number;
  /** True if the quotes are not as RFC 4180 has them. */
  isOdd: boolean;
}

/**
 * | After the first quote that is not doubled | Reading |
 * |---|---|
 * | the cell ends | it closes the cell |
 * | text, and the cell spans lines | it opens another cell further down: ours was never closed |
 * | text, and a delimiter stands before it | likewise, on the same line |
 * | text, and a quote before the next delimiter ends the cell | quotes inside were not doubled |
 * | text, and a pair of quotes around a delimiter, then one that ends the cell | likewise |
 * | other text | it closes the cell, and the text belongs to the cell too, as spreadsheets show it |
 * @param open index of the opening quote
 */
export function endOfQuoted(text: string, open: number, delimiterCode: number): QuotedEnd {
  const first = closingQuote(text, open + 1);
  if (first < 0) return { closing: -1, isOdd: true };
  if (endsCell(text, first + 1, delimiterCode)) return { closing: first, isOdd: false };
  const opensAnother = first > open + 1 && text.charCodeAt(first - 1) === delimiterCode;
  if (opensAnother || spansLines(text, open, first)) return { closing: -1, isOdd: true };
  return { closing: undoubledEnd(text, first, delimiterCode) ?? first, isOdd: true };
}

/** The quote that ends a cell with quotes inside that are not doubled; null if there is none on the line. */
function undoubledEnd(text: string, first: number, delimiterCode: number): number | null {
  let inner = 1;
  let sawDelimiter = false;
  for (let at = first + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isLineEnd(code)) return null;
    if (code === delimiterCode) sawDelimiter = true;
    else if (code === QUOTE) {
      if (text.charCodeAt(at - 1) === delimiterCode) return null;
      if (endsCell(text, at + 1, delimiterCode) && (!sawDelimiter || inner % 2 === 0)) return at;
      inner += 1;
    }
  }
  return null;
}

/** Index of the quote that closes a cell, -1 if none does; `""` is a quote inside. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text.charCodeAt(at + 1) !== QUOTE) return at;
  }
  return -1;
}

/** Whether nothing but spaces comes before the next delimiter or line end. */
function endsCell(text: string, from: number, delimiterCode: number): boolean {
  let at = from;
  while (text.charCodeAt(at) === SPACE) at += 1;
  return at >= text.length || text.charCodeAt(at) === delimiterCode || isLineEnd(text.charCodeAt(at));
}

function spansLines(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (isLineEnd(text.charCodeAt(at))) return true;
  return false;
}

function isLineEnd(code: number): boolean {
  return code === LINE_FEED || code === CARRIAGE_RETURN;
}
