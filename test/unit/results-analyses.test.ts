import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costResults, frictionResults, scenarioResults, timeWasteResults } from '../../machines/formulas/analyses.ts';
import { costAnalysis } from '../../machines/formulas/cost.ts';
import { frictionAnalysis } from '../../machines/formulas/friction.ts';
import { scenarioAnalysis } from '../../machines/formulas/scenario.ts';
import { timeWasteAnalysis } from '../../machines/formulas/time-waste.ts';
import vectors from '../vectors/analysis.json' with { type: 'json' };

const row = (text: string, estimated_minutes: number, more: object = {}) => ({ text, estimated_minutes, ...more });

describe('the results', () => {
  it.each(vectors.cases.map((c, i) => [i, c.work_context] as const))(
    'keep the contract’s figures (case %i)',
    (_, context) => {
      for (const [results, analysis] of [
        [timeWasteResults, timeWasteAnalysis],
        [costResults, costAnalysis],
        [frictionResults, frictionAnalysis],
        [scenarioResults, scenarioAnalysis],
      ] as const) {
        expect(results(context)).toMatchObject(analysis(context));
      }
    },
  );

  it('repeat what reading the file came to', () => {
    const input = { file: 'a.csv', rows: { read: 1, given: 1, inferred: 0, ignored: 0 } };
    for (const results of [timeWasteResults, costResults, frictionResults, scenarioResults]) {
      expect(results({ rows: [row('a', 1)], input }).content.input).toEqual(input);
      expect(results({ rows: [row('a', 1)], input: 'no object' }).content).not.toHaveProperty('input');
    }
  });

  it('are total: any JSON gives figures', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (rows, hourly_rate, period) => {
        for (const results of [timeWasteResults, costResults, frictionResults, scenarioResults]) {
          const { confidence, content } = results({ rows, hourly_rate, period });
          expect(confidence).toBeGreaterThanOrEqual(0);
          expect(JSON.stringify(content)).not.toContain('Infinity');
        }
      }),
      { numRuns: 200 },
    );
    const strange = fc.record(
      {
        text: fc.anything(),
        estimated_minutes: fc.oneof(fc.double(), fc.string()),
        date: fc.oneof(fc.constantFrom('2026-01-01', '2026-13-01'), fc.anything()),
        start: fc.oneof(fc.constant('2026-01-01T10:00'), fc.anything()),
        person: fc.anything(),
        project: fc.anything(),
        case: fc.oneof(fc.constantFrom('a', 'b'), fc.anything()),
        rate: fc.oneof(fc.double(), fc.anything()),
        estimate_source: fc.constantFrom('given', 'inferred', 3),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(strange, { maxLength: 12 }), (rows) => {
        for (const results of [timeWasteResults, costResults, frictionResults, scenarioResults]) {
          const { content } = results({ rows });
          expect(JSON.parse(JSON.stringify(content))).toEqual(content);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('stay small for 25,000 rows of any kind', { timeout: 60_000 }, () => {
    const words = 'audit budget call draft email fix group hire issue join kick launch meeting note order plan'.split(
      ' ',
    );
    const letters = (n: number) =>
      [...n.toString(26)].map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 26))).join('');
    const rows = Array.from({ length: 25_000 }, (_, n) => ({
      text: `${words[n % 16]} ${words[(n >> 4) % 16]} ${letters(n)} ${'界'.repeat(n % 40)}`,
      category: `category ${n % 3}`,
      estimated_minutes: n % 500,
      date: `20${String(10 + (n % 20))}-0${1 + (n % 9)}-1${n % 10}`,
      start: `2026-01-0${1 + (n % 9)}T1${n % 10}:00`,
      person: `Person ${letters(n % 3000)}`,
      project: `Project ${n % 5000}`,
      case: `c${n % 20_000}`,
      rate: 40 + (n % 7),
    }));
    // Exact clusters have a limit of their own.
    const { clusters: _, ...friction } = frictionResults({ rows }).content;
    for (const content of [
      friction,
      timeWasteResults({ rows }).content,
      costResults({ rows }).content,
      scenarioResults({ rows }).content,
    ]) {
      expect(Buffer.byteLength(JSON.stringify(content))).toBeLessThan(128 * 1024);
    }
  });
});

