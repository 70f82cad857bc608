/**
 * JSON texts, before they are parsed.
 *
 * Owns: how deep they may be, and on which line they are wrong. The parser's own messages quote the text, which may
 * hold what nobody should see, so they are not passed on.
 */
import { Refused } from '../table.ts';

const MAX_DEPTH = 100;
const MAX_LISTED = 5_000_000;

/**
 * The value of a text.
 * @param line of the file on which the text begins
 * @throws {Refused} with the line if it is no JSON or too deep
 */
export function parseJson(text: string, line = 1): unknown {
  checkDepth(text, line);
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = /at position (\d{1,10})/.exec(error instanceof Error ? error.message : '')?.[1];
    const wrongAt = position === undefined ? text.length : Number(position);
    const wrongLine = line + lineEndsIn(text, wrongAt);
    throw new Refused(
      400,
      `the file is no valid JSON: it breaks off or goes wrong on line ${wrongLine}`,
      `file:${wrongLine}:1`,
    );
  }
}

/** Linear, and without a stack: what is inside of strings does not count. */
function checkDepth(text: string, line: number): void {
  let depth = 0;
  let separators = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at);
    else if (code === 0x5b || code === 0x7b) {
      depth += 1;
      separators += 1;
      if (depth > MAX_DEPTH) {
        const place = `file:${line + lineEndsIn(text, at)}:1`;
        throw new Refused(400, `JSON of more than ${MAX_DEPTH} values in each other`, place, 'nesting depth');
      }
    } else if (code === 0x5d || code === 0x7d) depth -= 1;
    else if (code === 0x2c) separators += 1;
  }
  if (separators > MAX_LISTED)
    throw new Refused(413, `JSON of more than ${MAX_LISTED} values`, 'file', 'element count');
}

/** Index of the quote that ends a string, or of the last character. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at;
    if (code === 0x5c) at += 1;
  }
  return text.length;
}

function lineEndsIn(text: string, end: number): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
