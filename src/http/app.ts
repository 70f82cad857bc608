/**
 * The way of a request, the same for the three surfaces.
 *
 * Owns: the order of the checks and the form of every response. A request passes: path and method, drain, access,
 * rate limit, query, body, idempotency, schema, handler. Nothing is reachable that no route declares, and a route
 * says itself who may call it (default deny). Does not own what a route does.
 * Keeps I11: whatever happens, the client gets an envelope with a code and the log a line with the correlation id.
 */
import { hash, randomUUID } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { JsonSchema } from '../../schemas/load.ts';
import type { Violation } from '../../schemas/violations.ts';
import type { Fault } from '../errors.ts';
import { deriveId } from '../runtime/ids.ts';
import { clientAddress, type Keyring, type Principal, requireScope, unauthorized } from './auth.ts';
import { type BodyLimits, parseJsonBody, type ReceivedBody, receiveBody } from './body.ts';
import { asFault, errorEnvelope, errorHeaders, HttpFault, invalid, notFound, rateLimited } from './errors.ts';
import { corsHeaders, preflightHeaders, SECURITY_HEADERS } from './headers.ts';
import { type Claim, type IdempotencyKeys, isIdempotencyKey, type KeptResponse } from './idempotency.ts';
import type { HttpMetrics } from './metrics.ts';
import { queryPath, readQuery } from './query.ts';
import { type RateLimiter, rateLimitHeaders } from './rate-limit.ts';
import { bodyKind, type Call, limitClass, type Reply, type Route } from './route.ts';
import { requireOwnPage, type Sessions, sessionToken } from './sessions.ts';

export type Bindings = { Bindings: Partial<HttpBindings> };
export type HttpApp = Hono<Bindings>;
type RouteContext = Context<Bindings>;

