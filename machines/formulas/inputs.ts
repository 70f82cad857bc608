/**
 * What a worker cannot do without. The planner asks before it dispatches, the worker asks if it was dispatched anyway.
 *
 * Owns: the table of required inputs per worker, and when an input counts as present.
 */
import type { MissingField } from '../../schemas/types.ts';

interface Requirement {
  reason: string;
  /** `all`: each of them, and those that lack are asked for. `any`: one is enough, else `ask` is asked for. */
  mode: 'all' | 'any';
  fields: readonly string[];
  ask?: string;
}

const ROWS: Requirement = { reason: 'work_context.rows missing', mode: 'all', fields: ['rows'] };
const RATE_AND_ROWS: Requirement = { reason: 'missing required inputs', mode: 'all', fields: ['hourly_rate', 'rows'] };
const SOMETHING_TO_DO: Requirement = {
  reason: 'missing required inputs',
  mode: 'any',
  fields: ['request_text', 'scope', 'requirements', 'rows'],
  ask: 'request_text',
};

/** A name that is not in here is a team's. */
const REQUIREMENTS: ReadonlyMap<string, Requirement | null> = new Map([
  ['time_waste_worker', ROWS],
  ['cost_worker', RATE_AND_ROWS],
  ['friction_worker', ROWS],
  ['scenario_worker', RATE_AND_ROWS],
  ['requirements_manager', { ...SOMETHING_TO_DO, reason: 'missing requirements input', ask: 'requirements' }],
  ['dev_worker', SOMETHING_TO_DO],
  ['test_worker', SOMETHING_TO_DO],
  ['worker', null],
]);
const TEAM: Requirement = { ...SOMETHING_TO_DO, fields: ['request_text', 'scope'] };

/** Why work cannot start, and what has to be asked for. */
export interface MissingInputs {
  reason: string;
  missing_fields: MissingField[];
}

/** null when `workContext` holds all that `worker` (a worker or a team) requires. */
export function missingInputs(worker: string, workContext: Readonly<Record<string, unknown>>): MissingInputs | null {
  const requirement = REQUIREMENTS.has(worker) ? REQUIREMENTS.get(worker) : TEAM;
  if (!requirement) return null;
  const { reason, mode, fields, ask } = requirement;
  const absent = fields.filter((field) => !isThere(field, workContext));
  if (absent.length === 0 || (mode === 'any' && absent.length < fields.length)) return null;
  const asked = ask === undefined ? absent : [ask];
  return { reason, missing_fields: asked.map((field) => ({ field, reason: `required by ${worker}` })) };
}

/** Rows that are too many for an event are there as a reference. */
const isThere = (field: string, workContext: Readonly<Record<string, unknown>>): boolean =>
  isPresent(field, workContext[field]) || (field === 'rows' && isPresent('rows_ref', workContext.rows_ref));

/** Rows: at least one; `hourly_rate`: a number, 0 counts; texts: not blank; all else: neither null nor empty. */
export function isPresent(field: string, value: unknown): boolean {
  if (field === 'rows') return Array.isArray(value) && value.length > 0;
  if (field === 'hourly_rate') return typeof value === 'number';
  if (value === null || value === undefined) return false;
  if (typeof value === 'string') return value.trim() !== '';
  if (Array.isArray(value)) return value.length > 0;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}
