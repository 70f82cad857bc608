/**
 * How many parts a raw message has, before anything is made of them.
 *
 * Owns: counting boundary lines. A message that hides its boundaries from this is still parsed under the limits of the
 * thread it is read in.
 */

const BOUNDARY = /boundary\s*=\s*(?:"([^"\r\n]{1,200})"|([^\s;"\r\n]{1,200}))/gi;
/** As many nested multiparts as any message needs. */
const MAX_BOUNDARIES = 100;

/** Parts of a message and of messages in it; stops counting beyond `max`. */
export function countParts(raw: Uint8Array, max: number): number {
  const text = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('latin1');
  const boundaries = new Set<string>();
  for (const [, quoted, bare] of text.matchAll(BOUNDARY)) {
    boundaries.add((quoted ?? bare ?? '').trimEnd());
    if (boundaries.size > MAX_BOUNDARIES) return max + 1;
  }
  if (boundaries.size === 0) return 0;
  let parts = 0;
  for (let at = text.startsWith('--') ? 0 : next(text, 0); at >= 0 && parts <= max; at = next(text, at)) {
    const end = text.indexOf('\n', at);
    const line = text.slice(at + 2, Math.min(end < 0 ? text.length : end, at + 300)).trimEnd();
    if (boundaries.has(line)) parts += 1;
  }
  return parts;
}

/** Where the next line that begins with `--` begins; -1 if there is none. */
function next(text: string, from: number): number {
  const found = text.indexOf('\n--', from);
  return found < 0 ? -1 : found + 1;
}
