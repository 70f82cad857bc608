/**
 * What a file of activities is, by its content, then by its name.
 *
 * Owns: telling apart what is text: tables, HTML, XML workbooks, web archives, JSON. Names lie: many a program writes
 * HTML or tabs into a file that it calls `.xls`.
 */

export type TextKind = 'text' | 'html' | 'json' | 'spreadsheetml' | 'flat ods' | 'web archive' | 'xml' | 'rtf';

const HEAD_CHARS = 4_096;
const JSON_EXTENSIONS = new Set(['json', 'jsonl', 'ndjson']);

/** @param extension of the file's name, in lower case */
export function kindOfText(text: string, extension: string): TextKind {
  const head = text.slice(0, HEAD_CHARS).trimStart();
  if (JSON_EXTENSIONS.has(extension)) return 'json';
  if (head.startsWith('{\\rtf')) return 'rtf';
  if (head.startsWith('<')) return kindOfMarkup(head, extension);
  if (/^mime-version:/i.test(head) || /^(?:from|subject|date):[^\n]*\n(?:[^\n]*\n){0,10}mime-version:/i.test(head)) {
    return 'web archive';
  }
  if (extension !== 'csv' && extension !== 'tsv' && /^(?:\{\s*"|\[\s*\{)/.test(head)) return 'json';
  return /^\[\s*\{\s*"|^\{\s*"[^"\n]{1,200}"\s*:/.test(head) ? 'json' : 'text';
}

function kindOfMarkup(head: string, extension: string): TextKind {
  if (/<\?mso-application\s[^>]*Excel\.Sheet|<(?:\w{1,20}:)?Workbook\b[^>]*office:spreadsheet/i.test(head)) {
    return 'spreadsheetml';
  }
  if (/<office:document\s/.test(head)) return 'flat ods';
  if (/<(?:!doctype\s+html|html|head|body|table|meta|style|div|center|font)\b/i.test(head)) return 'html';
  // A text may begin with a sign; markup that nobody can read is refused only where the name says so.
  if (extension === 'html' || extension === 'htm') return 'html';
  return head.startsWith('<?xml') || extension === 'xml' ? 'xml' : 'text';
}

/** The encoding that an HTML or XML text declares in its head, undefined if none. */
export function declaredEncoding(bytes: Uint8Array): string | undefined {
  const head = new TextDecoder('windows-1252').decode(bytes.subarray(0, HEAD_CHARS));
  if (!/^\s*<|^\ufeff|^ï»¿/.test(head)) return undefined;
  const xml = /^\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']/i.exec(head)?.[1];
  return xml ?? /<meta\s[^>]{0,500}?charset\s*=\s*["']?\s*([\w.:-]{1,40})/i.exec(head)?.[1];
}
