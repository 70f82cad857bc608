/**
 * What a client may ask for as a project, and what of it is acceptable. Pure.
 *
 * Owns: the request's schema, the reading of rows wherever they are given, and the check of a plan of one's own.
 */
import type { ActivityMapping } from '../../machines/activities/mapping.ts';
import { type GivenRows, readGivenRows } from '../../machines/formulas/given-rows.ts';
import { checkPlan } from '../../machines/orchestration/plan-check.ts';
import { MAX_LIST } from '../../machines/orchestration/text.ts';
import type { JsonSchema } from '../../schemas/load.ts';
import type { Period, PlanItem, Row } from '../../schemas/types.ts';
import { invalid, type Violation } from './errors.ts';
import type { FieldKind } from './route.ts';
import { boolean, longText, name, object, objectRef, text } from './shapes.ts';

export interface GivenProject {
  name: string;
  description: string;
  items?: PlanItem[];
  rows?: unknown[];
  hourly_rate?: number;
  period?: Period;
  requires_approval?: boolean;
  requester?: { name?: string; email?: string };
  /** Forms only. */
  sheet?: string;
  mapping?: ActivityMapping;
}

/** Rows and items as the bus takes them. */
export interface AcceptedProject {
  items: PlanItem[] | undefined;
  rows: Row[] | undefined;
}

const ITEMS_MAX = 5_000;

const givenRow = object({
  text: { type: 'string', maxLength: 20_000 },
  'estimated_minutes?': {
    type: ['number', 'string', 'null'],
    minimum: 0,
    description: 'Minutes, or a duration such as "1.5h"; absent or null: inferred from the text.',
  },
  'category?': { type: ['string', 'null'], maxLength: 200 },
  'id?': { type: 'string', minLength: 1, maxLength: 200 },
});

const requester = object({
  'name?': { type: 'string', maxLength: 20_000 },
  'email?': { type: 'string', format: 'email' },
});

const header = { type: 'string', minLength: 1, maxLength: 200 };

/** How the file is to be read, where its reading should not decide. */
const mapping = {
  ...object({
    'text?': header,
    'category?': header,
    'duration?': {
      anyOf: [header, { type: 'array', minItems: 1, maxItems: 31, items: header }],
      description: 'A list of headers is added up.',
    },
    'start?': header,
    'end?': header,
    'date?': header,
    'person?': header,
    'project?': header,
    'rate?': header,
    'unit?': { enum: ['ms', 's', 'min', 'h', 'd', 'w'], description: 'Of numbers without unit.' },
    'header_row?': { type: 'integer', minimum: 0, description: 'Row of the file, from 1; 0: it has no header.' },
    'sheet?': header,
    'encoding?': { type: 'string', minLength: 1, maxLength: 40, description: 'As in windows-1250.' },
    'decimal?': { enum: ['.', ','] },
  }),
  description: 'Headers of the columns, in any case.',
};

const members = (maxRows: number): Record<string, JsonSchema> => ({
  name,
  description: longText,
  'items?': { type: 'array', minItems: 1, maxItems: ITEMS_MAX, items: objectRef('plan_item') },
  'rows?': { type: 'array', minItems: 1, maxItems: maxRows, items: givenRow },
  'hourly_rate?': { type: 'number', minimum: 0 },
  'period?': objectRef('period'),
  'requires_approval?': { ...boolean, description: 'Default of every item, false if absent.' },
  'requester?': requester,
});

export const projectSchema = (maxRows: number): JsonSchema => object(members(maxRows));
export const projectFormSchema = (maxRows: number): JsonSchema =>
  object({ ...members(maxRows), 'sheet?': text, 'mapping?': mapping });

export const PROJECT_FORM_FIELDS: Readonly<Record<string, FieldKind>> = {
  name: 'text',
  description: 'text',
  items: 'json',
  rows: 'json',
  hourly_rate: 'number',
  period: 'json',
  requires_approval: 'boolean',
  requester: 'json',
  sheet: 'text',
  mapping: 'json',
};

/** Throws a 400 that lists what is wrong with rows and plan. */
export function acceptProject({ items, rows }: GivenProject, maxRows: number): AcceptedProject {
  const violations: Violation[] = [];
  const read = (given: unknown, path: string, most = maxRows): Row[] | undefined => {
    const result: GivenRows = readGivenRows(given, most);
    if ('rows' in result) return result.rows;
    for (const error of result.errors) violations.push({ path: path + error.path, message: error.message });
    return undefined;
  };
  const acceptedRows = rows === undefined ? undefined : read(rows, '/rows');
  const acceptedItems = items?.map((item, index): PlanItem => {
    if (item.work_context?.rows === undefined) return item;
    // They travel with the plan, whatever their number.
    const own = read(item.work_context.rows, `/items/${index}/work_context/rows`, Math.min(maxRows, MAX_LIST));
    // Rows that cannot be read are reported above; the rest of the plan is still checked.
    return { ...item, work_context: { ...item.work_context, rows: own ?? [] } };
  });
  if (violations.length > 0) throw invalid('Some rows are not valid.', violations);
  if (acceptedItems) {
    const problems = checkPlan(acceptedItems);
    const [first] = problems;
    if (first) {
      const onlyCycle = problems.length === 1 && first.message.startsWith('cycle: ');
      throw invalid(onlyCycle ? 'The plan has a cycle.' : 'The plan is not valid.', problems);
    }
  }
  return { items: acceptedItems, rows: acceptedRows };
}
