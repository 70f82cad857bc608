/** Builds what an item asks for: code, checks and documents. */
import type { JsonSchema } from '../src/llm/chat.ts';
import { askLlm, CLAIM_RULE, CLAIMS, echo } from './ask-llm.ts';
import { defineWorker } from './define-worker.ts';

interface Output {
  message: string;
  outputs: { name: string; kind: 'code' | 'check' | 'document'; body: string }[];
  claims: { text: string; sources: string[] }[];
}

const INSTRUCTION = `You are the developer of a project.
Build what the data asks for, as outputs: code for programs, check for tests and queries that show it works, document for text. Each output is complete; name it as a file would be named. If review_notes are given, they say what was wrong with your last answer: correct it. Say in message in a few sentences what you built.
${CLAIM_RULE}`;

const SCHEMA: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['message', 'outputs', 'claims'],
  properties: {
    message: { type: 'string', minLength: 1, maxLength: 20_000 },
    outputs: {
      type: 'array',
      minItems: 1,
      maxItems: 50,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'kind', 'body'],
        properties: {
          name: { type: 'string', minLength: 1, maxLength: 200, x_test: 'notes.md' },
          kind: { enum: ['code', 'check', 'document'], x_test: 'document' },
          body: { type: 'string', minLength: 1, maxLength: 200_000 },
        },
      },
    },
    claims: CLAIMS,
  },
};

export const devWorker = defineWorker(
  'dev_worker',
  askLlm<Output>({
    taskType: 'code_generation',
    instruction: INSTRUCTION,
    schema: () => SCHEMA,
    product: ({ message, outputs, claims }, workContext) => ({
      type: 'development_output',
      content: { status: 'success', message, outputs, claims, work_context: echo(workContext) },
      evidence: { notes: message },
    }),
  }),
);
