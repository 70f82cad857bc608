/**
 * What has to be asked before work can start or go on.
 *
 * Owns: the findings of the planner and the questions of workers. One question per finding, never one per item.
 * Does not own questions as objects (`questions.ts`).
 */
import type { AnswerType, ClarificationNeeded, ProjectInitialRequestReceived } from '../../schemas/types.ts';
import { exceedsCodePoints } from '../formulas/code-points.ts';
import { missingInputs } from '../formulas/inputs.ts';
import { sharedContext } from './dispatch.ts';
import { openQuestion } from './questions.ts';
import { withOwn } from './row-sets.ts';
import { clip, MAX_NAME, MAX_TEXT } from './text.ts';
import type { Project } from './working-copy.ts';

/** A request of fewer code points says too little. */
const MIN_REQUEST = 12;

/** Types of answers by field; every other field takes a TEXT. */
const FIELD_TYPES: ReadonlyMap<string, AnswerType> = new Map([
  ['hourly_rate', 'NUMBER'],
  ['rows', 'JSON'],
  ['period', 'JSON'],
]);

/** Fields of the questions about a file; no work context has them. */
export const ACTIVITIES_FIELD = 'activities';
export const TIME_COLUMN_FIELD = 'time_column';
/** The choice that leaves the time to estimates. */
export const ESTIMATE_THEM = 'estimate them';

interface Finding {
  field: string;
  /** Absent: as the field says. */
  type?: AnswerType;
  /** Of a CHOICE. */
  options?: string[];
  /** Why the plan cannot start without it. */
  reason: string;
  /** Why the field is missing. */
  why: string;
  text: string;
  blocks: readonly string[];
}

type TextFinding = Pick<Finding, 'field' | 'reason' | 'text'>;

/** What the text of a request leaves open; null = nothing. */
export function findInText(requestText: string): TextFinding | null {
  if (!exceedsCodePoints(requestText.trim(), MIN_REQUEST - 1)) {
    return {
      field: 'scope',
      reason: 'request_too_short',
      text: 'What should be delivered, and how will you tell that it is done?',
    };
  }
  if (/kpi/i.test(requestText) && !requestText.includes('?')) {
    return {
      field: 'kpis',
      reason: 'kpis_unspecified',
      text: 'Which KPIs should be covered (for example SLA compliance, MTTR, backlog aging, incident volume)?',
    };
  }
  return null;
}

const INPUTS = [
  { field: 'hourly_rate', text: 'Which hourly rate should the cost estimate use?' },
  {
    field: 'rows',
    text: 'Which activities should be analyzed? Give a JSON array of {text, estimated_minutes, category}.',
  },
];

/** Asks for everything that the items of a new plan lack. `ids` in plan order. */
export function askFindings(project: Project, ids: readonly string[], request: ProjectInitialRequestReceived): void {
  for (const [index, finding] of findings(project, ids, request).entries()) {
    const { field, reason, why, text, blocks, options = null } = finding;
    const type = finding.type ?? FIELD_TYPES.get(field) ?? 'TEXT';
    const notice = { reason, missing_fields: [{ field, reason: why }] };
    openQuestion(project, { field, text, type, options, blocks, index, notice });
  }
}

function findings(project: Project, ids: readonly string[], request: ProjectInitialRequestReceived): Finding[] {
  const inText = findInText(request.request_text);
  const shared = sharedContext(project.header, request.request_text, request.rows ?? []);
  const lacking = new Map<string, Finding & { blocks: string[] }>();
  for (const id of ids) {
    const { item } = project.item(id);
    const missing = missingInputs(item.agent_target, withOwn(shared, item.work_context));
    for (const { field, reason: why } of missing?.missing_fields ?? []) {
      const input = INPUTS.find((known) => known.field === field);
      if (!input) continue; // a blank text is asked for once, as the scope
      const found = lacking.get(field);
      if (found) found.blocks.push(id);
      else lacking.set(field, { ...input, reason: 'missing required inputs', why, blocks: [id] });
    }
  }
  const asText = inText ? [{ ...inText, why: inText.reason, blocks: ids }] : [];
  const doubt = doubtAboutFile(project, ids, request);
  // What a list that may be none of activities would cost is no question yet.
  if (doubt?.field === ACTIVITIES_FIELD) return [...asText, doubt];
  return [...asText, ...(doubt ? [doubt] : []), ...INPUTS.flatMap(({ field }) => lacking.get(field) ?? [])];
}

/** Workers whose figures would rest on minutes that nobody has stated. */
const COSTED: ReadonlySet<string> = new Set(['cost_worker', 'scenario_worker']);

/** What the reading of the request's file could not tell. */
function doubtAboutFile(
  project: Project,
  ids: readonly string[],
  { input }: ProjectInitialRequestReceived,
): Finding | null {
  if (!input?.question) return null;
  const { about, options = [] } = input.question;
  const file = input.file === null ? 'the file' : `"${clip(input.file, MAX_NAME)}"`;
  if (about === 'activities') {
    const field = ACTIVITIES_FIELD;
    return {
      field,
      type: 'BOOLEAN',
      reason: 'not_activities',
      why: 'nothing says that the rows are activities',
      text: `Is ${file} a list of activities? It has no column for time, and nothing in it speaks of work. Answer true to have the time of each row estimated, false to end the project.`,
      blocks: ids,
    };
  }
  const blocks = ids.filter((id) => COSTED.has(project.item(id).item.agent_target));
  if (blocks.length === 0) return null;
  const { rows } = input;
  return {
    field: TIME_COLUMN_FIELD,
    type: 'CHOICE',
    reason: 'time_column_unclear',
    why: `${rows.inferred} of ${rows.read} rows have no time that could be read`,
    text: `Which column holds the time? ${rows.inferred} of ${rows.read} rows of ${file} have none that could be read.`,
    options: [...options, ESTIMATE_THEM],
    blocks,
  };
}

/** Opens the questions of a worker about an item that is not final: one per missing field, or one without a field. */
export function ask(project: Project, need: ClarificationNeeded): void {
  project.touch();
  const id = need.backlog_item_id.toLowerCase();
  const fields = need.missing_fields?.map(({ field }) => field) ?? [];
  const options = need.options ?? null;
  for (const [index, field] of (fields.length > 0 ? fields : [null]).entries()) {
    const wanted = need.answer_type ?? (options ? 'CHOICE' : (FIELD_TYPES.get(field ?? '') ?? 'TEXT'));
    // A choice without options could not be answered.
    const type = wanted === 'CHOICE' && !options ? 'TEXT' : wanted;
    openQuestion(project, {
      // A longer name cannot be the field of a question; it is still in the text.
      field: field === null || clip(field, MAX_NAME) !== field ? null : field,
      text: need.question_text ?? clip(defaultText(need.reason, field), MAX_TEXT),
      type,
      options: type === 'CHOICE' ? options : null,
      blocks: [id],
      index,
    });
  }
}

function defaultText(reason: string, field: string | null): string {
  const request = `please provide ${field ?? 'more information'}.`;
  return reason.trim() === '' ? request : `${reason}: ${request}`;
}
