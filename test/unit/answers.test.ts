import { describe, expect, it } from 'vitest';
import { type Fitted, fitAnswer } from '../../machines/orchestration/answers.ts';
import { fieldProblems, workContextProblems } from '../../machines/orchestration/fields.ts';

const asked = (answer_type: Fitted['answer_type'], rest: Partial<Fitted> = {}): Fitted => ({ answer_type, ...rest });
const choice = asked('CHOICE', { options: ['Yes', 'No'] });

describe('an answer that fits', () => {
  it.each<[string, Fitted, unknown, unknown]>([
    ['a text, trimmed', asked('TEXT'), '  ship it ', 'ship it'],
    ['a text of 20,000 code points', asked('TEXT'), '😀'.repeat(20_000), '😀'.repeat(20_000)],
    ['a number', asked('NUMBER'), -1.5, -1.5],
    ['a decimal number in a string', asked('NUMBER'), '-1.5', -1.5],
    ['a number in a string with spaces around it', asked('NUMBER'), ' 120 ', 120],
    ['a boolean', asked('BOOLEAN'), false, false],
    ['one of the options', choice, 'Yes', 'Yes'],
    ['an existing day', asked('DATE'), '2028-02-29', '2028-02-29'],
    ['any JSON', asked('JSON'), { a: [1, null] }, { a: [1, null] }],
    ['false as JSON', asked('JSON'), false, false],
    ['a rate', asked('NUMBER', { field: 'hourly_rate' }), '0', 0],
    [
      'a rate that was asked for as a choice',
      asked('CHOICE', { field: 'hourly_rate', options: ['90', '120'] }),
      '120',
      120,
    ],
    ['one requirement', asked('TEXT', { field: 'requirements' }), 'be fast', 'be fast'],
    [
      'several requirements',
      asked('JSON', { field: 'requirements' }),
      ['be fast', 'be right'],
      ['be fast', 'be right'],
    ],
    ['a period as JSON text', asked('TEXT', { field: 'period' }), '{"type":"month"}', { type: 'month' }],
    ['anything for a field without a rule', asked('DATE', { field: 'due' }), '2026-03-01', '2026-03-01'],
    ['anything for a field that no answer can set', asked('TEXT', { field: 'upstream' }), 'x', 'x'],
  ])('%s', (_, question, answer, value) => {
    expect(fitAnswer(question, answer)).toEqual({ fits: true, value });
  });

  it.each(['JSON', 'TEXT'] as const)('rows given as %s become rows of the bus', (answer_type) => {
    const rows = [{ text: 'Triage', estimated_minutes: '1h' }, { text: 'Close the books' }];
    const fit = fitAnswer(
      { answer_type, field: 'rows', options: null },
      answer_type === 'TEXT' ? JSON.stringify(rows) : rows,
    );
    expect(fit).toMatchObject({
      fits: true,
      value: [
        { text: 'Triage', estimated_minutes: 60, estimate_source: 'given' },
        { text: 'Close the books', estimate_source: 'inferred' },
      ],
    });
  });
});

