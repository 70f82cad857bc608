import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namesOf } from '../../machines/formulas/masks.ts';
import { similarWork } from '../../machines/formulas/similar-clusters.ts';
import { findLeaders, overlapOf } from '../../machines/formulas/similarity.ts';
import { tokensOf } from '../../machines/formulas/text-tokens.ts';

const none: ReadonlySet<string> = new Set();

describe('the words of a text', () => {
  it.each([
    ['Invoice 4711 for March 2026', ['invoice', 'for']],
    ['PROJ-123: fix login', ['fix', 'login']],
    ['fix login (#123)', ['fix', 'login']],
    ['invoice-123', ['invoice']],
    ['Order 0b9f6e0e-2f0c-4a57-9a0e-2a1c5a1d7c11 shipped', ['order', 'shipped']],
    ['Commit a3f9c2d1 reviewed', ['commit', 'reviewed']],
    ['Code x7k9q2w5 redeemed', ['code', 'redeemed']],
    ['Standup 2026-03-05, 09:30', ['standup']],
    ['Réunion d’équipe Montag', ['reunion', 'd', 'equipe']],
    ['Q3 review, KW12, 2h', ['review']],
    ['Office365 ISO9001', ['office', 'iso']],
    ['Abrechnung März', ['abrechnung']],
    ['Faktura za wrzesień nr 12/2026', ['faktura', 'za', 'nr']],
    ['請求書確認 12月', ['請求', '求書', '書確', '確認']],
    ['SAP導入', ['sap', '導入']],
    ['확인 작업', ['확인', '작업']],
    ['4711', []],
    ['', []],
    ['March', ['march']],
  ])('of %j are %j', (text, words) => {
    expect(tokensOf(text, none)).toEqual(words);
  });

  it('leave out the names of people, of addresses only what names the person', () => {
    const names = namesOf(['Anna Müller', 'bo.li@acme.example', '田中太郎']);
    expect(tokensOf('Call with Anna Muller about acme', names)).toEqual(['call', 'with', 'about', 'acme']);
    expect(tokensOf('田中さんと会議', names)).toEqual(['さん', 'んと', 'と会', '会議']);
    expect(tokensOf('Anna', names)).toEqual(['anna']);
  });

  it('are few however long the text is', () => {
    const text = Array.from(
      { length: 50_000 },
      (_, n) => `w${String.fromCharCode(97 + (n % 26))}${'x'.repeat(n % 7)}`,
    ).join(' ');
    expect(tokensOf(text, none).length).toBeLessThanOrEqual(40);
    for (const hostile of ['1'.repeat(1e6), ' '.repeat(1e6), 'A'.repeat(1e6), 'A-'.repeat(5e5), '請'.repeat(1e6)]) {
      expect(tokensOf(hostile, none).length).toBeLessThanOrEqual(40);
    }
  });
});

/** Each with each, as the rule says it. */
function leadersByComparingAll(sets: readonly Uint32Array[]): number[] {
  const leaderOf: number[] = [];
  for (const [at, set] of sets.entries()) {
    let [best, likeness] = [at, 0];
    for (let other = 0; other < at && set.length > 0; other += 1) {
      if (leaderOf[other] !== other) continue;
      const leader = new Set(sets[other]);
      const shared = [...set].filter((element) => leader.has(element)).length;
      const jaccard = shared / (set.length + leader.size - shared);
      if (jaccard >= 0.6 && jaccard > likeness) [best, likeness] = [other, jaccard];
    }
    leaderOf.push(best);
  }
  return leaderOf;
}

const smallSet = (most: number) =>
  fc.uniqueArray(fc.nat({ max: most }), { maxLength: 9 }).map((list) => Uint32Array.from(list).sort());

