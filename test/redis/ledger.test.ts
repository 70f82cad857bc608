import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { groundFacts } from '../../machines/formulas/facts.ts';
import { canonicalJson } from '../../schemas/canonical.ts';
import { createLedger, type Ledger, type NewEntry } from '../../src/store/ledger.ts';

const keyPrefix = `ledger-test-${randomUUID()}`;
const directory = mkdtempSync(join(tmpdir(), 'ledger-'));
const connections: Redis[] = [];
let redis: Redis;
const repairs: { project_id: string; seq: number; bytes: number }[] = [];

function openLedger(lockTtlMs = 120_000): Ledger {
  const connection = new Redis({ path: inject('redisSocket') });
  connections.push(connection);
  return createLedger({
    redis: connection,
    directory,
    lockTtlMs,
    keyPrefix,
    onRepair: (repair) => repairs.push(repair),
  });
}

beforeAll(() => {
  redis = new Redis({ path: inject('redisSocket') });
  connections.push(redis);
});
afterAll(async () => {
  // Locks are given back without waiting; a reply to a later command says that they have been.
  await Promise.all(connections.map((connection) => connection.ping()));
  const left = await redis.keys(`${keyPrefix}*`);
  for (const connection of connections) connection.disconnect();
  rmSync(directory, { recursive: true, force: true });
  expect(left).toEqual([]);
});

const entryOf = (project_id: string, text = 'Ticket triage'): NewEntry => {
  const facts = groundFacts([{ text, estimated_minutes: 30, category: 'ops' }]);
  return {
    entry_id: randomUUID(),
    project_id,
    backlog_item_id: randomUUID(),
    facts,
    coefficients: { count: facts.length },
  };
};
const fileOf = (project_id: string) => join(directory, `${project_id}_ledger.jsonl`);
const linesOf = (project_id: string) => readFileSync(fileOf(project_id), 'utf8').split('\n').slice(0, -1);
const ids = async (ledger: Ledger, project_id: string) => {
  const { entries, broken } = await ledger.read(project_id);
  expect(broken).toBeNull();
  return entries.map(({ entry_id }) => entry_id);
};