describe('an answer that does not fit', () => {
  it.each<[string, Fitted, unknown, string]>([
    ['an empty text', asked('TEXT'), '', 'TEXT: must not be blank'],
    ['a blank text', asked('TEXT'), '  ', 'TEXT: must not be blank'],
    ['a number for a text', asked('TEXT'), 5, 'TEXT: must be a text'],
    ['a text that is too long', asked('TEXT'), 'x'.repeat(20_001), 'TEXT: must have at most 20000 characters'],
    ['a number with a unit', asked('NUMBER'), '12 EUR', 'NUMBER: must be a finite number'],
    ['a number out of range', asked('NUMBER'), '1e999', 'NUMBER: must be a finite number'],
    ['too many digits', asked('NUMBER'), '9'.repeat(400), 'NUMBER: must be a finite number'],
    ['an empty string for a number', asked('NUMBER'), '', 'NUMBER: must be a finite number'],
    ['null for a number', asked('NUMBER'), null, 'NUMBER: must be a finite number'],
    ['a boolean for a number', asked('NUMBER'), true, 'NUMBER: must be a finite number'],
    ['a word for a boolean', asked('BOOLEAN'), 'yes', 'BOOLEAN: must be true or false'],
    ['a number for a boolean', asked('BOOLEAN'), 1, 'BOOLEAN: must be true or false'],
    ['another option', choice, 'Other', 'CHOICE: must be one of "Yes", "No"'],
    ['no string for a choice', choice, 1, 'CHOICE: must be one of "Yes", "No"'],
    ['a choice without options', asked('CHOICE'), 'Yes', 'CHOICE: must be one of '],
    ['a day that does not exist', asked('DATE'), '2026-02-30', 'DATE: must be an existing day, written YYYY-MM-DD'],
    ['another way to write a day', asked('DATE'), '02/03/2026', 'DATE: must be an existing day, written YYYY-MM-DD'],
    ['no string for a day', asked('DATE'), 20260302, 'DATE: must be an existing day, written YYYY-MM-DD'],
    ['null as JSON', asked('JSON'), null, 'JSON: must not be null'],
    ['a negative rate', asked('NUMBER', { field: 'hourly_rate' }), -1, 'NUMBER: /hourly_rate must be >= 0'],
    ['a rate in words', asked('TEXT', { field: 'hourly_rate' }), 'a lot', 'TEXT: /hourly_rate must be number'],
    ['rows that are none', asked('JSON', { field: 'rows' }), 'a few', 'JSON: must be an array of rows'],
    ['no rows', asked('JSON', { field: 'rows' }), [], 'JSON: must have 1 to 5000 rows, has 0'],
    [
      'a row without text',
      asked('JSON', { field: 'rows' }),
      [{}],
      'JSON: /0/text must be a string of at most 20000 characters',
    ],
    ['a scope that is no text', asked('JSON', { field: 'scope' }), 7, 'JSON: /scope must be string'],
  ])('%s', (_, question, answer, reason) => {
    expect(fitAnswer(question, answer)).toEqual({ fits: false, reason: `answer does not fit ${reason}` });
  });
});

describe('the fields of a work context', () => {
  it.each<[string, unknown, string[]]>([
    ['rows', 'x', ['/rows must be array']],
    ['rows', [], []],
    ['rows', Array(5_001).fill({ estimated_minutes: 1 }), ['/rows must have at most 5000 elements']],
    ['rows', [null], ['/rows/0 must be object']],
    ['rows', [{ estimated_minutes: -1, text: 'x', extra: {} }], ['/rows/0/estimated_minutes must be >= 0']],
    ['rows', [{ estimated_minutes: 1, category: '' }], ['/rows/0/category must not be empty']],
    ['rows', [{ estimated_minutes: 1, id: 'x'.repeat(201) }], ['/rows/0/id must have at most 200 characters']],
    [
      'rows',
      [{ estimated_minutes: 1, estimate_source: 'guess' }],
      ['/rows/0/estimate_source must be one of "given", "inferred"'],
    ],
    ['rows', [{ estimated_minutes: 1, estimate_source: 'inferred', source_row: 1 }], []],
    ['rows', [{ estimated_minutes: 1, source_row: 1.5 }], ['/rows/0/source_row must be integer']],
    ['rows', [{ estimated_minutes: 1, source_row: 0 }], ['/rows/0/source_row must be >= 1']],
    ['hourly_rate', '1', ['/hourly_rate must be number']],
    ['period', [], ['/period must be object']],
    ['period', { type: 'month', working_days: 21 }, []],
    ['period', { days: 1 }, ['/period/days is not allowed']],
    ['requirements', ['anything', 1], []],
    ['requirements', 'x', ['/requirements must be array']],
    ['upstream', [], ['/upstream is set by the orchestrator']],
    ['anything else', null, []],
  ])('%s = %j: %j', (field, value, problems) => {
    expect(fieldProblems(field, value).map(({ path, message }) => `${path} ${message}`)).toEqual(problems);
  });

  it('are checked one by one', () => {
    expect(workContextProblems({ scope: 1, own: 1, kpis: 'x' })).toEqual([
      { path: '/scope', message: 'must be string' },
    ]);
  });
});
