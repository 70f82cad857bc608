/** What a handler answers, and how it becomes a response. */
import type { ServerResponse } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Fault } from '../errors.ts';
import { HttpFault } from './errors.ts';

export interface Reply {
  status: number;
  /** JSON; absent for an empty body. */
  body?: unknown;
  headers?: Record<string, string>;
}

/** The body of a refusal as the clients of most routes get it. */
export function errorBody({ publicCode: code, message, details }: Fault): unknown {
  return { error: details ? { code, message, details } : { code, message } };
}

/** The answer to a request that was refused. A bug keeps its text for the log; the client sees none of it. */
export function errorReply(fault: Fault, bodyOf: (fault: Fault) => unknown = errorBody): Reply {
  const headers = fault instanceof HttpFault ? { ...fault.headers } : {};
  if (fault.publicCode === 'INTERNAL_ERROR') {
    return { status: 500, body: bodyOf(new Fault('INTERNAL_ERROR', 'Something went wrong on our side.')), headers };
  }
  return { status: fault.status, body: bodyOf(fault), headers };
}

/**
 * Writes the reply to Node's own response, where there is one: a `Response` and its `Headers` cost a multiple of that.
 * Returns what tells the server that nothing is left to do.
 */
export function sendReply(
  outgoing: ServerResponse,
  { status, body, headers: own }: Reply,
  headers: Record<string, string>,
): Response {
  const all: Record<string, string | number> = { ...headers, ...own };
  if (body === undefined) {
    outgoing.writeHead(status, all).end();
    return RESPONSE_ALREADY_SENT;
  }
  const text = JSON.stringify(body);
  all['Content-Type'] = 'application/json';
  all['Content-Length'] = Buffer.byteLength(text);
  outgoing.writeHead(status, all).end(text);
  return RESPONSE_ALREADY_SENT;
}

/** The response with `headers`; those the reply brings itself win. */
export function toResponse(reply: Reply | Response, headers: Record<string, string>): Response {
  if (reply instanceof Response) {
    for (const [name, value] of Object.entries(headers)) {
      if (!reply.headers.has(name)) reply.headers.set(name, value);
    }
    return reply;
  }
  const all = { ...headers, ...reply.headers };
  if (reply.body === undefined) return new Response(null, { status: reply.status, headers: all });
  all['Content-Type'] = 'application/json';
  return new Response(JSON.stringify(reply.body), { status: reply.status, headers: all });
}
