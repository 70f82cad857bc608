/**
 * A surface: routes in, an app out. The same for the three surfaces.
 *
 * Owns: the router, and the form of every response. Nothing is reachable that no route declares. Does not own the
 * checks of a request (`exchange.ts`) nor what a route does.
 * Keeps I11: whatever happens, the client gets an envelope with a code and the log a line with the correlation id.
 */
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Hono } from 'hono';
import { isUuid } from '../../schemas/formats.ts';
import type { Fault } from '../errors.ts';
import { asFault, HttpFault, notFound } from './errors.ts';
import { type AppOptions, type HttpApp, opening, type RouteContext, serve } from './exchange.ts';
import { corsHeaders, preflightHeaders, SECURITY_HEADERS } from './headers.ts';
import { headersOf, incomingOf } from './received.ts';
import { errorReply, type Reply, sendReply, toResponse } from './reply.ts';
import { compileChecks } from './request-input.ts';

export function createApp(options: AppOptions): HttpApp {
  const app: HttpApp = new Hono();
  const byPath = Map.groupBy(options.routes, (route) => route.path);
  for (const [path, routes] of byPath) {
    for (const route of routes) {
      const checks = compileChecks(route, options.compile);
      app.on(route.method, path, (context) =>
        respond(
          options,
          context,
          route.path,
          (correlationId, headers, startedMs) =>
            serve(options, { ...opening(options, context), route, checks, correlationId, headers, startedMs }),
          route.refusal,
        ),
      );
    }
    const methods = routes.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
    app.all(path, (context) =>
      respond(
        options,
        context,
        path,
        () => {
          const preflight = preflightHeaders(context.req.raw, options.corsOrigins, methods);
          if (preflight) return { status: 204, headers: preflight };
          const message = `${context.req.raw.method} is not allowed here.`;
          throw new HttpFault('METHOD_NOT_ALLOWED', message, { Allow: methods.join(', ') });
        },
        routes[0]?.refusal,
      ),
    );
  }
  app.notFound((context) =>
    respond(options, context, 'unmatched', () => {
      throw notFound('Page');
    }),
  );
  app.onError((error, context) =>
    respond(options, context, 'unmatched', () => {
      throw error;
    }),
  );
  return app;
}

/** Runs `work` and turns whatever comes of it into a response that is complete, logged and counted. */
async function respond(
  { server, log, metrics, corsOrigins, everyAnswer, quiet }: AppOptions,
  context: RouteContext,
  path: string,
  work: (
    correlationId: string,
    headers: Record<string, string>,
    startedMs: number,
  ) => Promise<Reply | Response> | Reply | Response,
  refusal?: (fault: Fault) => unknown,
): Promise<Response> {
  const request = context.req.raw;
  const started = performance.now();
  const incoming = incomingOf(context.env);
  const given = headersOf({ request, incoming }).get('x-correlation-id');
  const correlationId = given !== null && isUuid(given) ? given.toLowerCase() : randomUUID();
  const headers: Record<string, string> = {
    ...SECURITY_HEADERS,
    ...corsHeaders(request, corsOrigins),
    ...everyAnswer,
    'X-Correlation-ID': correlationId,
  };
  if (path.startsWith('/api')) headers['Cache-Control'] = 'no-store';
  let fault: Fault | undefined;
  let reply: Reply | Response;
  try {
    reply = await work(correlationId, headers, started);
  } catch (error) {
    fault = asFault(error);
    reply = errorReply(fault, refusal);
  }
  const outgoing = context.env?.outgoing as ServerResponse | undefined;
  const { status } = reply;
  const response =
    outgoing && !(reply instanceof Response) ? sendReply(outgoing, reply, headers) : toResponse(reply, headers);
  const durationMs = performance.now() - started;
  metrics.observe(server, path, request.method, status, durationMs / 1000);
  log.write(quiet && status < 500 ? 'DEBUG' : levelOf(request, status), `${request.method} ${path} ${status}`, {
    correlation_id: correlationId,
    duration_ms: Math.round(durationMs),
    ...(fault && { code: fault.code, error: describe(fault) }),
  });
  return response;
}

/** A store that is away is no fault of this process; reads are too many to tell of. */
function levelOf({ method }: Request, status: number): 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' {
  if (status >= 500) return status === 503 ? 'WARN' : 'ERROR';
  return method === 'GET' || method === 'HEAD' ? 'DEBUG' : 'INFO';
}

/** For the log: what really happened, which the client of a 5xx does not see. */
function describe(fault: Fault): string {
  const cause = fault.cause instanceof Error ? fault.cause : undefined;
  return fault.status >= 500 ? (cause?.stack ?? fault.stack ?? fault.message) : fault.message;
}
