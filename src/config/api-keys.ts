/**
 * Owns: the text form of `API_KEYS`: `<name>:<scope>[+<scope>...]:<sha-256 of the key>`, by comma or line.
 * Problems name the entry by its number only: a misplaced part may be the key itself.
 */
import { type ApiKey, SCOPES, type Scope } from '../http/auth.ts';

const shape = /^([a-z0-9_-]{1,32}):(.+):([0-9a-f]{64})$/i;

export function parseApiKeys(text: string): { keys: ApiKey[]; problems: string[] } {
  const keys: ApiKey[] = [];
  const problems: string[] = [];
  const entries = text.split(/[,\r\n]/).map((entry) => entry.trim());
  for (const [index, entry] of entries.filter(Boolean).entries()) {
    const problem = add(entry, keys);
    if (problem) problems.push(`entry ${index + 1}: ${problem}`);
  }
  if (keys.length === 0 && problems.length === 0) problems.push('holds no entry');
  return { keys, problems };
}

function add(entry: string, keys: ApiKey[]): string | null {
  const [, name = '', scopeText = '', sha256 = ''] = shape.exec(entry) ?? [];
  if (!name || name !== name.toLowerCase()) {
    return 'expected <name>:<scope>[+<scope>...]:<sha-256 as 64 hex digits>, name of a-z 0-9 _ -';
  }
  const scopes = scopeText.split('+').map((scope) => scope.trim());
  if (!scopes.every(isScope)) return `every scope must be one of ${SCOPES.join(', ')}`;
  if (keys.some((key) => key.name === name)) return 'its name is used by an earlier entry';
  keys.push({ name, scopes: [...new Set(scopes)], sha256: sha256.toLowerCase() });
  return null;
}

function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text);
}