/** Where request lines go. */
export interface RequestLog {
  write(level: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR', message: string, metadata: Record<string, unknown>): void;
}

export interface AppOptions {
  /** Name of the surface in metrics. */
  server: string;
  routes: readonly Route[];
  /** Checks with all violations listed. */
  compile(schema: JsonSchema): (value: unknown) => Violation[];
  keyring: Keyring;
  sessions: Sessions | undefined;
  limiter: RateLimiter;
  idempotency: IdempotencyKeys;
  metrics: HttpMetrics;
  log: RequestLog;
  draining(): boolean;
  bodyLimits: BodyLimits;
  /** Per minute and caller; 0 = off. */
  writesPerMinute: number;
  /** Reads get this many times as many. */
  readFactor: number;
  corsOrigins: readonly string[];
  trustedProxies: number;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const UNREACHED: Principal = { name: '', scopes: new Set() };

/** What a route's schemas are compiled to. */
interface Checks {
  query(values: unknown): Violation[];
  body(value: unknown): Violation[];
  form(value: unknown): Violation[];
}

/** One request on its way: what has been found out about it. */
interface Exchange {
  context: RouteContext;
  request: Request;
  route: Route;
  checks: Checks;
  correlationId: string;
  address: string;
  principal: Principal | undefined;
  headers: Record<string, string>;
}

export function createApp(options: AppOptions): HttpApp {
  const app: HttpApp = new Hono();
  const byPath = Map.groupBy(options.routes, (route) => route.path);
  for (const [path, routes] of byPath) {
    for (const route of routes) {
      const checks = compileChecks(route, options.compile);
      app.on(route.method, path, (context) =>
        respond(options, context, route.path, (correlationId, headers) =>
          serve(options, { ...opening(options, context), route, checks, correlationId, headers }),
        ),
      );
    }
    const methods = routes.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
    app.all(path, (context) =>
      respond(options, context, path, () => {
        const preflight = preflightHeaders(context.req.raw, options.corsOrigins, methods);
        if (preflight) return { status: 204, headers: preflight };
        const message = `${context.req.raw.method} is not allowed here.`;
        throw new HttpFault('METHOD_NOT_ALLOWED', message, { Allow: methods.join(', ') });
      }),
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

function compileChecks(route: Route, compile: AppOptions['compile']): Checks {
  const properties = Object.fromEntries(Object.entries(route.query ?? {}).map(([name, { schema }]) => [name, schema]));
  const nothing = () => [];
  return {
    query: route.query ? compile({ type: 'object', additionalProperties: false, properties }) : nothing,
    body: route.body ? compile(route.body.schema) : nothing,
    form: route.body?.form ? compile(route.body.form.schema) : nothing,
  };
}

/** Runs `work` and turns whatever comes of it into a response that is complete, logged and counted. */
async function respond(
  { server, log, metrics, corsOrigins }: AppOptions,
  context: RouteContext,
  path: string,
  work: (correlationId: string, headers: Record<string, string>) => Promise<Reply | Response> | Reply | Response,
): Promise<Response> {
  const request = context.req.raw;
  const started = performance.now();
  const given = request.headers.get('x-correlation-id');
  const correlationId = given !== null && UUID.test(given) ? given.toLowerCase() : randomUUID();
  const headers: Record<string, string> = {
    ...SECURITY_HEADERS,
    ...corsHeaders(request, corsOrigins),
    'X-Correlation-ID': correlationId,
  };
  if (path.startsWith('/api')) headers['Cache-Control'] = 'no-store';
  let fault: Fault | undefined;
  let reply: Reply | Response;
  try {
    reply = await work(correlationId, headers);
  } catch (error) {
    fault = asFault(error);
    reply = errorReply(fault);
  }
  const response = toResponse(reply, headers);
  const durationMs = performance.now() - started;
  metrics.observe(server, path, request.method, response.status, durationMs / 1000);
  const level =
    response.status >= 500 ? 'ERROR' : request.method === 'GET' || request.method === 'HEAD' ? 'DEBUG' : 'INFO';
  log.write(level, `${request.method} ${path} ${response.status}`, {
    correlation_id: correlationId,
    duration_ms: Math.round(durationMs),
    ...(fault && { code: fault.code, error: describe(fault) }),
  });
  return response;
}

/** For the log: what really happened, which the client of a 5xx does not see. */
function describe(fault: Fault): string {
  const cause = fault.cause instanceof Error ? fault.cause : undefined;
  return fault.status >= 500 ? (cause?.stack ?? fault.stack ?? fault.message) : fault.message;
}

function errorReply(fault: Fault): Reply {
  return { status: fault.status, body: errorEnvelope(fault), headers: errorHeaders(fault) };
}

function toResponse(reply: Reply | Response, headers: Record<string, string>): Response {
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

function opening({ trustedProxies }: AppOptions, context: RouteContext) {
  const request = context.req.raw;
  const socketAddress = context.env?.incoming?.socket.remoteAddress;
  const address = clientAddress(socketAddress, request.headers.get('x-forwarded-for'), trustedProxies);
  return { context, request, address, principal: undefined };
}

async function serve(options: AppOptions, exchange: Exchange): Promise<Reply | Response> {
  const { route } = exchange;
  if (options.draining() && limitClass(route) !== 'none') {
    throw new HttpFault('SERVICE_UNAVAILABLE', 'The server is shutting down.', {
      Connection: 'close',
      'Retry-After': '2',
    });
  }
  await admit(options, exchange);
  const params = pathParameters(exchange);
  const query = checkedQuery(exchange);
  const received = await receiveBody(exchange.request, bodyKind(route), options.bodyLimits);
  const run = async (seed?: Claim): Promise<Reply | Response> => {
    const { body, file } = checkedBody(exchange, received);
    return route.handler(callOf(options, exchange, { params, query, body, file, seed }));
  };
  const key = exchange.request.headers.get('idempotency-key');
  // A login is not kept: its answer is a secret, and is not the next caller's.
  if (route.method !== 'POST' || route.access === 'open' || key === null) return run();
  return runOnce(options, exchange, key, received, run);
}

/** Access, then the caller's share. A caller without a valid key is counted under its address. */
async function admit(options: AppOptions, exchange: Exchange): Promise<void> {
  const { route, request } = exchange;
  let refusal: Fault | undefined;
  if (route.access === 'open') {
    // An open route answers also when sessions cannot be looked up.
    if (route.identify) exchange.principal = await authenticate(options, request).catch(() => undefined);
  } else {
    exchange.principal = await authenticate(options, request);
    if (!exchange.principal) refusal = unauthorized('A valid key is needed: Authorization: Bearer <key>.');
  }
  const limit = limitOf(options, route);
  if (limit > 0) {
    const allowance = await options.limiter.take(`${limitClass(route)}:${callerOf(options, exchange)}`, limit);
    Object.assign(exchange.headers, rateLimitHeaders(allowance));
    if (!allowance.allowed) throw rateLimited('Too many requests.', allowance.retryAfterSeconds);
  }
  if (refusal) throw refusal;
  if (exchange.principal && route.access !== 'open' && route.access !== 'any key') {
    requireScope(exchange.principal, route.access);
  }
}

function callerOf({ keyring }: AppOptions, { principal, address }: Exchange): string {
  return principal && !keyring.everyone ? `key:${principal.name}` : `ip:${address}`;
}

function limitOf({ writesPerMinute, readFactor }: AppOptions, route: Route): number {
  const limit = limitClass(route);
  if (limit === 'none') return 0;
  return limit === 'read' ? writesPerMinute * readFactor : writesPerMinute;
}

async function authenticate({ keyring, sessions }: AppOptions, request: Request): Promise<Principal | undefined> {
  if (keyring.everyone) return keyring.everyone;
  const authorization = request.headers.get('authorization');
  if (authorization !== null) return keyring.byHeader(authorization);
  const token = sessionToken(request);
  const principal = token === undefined ? undefined : await sessions?.find(token);
  if (principal && request.method !== 'GET' && request.method !== 'HEAD') requireOwnPage(request);
  return principal;
}

function pathParameters({ context, route }: Exchange): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(context.req.param() as Record<string, string>)) {
    const form = route.names?.[name];
    if (!(form ?? UUID).test(value)) throw notFound(`${value.slice(0, 64)}`);
    params[name] = form ? value : value.toLowerCase();
  }
  return params;
}

function checkedQuery({ request, route, checks }: Exchange): unknown {
  const { values, violations } = readQuery(new URL(request.url).searchParams, route.query ?? {});
  violations.push(...checks.query(values).map(({ path, message }) => ({ path: queryPath(path), message })));
  if (violations.length > 0) throw invalid('The query is not valid.', violations);
  return values;
}

function checkedBody({ route, checks }: Exchange, received: ReceivedBody) {
  if (received.kind === 'none') return { body: undefined, file: undefined };
  const isForm = received.kind === 'form';
  const body = isForm ? formMembers(received.fields, route) : received.json;
  const violations = isForm ? checks.form(body) : checks.body(body);
  if (violations.length > 0) throw invalid('The request is not valid.', violations);
  return { body, file: isForm ? received.file : undefined };
}

/** Form fields as members of the body. A field left blank is absent, as browsers send it. */
function formMembers(fields: ReadonlyMap<string, string>, { body }: Route): Record<string, unknown> {
  const kinds = body?.form?.fields ?? {};
  const members: [string, unknown][] = [];
  for (const [name, text] of fields) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : 'text';
    const trimmed = text.trim();
    if (kind === 'text') members.push([name, text]);
    else if (trimmed === '') continue;
    else if (kind === 'json') members.push([name, parseJsonBody(Buffer.from(trimmed), `/${name}`)]);
    else if (kind === 'number') members.push([name, /^-?\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : trimmed]);
    else members.push([name, trimmed === 'true' ? true : trimmed === 'false' ? false : trimmed]);
  }
  return Object.fromEntries(members);
}

interface Parsed {
  params: Record<string, string>;
  query: unknown;
  body: unknown;
  file: Call['file'];
  seed: Claim | undefined;
}

function callOf(options: AppOptions, exchange: Exchange, { seed, ...parsed }: Parsed): Call {
  const { request, address, correlationId, context } = exchange;
  const outgoing = context.env?.outgoing;
  const forwardedProto = options.trustedProxies > 0 ? request.headers.get('x-forwarded-proto') : null;
  return {
    ...parsed,
    request,
    principal: exchange.principal ?? UNREACHED,
    correlationId,
    caller: callerOf(options, exchange),
    address,
    secure: (forwardedProto ?? new URL(request.url).protocol).startsWith('https'),
    id: seed ? (kind) => deriveId(seed.seed, kind) : () => randomUUID(),
    resumed: seed?.resumed ?? false,
    connection: outgoing && { destroy: () => void outgoing.destroy() },
  };
}

/** Runs a request with an Idempotency-Key: once, however often it is sent. */
async function runOnce(
  { idempotency, log }: AppOptions,
  { request, route, principal, headers, correlationId }: Exchange,
  key: string,
  received: ReceivedBody,
  run: (seed: Claim) => Promise<Reply | Response>,
): Promise<Reply | Response> {
  if (!isIdempotencyKey(key)) {
    const message = 'must have 1 to 255 printable ASCII characters';
    throw invalid('The Idempotency-Key is not valid.', [{ path: 'header.Idempotency-Key', message }]);
  }
  const { pathname, search } = new URL(request.url);
  const fingerprint = hash('sha256', `${route.method} ${pathname}${search}\n${received.fingerprint}`, 'hex');
  const claim = await idempotency.claim((principal as Principal).name, key, fingerprint);
  if ('status' in claim) {
    headers['Idempotency-Replayed'] = 'true';
    const { status, headers: kept, body } = claim satisfies KeptResponse;
    return { status, headers: kept, ...(body !== null && { body: JSON.parse(body) }) };
  }
  let fault: Fault | undefined;
  let reply: Reply | Response;
  try {
    reply = await run(claim);
  } catch (error) {
    fault = asFault(error);
    reply = errorReply(fault);
  }
  try {
    if (reply instanceof Response || reply.status >= 500 || reply.status === 429) await claim.release();
    else {
      const body = reply.body === undefined ? null : JSON.stringify(reply.body);
      await claim.keep({ status: reply.status, headers: reply.headers ?? {}, body });
    }
  } catch (error) {
    // The work is done and its answer stands; a repeat runs again with the same ids.
    log.write('WARN', 'idempotent answer not kept', { correlation_id: correlationId, error: asFault(error).message });
  }
  if (fault) throw fault;
  return reply;
}
