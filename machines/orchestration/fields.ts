/**
 * The keys of a work context that have a meaning for everybody.
 *
 * Owns: which values they take. A plan and an answer are checked with it before they reach a dispatch, because a
 * dispatch that breaks its schema would be a bug of the orchestrator (I11). Keys that are not listed take any value.
 */
import { exceedsCodePoints } from '../formulas/code-points.ts';
import { MAX_LIST, MAX_NAME, MAX_TEXT } from './text.ts';

export interface FieldProblem {
  /** JSON pointer below the work context. */
  path: string;
  message: string;
}

type Check = (value: unknown, path: string) => FieldProblem[];

const problem = (path: string, message: string): FieldProblem[] => [{ path, message }];
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text =
  (limit: number, least = 0): Check =>
  (value, path) => {
    if (typeof value !== 'string') return problem(path, 'must be string');
    if (value.length < least) return problem(path, 'must not be empty');
    return exceedsCodePoints(value, limit) ? problem(path, `must have at most ${limit} characters`) : [];
  };

const atLeast =
  (least: number, whole = false): Check =>
  (value, path) => {
    if (whole ? !Number.isInteger(value) : !Number.isFinite(value)) {
      return problem(path, `must be ${whole ? 'integer' : 'number'}`);
    }
    return (value as number) < least ? problem(path, `must be >= ${least}`) : [];
  };

const list =
  (element: Check): Check =>
  (value, path) => {
    if (!Array.isArray(value)) return problem(path, 'must be array');
    if (value.length > MAX_LIST) return problem(path, `must have at most ${MAX_LIST} elements`);
    return value.flatMap((each, index) => element(each, `${path}/${index}`));
  };

const object =
  (keys: Record<string, Check>, { required = [], closed = false }: { required?: string[]; closed?: boolean }): Check =>
  (value, path) => {
    if (!isObject(value)) return problem(path, 'must be object');
    const missing = required.filter((key) => !Object.hasOwn(value, key));
    const surplus = closed ? Object.keys(value).filter((key) => !Object.hasOwn(keys, key)) : [];
    return [
      ...missing.flatMap((key) => problem(`${path}/${key}`, 'is required')),
      ...surplus.flatMap((key) => problem(`${path}/${key}`, 'is not allowed')),
      ...Object.entries(keys).flatMap(([key, check]) =>
        Object.hasOwn(value, key) ? check(value[key], `${path}/${key}`) : [],
      ),
    ];
  };

const estimateSource: Check = (value, path) =>
  value === 'given' || value === 'inferred' ? [] : problem(path, 'must be one of "given", "inferred"');

/** Filled by the orchestrator alone, in every dispatch. */
const own: Check = (_, path) => problem(path, 'is set by the orchestrator');

const name = text(MAX_NAME, 1);
const row = object(
  {
    estimated_minutes: atLeast(0),
    text: text(MAX_TEXT),
    category: name,
    id: name,
    estimate_source: estimateSource,
    source_row: atLeast(1, true),
  },
  { required: ['estimated_minutes'] },
);

const FIELDS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['rows', list(row)],
  ['hourly_rate', atLeast(0)],
  ['period', object({ type: name, working_days: atLeast(0) }, { closed: true })],
  ['request_text', text(MAX_TEXT)],
  ['scope', text(MAX_TEXT)],
  ['kpis', text(MAX_TEXT)],
  ['requirements', list(() => [])],
  ['rows_ref', own],
  ['upstream', own],
  ['clarifications', own],
  ['review_notes', own],
  ['messages', own],
]);

/** Whether only the orchestrator fills the field: neither plans nor answers can set it. */
export const isOwnField = (field: string): boolean => FIELDS.get(field) === own;

/** An answer as the field's value: one requirement is a list of one. */
export const fieldValue = (field: string, answer: unknown): unknown =>
  field === 'requirements' && !Array.isArray(answer) ? [answer] : answer;

/** What is wrong with a value for the field of a work context; empty = nothing. */
export const fieldProblems = (field: string, value: unknown): FieldProblem[] =>
  FIELDS.get(field)?.(value, `/${field}`) ?? [];

/** What is wrong with an item's own work context. */
export const workContextProblems = (context: Record<string, unknown>): FieldProblem[] =>
  Object.entries(context).flatMap(([field, value]) => fieldProblems(field, value));
