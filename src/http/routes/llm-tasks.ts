/**
 * Tasks over HTTP that a model answers in a fixed shape: `/v1/predict` and `/v1/extract/order`.
 *
 * Owns: the question each of them puts, and what of the answer is shown. Does not own how orders are read
 * (`machines/orders`).
 */
import { extractOrder } from '../../../machines/orders/extraction/extract.ts';
import { readExtractionSchema } from '../../../machines/orders/extraction/extraction-schema.ts';
import {
  EXTRACT_INSTRUCTION,
  fillSchema,
  mergeModelValues,
  modelSchema,
  orderResult,
} from '../../../machines/orders/extraction/fill.ts';
import { Fault } from '../../errors.ts';
import type { Call as LlmCall } from '../../llm/call.ts';
import type { ChatRequest, JsonSchema, Labels } from '../../llm/chat.ts';
import type { Gateway } from '../../llm/gateway.ts';
import { buildPrompt } from '../../llm/prompt.ts';
import { type CallReport, newReport } from '../../llm/report.ts';
import { Reading } from '../../llm/wires/reading.ts';
import { movedSchema, readSchema } from '../../llm/wires/reading-schema.ts';
import { invalid, type Violation } from '../errors.ts';
import { type Call, type Route, route } from '../route.ts';
import * as shape from '../shapes.ts';
import { CALL_ROUTE, openCall, whole } from './llm-calls.ts';

const TEXT_MAX_CHARACTERS = 200_000;
/** What the instruction, and the model's answer, leave of the smallest window that is configured for such tasks. */
const EXTRACT_INPUT_TOKENS = 100_000;

const label: JsonSchema = { type: 'string', minLength: 1, maxLength: 200 };

const PREDICT_INSTRUCTION =
  'You answer one question about the text that follows. Give your answer as prediction, and as confidence how sure you are of it, from 0 (a guess) to 1 (certain).';

interface PredictBody {
  prompt: string;
  task_type?: string;
  agent?: string;
  project_id?: string;
  options?: {
    categories?: string[];
    schema?: JsonSchema;
    max_tokens?: number;
    temperature?: number;
    provider?: string;
    model?: string;
  };
}

interface ExtractBody {
  text: string;
  schema?: unknown;
}

export function taskRoutes(gateway: Gateway): Route[] {
  return [
    route<Record<string, never>, PredictBody>({
      ...CALL_ROUTE,
      path: '/v1/predict',
      summary: 'A category, an object of a given schema, or a text, with a confidence',
      body: {
        schema: shape.object({
          prompt: { type: 'string', minLength: 1 },
          'task_type?': label,
          'agent?': label,
          'project_id?': label,
          'options?': shape.object({
            'categories?': { type: 'array', items: label, minItems: 2, maxItems: 200, uniqueItems: true },
            'schema?': shape.anyObject,
            'max_tokens?': { type: 'integer', minimum: 1 },
            'temperature?': { type: 'number', minimum: 0, maximum: 2 },
            'provider?': label,
            'model?': label,
          }),
        }),
      },
      responses: {
        200: {
          description: 'The answer',
          schema: shape.object({
            prediction: shape.anything,
            confidence: shape.confidence,
            metadata: shape.object({ model: shape.text, processing_time_ms: shape.count }),
          }),
        },
      },
      handler: (call) => predict(gateway, call),
    }),
    route<Record<string, never>, ExtractBody>({
      ...CALL_ROUTE,
      path: '/v1/extract/order',
      summary: 'The fields of an order in a text; a model is asked only for what is not found without one',
      body: {
        schema: shape.object({
          text: { type: 'string', minLength: 1, maxLength: TEXT_MAX_CHARACTERS },
          'schema?': { ...shape.anyObject, description: 'Names with types, or a JSON Schema of type object.' },
        }),
      },
      responses: {
        200: {
          description: 'What was found',
          schema: shape.object({
            extracted: shape.anyObject,
            confidence: shape.confidence,
            missing_fields: shape.list(shape.object({ field: shape.text, reason: shape.text })),
          }),
        },
      },
      handler: (call) => extract(gateway, call),
    }),
  ];
}

