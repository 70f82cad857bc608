/** The generic worker: an item that no other worker is for. */
import type { JsonSchema } from '../src/llm/chat.ts';
import { askLlm } from './ask-llm.ts';
import { defineWorker } from './define-worker.ts';

interface Output {
  note: string;
  result: Record<string, unknown>;
}

const INSTRUCTION = `You work on one item of a project.
Do what the data asks for. Give the outcome as an object in result, with the keys that suit it, and say in note in a few sentences what you did and what is missing.`;

const SCHEMA: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['note', 'result'],
  properties: { note: { type: 'string', minLength: 1, maxLength: 20_000 }, result: { type: 'object' } },
};

export const worker = defineWorker(
  'worker',
  askLlm<Output>({
    taskType: 'text_generation',
    instruction: INSTRUCTION,
    schema: () => SCHEMA,
    product: ({ note, result }) => ({ type: 'generic_output', content: { note, result }, evidence: { note } }),
  }),
);
