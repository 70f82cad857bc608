/**
 * What of a message its writer says now: without quoted replies and without the signature.
 *
 * Owns: the lines of a text and which part each belongs to. A forwarded message is part of what is said.
 */

export type Part = 'body' | 'quoted' | 'signature';

/** A line without its line break; offsets in UTF-16 units from the beginning of the text. */
export interface TextLine {
  start: number;
  end: number;
  part: Part;
}

/** Marks of a reply are short; longer lines are text. */
const MAX_MARK_CHARACTERS = 300;
/** A signature is a few lines; a greeting further up is part of the message. */
const MAX_SIGNATURE_LINES = 12;
/** Lines below `From:` in the head of a quoted message. */
const HEADER_LINES = 4;

const QUOTED = /^>/;
const DELIMITER = /^(?:--|—)$/;
const ORIGINAL =
  /^-{2,}\s?(?:original message|ursprüngliche nachricht|message d['’]origine|mensaje original|messaggio originale)\s?-{2,}$/i;
/** How `On … wrote:` begins, and what it says before its colon. */
const ATTRIBUTIONS: readonly (readonly [string, string])[] = [
  ['on ', ' wrote'],
  ['le ', ' a écrit'],
  ['am ', ' schrieb'],
  ['el ', ' escribió'],
  ['il ', ' ha scritto'],
];
const FROM = /^\*?(?:from|de|von|da)\s?:/i;
const SENT = /^\*?(?:sent|date|envoyé|gesendet|datum|enviado(?: el)?|fecha|inviato|data)\s?:/i;
const TO = /^\*?(?:to|à|an|para|a|subject|objet|betreff|asunto|oggetto)\s?:/i;
const FORWARDED =
  /forwarded message|message transféré|weitergeleitete nachricht|mensaje reenviado|messaggio inoltrato/i;
const POSTSCRIPT = /^p\.?\s?s\.?[:\s]/i;
const MAX_SIGN_OFF = 60;
const SIGN_OFF = new RegExp(
  `^(?:${[
    '(?:(?:best|kind|warm|many) )?regards|(?:many |best )?thanks(?: and regards)?|thank you|cheers|best( wishes)?',
    'sincerely|yours(?: (?:sincerely|faithfully|truly))?',
    '(?:bien )?cordialement|bien à (?:vous|toi)|(?:sincères )?salutations|merci(?: d’avance| d.avance)?',
    '(?:mit )?(?:freundlichen?|besten?|vielen?|herzlichen?|lieben?) gr(?:ü|ue)(?:ß|ss)en?|mfg|danke|vielen dank',
    'saludos(?: cordiales)?|un (?:cordial )?saludo|atentamente|(?:muchas )?gracias',
    '(?:cordiali|distinti|cari) saluti|saluti|(?:molte )?grazie|cordialmente',
  ].join('|')})[,.!]{0,3}$`,
  'i',
);

/** Whether a line is a greeting at the end of a letter. */
export const isSignOff = (line: string): boolean => line.length <= MAX_SIGN_OFF && SIGN_OFF.test(line.trim());

/** The lines of a text with their parts. */
export function linesOf(text: string): TextLine[] {
  const lines: TextLine[] = [];
  let start = 0;
  for (const { index, 0: lineBreak } of text.matchAll(/\r\n|[\n\r]/g)) {
    lines.push({ start, end: index, part: 'body' });
    start = index + lineBreak.length;
  }
  lines.push({ start, end: text.length, part: 'body' });
  markQuoted(text, lines);
  markSignature(text, lines);
  return lines;
}

export const isBlank = (text: string, { start, end }: TextLine): boolean => !/\S/.test(text.slice(start, end));

function markQuoted(text: string, lines: TextLine[]): void {
  let said = false;
  for (const [index, line] of lines.entries()) {
    const words = markText(text, line);
    const upTo = endOfAttribution(text, lines, index);
    const quotesRest = ORIGINAL.test(words) || (said && FROM.test(words) && isHeader(text, lines, index));
    if (quotesRest || (upTo > index && !continuesMarked(text, lines, upTo))) {
      for (const rest of lines.slice(index)) rest.part = 'quoted';
      return;
    }
    for (const attribution of lines.slice(index, upTo)) attribution.part = 'quoted';
    if (QUOTED.test(words)) line.part = 'quoted';
    // What is forwarded is said by who forwards it: its head begins no reply.
    said = FORWARDED.test(words) ? false : said || (line.part === 'body' && !isBlank(text, line));
  }
}

/** Index after `On … wrote:`, which may take two lines; `index` if it is not there. */
function endOfAttribution(text: string, lines: readonly TextLine[], index: number): number {
  const first = markText(text, lines[index]);
  if (isAttribution(first)) return index + 1;
  const second = markText(text, lines[index + 1]);
  return second !== '' && isAttribution(`${first} ${second}`) ? index + 2 : index;
}

function isAttribution(words: string): boolean {
  if (!words.endsWith(':')) return false;
  const said = words.toLowerCase();
  // Either begins with the day, or names the address.
  return ATTRIBUTIONS.some(([begin, verb]) => (said.startsWith(begin) || said.includes('@')) && said.includes(verb));
}

/** Whether what follows is marked line by line, so that answers between the quotes count. */
function continuesMarked(text: string, lines: readonly TextLine[], from: number): boolean {
  const next = lines.slice(from).find((line) => !isBlank(text, line));
  return next !== undefined && QUOTED.test(markText(text, next));
}

function isHeader(text: string, lines: readonly TextLine[], index: number): boolean {
  const below = lines.slice(index + 1, index + 1 + HEADER_LINES).map((line) => markText(text, line));
  return [SENT, TO].every((head) => below.some((words) => head.test(words)));
}

function markSignature(text: string, lines: readonly TextLine[]): void {
  const said = lines.filter((line) => line.part === 'body' && !isBlank(text, line));
  const first = Math.max(1, said.length - MAX_SIGNATURE_LINES - 1);
  const begins = said.findIndex((line, index) => {
    const words = index < first ? '' : markText(text, line);
    return DELIMITER.test(words) || SIGN_OFF.test(words);
  });
  if (begins === -1) return;
  for (const line of said.slice(begins)) {
    if (POSTSCRIPT.test(markText(text, line))) return;
    line.part = 'signature';
  }
}

/** The line if it can be a mark, without white space around it; patterns are tried on nothing longer. */
function markText(text: string, line: TextLine | undefined): string {
  if (!line) return '';
  const mayMark = line.end - line.start <= MAX_MARK_CHARACTERS;
  // Of a long line its first characters tell whether it is quoted.
  return text.slice(line.start, mayMark ? line.end : line.start + 2).trim();
}
