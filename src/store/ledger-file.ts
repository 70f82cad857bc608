/**
 * One project's fact ledger as a file: one entry per line, each chained to the one before by its hash.
 *
 * Owns: the form of the lines, the chain, and what a crash may leave behind. Does not own: who may write (`ledger.ts`
 * holds the lock). Keeps I2: an entry id is in a file once; I11: a damaged line is told with its place.
 *
 * Lines are written whole, with their line break, and an append is answered only after that: a last line without a
 * line break was cut off by a crash before anyone was told that it exists, and is removed. Nothing is synced: what was
 * answered survives the death of the process, not that of the machine.
 */
import { hash } from 'node:crypto';
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { canonicalJson } from '../../schemas/canonical.ts';
import type { Fact, FactLedgerEntry } from '../../schemas/types.ts';

/** What a caller adds to a ledger. `entry_id`: the event whose work rests on these facts. */
export interface NewEntry {
  entry_id: string;
  project_id: string;
  backlog_item_id: string;
  facts: Fact[];
  coefficients: Record<string, unknown>;
}

/** An entry as it stands in the file. */
export interface LedgerEntry extends FactLedgerEntry {
  entry_id: string;
  /** From 1. */
  seq: number;
  recorded_at: string;
  prev_hash: string;
  hash: string;
}

/** The first place where a ledger is not what was written: `seq` counts lines from 1. */
export interface LedgerBreak {
  seq: number;
  reason: string;
  /** The last line lacks its end: a crash, or a write that is under way. */
  cutOff?: true;
}

/** Where a file ends, so that the next append need not read it. */
export interface LedgerHead {
  inode: number;
  sizeBytes: number;
  seq: number;
  hash: string;
  entryIds: Set<string>;
}

export class LedgerBroken extends Error {
  override readonly name = 'LedgerBroken';
  readonly at: LedgerBreak;
  constructor(file: string, at: LedgerBreak) {
    super(`ledger ${file} is broken at seq ${at.seq}: ${at.reason}`);
    this.at = at;
  }
}

const NO_HASH = '0'.repeat(64);
const CHUNK_BYTES = 1 << 20;

/**
 * Appends those of `entries` whose id the file does not have yet, and gives the new end of the file.
 * @param head where the file ended last time; what others have appended since is read
 * @param onRepair told how many bytes of a line were cut off by a crash and are gone now
 * @throws {LedgerBroken} if the chain does not lead to the end of the file: nothing is appended to such a ledger.
 */
export function appendToLedger(
  file: string,
  head: LedgerHead | undefined,
  entries: readonly NewEntry[],
  onRepair: (seq: number, bytes: number) => void,
): LedgerHead {
  const descriptor = openSync(file, 'a+', 0o600);
  try {
    const end = findEnd(file, descriptor, head, onRepair);
    const recordedAt = new Date().toISOString();
    let text = '';
    let { seq, hash: prevHash } = end;
    const entryIds = new Set<string>();
    for (const entry of entries) {
      if (end.entryIds.has(entry.entry_id) || entryIds.has(entry.entry_id)) continue;
      entryIds.add(entry.entry_id);
      seq += 1;
      const line = formatEntry(entry, seq, prevHash, recordedAt);
      prevHash = line.hash;
      text += line.text;
    }
    if (text === '') return end;
    const sizeBytes = end.sizeBytes + writeWhole(descriptor, text, end.sizeBytes);
    for (const id of entryIds) end.entryIds.add(id);
    return { ...end, sizeBytes, seq, hash: prevHash };
  } finally {
    closeSync(descriptor);
  }
}

/** Entries up to the first break, and that break. */
export function readLedger(file: string): { entries: LedgerEntry[]; broken: LedgerBreak | null } {
  const entries: LedgerEntry[] = [];
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { entries, broken: null };
    throw error;
  }
  try {
    let prevHash = NO_HASH;
    const { size } = fstatSync(descriptor);
    for (const { line, whole } of linesOf(descriptor, 0, size)) {
      const seq = entries.length + 1;
      if (!whole) return { entries, broken: { seq, reason: 'the line is cut off', cutOff: true } };
      const entry = follow(parseLine(line), seq, prevHash);
      if (typeof entry === 'string') return { entries, broken: { seq, reason: entry } };
      if (hashOf(entry) !== entry.hash) return { entries, broken: { seq, reason: 'its hash does not match' } };
      entries.push(entry);
      prevHash = entry.hash;
    }
    return { entries, broken: null };
  } finally {
    closeSync(descriptor);
  }
}

