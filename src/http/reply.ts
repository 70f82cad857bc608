/** What a handler answers, and how it becomes a response. */
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
