/**
 * Which of several sources counts: form, then attachments, then body, then subject; and where they disagree.
 *
 * Owns: the precedence, and when two values are the same one written differently. Does not own: lines (`order-lines.ts`).
 */

import type { Found } from './sources.ts';
import { fold } from './texts/tokens.ts';
import { CONFIDENCE, settle, type Value } from './values/fields.ts';

/** What one source says, the sources in order of precedence. */
export type Said = ReadonlyMap<string, readonly Found[]>;

export interface Conflict {
  path: string;
  /** What counts, and what is said elsewhere. */
  taken: Found;
  other: Found;
}

export interface Settled {
  found: ReadonlyMap<string, Found>;
  conflicts: readonly Conflict[];
}

/** Of these another value elsewhere is a matter of course: who signs, who is copied. */
const UNDISPUTED: ReadonlySet<string> = new Set(['contact.name', 'contact.phone', 'notes', 'customer.email']);
/** Names of one customer differ within a document: who orders, who pays. */
const MANY_IN_ONE: ReadonlySet<string> = new Set(['customer.name', 'customer.address']);

/** One value for each path. */
export function settleAll(paths: readonly string[], sources: readonly Said[]): Settled {
  const found = new Map<string, Found>();
  const conflicts: Conflict[] = [];
  for (const path of paths) {
    const candidates = sources.flatMap((said) => disputed(path, said.get(path) ?? []));
    const taken = clearOf(candidates);
    if (!taken) continue;
    const other = UNDISPUTED.has(path) ? undefined : candidates.find((candidate) => differs(path, taken, candidate));
    if (other) conflicts.push({ path, taken, other });
    found.set(path, other ? { ...taken, confidence: CONFIDENCE.unclear, flags: [...taken.flags, 'conflict'] } : taken);
  }
  return { found, conflicts };
}

/** The surest of what one source says, and what it says as surely. */
function disputed(path: string, said: readonly Found[]): Found[] {
  const best = settle(said);
  if (!best) return [];
  const first = said.find(({ source }) => source === best.source) as Found;
  if (MANY_IN_ONE.has(path) || UNDISPUTED.has(path)) return [first];
  return [first, ...said.filter((other) => other !== first && other.confidence === first.confidence)];
}

/** The first value; if that can be read in two ways, what another source says of the two. */
function clearOf(candidates: readonly Found[]): Found | undefined {
  const [first] = candidates;
  if (!first || first.value !== null) return first;
  return candidates.find(({ value }) => value !== null && first.readings.includes(value)) ?? first;
}

function differs(path: string, taken: Found, other: Found): boolean {
  if (taken.value === null) return false;
  if (other.value === null) return !other.readings.includes(taken.value);
  return !isSame(path, taken.value, other.value);
}

/** Whether two values are one: white space, case and marks aside, a part of an address or a name is no other one. */
function isSame(path: string, a: Value, b: Value): boolean {
  const [left, right] = [plain(a), plain(b)];
  if (left === right) return true;
  if (path === 'po_number') return left.replace(/^po/, '') === right.replace(/^po/, '');
  const partial = path.endsWith('.address') || path.endsWith('.name');
  return partial && (left.includes(right) || right.includes(left));
}

const plain = (value: Value): string => fold(String(value)).replace(/[^\p{L}\p{N}]+/gu, '');