describe('the ranking', () => {
  it('has names with minutes, shares and cumulative shares', () => {
    const rows = [
      row('Mail', 30, { person: 'Ann', project: 'X' }),
      row('mail!', 30, { person: 'Bob' }),
      row('Call', 40, { person: 'Ann' }),
      row('', 0),
    ];
    expect(timeWasteResults({ rows }).content.top).toEqual({
      text: [
        { name: 'Mail', minutes: 60, hours: 1, share_percent: 60, cumulative_percent: 60, rows: 2 },
        { name: 'Call', minutes: 40, hours: 0.67, share_percent: 40, cumulative_percent: 100, rows: 1 },
      ],
      category: [
        { name: 'uncategorized', minutes: 100, hours: 1.67, share_percent: 100, cumulative_percent: 100, rows: 4 },
      ],
      person: [
        { name: 'Ann', minutes: 70, hours: 1.17, share_percent: 70, cumulative_percent: 70, rows: 2 },
        { name: 'Bob', minutes: 30, hours: 0.5, share_percent: 30, cumulative_percent: 100, rows: 1 },
      ],
      project: [{ name: 'X', minutes: 30, hours: 0.5, share_percent: 30, cumulative_percent: 30, rows: 1 }],
      others: {},
      unnamed: {
        text: { count: 1, minutes: 0, share_percent: 0 },
        person: { count: 1, minutes: 0, share_percent: 0 },
        project: { count: 3, minutes: 70, share_percent: 70 },
      },
    });
  });

  it('has 20 names, equal ones by code point, and the rest in sum', () => {
    const rows = Array.from({ length: 25 }, (_, n) => row(`t${String.fromCharCode(121 - n)}`, 4));
    const { top } = timeWasteResults({ rows }).content;
    expect(top.text?.map(({ name }) => name).slice(0, 2)).toEqual(['ta', 'tb']);
    expect([top.text?.length, top.text?.at(-1)?.cumulative_percent]).toEqual([20, 80]);
    expect(top.others.text).toEqual({ count: 5, minutes: 20, share_percent: 20 });
    expect(top).not.toHaveProperty('person');
    expect(top).not.toHaveProperty('project');
  });
});

describe('the trend', () => {
  it('has weeks, months and the span', () => {
    const rows = [
      row('a', 60, { date: '2026-03-05' }),
      row('b', 30, { start: '2026-03-09T10:00' }),
      row('c', 90, { date: '2026-04-03' }),
      row('d', 15, { date: 'soon' }),
    ];
    const { trend, per_month } = timeWasteResults({ rows }).content;
    expect(trend).toEqual({
      span: {
        first_date: '2026-03-05',
        last_date: '2026-04-03',
        days: 30,
        months: 0.99,
        how: 'days from the first to the last date, both included, / 30.4375',
      },
      weeks: [
        { week: '2026-W10', minutes: 60, hours: 1, rows: 1 },
        { week: '2026-W11', minutes: 30, hours: 0.5, rows: 1 },
        { week: '2026-W14', minutes: 90, hours: 1.5, rows: 1 },
      ],
      months: [
        { month: '2026-03', minutes: 90, hours: 1.5, rows: 2 },
        { month: '2026-04', minutes: 90, hours: 1.5, rows: 1 },
      ],
      rows_without_date: 1,
      label: 'Time per ISO week and per month of 3 rows with a date; 1 row without one left out.',
    });
    // 180 dated minutes in 30 / 30.4375 months.
    expect(per_month).toMatchObject({ months: 0.99, basis: 'span of the file', hours: 3.04 });
  });

  it.each([
    [13, null, 'The dates span 13 days; a month is worked out from 14 days or more.'],
    [14, 0.46, undefined],
  ])('works a month out of %i days: %s', (days, months, reason) => {
    const rows = [row('a', 60, { date: '2026-03-01' }), row('b', 60, { date: `2026-03-${days}` })];
    const { per_month, ...rest } = costResults({ rows, hourly_rate: 60 }).content;
    expect(per_month?.months ?? null).toBe(months);
    expect('per_month_reason' in rest ? rest.per_month_reason : undefined).toBe(reason);
    if (per_month) expect(per_month.cost).toBe(260.89);
  });

  it('works out no month when one date is far from all others', () => {
    const rows = [
      row('a', 60, { date: '2006-03-01' }),
      row('b', 60, { date: '2026-03-01' }),
      row('c', 60, { date: '2026-04-01' }),
    ];
    const { content } = timeWasteResults({ rows });
    expect(content.per_month).toBeNull();
    expect(content).toHaveProperty('per_month_reason', expect.stringContaining('Only 3 of the 242 months'));
  });

  it('takes the period of the request where the dates do not tell', () => {
    const { per_month } = costResults({
      rows: [row('a', 600)],
      hourly_rate: 10,
      period: { type: 'Quarterly' },
    }).content;
    expect(per_month).toMatchObject({ months: 3, basis: 'period of the request', hours: 3.33, cost: 33.33 });
    expect(costResults({ rows: [row('a', 600)], hourly_rate: 10 }).content).toMatchObject({
      per_month: null,
      per_month_reason: 'No row has a date.',
    });
  });

  it('sums up what is older than 260 weeks and 120 months', () => {
    const rows = Array.from({ length: 12 * 12 }, (_, n) =>
      row('a', 1, { date: `${2010 + Math.floor(n / 12)}-${String(1 + (n % 12)).padStart(2, '0')}-15` }),
    );
    const weekly = Array.from({ length: 300 }, (_, n) =>
      row('b', 1, { date: new Date(Date.UTC(2016, 0, 4) + n * 7 * 86_400_000).toISOString().slice(0, 10) }),
    );
    const months = timeWasteResults({ rows }).content.trend;
    expect([months?.months.length, months?.months[0]?.month, months?.earlier?.months]).toEqual([
      120,
      '2012-01',
      { count: 24, minutes: 24, hours: 0.4, rows: 24 },
    ]);
    const weeks = timeWasteResults({ rows: weekly }).content.trend;
    expect([weeks?.weeks.length, weeks?.earlier?.weeks?.count]).toEqual([260, 40]);
    expect(timeWasteResults({ rows: [row('a', 1)] }).content).toMatchObject({
      trend: null,
      trend_reason: 'No row has a date.',
    });
  });
});

