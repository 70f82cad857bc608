/**
 * How likely bytes are in the encodings of Chinese, Japanese and Korean.
 *
 * Owns: where the frequent characters of these encodings stand. All of them put frequent characters apart from rare
 * ones, so the first byte of a character tells. Probabilities are natural logarithms. Pure.
 */

/** Of one character, by how many share its frequency. */
const KANA = -4;
const SIGN = -4.5;
const COMMON = -7.5;
const COMMON_HANGUL = -7;
const HALF_WIDTH_KANA = -6.5;
/** Rare characters, and what does not occur in the language at all. */
const RARE = -13;

/** Ranges of first bytes with what a character there weighs. */
type Zone = readonly [from: number, to: number, weight: number];

const ZONES: Readonly<Record<string, readonly Zone[]>> = {
  shift_jis: [
    [0x81, 0x81, SIGN],
    [0x82, 0x83, KANA],
    [0x88, 0x97, COMMON],
  ],
  'euc-jp': [
    [0xa1, 0xa1, SIGN],
    [0xa3, 0xa5, KANA],
    [0xb0, 0xcf, COMMON],
  ],
  gb18030: [
    [0xa1, 0xa1, SIGN],
    [0xa3, 0xa3, SIGN],
    [0xb0, 0xd7, COMMON],
  ],
  'euc-kr': [
    [0xa1, 0xa1, SIGN],
    [0xa3, 0xa3, SIGN],
    [0xb0, 0xc8, COMMON_HANGUL],
  ],
  big5: [
    [0xa1, 0xa1, SIGN],
    [0xa4, 0xc6, COMMON],
  ],
};

export function isDoubleByte(encoding: string): boolean {
  return encoding in ZONES;
}

/** Logarithm of how likely the bytes beyond ASCII are. */
export function doubleByteLikelihood(bytes: Uint8Array, encoding: string): number {
  const zones = ZONES[encoding] ?? [];
  // Where the second byte is below this, the character is one that was added later.
  const leastTrail = encoding === 'gb18030' || encoding === 'euc-kr' ? 0xa1 : 0x40;
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const lead = bytes[at] as number;
    if (lead < 0x80) continue;
    if (encoding === 'shift_jis' && lead >= 0xa1 && lead <= 0xdf) {
      sum += HALF_WIDTH_KANA;
      continue;
    }
    const trail = bytes[at + 1] ?? 0;
    at += extraBytes(encoding, lead, trail);
    sum += trail < leastTrail ? RARE : weightOf(zones, lead);
  }
  return sum;
}

function extraBytes(encoding: string, lead: number, trail: number): number {
  if (encoding === 'euc-jp' && lead === 0x8f) return 2;
  return encoding === 'gb18030' && trail >= 0x30 && trail <= 0x39 ? 3 : 1;
}

function weightOf(zones: readonly Zone[], lead: number): number {
  return zones.find(([from, to]) => lead >= from && lead <= to)?.[2] ?? RARE;
}
