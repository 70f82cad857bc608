/**
 * Asks a language model for the plan of a request.
 *
 * Owns: what it is told of targets and planning, the shape of its answer, and which failures mean that the rules plan
 * instead. Does not own what a plan has to satisfy, nor what is planned instead (`machines/orchestration/plans.ts`).
 * Keeps I4: one question per request, under the effect's key.
 */
import { MAX_LLM_ITEMS, type PlanOutcome, refusalOf } from '../machines/orchestration/plans.ts';
import { clip, MAX_NAME } from '../machines/orchestration/text.ts';
import type { PlanItem, ProjectInitialRequestReceived } from '../schemas/types.ts';
import type { JsonSchema } from '../src/llm/chat.ts';
import { refusalInWords, refusalOfCall } from '../src/llm/client.ts';
import type { DataPart } from '../src/llm/prompt.ts';
import { sentencesOf } from '../src/llm/sentences.ts';
import type { EffectContext } from '../src/runtime/define-actor.ts';
import type { Tools } from './tools.ts';

/** A worker or team that a plan may name. */
export interface PlannerTarget {
  name: string;
  /** What it is for, in one line. */
  purpose: string;
}

type Request = ProjectInitialRequestReceived;

/** An item as the model gives it. */
interface Planned {
  key: string;
  title: string;
  agent_target: string;
  description: string;
  depends_on: string[];
}

/** A burst of requests is over our rate limit for about a minute; whoever waits longer is better served by the rules. */
const PATIENCE_MS = 90_000;
const MAX_DESCRIPTION = 2_000;

const instructionFor = (
  targets: readonly PlannerTarget[],
): string => `You plan the work of a project: from the request in the data you make a list of items, each done by one target on its own.

The targets, and what each is for:
${targets.map(({ name, purpose }) => `- ${name}: ${purpose}`).join('\n')}

How to plan:
- As few items as the request needs, ${MAX_LLM_ITEMS} at most. Each has one outcome that somebody can check.
- key is short and unique within the plan: letters, digits, dot, dash, underscore.
- agent_target is one of the targets above, the most specific one that fits.
- title says in one line what is to be done. description says what is wanted and when it is done; the target is shown it together with the request and the results of the items that it depends on, and nothing else of the plan.
- depends_on lists the keys of the items whose results this item needs, and is empty if it needs none. Items that do not need each other run at the same time. There is no cycle, and no item depends on itself.
- The request has no rows. Give an item to a target that computes from rows only if the request is about where time or money goes: people are then asked for the rows.
- Write title and description in the language of the request.`;

function schemaFor(targets: readonly PlannerTarget[]): JsonSchema {
  const key: JsonSchema = { type: 'string', pattern: '^[A-Za-z0-9_.-]{1,64}$' };
  return {
    type: 'object',
    additionalProperties: false,
    required: ['items'],
    properties: {
      items: {
        type: 'array',
        minItems: 1,
        maxItems: MAX_LLM_ITEMS,
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['key', 'title', 'agent_target', 'description', 'depends_on'],
          properties: {
            key,
            title: { type: 'string', minLength: 1, maxLength: MAX_NAME },
            agent_target: { type: 'string', enum: targets.map(({ name }) => name) },
            description: { type: 'string', maxLength: MAX_DESCRIPTION },
            depends_on: { type: 'array', maxItems: MAX_LLM_ITEMS, items: key },
          },
        },
      },
    },
  };
}

/** The plan that test mode gives: requirements, then an item per sentence of the request, then a check of them all. */
function exampleFor({ request_text }: Request): Planned[] {
  const first: Planned = {
    key: 'requirements',
    title: 'Collect requirements',
    agent_target: 'requirements_manager',
    description: '',
    depends_on: [],
  };
  const parts = sentencesOf(request_text)
    .slice(0, MAX_LLM_ITEMS - 2)
    .map(
      (sentence, index): Planned => ({
        key: `part_${index + 1}`,
        title: clip(sentence, MAX_NAME),
        agent_target: 'dev_worker',
        description: clip(sentence, MAX_DESCRIPTION),
        depends_on: [first.key],
      }),
    );
  const depends_on = (parts.length > 0 ? parts : [first]).map(({ key }) => key);
  const last = { key: 'check', title: 'Check the results', agent_target: 'test_worker', description: '', depends_on };
  return [first, ...parts, last];
}

function withExample(schema: JsonSchema, request: Request): JsonSchema {
  const { items } = schema.properties as { items: JsonSchema };
  return { ...schema, properties: { items: { ...items, x_test: exampleFor(request) } } };
}

/** The request as data, what matters most first. */
function dataOf({ request_text, name, hourly_rate, period }: Request): DataPart[] {
  const settings = Object.entries({ name, hourly_rate, period }).flatMap(([key, value]) =>
    value === undefined ? [] : [{ [key]: value }],
  );
  return [
    { name: 'request_text', text: request_text },
    ...(settings.length > 0 ? [{ name: 'settings', rows: settings }] : []),
  ];
}

/** What an item is about reaches its target as its scope. */
const itemOf = ({ description, ...item }: Planned): PlanItem => ({
  ...item,
  description,
  ...(description.trim() !== '' && { work_context: { scope: description } }),
});

/** The effect that asks for the plan of a request. A refused call or plan is an outcome; other errors are thrown. */
export function planBacklog(targets: readonly PlannerTarget[]) {
  const instruction = instructionFor(targets);
  const schema = schemaFor(targets);

  async function ask(request: Request, { key, signal, tools }: EffectContext<Tools>): Promise<PlanOutcome> {
    const { project_id } = request;
    try {
      const { output } = await tools.llm.complete({
        instruction,
        data: dataOf(request),
        schema: withExample(schema, request),
        labels: { agent: 'orchestrator', task_type: 'reasoning', project_id },
        key,
        signal,
        patienceMs: PATIENCE_MS,
      });
      const items = (output as { items: Planned[] }).items.map(itemOf);
      const refused = refusalOf(items);
      return refused === null ? { items } : { refused };
    } catch (error) {
      const refusal = refusalOfCall(error);
      if (refusal === null) throw error;
      return { refused: refusalInWords(refusal) };
    }
  }

  return async (request: Request, context: EffectContext<Tools>): Promise<PlanOutcome> => {
    const { project_id } = request;
    if (await context.tools.isProjectFinal(project_id)) return { refused: 'the project has ended' };
    const outcome = await ask(request, context);
    if ('refused' in outcome) {
      context.tools.logFor('orchestrator').warn(`planned by the rules: ${outcome.refused}`, { project_id });
    }
    return outcome;
  };
}
