import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimsOf, evaluateDone, requireSources } from '../../machines/formulas/done.ts';
import { ContradictionError, completeRows, groundFacts, MissingDataError } from '../../machines/formulas/facts.ts';
import { failureCategory, failureOf } from '../../machines/formulas/failure.ts';
import { isPresent, missingInputs } from '../../machines/formulas/inputs.ts';

const minuteFact = (value: unknown, unit?: string | null) => ({
  id: 'fact-0',
  field: 'task_minutes',
  value,
  provenance: unit === undefined ? {} : { unit },
});
const alerts = (
  evidence: Record<string, unknown>,
  claims?: unknown,
  rest: { rowCount?: number; citable?: string[] } = {},
) => evaluateDone({ evidence, deliverables: [{ id: 'd-1', content: { claims } }], maxMinutes: 480, ...rest });
const texts = (...args: Parameters<typeof alerts>) => alerts(...args).map(({ text }) => text);

describe('a result is done', () => {
  it('when its evidence asserts nothing that can be checked', () => {
    expect(alerts({ agent: 'cost_worker', deliverable_id: 'd-1' })).toEqual([]);
  });

  it('not without evidence, whatever else is wrong', () => {
    expect(alerts({}, [{}])).toEqual([{ text: 'missing evidence', category: 'DATA_INSUFFICIENCY' }]);
  });

  it('up to the cap of asserted minutes, not above it', () => {
    expect(texts({ facts: [minuteFact(400), minuteFact(80), minuteFact('999')] })).toEqual([]);
    expect(alerts({ facts: [minuteFact(400), minuteFact(80.5)] })).toEqual([
      { text: 'total_minutes_exceeds_cap:480.5', category: 'REASONING_CONTRADICTION' },
    ]);
  });

  it('when other facts than task minutes are larger than the cap', () => {
    expect(texts({ facts: [{ ...minuteFact(9999), field: 'task_cost' }] })).toEqual([]);
  });

  it('not when its facts are in different units, unless one has none', () => {
    expect(texts({ facts: [minuteFact(1, 'minutes'), minuteFact(1, 'hours')] })).toEqual(['unit_mismatch']);
    expect(texts({ facts: [minuteFact(1, 'minutes'), minuteFact(1, 'minutes')] })).toEqual([]);
    expect(texts({ facts: [minuteFact(1, 'minutes'), minuteFact(1, 'hours'), minuteFact(1, null)] })).toEqual([]);
    expect(texts({ facts: [minuteFact(1, 'minutes'), minuteFact(1, 'hours'), minuteFact(1)] })).toEqual([]);
  });

  it('not when a claim has no sources, counted over evidence and deliverables', () => {
    const evidence = { deliverable: { claims: [{ text: 'a', sources: ['d-1'] }] } };
    expect(texts(evidence, [{ text: 'b', sources: [] }, { text: 'c' }, null])).toEqual([
      'unsourced_claim:1',
      'unsourced_claim:2',
      'unsourced_claim:3',
    ]);
  });

  it('when claims cite its facts, rows, deliverables and what is upstream', () => {
    const claims = [{ sources: ['fact-0', 'd-1', 'up-1', 'row:0', 'row:2', 'fact-2', 'fact-text-1'] }];
    expect(texts({ facts: [minuteFact(1)] }, claims, { rowCount: 3, citable: ['up-1'] })).toEqual([]);
  });

  it('not when a claim cites what does not exist, named once', () => {
    const claims = [{ sources: ['row:3', 'row:01', 'up-1', 7] }, { sources: ['row:3', 'd-1'] }];
    expect(texts({ agent: 'dev_worker' }, claims, { rowCount: 3 })).toEqual([
      'unknown_source:row:3',
      'unknown_source:row:01',
      'unknown_source:up-1',
      'unknown_source:7',
    ]);
    expect(texts({ agent: 'dev_worker' }, [{ sources: ['row:0'] }])).toEqual(['unknown_source:row:0']);
  });

  it('or not, but the check never throws on JSON', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (evidence, claims) => {
        expect(Array.isArray(alerts({ ...evidence, facts: evidence.facts ?? claims }, claims))).toBe(true);
      }),
    );
  });
});

describe('claims', () => {
  it('of the evidence come before those of deliverables', () => {
    const evidence = { deliverable: { claims: ['a'] } };
    expect(claimsOf({ evidence, deliverables: [{ content: { claims: ['b'] } }, { content: {} }] })).toEqual(['a', 'b']);
  });

  it('without sources are a contradiction where they are made', () => {
    expect(() => requireSources([{ sources: ['row:0'] }, { sources: [] }])).toThrow(
      new ContradictionError('unsourced_claim:1'),
    );
    expect(() => requireSources([{ sources: ['row:0'] }])).not.toThrow();
  });
});

