/** Ids of stream entries, `<ms>-<number>`: 64-bit numbers, which are compared as text because doubles cannot hold them. */

/** Whether stream id `a` comes before `b`. */
export function isOlder(a: string, b: string): boolean {
  const [aMs = '', aSeq = ''] = a.split('-');
  const [bMs = '', bSeq = ''] = b.split('-');
  return lessDigits(aMs, bMs) || (aMs === bMs && lessDigits(aSeq, bSeq));
}

/** Numbers of up to 20 digits without leading zeros, too large for doubles. */
function lessDigits(a: string, b: string): boolean {
  return a.length === b.length ? a < b : a.length < b.length;
}

const STREAM_ID = /^(0|[1-9]\d{0,19})-(0|[1-9]\d{0,19})$/;
const LARGEST = '18446744073709551615';

/** Whether `text` is an id that a stream can have. */
export function isStreamId(text: string): boolean {
  return STREAM_ID.test(text) && !text.split('-').some((part) => isOlder(`${LARGEST}-0`, `${part}-0`));
}