describe('rates of rows', () => {
  const rows = [row('a', 60, { rate: 50 }), row('a', 120, { rate: 100 }), row('c', 60)];
  const mean = 250 / 3;

  it.each([undefined, mean, 83.33])('count when the caller gives none: %s', (hourly_rate) => {
    const { content, evidence } = costResults({ rows, ...(hourly_rate !== undefined && { hourly_rate }) });
    expect(content).toMatchObject({
      rate_source: 'file',
      rates: { min: 50, max: 100, distinct: 2 },
      total_hours: 4,
      monthly_cost: 333.33,
    });
    expect(evidence.monthly_cost).toBe(333.33);
    const scenario = scenarioResults({ rows, ...(hourly_rate !== undefined && { hourly_rate }) }).content;
    expect([scenario.avoidable_percent, scenario.recovered_monthly_cost]).toEqual([60, 200]);
    expect(scenario.summary).toContain('is worth 200 per month');
  });

  it('do not count against a rate of the caller', () => {
    expect(costResults({ rows, hourly_rate: 10 }).content).toMatchObject({ rate_source: 'request', monthly_cost: 40 });
    expect(costResults({ rows, hourly_rate: mean, rate_source: 'request' }).content).not.toHaveProperty('rates');
    expect(costResults({ rows, hourly_rate: 10, rate_source: 'file' }).content.monthly_cost).toBe(260);
    expect(costResults({ rows: [row('a', 60)], hourly_rate: 10 }).content).toMatchObject({
      rate_source: 'request',
      monthly_cost: 10,
    });
  });
});

describe('estimated minutes', () => {
  it.each([
    [0, undefined, 0.7],
    [25, 25, 0.7],
    [50, 50, 0.65],
    [100, 100, 0.3],
  ])('that make %i %% lower the confidence to their measure', (inferred, share, confidence) => {
    const rows = [
      ...(inferred > 0 ? [row('a', inferred, { estimate_source: 'inferred' })] : []),
      ...(inferred < 100 ? [row('b', 100 - inferred, { estimate_source: 'given' })] : []),
    ];
    for (const results of [timeWasteResults, costResults, frictionResults, scenarioResults]) {
      const { content, confidence: found } = results({ rows, hourly_rate: 1 });
      expect([content.inferred?.share_percent, found]).toEqual([share, confidence]);
    }
  });
});

describe('fragmentation', () => {
  it('counts short entries and changes within the day of a person', () => {
    const at = (start: string, text: string, person: string, estimated_minutes = 20) =>
      row(text, estimated_minutes, { start: `2026-03-05T${start}`, person });
    const rows = [
      at('11:00', 'Mail', 'Ann', 10),
      at('09:00', 'Mail', 'Ann'),
      at('10:00', 'Call', 'Ann'),
      at('09:00', 'Mail', 'Bob'),
      row('Estimated', 5, { estimate_source: 'inferred' }),
    ];
    expect(frictionResults({ rows }).content.fragmentation).toEqual({
      short_entries: {
        under_minutes: 15,
        entries: 4,
        short: 1,
        share_percent: 25,
        minutes: 10,
        minutes_share_percent: 14.29,
      },
      per_person_day: {
        person_days: 2,
        persons: 2,
        entries: 2,
        switches: 1,
        most_switches: 2,
        order: 'start times',
        rows_without_date: 1,
        label:
          'Mean of 2 person-days; a switch is a change of text or project from one entry to the next, by start times.',
      },
      label: expect.any(String),
    });
  });

  it('has no days without dates, and says so', () => {
    const { fragmentation } = frictionResults({ rows: [row('a', 5, { estimate_source: 'inferred' })] }).content;
    expect(fragmentation).toMatchObject({
      short_entries: null,
      per_person_day: null,
      per_person_day_reason: 'No row has a date.',
    });
  });
});

