import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutList, cutText, valueAt } from '../../machines/teams/cut.ts';
import { headlineOf, reviewOf } from '../../machines/teams/judging.ts';
import {
  addFinding,
  addUsage,
  appendConversation,
  appendDecision,
  context,
  findingsBy,
  fits,
  isKeepable,
  MAX_ENTRIES,
  newMemory,
  result,
  setResult,
  setState,
  snapshot,
  updateContext,
} from '../../machines/teams/memory.ts';
import * as scopes from '../../machines/teams/scopes.ts';
import { createValidator } from '../../schemas/validate.ts';

const AT = '2026-01-15T10:30:00.000Z';
const empty = newMemory({}, AT);
const validator = createValidator();
const usage = { provider: 'p', model: 'm', input_tokens: 1, output_tokens: 2, total_tokens: 3 };
const finding = (agent: string, task = 't') => ({ agent, finding: { task, headline: '', keys: [] }, timestamp: AT });

describe('the shared memory', () => {
  test('begins with what the run was given', () => {
    const memory = newMemory({ text: 'given' }, AT);
    expect(context(memory)).toEqual({ text: 'given' });
    expect(memory.state).toEqual({
      status: 'RUNNING',
      step: null,
      started_at: AT,
      dropped: { findings: 0, conversations: 0, decisions: 0 },
    });
  });

  test('replaces keys as a whole', () => {
    const memory = updateContext(newMemory({ a: { x: 1 }, b: 1 }, AT), { a: { y: 2 } });
    expect(context(memory)).toEqual({ a: { y: 2 }, b: 1 });
  });

  test('finds findings by agent and results by name', () => {
    const memory = addFinding(addFinding(addFinding(empty, finding('a', '1')), finding('b', '2')), finding('a', '3'));
    expect(findingsBy(memory, 'a').map(({ finding: { task } }) => task)).toEqual(['1', '3']);
    expect(result(setResult(memory, 'x:a', { y: 1 }), 'x:a')).toEqual({ y: 1 });
    expect(result(memory, 'x:a')).toBeUndefined();
  });

  test('is never changed, only made anew (any function)', () => {
    const frozen = deepFreeze(newMemory({ a: 1 }, AT));
    updateContext(frozen, { a: 2 });
    addFinding(frozen, finding('a'));
    setResult(frozen, 'x', 1);
    appendConversation(frozen, { role: 'r', content: 'c', at: AT });
    appendDecision(frozen, { d: 1 });
    setState(frozen, { step: 's' });
    addUsage(frozen, 'a', usage);
    expect(frozen).toEqual(newMemory({ a: 1 }, AT));
  });

  test.each(['findings', 'conversations', 'decisions'] as const)('loses the oldest %s and counts them (I9)', (list) => {
    const add = {
      findings: (memory: typeof empty, n: number) => addFinding(memory, finding('a', String(n))),
      conversations: (memory: typeof empty, n: number) =>
        appendConversation(memory, { role: 'r', content: String(n), at: AT }),
      decisions: (memory: typeof empty, n: number) => appendDecision(memory, { n: String(n) }),
    }[list];
    fc.assert(
      fc.property(fc.nat({ max: 30 }), (over) => {
        let memory = empty;
        const count = MAX_ENTRIES[list] + over;
        for (let n = 0; n < count; n += 1) memory = add(memory, n);
        expect(memory[list]).toHaveLength(MAX_ENTRIES[list]);
        expect(JSON.stringify(memory[list][0])).toContain(`"${over}"`);
        expect(memory.state.dropped).toEqual({ ...empty.state.dropped, [list]: over });
      }),
      { numRuns: 5 },
    );
  });

  test('has room for a value of 256 KiB of UTF-8, and for an answer nested 16 deep (I9)', () => {
    const largest = 'é'.repeat((256 * 1024 - 2) / 2);
    expect([fits(largest), fits(`${largest}x`), isKeepable({ largest })]).toEqual([true, false, false]);
    const deep = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
    expect([isKeepable({ a: deep(15) }), isKeepable({ a: deep(16) })]).toEqual([true, false]);
  });

  test('adds up usage in any order to the same sums, per agent and in all', () => {
    const entry = fc.record({
      agent: fc.constantFrom('a', 'b'),
      tokens: fc.nat(10_000),
      nano: fc.option(fc.nat(1_000_000_000), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        const sumOf = (list: typeof entries) =>
          list.reduce((memory, { agent, tokens, nano }) => {
            const cost = nano === undefined ? {} : { cost_usd: nano / 1e9 };
            return addUsage(memory, agent, { ...usage, total_tokens: tokens, ...cost });
          }, empty).token_usage;
        const forth = sumOf(entries);
        expect(sumOf(entries.toReversed())).toEqual(forth);
        expect(forth.requests).toBe(entries.length);
        expect(forth.total_tokens).toBe(entries.reduce((sum, { tokens }) => sum + tokens, 0));
        const nano = entries.reduce((sum, entry) => sum + (entry.nano ?? 0), 0);
        expect(Math.round(forth.cost_usd * 1e9)).toBe(nano);
      }),
    );
  });

  test('keeps a number of what claims to be more than any', () => {
    const absurd = { ...usage, total_tokens: 1e308, cost_usd: 1e308 };
    const { token_usage } = addUsage(addUsage(empty, 'a', absurd), 'a', absurd);
    expect([token_usage.total_tokens, token_usage.cost_usd]).toEqual([
      Number.MAX_SAFE_INTEGER,
      Number.MAX_SAFE_INTEGER,
    ]);
  });

  test('shows itself as a shared_context', () => {
    const memory = appendDecision(addUsage(addFinding(setResult(empty, 'k', 1), finding('a')), 'a', usage), { d: 1 });
    const shown = snapshot(appendConversation(memory, { role: 'r', content: 'c', at: AT }), null);
    expect(validator.checkObject('shared_context', shown)).toBeNull();
    expect(shown).toMatchObject({ project_id: null, results: { k: 1 }, decisions: [{ d: 1 }], findings: [{}] });
  });
});

