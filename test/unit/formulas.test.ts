import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregatesOf } from '../../machines/formulas/aggregates.ts';
import { compareCodePoints } from '../../machines/formulas/code-points.ts';
import { costAnalysis } from '../../machines/formulas/cost.ts';
import { frictionAnalysis } from '../../machines/formulas/friction.ts';
import { category, fingerprint, minutes, normalize } from '../../machines/formulas/rows.ts';
import { scenarioAnalysis } from '../../machines/formulas/scenario.ts';
import { timeWasteAnalysis } from '../../machines/formulas/time-waste.ts';

const row = (text: string, estimated_minutes?: unknown, category?: string) => ({
  text,
  ...(estimated_minutes !== undefined && { estimated_minutes }),
  ...(category !== undefined && { category }),
});

const V1 = {
  rows: [row('Ticket triage', 30, 'ops'), row('Ticket triage', 45, 'ops'), row('status meeting', 60, 'meetings')],
  hourly_rate: 100,
};
const V7 = {
  rows: [
    row('Invoice check', 95, 'finance'),
    row('invoice-check', 25, 'finance'),
    row('Invoice check', 40, 'finance'),
    row('Stand-up', 15, 'meetings'),
    row('Report', 180, 'reporting'),
    row('Mail', 35),
    row('Archive', 12, 'ops'),
  ],
  hourly_rate: 75.5,
};

/** Figures in the order: minutes, hours, monthly, annual, recurring, share, avoidable, recovered h, cost, confidence. */
const figures = (context: { rows: unknown[]; hourly_rate: number }): number[] => {
  const time = timeWasteAnalysis(context);
  const cost = costAnalysis(context).content;
  const friction = frictionAnalysis(context).content;
  const scenario = scenarioAnalysis(context).content;
  return [
    ...[time.content.total_minutes, time.content.total_hours, cost.monthly_cost, cost.annual_cost],
    ...[friction.recurring_count, friction.recurring_share, friction.avoidable_percent],
    ...[scenario.recovered_hours, scenario.recovered_monthly_cost, time.confidence],
  ];
};

describe('the figures', () => {
  it.each([
    ['repeated work', V1, [135, 2.25, 225, 2700, 2, 66.67, 60, 1.35, 135, 0.75]],
    [
      'an odd rate',
      { rows: [row('Close month', 50)], hourly_rate: 33.333 },
      [50, 0.83, 27.67, 332, 0, 0, 0, 0, 0, 0.7],
    ],
    ['no rows', { rows: [], hourly_rate: 120 }, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0.7]],
    [
      'a rate of 0',
      {
        rows: [
          ...[row('x', 10, 'a'), row('X!', 20, 'b'), row('x', 5, 'a')],
          ...[row('y', 1, 'c'), row('y', 1, 'c'), row('z', 100, 'd')],
        ],
        hourly_rate: 0,
      },
      [137, 2.28, 0, 0, 5, 83.33, 60, 1.37, 0, 0.8],
    ],
    [
      'texts that differ by punctuation',
      { rows: [row('Copy data, weekly', 7.5), row('copy data weekly', 7.5)], hourly_rate: 1 },
      [15, 0.25, 0.25, 3, 2, 100, 60, 0.15, 0.15, 0.7],
    ],
    [
      'absent estimates',
      { rows: [row('q'), row('w', ''), row('e', null), row('r', 50)], hourly_rate: 33.333 },
      [50, 0.83, 27.67, 332, 0, 0, 0, 0, 0, 0.6],
    ],
    ['many categories', V7, [402, 6.7, 505.85, 6070.2, 2, 28.57, 35.71, 2.39, 180.64, 0.8]],
  ])('of %s are as computed by hand', (_, context, expected) => {
    expect(figures(context)).toEqual(expected);
  });

  it('break down time by category', () => {
    expect(timeWasteAnalysis(V1).content.breakdown).toEqual([
      { category: 'meetings', minutes: 60, hours: 1, share_percent: 44.44 },
      { category: 'ops', minutes: 75, hours: 1.25, share_percent: 55.56 },
    ]);
  });

  it('cluster what normalizes to the same text', () => {
    expect(frictionAnalysis(V7).content.clusters).toEqual([
      { fingerprint: 'invoice check', count: 2, sample_text: 'Invoice check' },
    ]);
  });

  it('cut a cluster’s sample at 120 code points and its fingerprint at 48', () => {
    const text = `${'😀'.repeat(60)}${'b'.repeat(100)}`;
    const [cluster] = frictionAnalysis({ rows: [row(text), row(`${text}c`)] }).content.clusters;
    expect(cluster).toEqual({
      fingerprint: '😀'.repeat(48),
      count: 2,
      sample_text: `${'😀'.repeat(60)}${'b'.repeat(60)}`,
    });
  });

  it('stay finite where sums leave the range of a double', () => {
    const rows = [row('a', 1e308), row('b', 1e308), row('c', 1)];
    expect(timeWasteAnalysis({ rows }).content).toEqual({
      total_minutes: Number.MAX_VALUE,
      total_hours: Number.MAX_VALUE / 60,
      breakdown: [
        {
          category: 'uncategorized',
          minutes: Number.MAX_VALUE,
          hours: Number.MAX_VALUE / 60,
          share_percent: 100,
        },
      ],
    });
    expect(costAnalysis({ rows, hourly_rate: Infinity }).content.annual_cost).toBe(Number.MAX_VALUE);
    expect(costAnalysis({ rows, hourly_rate: -0 }).content.hourly_rate).toBe(0);
  });
});

