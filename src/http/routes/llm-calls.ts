/**
 * Calls to language models over HTTP: `/v1/chat` and the drop-in routes.
 *
 * Owns: how a request in a client's wire becomes a call of the gateway and its answer a response: headers, streams,
 * refusals in the client's own shape. Does not own the wires (`src/llm/wires`) nor the call (`src/llm/gateway.ts`).
 */
import { hash } from 'node:crypto';
import { Fault } from '../../errors.ts';
import { CallerGone } from '../../llm/attempt.ts';
import type { Call as LlmCall } from '../../llm/call.ts';
import type { Answer, Labels } from '../../llm/chat.ts';
import type { Gateway } from '../../llm/gateway.ts';
import { type CallReport, newReport, spend } from '../../llm/report.ts';
import { CHAT_REQUEST_SCHEMA, CHAT_RESPONSE_SCHEMA } from '../../llm/wires/chat-schemas.ts';
import type { ClientWire, ReadRequest } from '../../llm/wires/wire.ts';
import { createWires } from '../../llm/wires/wires.ts';
import { asFault, invalid } from '../errors.ts';
import { gatewayFault, reportHeaders } from '../llm-headers.ts';
import type { RequestHeaders } from '../received.ts';
import type { Reply } from '../reply.ts';
import { type Call, type Route, route } from '../route.ts';
import * as shape from '../shapes.ts';
import { SseBody } from '../sse-body.ts';

const SSE = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  'X-Accel-Buffering': 'no',
};
/** What a client that hung up would be told; only the log sees it. */
const CLIENT_GONE = 499;
const IDEMPOTENCY_KEY = /^[\x20-\x7e]{1,255}$/;
const LABEL_MAX_CHARACTERS = 200;

/** What all routes have in common that lead to a model. */
export const CALL_ROUTE = {
  method: 'POST',
  access: 'llm:use',
  limit: 'none',
  tag: 'Calls',
  ownIdempotency: true,
  drains: true,
  errors: [400, 409, 413, 415, 422, 429, 502, 504],
} as const;

export function callRoutes(gateway: Gateway): Route[] {
  const { chat, openai, anthropic } = createWires();
  const dropIn = (
    path: string,
    wire: ClientWire,
    summary: string,
    more: Pick<Route, 'keyHeader' | 'query'> = {},
  ): Route =>
    route<unknown, unknown>({
      ...CALL_ROUTE,
      ...more,
      path,
      summary,
      body: { schema: shape.anyObject, unchecked: true },
      responses: {
        200: {
          description: "The answer, in the same wire; with `stream`, as that wire's events",
          schema: shape.anyObject,
        },
      },
      refusal: (fault) => wire.error(wireError(fault)),
      handler: (call) => {
        const read = wire.read(call.body);
        const cache = call.headers.get('x-cache')?.toLowerCase();
        if (cache === 'on') read.cache = true;
        if (cache === 'off') read.cache = false;
        Object.assign(read.labels, headerLabels(call.headers));
        return answerCall(gateway, wire, read, call);
      },
    });
  return [
    route<Record<string, never>, unknown>({
      ...CALL_ROUTE,
      path: '/v1/chat',
      summary: 'One answer, or a stream of it, from whichever provider the configuration chooses',
      body: { schema: CHAT_REQUEST_SCHEMA, unchecked: true },
      responses: {
        200: {
          description: 'The answer; with `stream`, events start, delta …, done or error',
          schema: CHAT_RESPONSE_SCHEMA,
        },
      },
      handler: (call) => answerCall(gateway, chat, chat.read(call.body), call),
    }),
    dropIn('/v1/chat/completions', openai, 'OpenAI chat completions: point an OpenAI client here'),
    dropIn('/v1/messages', anthropic, 'Anthropic messages: point an Anthropic client here', {
      keyHeader: 'x-api-key',
      query: { beta: { description: 'Has no effect: clients send it for their beta features.', schema: shape.text } },
    }),
  ];
}

