/**
 * Whether an answer fits its question, and what it then means.
 *
 * Owns: the six types of answers and the fields' own rules. Used by the HTTP edge (400) and by the machine. Pure.
 */
import { isDate } from '../../schemas/formats.ts';
import { parseJson } from '../../schemas/json.ts';
import type { Question } from '../../schemas/types.ts';
import { exceedsCodePoints } from '../formulas/code-points.ts';
import { readGivenRows } from '../formulas/given-rows.ts';
import { fieldProblems, fieldValue, isOwnField } from './fields.ts';
import { MAX_LIST, MAX_TEXT } from './text.ts';

/** What fitting needs to know of a question. */
export type Fitted = Pick<Question, 'answer_type'> & { field?: string | null; options?: readonly string[] | null };

export type Fit =
  | { fits: true; value: unknown }
  /** `reason`: `answer does not fit <TYPE>: <why>`. */
  | { fits: false; reason: string };

type Judged = { value: unknown } | { why: string };

const PLAIN_DECIMAL = /^-?\d+(?:\.\d+)?$/;

const TYPES: Record<Question['answer_type'], (answer: unknown, options: readonly string[]) => Judged> = {
  TEXT(answer) {
    if (typeof answer !== 'string') return { why: 'must be a text' };
    const value = answer.trim();
    if (value === '') return { why: 'must not be blank' };
    return exceedsCodePoints(value, MAX_TEXT) ? { why: `must have at most ${MAX_TEXT} characters` } : { value };
  },
  NUMBER(answer) {
    const value = typeof answer === 'string' && PLAIN_DECIMAL.test(answer.trim()) ? Number(answer) : answer;
    return Number.isFinite(value) ? { value } : { why: 'must be a finite number' };
  },
  BOOLEAN: (answer) => (typeof answer === 'boolean' ? { value: answer } : { why: 'must be true or false' }),
  CHOICE: (answer, options) =>
    typeof answer === 'string' && options.includes(answer)
      ? { value: answer }
      : { why: `must be one of ${options.map((option) => JSON.stringify(option)).join(', ')}` },
  DATE: (answer) =>
    typeof answer === 'string' && isDate(answer)
      ? { value: answer }
      : { why: 'must be an existing day, written YYYY-MM-DD' },
  JSON: (answer) => (answer === null || answer === undefined ? { why: 'must not be null' } : { value: answer }),
};

/** Judges an answer; `value` is what is stored. */
export function fitAnswer({ answer_type, field = null, options }: Fitted, answer: unknown): Fit {
  const judged = TYPES[answer_type](answer, options ?? []);
  const final = 'value' in judged && field !== null ? underRule(field, judged.value) : judged;
  if ('value' in final) return { fits: true, value: final.value };
  return { fits: false, reason: `answer does not fit ${answer_type}: ${final.why}` };
}

/** JSON that the text stands for, or the text itself. */
export function parsed(text: string): unknown {
  const json = parseJson(text);
  return json.ok ? json.value : text;
}

/** The answer under the field's own rule. */
function underRule(field: string, answer: unknown): Judged {
  if (isOwnField(field)) return { value: answer };
  const value = read(field, answer);
  if (field === 'rows') {
    const given = readGivenRows(value, MAX_LIST);
    return 'rows' in given ? { value: given.rows } : { why: worded(given.errors) };
  }
  const problems = fieldProblems(field, fieldValue(field, value));
  return problems.length === 0 ? { value } : { why: worded(problems) };
}

/** A question may have asked for the field as text: what the text says is what was meant. */
function read(field: string, answer: unknown): unknown {
  if (typeof answer !== 'string') return answer;
  if (field === 'hourly_rate') return PLAIN_DECIMAL.test(answer) ? Number(answer) : answer;
  return field === 'rows' || field === 'period' ? parsed(answer) : answer;
}

const worded = (problems: readonly { path: string; message: string }[]): string =>
  problems
    .slice(0, 1)
    .map(({ path, message }) => `${path} ${message}`.trim())
    .join();