describe('a deliverable', () => {
  it('of time carries the totals as evidence', () => {
    const { type, evidence } = timeWasteAnalysis(V1);
    expect({ type, evidence }).toEqual({
      type: 'time_waste_analysis',
      evidence: { total_minutes: 135, total_hours: 2.25 },
    });
  });

  it('of cost holds hours, rate and amounts', () => {
    expect(costAnalysis(V1)).toEqual({
      type: 'cost_analysis',
      confidence: 0.75,
      content: { total_hours: 2.25, hourly_rate: 100, monthly_cost: 225, annual_cost: 2700 },
      evidence: { total_hours: 2.25, monthly_cost: 225, annual_cost: 2700 },
    });
  });

  it('of friction holds counts, shares and clusters', () => {
    expect(frictionAnalysis(V1)).toEqual({
      type: 'friction_analysis',
      confidence: 0.75,
      content: {
        total_hours: 2.25,
        total_rows: 3,
        recurring_count: 2,
        recurring_share: 66.67,
        avoidable_percent: 60,
        clusters: [{ fingerprint: 'ticket triage', count: 2, sample_text: 'Ticket triage' }],
      },
      evidence: { recurring_share: 66.67, avoidable_percent: 60 },
    });
  });

  it('of a scenario says in one sentence what is won', () => {
    expect(scenarioAnalysis(V1)).toEqual({
      type: 'with_agent_scenario',
      confidence: 0.75,
      content: {
        total_hours: 2.25,
        hourly_rate: 100,
        avoidable_percent: 60,
        recovered_hours: 1.35,
        recovered_monthly_cost: 135,
        summary: 'Recovering 1.35 h per month (60% of the analyzed time) is worth 135 per month.',
      },
      evidence: { recovered_hours: 1.35, recovered_monthly_cost: 135 },
    });
  });
});

describe('a row', () => {
  it.each([
    [12.5, 12.5],
    ['12.5', 12.5],
    [' +7 ', 7],
    ['1e2', 100],
    ['.5', 0.5],
    ['5.', 5],
    ['', 0],
    ['abc', 0],
    ['0x10', 0],
    ['1_000', 0],
    ['Infinity', 0],
    ['1e999', 0],
    [-1, 0],
    ['-1', 0],
    [null, 0],
    [true, 0],
    [[5], 0],
    [undefined, 0],
  ])('with estimate %j lasts %d minutes', (estimated_minutes, expected) => {
    expect(minutes({ estimated_minutes })).toBe(expected);
  });

  it.each([
    ['Ops ', 'Ops '],
    ['', 'uncategorized'],
    [null, 'uncategorized'],
    [undefined, 'uncategorized'],
    [7, 'uncategorized'],
  ])('with category %j counts as %j', (given, expected) => {
    expect(category({ category: given })).toBe(expected);
  });

  it('that is no object reads as empty', () => {
    const rows = [null, 5, 'text', [], true];
    expect(timeWasteAnalysis({ rows }).content.breakdown).toEqual([
      { category: 'uncategorized', minutes: 0, hours: 0, share_percent: 0 },
    ]);
    expect(frictionAnalysis({ rows }).content).toMatchObject({ total_rows: 5, recurring_count: 0 });
  });
});

describe('normalize', () => {
  it('deletes each ASCII punctuation character without leaving a space', () => {
    expect(normalize('a!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~b')).toBe('ab');
  });

  it('keeps accents, other punctuation and other scripts', () => {
    expect(normalize('  Écrire «le\u00a0 rapport» №1 — 報告 ')).toBe('écrire «le rapport» №1 — 報告');
  });

  it('changes nothing when applied again', () => {
    const char = fc.constantFrom(
      'a',
      'B',
      'É',
      'İ',
      'ẞ',
      'ς',
      'Σ',
      ' ',
      '\t',
      '\u00a0',
      '-',
      '.',
      '😀',
      '\ud800',
      '報',
    );
    fc.assert(
      fc.property(fc.array(char), (chars) => {
        const text = chars.join('');
        // One rule of lower case looks at neighbors (final sigma), and punctuation is what may stand between them.
        fc.pre(!text.includes('Σ'));
        expect(normalize(normalize(text))).toBe(normalize(text));
      }),
    );
  });

  it('leaves nothing of a text without letters', () => {
    expect(fingerprint(' --- ')).toBe('');
  });
});