describe('facts', () => {
  it('are two per row, with where they come from', () => {
    expect(groundFacts([{ text: 'Mail', estimated_minutes: 30, id: 'r-7' }])).toEqual([
      {
        id: 'fact-0',
        field: 'task_minutes',
        value: 30,
        provenance: { row_id: 'r-7', source_fields: ['text', 'estimated_minutes', 'id'], unit: 'minutes' },
      },
      {
        id: 'fact-text-0',
        field: 'task_text',
        value: 'Mail',
        provenance: { row_id: 'r-7', source_fields: ['text', 'estimated_minutes', 'id'], unit: null },
      },
    ]);
  });

  it.each([[undefined], [null], ['']])('of a row with id %j name the row by its place', (id) => {
    const rows = [
      { text: 'a', estimated_minutes: 1, id: 0 },
      { text: 'b', estimated_minutes: 2, id },
    ];
    expect(groundFacts(rows).map(({ id, provenance }) => [id, provenance.row_id])).toEqual([
      ['fact-0', 0],
      ['fact-text-0', 0],
      ['fact-1', 1],
      ['fact-text-1', 1],
    ]);
  });

  it.each([
    [[], ['rows']],
    [[{ text: 'a', estimated_minutes: 1 }, { text: 'b' }, {}], ['estimated_minutes']],
    [[{}], ['text', 'estimated_minutes']],
    [[null], ['text', 'estimated_minutes']],
  ])('of %j are missing %j', (rows, fields) => {
    const missing = expect.objectContaining({ fields, message: fields.join(', '), details: { fields } });
    expect(() => groundFacts(rows)).toThrow(missing);
    expect(() => groundFacts(rows)).toThrow(MissingDataError);
  });

  it('of a row without text have the empty text', () => {
    const complete = { text: 'a', estimated_minutes: 1 };
    const rows = completeRows([complete, { estimated_minutes: 2 }]);
    expect(rows).toEqual([complete, { estimated_minutes: 2, text: '' }]);
    expect(rows[0]).toBe(complete);
  });
});

describe('a failure', () => {
  it.each([
    [new MissingDataError(['rows']), 'DATA_INSUFFICIENCY'],
    [new ContradictionError('x'), 'REASONING_CONTRADICTION'],
    [{ code: 'REASONING_CONTRADICTION', message: 'from another thread' }, 'REASONING_CONTRADICTION'],
    [new Error('time-out'), 'TOOL_FAILURE'],
    [Object.assign(new Error('x'), { code: 'ECONNRESET' }), 'TOOL_FAILURE'],
    [null, 'TOOL_FAILURE'],
  ])('%s is a %s', (error, category) => {
    expect(failureCategory(error)).toBe(category);
  });

  it('tells what happened, not where', () => {
    expect(failureOf(new MissingDataError(['rows', 'text']))).toEqual({
      category: 'DATA_INSUFFICIENCY',
      reason: 'rows, text',
      details: { fields: ['rows', 'text'] },
    });
    expect(failureOf({ message: 'provider down', code: 'PROVIDER_ERROR', details: 'x' }, 5)).toEqual({
      category: 'TOOL_FAILURE',
      reason: 'provider down',
      attempts: 5,
    });
  });

  it.each([[null], [['x']], [undefined]])('leaves out details %j', (details) => {
    expect(failureOf({ message: 'm', details })).toEqual({ category: 'TOOL_FAILURE', reason: 'm' });
  });

  it('always has a reason, of at most 1,000 characters', () => {
    expect(failureOf(new Error(''))).toEqual({ category: 'TOOL_FAILURE', reason: 'TOOL_FAILURE' });
    expect(failureOf(new Error('é'.repeat(5000))).reason).toBe('é'.repeat(1000));
  });
});

describe('inputs', () => {
  const fields = (worker: string, context: Record<string, unknown>) =>
    missingInputs(worker, context)?.missing_fields.map(({ field }) => field) ?? null;
  const rows = [{ estimated_minutes: 1 }];

  it.each([
    ['time_waste_worker', {}, 'work_context.rows missing', ['rows']],
    ['friction_worker', { rows: [] }, 'work_context.rows missing', ['rows']],
    ['cost_worker', {}, 'missing required inputs', ['hourly_rate', 'rows']],
    ['scenario_worker', { rows }, 'missing required inputs', ['hourly_rate']],
    ['cost_worker', { hourly_rate: 5, rows: [] }, 'missing required inputs', ['rows']],
    ['requirements_manager', { rows: [], request_text: ' ' }, 'missing requirements input', ['requirements']],
    ['dev_worker', { requirements: [] }, 'missing required inputs', ['request_text']],
    ['test_worker', { scope: null }, 'missing required inputs', ['request_text']],
    ['analysis_team', { rows }, 'missing required inputs', ['request_text']],
    ['__proto__', {}, 'missing required inputs', ['request_text']],
  ])('of %s in %j are missing', (worker, context, reason, missing) => {
    expect(missingInputs(worker, context)).toEqual({
      reason,
      missing_fields: missing.map((field) => ({ field, reason: `required by ${worker}` })),
    });
  });

  it.each([
    ['time_waste_worker', { rows }],
    ['cost_worker', { rows, hourly_rate: 0 }],
    ['requirements_manager', { rows }],
    ['dev_worker', { rows: [], request_text: 'Do it' }],
    ['test_worker', { requirements: [{ text: 'x' }] }],
    ['writing_team', { scope: 'A text' }],
    ['worker', {}],
  ])('of %s in %j are complete', (worker, context) => {
    expect(fields(worker, context)).toBeNull();
  });

  it.each([
    ['hourly_rate', 0, true],
    ['hourly_rate', '120', false],
    ['rows', {}, false],
    ['scope', '\u00a0\n', false],
    ['kpis', 0, true],
    ['period', {}, false],
    ['period', { type: 'month' }, true],
    ['upstream', [], false],
    ['upstream', [1], true],
    ['scope', undefined, false],
  ])('%s = %j is present: %s', (field, value, present) => {
    expect(isPresent(field, value)).toBe(present);
  });
});