describe('a log of cases', () => {
  const event = (id: unknown, text: string, start: string, end?: string) =>
    row(text, 1, { case: id, start, ...(end && { end }) });

  it('has cycle times, rework and variants', () => {
    const rows = [
      event('1', 'Register', '2026-03-01T08:00'),
      event('1', 'Decide', '2026-03-01T10:00', '2026-03-01T12:00'),
      event('2', 'Decide', '2026-03-02T09:00'),
      event('2', 'Register', '2026-03-02T08:00'),
      event(3, 'Register', '2026-03-03T08:00'),
      event(3, 'Register', '2026-03-03T09:00'),
      event(3, 'Decide', '2026-03-03T18:00'),
      row('Unrelated', 1),
    ];
    const { content } = frictionResults({ rows });
    expect(content).toMatchObject({
      process: {
        cases: 3,
        events: 7,
        rows_left_out: 1,
        activity: 'text',
        resolution: 'minute',
        cycle_time_hours: { median: 4, p90: 10 },
        rework: { cases: 1, share_percent: 33.33, loops: [{ activity: 'Register', cases: 1, repeats: 1 }] },
        variant_count: 2,
        variants: [
          { steps: ['Register', 'Decide'], steps_omitted: 0, cases: 2, share_percent: 66.67, median_hours: 2.5 },
          { steps: ['Register', 'Register', 'Decide'], cases: 1, share_percent: 33.33, median_hours: 10 },
        ],
      },
    });
  });

  it.each([
    ['No row has a case.', [row('a', 1, { date: '2026-01-01' })]],
    ['Only 0 of 1 row have a case and a time.', [row('a', 1, { case: 'x' })]],
    ['Every case has a single row.', [row('a', 1, { case: 'x', date: '2026-01-01' })]],
  ])('is none, and says: %s', (reason, rows) => {
    expect(frictionResults({ rows }).content).toMatchObject({ process: null, process_reason: reason });
  });
});

describe('the range of savings', () => {
  it('has an assumption for each bound', () => {
    const rows = [
      ...Array.from({ length: 4 }, () => row('Copy data', 15)),
      ...Array.from({ length: 4 }, (_, n) => row(`Check invoice ${n + 1} again`, 60)),
      ...['Plan offsite', 'Write contract', 'Fix router', 'Interview'].map((text) => row(text, 100)),
    ];
    const { content } = scenarioResults({ rows, hourly_rate: 10 });
    expect(content.range.base).toMatchObject({
      avoidable_percent: content.avoidable_percent,
      recovered_hours: content.recovered_hours,
      recovered_monthly_cost: content.recovered_monthly_cost,
    });
    // 60 of 700 minutes in short repeats, half of it; 300 of 700 in similar work, which is less than the base.
    expect([content.range.low.avoidable_percent, content.range.base.avoidable_percent]).toEqual([4.29, 41.67]);
    expect(content.range.high.avoidable_percent).toBe(42.86);
    for (const { assumption } of [content.range.low, content.range.base, content.range.high])
      expect(assumption).toMatch(/\.$/);
    expect(content.range.assumption_note).toContain('assumption');
  });

  it('has its bounds in order, whatever the rows are', () => {
    const anyRow = fc.record({
      text: fc.constantFrom('a', 'b', 'b 1', 'c d', 'c d 2', ''),
      estimated_minutes: fc.double({ min: 0, max: 1e4, noNaN: true }),
      rate: fc.option(fc.double({ min: 0, max: 500, noNaN: true }), { nil: undefined }),
    });
    fc.assert(
      fc.property(
        fc.array(anyRow, { maxLength: 20 }),
        fc.option(fc.nat(200), { nil: undefined }),
        (rows, hourly_rate) => {
          const { low, base, high } = scenarioResults({ rows, hourly_rate }).content.range;
          for (const key of ['avoidable_percent', 'recovered_hours', 'recovered_monthly_cost'] as const) {
            expect(low[key]).toBeLessThanOrEqual(base[key] + 0.011);
            expect(base[key]).toBeLessThanOrEqual(high[key] + 0.011);
          }
          expect(high.avoidable_percent).toBeLessThanOrEqual(60);
        },
      ),
    );
  });
});
