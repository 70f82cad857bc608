/** Any JSON value, for reading. Owns: the layout; what is empty is left out. */
import { plain } from './terminal.ts';

/** Lines; what is inside something is indented by two. */
export function valueLines(name: string, value: unknown): string[] {
  if (isEmpty(value)) return [];
  const label = plain(name);
  if (Array.isArray(value)) return [`${label}:`, ...value.flatMap(elementLines).map(indented)];
  if (typeof value === 'object') return [`${label}:`, ...memberLines(value as object).map(indented)];
  const [first = '', ...more] = String(value).split(/\r?\n/).map(plain);
  if (more.length === 0) return [`${label}: ${first}`];
  return [`${label}:`, ...[first, ...more].map(indented)];
}

export const memberLines = (value: object): string[] =>
  Object.entries(value).flatMap(([name, member]) => valueLines(name, member));

function elementLines(value: unknown): string[] {
  if (isEmpty(value)) return [];
  if (typeof value !== 'object') return [`- ${plain(String(value))}`];
  const lines = Array.isArray(value) ? value.flatMap(elementLines) : memberLines(value as object);
  return lines.map((line, index) => (index === 0 ? `- ${line}` : indented(line)));
}

const indented = (line: string) => `  ${line}`.trimEnd();

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true;
  return typeof value === 'object' && Object.values(value).every(isEmpty);
}
