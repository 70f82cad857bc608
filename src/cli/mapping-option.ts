/** `--map text=Summary,duration="Time Spent",unit=s`: how a file is to be read. */
import type { ActivityMapping } from '../../machines/activities/mapping.ts';
import { UsageError } from './failures.ts';

const KEYS = [
  'text',
  'category',
  'duration',
  'unit',
  'start',
  'end',
  'date',
  'person',
  'project',
  'rate',
  'header_row',
  'sheet',
  'encoding',
  'decimal',
] as const;

type Key = (typeof KEYS)[number];

const NEXT = new RegExp(`,\\s*(?:${KEYS.join('|')})=`, 'g');

/**
 * A value ends where the next key begins, so headers with commas need no quotes; `duration` given twice is added up.
 * @throws UsageError
 */
export function mappingOption(text: string | undefined): ActivityMapping | undefined {
  if (text === undefined) return undefined;
  const mapping: Record<string, unknown> = {};
  for (const part of partsOf(text)) {
    const at = part.indexOf('=');
    const key = part.slice(0, at).trim();
    if (at < 0 || !isKey(key)) {
      throw new UsageError(`--map: ${JSON.stringify(part)} is not key=value with a key of ${KEYS.join(', ')}.`);
    }
    const value = unquoted(part.slice(at + 1).trim());
    if (value === '') throw new UsageError(`--map: ${key} has no value.`);
    if (key === 'header_row') mapping[key] = rowNumber(value);
    else if (key === 'duration' && mapping.duration !== undefined) mapping[key] = [mapping.duration, value].flat();
    else mapping[key] = value;
  }
  return mapping as ActivityMapping;
}

const isKey = (key: string): key is Key => (KEYS as readonly string[]).includes(key);

function partsOf(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const { index } of text.matchAll(NEXT)) {
    parts.push(text.slice(from, index));
    from = index + 1;
  }
  parts.push(text.slice(from));
  return parts;
}

const unquoted = (value: string): string => (/^(["']).*\1$/s.test(value) ? value.slice(1, -1) : value);

function rowNumber(value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new UsageError(`--map: header_row is the number of a row, not ${JSON.stringify(value)}.`);
}