/** Follows the chain from the known head to the end of the file, without computing hashes again. */
function findEnd(
  file: string,
  descriptor: number,
  known: LedgerHead | undefined,
  onRepair: (seq: number, bytes: number) => void,
): LedgerHead {
  const { size, ino } = fstatSync(descriptor);
  const same = known !== undefined && known.inode === ino && known.sizeBytes <= size;
  if (same && known.sizeBytes === size) return known;
  const end = same ? { ...known } : { inode: ino, sizeBytes: 0, seq: 0, hash: NO_HASH, entryIds: new Set<string>() };
  for (const { line, whole } of linesOf(descriptor, end.sizeBytes, size)) {
    if (!whole) {
      ftruncateSync(descriptor, end.sizeBytes);
      onRepair(end.seq + 1, line.length);
      break;
    }
    const entry = follow(linksOf(line) ?? parseLine(line), end.seq + 1, end.hash);
    if (typeof entry === 'string') throw new LedgerBroken(file, { seq: end.seq + 1, reason: entry });
    end.sizeBytes += line.length + 1;
    end.seq = entry.seq;
    end.hash = entry.hash;
    end.entryIds.add(entry.entry_id);
  }
  return end;
}

/**
 * One line. Keys are sorted in canonical JSON, so `hash` stands between `facts` and `prev_hash`: the facts, nearly all
 * of the text, are written once for the hash and for the file.
 */
function formatEntry(
  { entry_id, project_id, backlog_item_id, facts, coefficients }: NewEntry,
  seq: number,
  prev_hash: string,
  recorded_at: string,
): { text: string; hash: string } {
  const before = canonical({ backlog_item_id, coefficients, entry_id, facts }).slice(0, -1);
  const after = JSON.stringify({ prev_hash, project_id, recorded_at, seq }).slice(1);
  const digest = sha256(`${before},${after}`);
  return { text: `${before},"hash":"${digest}",${after}\n`, hash: digest };
}

/** What chains an entry to its neighbors. */
type Links = Pick<LedgerEntry, 'entry_id' | 'seq' | 'prev_hash' | 'hash'>;

const START = /^\{"backlog_item_id":"[^"\\]*","coefficients":\{[^{}]*\},"entry_id":"([^"\\]*)","facts":/;
const END = /,"hash":"(\w{64})","prev_hash":"(\w{64})","project_id":"[^"\\]*","recorded_at":"[^"\\]*","seq":(\d+)\}$/;
const LINKS_BYTES = 512;

/** The links of a line as `formatEntry` writes it, whatever the size of its facts; null for any other line. */
function linksOf(line: Buffer): Links | null {
  const entry_id = START.exec(line.toString('latin1', 0, LINKS_BYTES))?.[1];
  const end = END.exec(line.toString('latin1', Math.max(0, line.length - LINKS_BYTES)));
  if (entry_id === undefined || end === null) return null;
  return { entry_id, hash: end[1] as string, prev_hash: end[2] as string, seq: Number(end[3]) };
}

function parseLine(line: Buffer): LedgerEntry | null {
  try {
    const entry = JSON.parse(line.toString('utf8')) as LedgerEntry | null;
    return typeof entry?.hash === 'string' && typeof entry.entry_id === 'string' ? entry : null;
  } catch {
    return null;
  }
}

/** The entry if it is number `seq` and follows `prevHash`, else why it is not. */
function follow<Entry extends Links>(entry: Entry | null, seq: number, prevHash: string): Entry | string {
  if (entry === null) return 'the line is not an entry';
  if (entry.seq !== seq) return `its seq is ${entry.seq}`;
  return entry.prev_hash === prevHash ? entry : 'its prev_hash is not the hash of the entry before';
}

function hashOf(entry: LedgerEntry): string {
  return sha256(canonicalJson({ ...entry, hash: undefined }));
}

/** Canonical JSON, at a seventh of the price where keys are in order already: this is the hot path of four workers. */
function canonical(value: unknown): string {
  return isSorted(value) ? JSON.stringify(value) : canonicalJson(value);
}

function isSorted(value: unknown): boolean {
  if (typeof value === 'string' || value === null) return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object') return typeof value === 'boolean';
  if (Array.isArray(value)) return value.every(isSorted);
  let last = '';
  for (const [key, member] of Object.entries(value)) {
    if (key < last || !isSorted(member)) return false;
    last = key;
  }
  return true;
}

function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}

/** Lines from byte `from` to byte `to`; the last one is not whole if no line break ends it. */
function* linesOf(descriptor: number, from: number, to: number): Generator<{ line: Buffer; whole: boolean }> {
  let rest: Buffer = Buffer.alloc(0);
  for (let at = from; at < to; ) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, to - at));
    const count = readSync(descriptor, chunk, 0, chunk.length, at);
    if (count === 0) break;
    at += count;
    let text = rest.length > 0 ? Buffer.concat([rest, chunk.subarray(0, count)]) : chunk.subarray(0, count);
    for (let end = text.indexOf(10); end >= 0; end = text.indexOf(10)) {
      yield { line: text.subarray(0, end), whole: true };
      text = text.subarray(end + 1);
    }
    rest = text;
  }
  if (rest.length > 0) yield { line: rest, whole: false };
}

/** Writes all of `text` at the end, or nothing: a full disk leaves no half line behind. Gives the bytes written. */
function writeWhole(descriptor: number, text: string, sizeBytes: number): number {
  const bytes = Buffer.from(text);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
  } catch (error) {
    ftruncateSync(descriptor, sizeBytes);
    throw error;
  }
  return bytes.length;
}
