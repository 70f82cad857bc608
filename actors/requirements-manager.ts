/**
 * Collects what is required and analyses it.
 *
 * Requirements that were given are taken over as they are; the model may only add to them.
 */
import type { WorkContext } from '../schemas/types.ts';
import type { JsonSchema } from '../src/llm/chat.ts';
import { sentencesOf } from '../src/llm/sentences.ts';
import { askLlm, echo } from './ask-llm.ts';
import { defineWorker } from './define-worker.ts';

interface Analysis {
  items: string[];
  assumptions: string[];
  open_questions: string[];
}
interface Output {
  requirements?: { text: string }[];
  analysis: Analysis;
}

const INSTRUCTION = `You are the requirements manager of a project.
Analyse what the data requires: name in items what has to be done or decided, in assumptions what you take for granted, in open_questions what only the requester can answer. Keep each entry to one sentence. Leave a list empty rather than inventing.
If the answer has a list requirements, fill it with the single requirements found in request_text and scope, one per entry, in their order and in their words.`;

const sentences: JsonSchema = {
  type: 'array',
  maxItems: 200,
  items: { type: 'string', minLength: 1, maxLength: 2000 },
};
const ANALYSIS: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['items', 'assumptions', 'open_questions'],
  properties: { items: sentences, assumptions: sentences, open_questions: sentences },
};
const ANALYSIS_ONLY: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['analysis'],
  properties: { analysis: ANALYSIS },
};

/** Requirements that need no model: stated as such, or else the rows. */
function given({ requirements, rows }: WorkContext): readonly unknown[] | null {
  if (requirements && requirements.length > 0) return requirements;
  return rows.length > 0 ? rows : null;
}

function schema(workContext: WorkContext): JsonSchema {
  if (given(workContext)) return ANALYSIS_ONLY;
  const { request_text = '', scope = '' } = workContext;
  const perSentence = sentencesOf(`${request_text}\n${scope}`).map((text) => ({ text }));
  const text = { type: 'string', minLength: 1, maxLength: 20_000 };
  const requirement = { type: 'object', additionalProperties: false, required: ['text'], properties: { text } };
  return {
    ...ANALYSIS_ONLY,
    required: ['requirements', 'analysis'],
    properties: {
      requirements: { type: 'array', minItems: 1, items: requirement, x_test: perSentence },
      analysis: ANALYSIS,
    },
  };
}

export const requirementsManager = defineWorker(
  'requirements_manager',
  askLlm<Output>({
    taskType: 'reasoning',
    instruction: INSTRUCTION,
    schema,
    product: ({ requirements = [], analysis }, workContext) => {
      const all = given(workContext) ?? requirements;
      const summary = { requirements_count: all.length };
      return {
        type: 'requirements_analysis',
        content: { requirements: all, work_context: echo(workContext), summary, analysis },
        evidence: summary,
      };
    },
  }),
);