describe('for any JSON rows', () => {
  const anyRow = fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        text: fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.constantFrom('a', 'A!', 'b', '😀', '\uffff'),
          fc.jsonValue(),
        ),
        estimated_minutes: fc.oneof(fc.double(), fc.nat(500), fc.constantFrom('5', '7.5 ', '', 'x'), fc.jsonValue()),
        category: fc.oneof(fc.constantFrom('ops', '__proto__', '😀', '\uffff', ''), fc.jsonValue()),
        estimate_source: fc.constantFrom('given', 'inferred', 3),
      },
      { requiredKeys: [] },
    ),
  );
  const anyContext = fc.record({
    rows: fc.oneof({ weight: 9, arbitrary: fc.array(anyRow) }, fc.jsonValue()),
    hourly_rate: fc.oneof(fc.double(), fc.jsonValue()),
  });

  it('every figure is JSON, lists are sorted and parts make up the whole', () => {
    fc.assert(
      fc.property(anyContext, (context) => {
        const analyses = [timeWasteAnalysis, costAnalysis, frictionAnalysis, scenarioAnalysis].map((f) => f(context));
        for (const analysis of analyses) expect(JSON.parse(JSON.stringify(analysis))).toEqual(analysis);
        const { breakdown, total_minutes } = timeWasteAnalysis(context).content;
        const { clusters, recurring_count, total_rows, avoidable_percent } = frictionAnalysis(context).content;
        for (const names of [breakdown.map((part) => part.category), clusters.map((part) => part.fingerprint)]) {
          for (const [i, name] of names.slice(1).entries()) {
            expect(compareCodePoints(names[i] as string, name)).toBeLessThan(0);
          }
        }
        const sum = breakdown.reduce((minutes, part) => minutes + part.minutes, 0);
        const roundings = 0.005 * (breakdown.length + 1);
        expect(Math.abs(Math.min(sum, Number.MAX_VALUE) - total_minutes)).toBeLessThanOrEqual(
          roundings + total_minutes * 1e-9,
        );
        expect(clusters.reduce((count, cluster) => count + cluster.count, 0)).toBe(recurring_count);
        expect(recurring_count).toBeLessThanOrEqual(total_rows);
        expect(avoidable_percent).toBeLessThanOrEqual(60);
      }),
    );
  });
});

describe('long lists', () => {
  const texts = Array.from({ length: 1_200 }, (_, i) => `activity ${String(i).padStart(4, '0')}`);

  it('of clusters hold the 1,000 with most rows in code point order, and how many are left out', () => {
    // Of the later ones there are more rows.
    const many = texts.flatMap((text, i) => Array.from({ length: i < 200 ? 2 : 3 }, () => ({ text })));
    const { clusters, clusters_omitted, recurring_count } = frictionAnalysis({ rows: many }).content;
    expect(clusters.map(({ fingerprint }) => fingerprint)).toEqual(texts.slice(200));
    expect([clusters_omitted, recurring_count]).toEqual([200, 3_400]);
  });

  it('of categories hold the 1,000 with most minutes in code point order, and how many are left out', () => {
    const many = texts.map((category, i) => ({ category, estimated_minutes: i < 200 ? 1 : 2 }));
    const { breakdown, breakdown_omitted, total_minutes } = timeWasteAnalysis({ rows: many }).content;
    expect(breakdown.map(({ category }) => category)).toEqual(texts.slice(200));
    expect([breakdown_omitted, total_minutes]).toEqual([200, 2_200]);
  });

  it('of 1,000 are whole', () => {
    const thousand = texts.slice(0, 1_000);
    const twice = thousand.flatMap((text) => [
      { text, category: text },
      { text, category: text },
    ]);
    const contents = [frictionAnalysis({ rows: twice }).content, timeWasteAnalysis({ rows: twice }).content];
    expect(contents.flatMap(Object.keys).filter((key) => key.endsWith('_omitted'))).toEqual([]);
    expect(frictionAnalysis({ rows: twice }).content.clusters.length).toBe(1_000);
  });

  it('are shown to a model by their heaviest entries, and nothing else is lost', () => {
    const breakdown = Array.from({ length: 30 }, (_, i) => ({ category: `c${i}`, minutes: i }));
    const content = { total: 1, breakdown, breakdown_omitted: 5, note: 'x'.repeat(600), deep: { few: [1, [2]] } };
    expect(aggregatesOf(content)).toEqual({
      total: 1,
      breakdown: breakdown.slice(10).reverse(),
      breakdown_omitted: 15,
      note: 'x'.repeat(500),
      deep: { few: [1, [2]] },
    });
  });

  it('of any JSON are cut, however deep or wide it is', () => {
    let deep: unknown = 'end';
    for (let i = 0; i < 100; i++) deep = i % 2 ? [deep] : { deep };
    const wide = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, Array(50).fill(i)]));
    const cut = JSON.stringify(aggregatesOf({ deep, wide, none: null }));
    expect(cut).not.toContain('end');
    expect(cut.length).toBeLessThan(20_000);
  });
});