function headerLabels(headers: RequestHeaders): Labels {
  const labels: Labels = {};
  const violations = [];
  for (const name of ['agent', 'task_type', 'project_id'] as const) {
    const header = `x-${name.replace('_', '-')}`;
    const value = headers.get(header);
    if (value === null || value === '') continue;
    if (value.length > LABEL_MAX_CHARACTERS) {
      violations.push({ path: `header.${header}`, message: `must have at most ${LABEL_MAX_CHARACTERS} characters` });
    } else labels[name] = value;
  }
  if (violations.length > 0) throw invalid('The request is not valid.', violations);
  return labels;
}

function wireError(fault: Fault) {
  const { publicCode: code, status, message, details } = fault;
  return { code, status, message, ...(details && { details }) };
}

/** What a call over HTTP has in common with every other, whatever is asked. */
export function openCall(call: Call, report: CallReport): Pick<LlmCall, 'tenant' | 'journal' | 'signal' | 'report'> {
  spend(report, 'auth', call.startedMs);
  const tenant = call.principal.name;
  return { tenant, journal: journalOf(call, tenant), signal: call.gone(), report };
}

function journalOf(call: Call, tenant: string): LlmCall['journal'] {
  const key = call.headers.get('idempotency-key');
  if (key === null) return null;
  if (!IDEMPOTENCY_KEY.test(key)) {
    const message = 'must have 1 to 255 printable ASCII characters';
    throw invalid('The Idempotency-Key is not valid.', [{ path: 'header.Idempotency-Key', message }]);
  }
  return { key: hash('sha256', `${tenant}\n${key}`), fingerprint: call.fingerprint() };
}

async function answerCall(
  gateway: Gateway,
  wire: ClientWire,
  read: ReadRequest,
  call: Call,
): Promise<Reply | Response> {
  const report = newReport(call.startedMs, wire.newId());
  const llmCall: LlmCall = {
    ...openCall(call, report),
    request: read.request,
    labels: read.labels,
    wire: wire.name,
    cache: read.cache,
    sink: null,
    wantsBody: wire.name !== 'chat',
  };
  if (read.stream) return streamed(gateway, wire, read, llmCall);
  return whole(report, async () => {
    const answer = await gateway.complete(llmCall);
    const translateMs = performance.now();
    const body = wire.answer(answer, report.id, isShared(report));
    spend(report, 'translate', translateMs);
    return body;
  });
}

/** The answer was made for another request. */
function isShared({ cache }: CallReport): boolean {
  return cache === 'HIT' || cache === 'COALESCED';
}

/** The answer to a call that is not streamed, or its refusal, with all headers. */
export async function whole(report: CallReport, run: () => Promise<unknown>): Promise<Reply> {
  try {
    const body = await run();
    return { status: 200, body, headers: reportHeaders(report, false) };
  } catch (error) {
    if (error instanceof CallerGone) return { status: CLIENT_GONE };
    throw gatewayFault(asFault(error), report);
  }
}

/** Status and headers leave with the first content, so what fails before has its real status. */
async function streamed(
  gateway: Gateway,
  wire: ClientWire,
  read: ReadRequest,
  llmCall: LlmCall,
): Promise<Reply | Response> {
  const { report } = llmCall;
  const sse = new SseBody(() => {
    const { provider, model } = report as { provider: string; model: string };
    return wire.encoder({ id: report.id, provider, model, request: read });
  });
  const finished = gateway.complete({ ...llmCall, sink: sse }).then(
    (answer: Answer) => {
      sse.end((encoder) => encoder.done(answer, isShared(report)));
      return null;
    },
    (error: unknown) => {
      sse.end((encoder) => (error instanceof CallerGone ? '' : encoder.error(wireError(hiding(asFault(error))))));
      return { error };
    },
  );
  const failed = await Promise.race([sse.begun, finished]);
  if (!failed) return new Response(sse.body, { headers: { ...SSE, ...reportHeaders(report, true) } });
  if (failed.error instanceof CallerGone) return { status: CLIENT_GONE };
  throw gatewayFault(asFault(failed.error), report);
}

/** A bug keeps its text for the log. */
function hiding(fault: Fault): Fault {
  return fault.publicCode === 'INTERNAL_ERROR'
    ? new Fault('INTERNAL_ERROR', 'Something went wrong on our side.')
    : fault;
}
