/**
 * What the workers that ask a language model share: what they show it of an item, and what they keep of its answer.
 *
 * Keeps I4: one question per dispatch, under the effect's key.
 */
import { confidence } from '../machines/formulas/confidence.ts';
import { cutList } from '../machines/teams/cut.ts';
import type { Product } from '../machines/work-item.ts';
import type { WorkContext } from '../schemas/types.ts';
import type { JsonSchema } from '../src/llm/chat.ts';
import { refusalInWords, refusalOfCall } from '../src/llm/client.ts';
import type { DataPart } from '../src/llm/prompt.ts';
import type { Perform } from './define-worker.ts';
import { withRows } from './work-rows.ts';

/** Rows a deliverable repeats of its input, and their bytes as JSON: a text may have 20,000 characters. */
const ECHO_ROWS = 50;
const ECHO_BYTES = 128 * 1024;

/** As many rows as a deliverable repeats, from the first on. */
export const firstRows = (rows: readonly unknown[]): unknown[] => cutList(rows.slice(0, ECHO_ROWS), ECHO_BYTES);

type Made = Omit<Product, 'confidence'>;

export interface Question<Output> {
  taskType: string;
  instruction: string;
  schema: (workContext: WorkContext) => JsonSchema;
  /** What the model is shown of the context. Absent: all of it. */
  shown?: (workContext: WorkContext) => WorkContext;
  /** The product but for what every product of these workers holds: confidence, echo, truncation. */
  product: (output: Output, workContext: WorkContext) => Made;
  /** For contexts that something can be made of without a model. */
  withoutModel?: {
    isEnough: (workContext: WorkContext) => boolean;
    /** Waits no longer than this for a rate limit. */
    patienceMs: number;
    /** @param reason why there is no answer */
    product: (reason: string, workContext: WorkContext) => Made;
  };
}

/** Statements of fact, each with where it comes from. */
export const CLAIMS: JsonSchema = {
  type: 'array',
  maxItems: 100,
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['text', 'sources'],
    properties: {
      text: { type: 'string', minLength: 1, maxLength: 2000 },
      sources: { type: 'array', minItems: 1, items: { type: 'string', minLength: 1, maxLength: 200 } },
    },
  },
};

/** How claims name their sources; part of every instruction that allows claims. */
export const CLAIM_RULE =
  'State a fact about the data only in claims, each with its sources: row:<i> for line i of rows counted from 0, fact-<i> for the minutes of that row, or the deliverable_id of an upstream result. Make no claim without a source.';

/** An item's context as a deliverable repeats it: without the content of earlier deliverables and most rows. */
export function echo({ rows, upstream, ...rest }: WorkContext): Record<string, unknown> {
  const first = firstRows(rows);
  const repeated: Record<string, unknown> = { ...rest, rows: first };
  if (rows.length > first.length) repeated.rows_omitted = rows.length - first.length;
  if (upstream) repeated.upstream = upstream.map(({ content: _, ...reference }) => reference);
  return repeated;
}

/** An item's context as data of a prompt, what matters most first. */
function dataOf(workContext: WorkContext): DataPart[] {
  const { request_text, scope, kpis, review_notes, clarifications, messages, requirements, rows, upstream, ...others } =
    workContext;
  // The rows themselves are shown.
  const { rows_ref: _, ...rest } = others;
  const parts: DataPart[] = [];
  for (const [name, text] of Object.entries({ request_text, scope, kpis })) {
    if (text) parts.push({ name, text });
  }
  const settings = Object.entries(rest).map(([name, value]) => ({ [name]: value }));
  const lists = { review_notes, clarifications, messages, requirements, settings, rows, upstream };
  for (const [name, list] of Object.entries(lists)) {
    if (list && list.length > 0) parts.push({ name, rows: list });
  }
  return parts;
}

/** The effect that asks `question` about a dispatch. A project that has ended is not worth a call. */
export function askLlm<Output>(question: Question<Output>): Perform {
  const { taskType, instruction, schema, shown = (context) => context, product, withoutModel } = question;
  return async ({ project_id, agent_target, work_context }, { key, signal, tools }) => {
    if (await tools.isProjectFinal(project_id)) return { withdrawn: true };
    const context = await withRows(project_id, work_context, tools);
    const spare = withoutModel?.isEnough(context) ? withoutModel : undefined;
    const finished = (made: Made): Product => ({ ...made, confidence: confidence(context) });
    try {
      const { output, truncated } = await tools.llm.complete({
        instruction,
        data: dataOf(shown(context)),
        schema: schema(context),
        labels: { agent: agent_target, task_type: taskType, project_id },
        key,
        signal,
        ...(spare && { patienceMs: spare.patienceMs }),
      });
      const made = product(output as Output, context);
      return finished(truncated.length > 0 ? { ...made, content: { ...made.content, truncated } } : made);
    } catch (error) {
      const refusal = spare && refusalOfCall(error);
      if (!refusal) throw error;
      const reason = refusalInWords(refusal);
      tools.logFor(agent_target).warn(`made without a language model: ${reason}`, { project_id });
      return finished(spare.product(reason, context));
    }
  };
}