function predict(gateway: Gateway, call: Call<Record<string, never>, PredictBody>) {
  const { prompt, task_type, agent, project_id, options = {} } = call.body;
  const { categories, schema, ...parameters } = options;
  if (categories && schema) {
    throw invalid('The request is not valid.', [
      { path: '/options/schema', message: 'cannot be given together with categories' },
    ]);
  }
  const labels: Labels = {
    task_type: task_type ?? (categories ? 'classification' : 'text_generation'),
    ...(agent !== undefined && { agent }),
    ...(project_id !== undefined && { project_id }),
  };
  const request: ChatRequest = {
    ...parameters,
    messages: [
      { role: 'system', content: PREDICT_INSTRUCTION },
      { role: 'user', content: prompt },
    ],
    response_format: { schema: predictionSchema(categories, schema), name: 'prediction' },
  };
  const report = newReport(call.startedMs, '');
  return whole(report, async () => {
    const { prediction, confidence } = await structured<{ prediction: unknown; confidence: number }>(
      gateway,
      call,
      request,
      labels,
      report,
    ).catch(placedInOptions);
    const processing_time_ms = Math.round(performance.now() - call.startedMs);
    return { prediction, confidence, metadata: { model: report.model, processing_time_ms } };
  });
}

function predictionSchema(categories?: readonly string[], schema?: JsonSchema): JsonSchema {
  if (schema) {
    const reading = new Reading({ nullIsAbsent: false });
    const own = readSchema(reading, schema, '/options/schema');
    reading.end();
    if (own) return { ...answering({ $ref: `#${OWN_SCHEMA}` }), $defs: { prediction: movedSchema(own, OWN_SCHEMA) } };
  }
  return answering(categories ? { type: 'string', enum: categories } : { type: 'string' });
}

/** Where the caller's schema stands in that of the answer. */
const OWN_SCHEMA = '/$defs/prediction';

function answering(prediction: JsonSchema): JsonSchema {
  return {
    type: 'object',
    additionalProperties: false,
    required: ['prediction', 'confidence'],
    properties: { prediction, confidence: { type: 'number', minimum: 0, maximum: 1 } },
  };
}

/** The gateway knows provider and model as members of the body itself. */
function placedInOptions(error: unknown): never {
  const errors = error instanceof Fault ? (error.details?.errors as readonly Violation[] | undefined) : undefined;
  const isOfOptions = ({ path }: Violation) => path === '/provider' || path === '/model';
  if (!errors?.every(isOfOptions)) throw error;
  throw invalid(
    'The request is not valid.',
    errors.map(({ path, message }) => ({ path: `/options${path}`, message })),
  );
}

function extract(gateway: Gateway, call: Call<Record<string, never>, ExtractBody>) {
  const { text, schema } = call.body;
  const wanted = readExtractionSchema(schema);
  if (!wanted.ok) {
    const errors = wanted.errors.map(({ path, message }) => ({ path: `/schema${path}`, message }));
    throw invalid('The request is not valid.', errors);
  }
  const report = newReport(call.startedMs, '');
  return whole(report, async () => {
    const filled = fillSchema(extractOrder(text), wanted.schema);
    if (filled.open.length === 0) {
      const found = JSON.stringify(orderResult(filled));
      return JSON.parse((await gateway.recorded(callOf(call, report), found)).text);
    }
    const { messages } = buildPrompt({
      instruction: EXTRACT_INSTRUCTION,
      data: [{ name: 'order', text }],
      inputTokens: EXTRACT_INPUT_TOKENS,
    });
    const request: ChatRequest = {
      messages,
      response_format: { schema: modelSchema(filled.open), name: 'order_fields' },
    };
    const labels: Labels = { agent: 'order_intake', task_type: 'data_extraction' };
    const answers = await structured<Parameters<typeof mergeModelValues>[1]>(gateway, call, request, labels, report);
    return orderResult(mergeModelValues(filled, answers, text));
  });
}

/** Asks for an answer of the request's shape. */
async function structured<Output>(
  gateway: Gateway,
  call: Call,
  request: ChatRequest,
  labels: Labels,
  report: CallReport,
): Promise<Output> {
  const answer = await gateway.complete({ ...callOf(call, report), request, labels });
  return JSON.parse(answer.text) as Output;
}

const NOBODY_ASKED: ChatRequest = { messages: [] };

function callOf(call: Call, report: CallReport): LlmCall {
  return {
    ...openCall(call, report),
    request: NOBODY_ASKED,
    labels: {},
    wire: 'task',
    cache: undefined,
    sink: null,
    wantsBody: false,
  };
}