describe('scopes', () => {
  const run = { memory: newMemory({ given: 1, shared: 'run' }, AT), input: { given: 1 }, scopes: {} };

  test('show a branch what is around it, and a sub-team only what the run was given', () => {
    const branch = scopes.write(scopes.open(run, '0', true), '0.2', { own: 2 });
    expect(scopes.view(branch, '0.2')).toEqual({ given: 1, shared: 'run', own: 2 });
    expect(scopes.view(branch, '1')).toEqual({ given: 1, shared: 'run' });
    const team = scopes.write(scopes.open(branch, '0.0', false), '0.0.1', { deep: 3 });
    expect(scopes.view(team, '0.0.1')).toEqual({ given: 1, deep: 3 });
    expect(scopes.writesOf(team, '5')).toEqual({});
  });

  test('are taken over in the order given, and dropped below a node that failed', () => {
    let opened = scopes.open(scopes.open(run, '0', true), '1', true);
    opened = scopes.write(scopes.write(opened, '1', { k: 'one' }), '0', { k: 'nought' });
    const closed = scopes.close(opened, '', ['0', '1'], ['0', '1']);
    expect([closed.memory.context.k, closed.scopes]).toEqual(['one', {}]);
    const nested = scopes.open(scopes.open(scopes.open(run, '1', true), '1.0', true), '10', true);
    expect(Object.keys(scopes.abandon(nested, '1').scopes)).toEqual(['1', '10']);
  });
});

describe('cutting', () => {
  test.each([
    ['short', 10, 'short'],
    ['One para.\n\nTwo para, which is long.', 20, 'One para.\n\nTwo para,'.slice(0, 9)],
    ['First sentence. Second sentence is long.', 20, 'First sentence.'],
    ['A. very long sentence without an end', 20, 'A. very long sentenc'],
    ['line one\nline two that goes on', 12, 'line one'],
    ['ééééé\n\nüüüüüüüü', 8, 'ééééé'],
  ])('%j at %i', (text, cap, kept) => {
    const cut = cutText(text, cap);
    expect(cut.text).toBe(kept);
    expect(cut.truncated).toEqual(kept === text ? null : { from: [...text].length, to: [...kept].length });
  });

  test('never gives more than the cap, half a character, or other words than the first', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'é', '😀', '.', ' ', '\n'), maxLength: 60 }),
        fc.integer({ min: 1, max: 40 }),
        (text, cap) => {
          const { text: kept, truncated } = cutText(text, cap);
          expect([...kept].length).toBeLessThanOrEqual(cap);
          expect(text.startsWith(kept)).toBe(true);
          expect(kept.isWellFormed()).toBe(true);
          expect(truncated === null).toBe([...text].length <= cap);
        },
      ),
    );
  });

  test('keeps the start of a list that fits', () => {
    expect(cutList([1, 22, 333], 100)).toEqual([1, 22, 333]);
    expect(cutList([1, 22, 333], 8)).toEqual([1, 22]);
    expect(cutList(['much too long'], 8)).toEqual([]);
  });

  test('follows a path as far as there is one', () => {
    const value = { a: { b: [1] } };
    expect([valueAt(value, ''), valueAt(value, 'a.b'), valueAt(value, 'a.x.y'), valueAt(null, 'a')]).toEqual([
      value,
      [1],
      undefined,
      undefined,
    ]);
  });
});

describe('what a coordinator reads in an answer', () => {
  test('is the first headline that says something, in 200 code points', () => {
    expect(headlineOf({ summary: '  ', purpose: 1, reasoning: ' because ' })).toBe('because');
    expect(headlineOf({ full_email: '😀'.repeat(300) })).toBe('😀'.repeat(200));
    expect(headlineOf({})).toBe('');
  });

  test('is a review, whatever is given for one', () => {
    expect(reviewOf({ score: 0.5, issues: [1], summary: 's' })).toEqual({ score: 0.5, issues: [1], summary: 's' });
    expect(reviewOf({ score: 7, issues: {}, summary: null })).toEqual({ score: 1, issues: [], summary: '' });
    expect(reviewOf({ score: '1' }).score).toBe(0);
    expect(reviewOf({ score: -1 }).score).toBe(0);
  });
});

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null)
    for (const part of Object.values(Object.freeze(value))) deepFreeze(part);
  return value;
}
