/** Checks what was built against what was asked for. */
import type { JsonSchema } from '../src/llm/chat.ts';
import { askLlm, CLAIM_RULE, CLAIMS, echo } from './ask-llm.ts';
import { defineWorker } from './define-worker.ts';

interface Output {
  bugs_found: { title: string; severity: 'critical' | 'high' | 'medium' | 'low'; details: string }[];
  checks: { name: string; passed: boolean; notes: string }[];
  claims: { text: string; sources: string[] }[];
}

const INSTRUCTION = `You are the tester of a project.
Check the upstream results against the request, the scope and the requirements. List in checks every check you made, whether it passed, and in notes what you saw. List in bugs_found every defect, worst first; none if there is none. Do not report what the data does not show.
${CLAIM_RULE}`;

const text = (maxLength: number): JsonSchema => ({ type: 'string', minLength: 1, maxLength });

const SCHEMA: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['bugs_found', 'checks', 'claims'],
  properties: {
    bugs_found: {
      type: 'array',
      maxItems: 200,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['title', 'severity', 'details'],
        properties: {
          title: text(200),
          severity: { enum: ['critical', 'high', 'medium', 'low'] },
          details: text(20_000),
        },
      },
    },
    checks: {
      type: 'array',
      minItems: 1,
      maxItems: 200,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'passed', 'notes'],
        properties: { name: text(200), passed: { type: 'boolean' }, notes: text(20_000) },
      },
    },
    claims: CLAIMS,
  },
};

export const testWorker = defineWorker(
  'test_worker',
  askLlm<Output>({
    taskType: 'code_review',
    instruction: INSTRUCTION,
    schema: () => SCHEMA,
    product: ({ bugs_found, checks, claims }, workContext) => ({
      type: 'test_report',
      content: { bugs_found, checks, claims, work_context: echo(workContext) },
      evidence: { bugs_found: bugs_found.length, checks_run: checks.length },
    }),
  }),
);