describe('a ledger', () => {
  it('is empty for a project without a file', async () => {
    expect(await openLedger().read(randomUUID())).toEqual({ entries: [], broken: null });
  });

  it('chains each entry to the one before by the hash of its canonical text', async () => {
    const ledger = openLedger();
    const project_id = randomUUID();
    const given = [entryOf(project_id), entryOf(project_id, 'Réunion 😀 \ud800'), entryOf(project_id)];
    for (const entry of given) await ledger.append(entry);

    let prev_hash = '0'.repeat(64);
    for (const [i, line] of linesOf(project_id).entries()) {
      const { hash, ...rest } = JSON.parse(line);
      expect(line).toBe(canonicalJson({ ...rest, hash }));
      expect(hash).toBe(createHash('sha256').update(canonicalJson(rest)).digest('hex'));
      expect(rest).toEqual({ ...given[i], seq: i + 1, prev_hash, recorded_at: expect.stringMatching(/Z$/) });
      prev_hash = hash;
    }
    expect((await ledger.read(project_id)).entries).toHaveLength(3);
  });

  it('writes facts in canonical form whatever the order of their keys', async () => {
    const ledger = openLedger();
    const project_id = randomUUID();
    const provenance = { unit: null, row_id: 2, deeper: { b: [true, { z: 1, a: null }], a: 1 } };
    const facts = [{ value: { 10: 'x', 9: 'y' }, provenance, id: 'fact-0', field: 'f' }];
    await ledger.append({ ...entryOf(project_id), facts });
    await ledger.append({ ...entryOf(project_id), coefficients: { nested: { count: 1 } } });
    await ledger.append(entryOf(project_id));
    const [line = ''] = linesOf(project_id);
    expect(line).toBe(canonicalJson(JSON.parse(line)));
    expect(await ids(openLedger(), project_id)).toHaveLength(3);
    // Another process follows the chain over lines whose links are not where they usually are.
    await openLedger().append(entryOf(project_id));
    expect(await ids(ledger, project_id)).toHaveLength(4);
  });

  it('refuses facts that JSON cannot say, and records the others of the same turn', async () => {
    const ledger = openLedger();
    const [bad, good] = [randomUUID(), randomUUID()];
    const facts = [{ field: 'f', id: 'i', provenance: {}, value: Number.NaN }];
    const outcomes = await Promise.allSettled([
      ledger.append({ ...entryOf(bad), facts }),
      ledger.append(entryOf(good)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(await ids(ledger, bad)).toEqual([]);
  });

  it('holds an entry id once, however often and by whomever it is appended', async () => {
    const [one, other] = [openLedger(), openLedger()];
    const project_id = randomUUID();
    const entry = entryOf(project_id);
    await Promise.all([one.append(entry), one.append(entry), other.append(entry)]);
    await other.append(entry);
    await openLedger().append(entry);
    expect(await ids(one, project_id)).toEqual([entry.entry_id]);
  });

  it('has one file for a project id in either case', async () => {
    const ledger = openLedger();
    const project_id = randomUUID();
    await ledger.append(entryOf(project_id.toUpperCase()));
    expect(await ids(ledger, project_id)).toHaveLength(1);
  });

  it.each(['', '../../etc/passwd', 'not-a-uuid', `${randomUUID()}/x`, `${randomUUID()}\0`])(
    'of project %j is refused',
    async (project_id) => {
      const ledger = openLedger();
      await expect(ledger.append(entryOf(project_id))).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
      await expect(ledger.read(project_id)).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
    },
  );

  it('can be read by its owner only', async () => {
    const project_id = randomUUID();
    await openLedger().append(entryOf(project_id));
    expect(statSync(fileOf(project_id)).mode & 0o777).toBe(0o600);
  });

  it('keeps its chain when several writers append to the same projects at once', async () => {
    const ledgers = [openLedger(), openLedger(), openLedger()];
    const projects = Array.from({ length: 300 }, () => randomUUID());
    const appended = new Map(projects.map((id) => [id, new Set<string>()]));
    await Promise.all(
      ledgers.flatMap((ledger) =>
        projects.flatMap((project_id) =>
          [1, 2].map(async () => {
            const entry = entryOf(project_id);
            await ledger.append(entry);
            appended.get(project_id)?.add(entry.entry_id);
          }),
        ),
      ),
    );
    for (const project_id of projects) {
      expect(new Set(await ids(ledgers[0] as Ledger, project_id))).toEqual(appended.get(project_id));
    }
  });

  it('takes entries larger than what is read at a time', async () => {
    const [one, other] = [openLedger(), openLedger()];
    const project_id = randomUUID();
    const rows = Array.from({ length: 5000 }, (_, i) => ({ text: `Row ${i}`, estimated_minutes: i }));
    for (const ledger of [one, other, one]) {
      await ledger.append({ ...entryOf(project_id), facts: groundFacts(rows) });
    }
    const { entries, broken } = await one.read(project_id);
    expect(broken).toBeNull();
    expect(entries.map(({ facts }) => facts.length)).toEqual([10_000, 10_000, 10_000]);
  });
});

describe('a damaged ledger', () => {
  const threeEntries = async () => {
    const ledger = openLedger();
    const project_id = randomUUID();
    for (let i = 0; i < 3; i += 1) await ledger.append(entryOf(project_id));
    return { ledger, project_id, lines: linesOf(project_id) };
  };
  const rewrite = (project_id: string, lines: unknown[]) => {
    writeFileSync(fileOf(project_id), lines.map((line) => `${line}\n`).join(''));
  };

  it.each<[string, (lines: string[]) => string[], number, string]>([
    [
      'a changed fact',
      ([a = '', b = '', c = '']) => [a, b.replace('triage', 'Triage'), c],
      2,
      'its hash does not match',
    ],
    ['a removed line', ([a = '', , c = '']) => [a, c], 2, 'its seq is 3'],
    ['two lines exchanged', ([a = '', b = '', c = '']) => [b, a, c], 1, 'its seq is 2'],
    ['a line that is no JSON', ([a = '', b = '']) => [a, b, 'oops'], 3, 'the line is not an entry'],
    ['an empty line', ([a = '']) => [a, ''], 2, 'the line is not an entry'],
    ['JSON that is no entry', ([a = '']) => [a, 'null'], 2, 'the line is not an entry'],
  ])('with %s is reported with its seq', async (_, damage, seq, reason) => {
    const { ledger, project_id, lines } = await threeEntries();
    rewrite(project_id, damage(lines));
    const { entries, broken } = await ledger.read(project_id);
    expect(broken).toEqual({ seq, reason });
    expect(entries.map((entry) => entry.seq)).toEqual(Array.from({ length: seq - 1 }, (_, i) => i + 1));
  });

  it('with an entry forged onto another chain is reported', async () => {
    const { ledger, project_id, lines } = await threeEntries();
    const { hash: _, ...forged } = { ...JSON.parse(lines[1] as string), prev_hash: 'f'.repeat(64) };
    const hash = createHash('sha256').update(canonicalJson(forged)).digest('hex');
    rewrite(project_id, [lines[0], canonicalJson({ ...forged, hash })]);
    expect((await ledger.read(project_id)).broken).toEqual({
      seq: 2,
      reason: 'its prev_hash is not the hash of the entry before',
    });
  });

  it('takes no further entry', async () => {
    const { ledger, project_id, lines } = await threeEntries();
    rewrite(project_id, [lines[0], lines[2]]);
    const entry = entryOf(project_id);
    const refusal = { name: 'LedgerBroken', at: { seq: 2, reason: 'its seq is 3' } };
    await expect(ledger.append(entry)).rejects.toMatchObject(refusal);
    await expect(openLedger().append(entry)).rejects.toMatchObject(refusal);
    expect(linesOf(project_id)).toHaveLength(2);
  });

  it('whose last line a crash has cut off says so until the next append removes it', async () => {
    const { ledger, project_id, lines } = await threeEntries();
    const half = (lines[2] as string).slice(0, 100);
    appendFileSync(fileOf(project_id), half);
    expect((await ledger.read(project_id)).broken).toEqual({ seq: 4, reason: 'the line is cut off', cutOff: true });

    const entry = entryOf(project_id);
    await ledger.append(entry);
    expect(repairs).toContainEqual({ project_id, seq: 4, bytes: 100 });
    expect((await ids(ledger, project_id)).at(3)).toBe(entry.entry_id);
  });

  it('that was replaced is read anew', async () => {
    const { ledger, project_id, lines } = await threeEntries();
    rmSync(fileOf(project_id));
    rewrite(project_id, lines.slice(0, 1));
    await ledger.append(entryOf(project_id));
    expect(await ids(ledger, project_id)).toHaveLength(2);
  });

  it('whose file cannot be written fails, and only its own entries', async () => {
    const ledger = openLedger();
    const [blocked, free] = [randomUUID(), randomUUID()];
    mkdirSync(fileOf(blocked));
    const outcomes = await Promise.allSettled([ledger.append(entryOf(blocked)), ledger.append(entryOf(free))]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    await expect(ledger.read(blocked)).rejects.toMatchObject({ code: 'EISDIR' });
  });
});

describe('the lock of a ledger', () => {
  const lockOf = (project_id: string) => `${keyPrefix}:lock:ledger:${project_id}`;

  it('is waited for, and a lock of another is left alone', async () => {
    const ledger = openLedger();
    const [locked, free] = [randomUUID(), randomUUID()];
    await redis.set(lockOf(locked), 'another');
    const waiting = ledger.append(entryOf(locked));
    const alsoWaiting = ledger.append(entryOf(locked));
    await ledger.append(entryOf(free));
    expect(await redis.get(lockOf(locked))).toBe('another');
    expect((await ledger.read(locked)).entries).toEqual([]);
    await redis.del(lockOf(locked));
    await Promise.all([waiting, alsoWaiting]);
    expect(await ids(ledger, locked)).toHaveLength(2);
  });

  it('ends by itself when its holder is dead', async () => {
    const ledger = openLedger();
    const project_id = randomUUID();
    await redis.set(lockOf(project_id), 'dead', 'PX', 100);
    await ledger.append(entryOf(project_id));
    expect(await ids(ledger, project_id)).toHaveLength(1);
  });

  it('that is never given back is reported', async () => {
    const project_id = randomUUID();
    await redis.set(lockOf(project_id), 'stuck');
    const refusal = { code: 'SERVICE_UNAVAILABLE', message: expect.stringContaining(project_id) };
    await expect(openLedger(50).append(entryOf(project_id))).rejects.toMatchObject(refusal);
    await redis.del(lockOf(project_id));
  });

  it('that cannot be asked for fails the append', async () => {
    const connection = new Redis({ path: inject('redisSocket') });
    const ledger = createLedger({ redis: connection, directory, lockTtlMs: 1000, keyPrefix });
    connection.disconnect();
    await expect(ledger.append(entryOf(randomUUID()))).rejects.toThrow('Connection is closed');
  });
});

describe('a writer killed with -9', () => {
  it('loses nothing that it had recorded, and leaves a ledger that can be continued', async () => {
    const project_id = randomUUID();
    const ledger = openLedger(200);
    const recorded = new Set<string>();
    for (let round = 0; round < 5; round += 1) {
      const script = new URL('../fixtures/ledger-writer.ts', import.meta.url).pathname;
      const writer = spawn(process.execPath, [script, inject('redisSocket'), directory, keyPrefix, project_id], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const gone = once(writer, 'exit');
      let printed = '';
      for await (const text of writer.stdout.setEncoding('utf8')) {
        printed += text;
        if (printed.length > 37 * 20 * (round + 1)) writer.kill('SIGKILL');
      }
      await gone;
      for (const id of printed.split('\n').slice(0, -1)) recorded.add(id);
    }
    const entry = entryOf(project_id);
    await ledger.append(entry);
    const found = await ids(ledger, project_id);
    expect(recorded.size).toBeGreaterThan(100);
    expect(recorded.difference(new Set(found))).toEqual(new Set());
    expect(found.at(-1)).toBe(entry.entry_id);
  });
});