describe('leaders', () => {
  it.each([4, 8, 15, 40])('are those of comparing each with each (%i elements)', (most) => {
    fc.assert(
      fc.property(fc.array(smallSet(most), { maxLength: 120 }), (all) => {
        const sets = [...new Map(all.map((set) => [set.join(), set])).values()];
        const { leaderOf, complete } = findLeaders(sets, 1e6);
        expect([...leaderOf]).toEqual(leadersByComparingAll(sets));
        expect(complete).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('are exact at the threshold of 0.6', () => {
    const set = (...elements: number[]) => Uint32Array.from(elements);
    // 3 of 5 and 6 of 10 shared; 4 of 7 is less.
    expect([...findLeaders([set(1, 2, 3, 4), set(2, 3, 4, 5)], 1e6).leaderOf]).toEqual([0, 0]);
    expect([...findLeaders([set(1, 2, 3, 4, 5), set(2, 3, 4, 5, 6, 7)], 1e6).leaderOf]).toEqual([0, 1]);
    expect(overlapOf(set(1, 3, 5), set(2, 3, 5, 9))).toBe(2);
  });

  it('cost about ten times the work for ten times the texts', () => {
    // Words as in titles: a few are everywhere, most are rare.
    const titles = (count: number) => {
      let seed = 1;
      const next = () => {
        seed = (seed * 48_271) % 2_147_483_647;
        return seed / 2_147_483_647;
      };
      return Array.from({ length: count }, () => {
        const words = Array.from({ length: 8 }, () => 20_000 - Math.floor(20_000 * next() ** 4));
        return Uint32Array.from(new Set(words)).sort();
      });
    };
    const [few, many] = [findLeaders(titles(10_000), 1e9), findLeaders(titles(100_000), 1e9)];
    expect(many.work / few.work).toBeLessThan(15);
    expect(many.work).toBeLessThan(6_000_000);
  });

  it('stop when the work is used up, at the same set every time, and say so', () => {
    const sets = Array.from({ length: 3_000 }, (_, n) =>
      Uint32Array.from({ length: 10 }, (_, k) => (k * 3 + ((n * (k + 7)) % 3)) as number),
    );
    const first = findLeaders(sets, 10_000);
    expect(first.complete).toBe(false);
    expect(first.work).toBeLessThan(10_000 + 3_000 * 30);
    expect(findLeaders(sets, 10_000)).toEqual(first);
  });
});

const row = (text: string, estimated_minutes: number, more: object = {}) => ({ text, estimated_minutes, ...more });

describe('similar work', () => {
  it('has figures of each group, most minutes first', () => {
    const rows = [
      row('Invoice 4711 check for March', 30, { person: 'Ann', date: '2026-03-02' }),
      row('invoice 4712 check for April', 50, { person: 'Bob', date: '2026-04-02' }),
      row('Check for invoice 4713', 40, { person: 'Ann', date: '2026-02-02', estimate_source: 'inferred' }),
      row('Standup', 100),
      row('Stand-up notes', 5),
      row('standup 2026-01-03', 10),
    ];
    const charging = {
      source: 'request' as const,
      hourlyRate: 60,
      rates: null,
      costOf: (r: unknown) => (r as { estimated_minutes: number }).estimated_minutes,
    };
    const { similar_clusters, similarity } = similarWork(rows, charging);
    expect(similar_clusters).toEqual([
      {
        rows: 3,
        minutes: 120,
        hours: 2,
        share_percent: 51.06,
        cost: 120,
        mean_minutes: 40,
        spread_minutes: 10,
        min_minutes: 30,
        max_minutes: 50,
        inferred_minutes: 40,
        persons: 2,
        first_date: '2026-02-02',
        last_date: '2026-04-02',
        wordings: 1,
        samples: ['Invoice 4711 check for March', 'invoice 4712 check for April', 'Check for invoice 4713'],
      },
      expect.objectContaining({ rows: 2, minutes: 110, persons: 0, first_date: null, spread_minutes: 63.64 }),
    ]);
    expect(similarity).toMatchObject({ threshold: 0.6, clusters: 2, rows: 5, minutes: 230, complete: true });
    expect(similarWork(rows, null).similar_clusters[0]).not.toHaveProperty('cost');
  });

  it('lists at most 100 groups and 64 KiB, and says how many it omits', () => {
    const letters = (n: number) => [...String(n)].map((digit) => String.fromCharCode(97 + Number(digit))).join('');
    const many = Array.from({ length: 600 }, (_, n) =>
      row(`${letters(1000 + (n >> 1))} zz${letters(2000 + (n >> 1))}`, n),
    );
    const { similar_clusters, similarity } = similarWork(many, null);
    expect([similar_clusters.length, similarity.clusters, similarity.omitted.clusters]).toEqual([100, 300, 200]);
    expect(similarity.rows).toBe(similarity.omitted.rows + similar_clusters.reduce((sum, { rows }) => sum + rows, 0));
    const long = many.map((each, n) => row(`${each.text} ${n % 2} ${'\u0001'.repeat(200)}`, 1));
    expect(JSON.stringify(similarWork(long, null).similar_clusters).length).toBeLessThan(66 * 1024);
  });

  it('puts every row into at most one group, and only with what is similar', () => {
    const word = fc.constantFrom('invoice', 'check', 'mail', 'report', 'call', 'march', '17', '請求書');
    const text = fc.array(word, { maxLength: 5 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 30 }), (texts) => {
        const { similarity, similar_clusters } = similarWork(
          texts.map((each) => row(each, 1)),
          null,
        );
        expect(similarity.rows).toBeLessThanOrEqual(texts.length);
        expect(similar_clusters.every(({ rows }) => rows > 1)).toBe(true);
        expect(similarity.minutes).toBe(similarity.rows);
      }),
    );
  });
});
