/**
 * Text that addresses a model or a reviewer's software instead of a person.
 *
 * Owns: how such text is recognized. It is quoted for a person and obeyed by nobody: nothing that decides about an order
 * reads it.
 */

const QUOTE_BEFORE = 20;
const QUOTE_CHARACTERS = 200;
/** Characters that show as nothing: tags, zero width ones between letters, direction marks. */
const INVISIBLE =
  /[\u{e0000}-\u{e007f}]|[\u202a-\u202e\u2066-\u2069]|(?<=\p{L})[\u200b\u2060\u2062-\u2064\ufeff](?=\p{L})/u;
const IGNORE =
  'ignor(?:e|er|ez|iere|ieren|ar|a|are|ate)|disregard|forget|override|bypass|oubli(?:e|er|ez)|vergiss|vergessen sie|missachte|olvida|olvide|dimentica|dimenticate';
const RULES =
  'instructions?|prompts?|rules|guidelines|directions|instrucciones|reglas|istruzioni|regole|anweisungen|regeln|vorgaben|consignes|règles|regles|restrictions';
const PATTERNS: readonly RegExp[] = [
  new RegExp(`(?<!\\p{L})(?:${IGNORE})(?!\\p{L})[^.!?\\n]{0,60}?(?<!\\p{L})(?:${RULES})(?!\\p{L})`, 'iu'),
  /(?<!\p{L})(?:system|developer|hidden)[ _-]?prompts?(?!\p{L})/iu,
  /<\|?\/?(?:im_start|im_end|system|assistant|tool|tool_call|function_call|instructions?)\b[^>]{0,40}>/i,
  /\[\/?(?:INST|SYS|SYSTEM)\]|<<\/?SYS>>/,
  /(?:^|\n)[ \t]{0,8}#{1,6} ?(?:system|assistant|developer)[ \t]{0,8}:/i,
  /(?:^|\n)[ \t]{0,8}(?:system|assistant|developer)[ \t]{0,8}:[^\n]{0,60}(?:\byou\b|ignore|approve|override|instruction)/i,
  /"?(?:tool_calls?|function_call|tool_use)"?[ \t]{0,8}[:=({]/i,
  /(?<!\p{L})you are (?:now |an? )?(?:ai|an ai|a language model|chatgpt|claude|gpt|assistant|an assistant|in developer mode)(?!\p{L})/iu,
  /(?<!\p{L})(?:as an?|dear|attention|note to(?: the)?) (?:ai|llm|language model|automated (?:system|reviewer))(?!\p{L})/iu,
  /(?<!\p{L})(?:approve|validate) (?:this|the) order (?:automatically|without (?:review|validation|checks?|human|approval))/iu,
  /(?<!\p{L})(?:auto-?approve|set (?:the )?(?:status|approved|confidence) to)(?!\p{L})/iu,
  /(?<!\p{L})do not (?:tell|inform|show|flag|report)[^.!?\n]{0,40}(?:user|reviewer|human|person)(?!\p{L})/iu,
];

/** The first text that is not meant for a person; null if there is none. */
export function injectionIn(text: string): string | null {
  const at = [INVISIBLE, ...PATTERNS].map((pattern) => text.search(pattern)).filter((index) => index >= 0);
  if (at.length === 0) return null;
  const from = Math.max(0, Math.min(...at) - QUOTE_BEFORE);
  return text.slice(from, from + QUOTE_CHARACTERS);
}
