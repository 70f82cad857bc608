/**
 * One request on its way through the checks.
 *
 * Owns: their order: drain, access, rate limit, path, query, body, idempotency, schema, handler; and what each leaves
 * for the next. A route says itself who may call it (default deny). Does not own the form of the response (`app.ts`).
 */
import { hash, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import type { JsonSchema } from '../../schemas/load.ts';
import type { Violation } from '../../schemas/violations.ts';
import type { Fault } from '../errors.ts';
import { deriveId } from '../runtime/ids.ts';
import { clientAddress, type Keyring, type Principal, requireScope, unauthorized } from './auth.ts';
import { type BodyLimits, type ReceivedBody, receiveBody } from './body.ts';
import { HttpFault, rateLimited } from './errors.ts';
import { type Claim, type IdempotencyKeys, runOnce } from './idempotency.ts';
import type { IncomingFiles } from './incoming-files.ts';
import type { HttpMetrics } from './metrics.ts';
import { type RateLimiter, rateLimitHeaders } from './rate-limit.ts';
import { headersOf, incomingOf, type RequestHeaders } from './received.ts';
import type { Reply } from './reply.ts';
import { type Checks, checkedBody, checkedQuery, pathParameters } from './request-input.ts';
import { type Call, limitClass, type Route, scopesOf, takenBody } from './route.ts';
import { requireOwnPage, type Sessions, sessionToken } from './sessions.ts';

type Bindings = { Bindings: Partial<HttpBindings> };
export type HttpApp = Hono<Bindings>;
export type RouteContext = Context<Bindings>;

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
  /** Where files of requests are written; undefined if no route takes any. */
  incoming: IncomingFiles | undefined;
  /** Per minute and caller; 0 = off. */
  writesPerMinute: number;
  /** Reads get this many times as many. */
  readFactor: number;
  corsOrigins: readonly string[];
  trustedProxies: number;
  /** Headers of every answer of this surface. */
  everyAnswer?: Readonly<Record<string, string>>;
  /** The routes write a line of their own for what they do: requests that went well are for debugging only. */
  quiet?: boolean;
}

const NO_PARAMETERS = new URLSearchParams();
/** Nobody: on open routes. */
const NOBODY: Principal = { name: '', scopes: new Set() };

/** One request on its way: what has been found out about it. */
export interface Exchange {
  context: RouteContext;
  request: Request;
  incoming: IncomingMessage | undefined;
  received: RequestHeaders;
  route: Route;
  checks: Checks;
  correlationId: string;
  address: string;
  principal: Principal | undefined;
  headers: Record<string, string>;
  startedMs: number;
}

/** What is known of a request before anything is checked. */
export function opening({ trustedProxies }: AppOptions, context: RouteContext) {
  const request = context.req.raw;
  const socketAddress = context.env?.incoming?.socket.remoteAddress;
  const incoming = incomingOf(context.env);
  const received = headersOf({ request, incoming });
  const address = clientAddress(socketAddress, received.get('x-forwarded-for'), trustedProxies);
  return { context, request, incoming, received, address, principal: undefined };
}

export async function serve(options: AppOptions, exchange: Exchange): Promise<Reply | Response> {
  const { route } = exchange;
  if (options.draining() && (route.drains ?? limitClass(route) !== 'none')) {
    throw new HttpFault('SERVICE_UNAVAILABLE', 'The server is shutting down.', {
      Connection: 'close',
      'Retry-After': '2',
    });
  }
  await admit(options, exchange);
  const { request, checks } = exchange;
  const searchParams = request.url.includes('?') ? new URL(request.url).searchParams : NO_PARAMETERS;
  const params = pathParameters(exchange.context.req.param() as Record<string, string>, route);
  const query = checkedQuery(searchParams, route, checks);
  const received = await receiveBody(exchange, takenBody(route), options.bodyLimits, options.incoming);
  try {
    return await carryOut(options, exchange, { params, query, received });
  } finally {
    await options.incoming?.discard(received.files);
  }
}

/** Runs the handler; of requests with an Idempotency-Key once. */
function carryOut(
  options: AppOptions,
  exchange: Exchange,
  parsed: Pick<Parsed, 'params' | 'query' | 'received'>,
): Promise<Reply | Response> {
  const { route, checks } = exchange;
  const { received } = parsed;
  const run = async (claim?: Claim): Promise<Reply | Response> => {
    const body = checkedBody(received, route, checks);
    return route.handler(callOf(options, exchange, { ...parsed, body, claim }));
  };
  const key = exchange.received.get('idempotency-key');
  // A login is not kept: its answer is a secret, and is not the next caller's.
  if (route.method !== 'POST' || route.access === 'open' || route.ownIdempotency || key === null) return run();
  const caller = (exchange.principal as Principal).name;
  return runOnce(options.idempotency, { caller, key, fingerprint: fingerprintOf(exchange, received) }, run, (error) =>
    options.log.write('WARN', 'an idempotent answer was not kept', {
      correlation_id: exchange.correlationId,
      error: String(error),
    }),
  );
}

function fingerprintOf({ request, route }: Exchange, { fingerprint }: ReceivedBody): string {
  const { pathname, search } = new URL(request.url);
  return hash('sha256', `${route.method} ${pathname}${search}\n${fingerprint()}`, 'hex');
}

/** Access, then the caller's share. A caller without a valid key is counted under its address. */
async function admit(options: AppOptions, exchange: Exchange): Promise<void> {
  const { route } = exchange;
  let refusal: Fault | undefined;
  if (route.access === 'open') {
    // An open route answers also when sessions cannot be looked up.
    if (route.identify) exchange.principal = await authenticate(options, exchange).catch(() => undefined);
  } else {
    exchange.principal = await authenticate(options, exchange, route.keyHeader);
    if (!exchange.principal) refusal = unauthorized('A valid key is needed: Authorization: Bearer <key>.');
  }
  const limit = limitOf(options, route);
  if (limit > 0) {
    const of = route.ownLimit ? `${route.ownLimit.name}:` : '';
    const bucket = `${of}${limitClass(route)}:${callerOf(options, exchange)}`;
    const allowance = await options.limiter.take(bucket, limit);
    Object.assign(exchange.headers, rateLimitHeaders(allowance));
    if (!allowance.allowed) throw rateLimited('Too many requests.', allowance.retryAfterSeconds);
  }
  if (refusal) throw refusal;
  if (exchange.principal) requireScope(exchange.principal, scopesOf(route.access));
}

function callerOf({ keyring }: AppOptions, { principal, address }: Exchange): string {
  return principal && !keyring.everyone ? `key:${principal.name}` : `ip:${address}`;
}

function limitOf({ writesPerMinute, readFactor }: AppOptions, route: Route): number {
  const limit = limitClass(route);
  if (limit === 'none') return 0;
  const writes = route.ownLimit?.writesPerMinute ?? writesPerMinute;
  return limit === 'read' ? writes * readFactor : writes;
}

async function authenticate(
  { keyring, sessions }: AppOptions,
  { request, received }: Exchange,
  keyHeader?: string,
): Promise<Principal | undefined> {
  if (keyring.everyone) return keyring.everyone;
  const authorization = received.get('authorization');
  if (authorization !== null) return keyring.byHeader(authorization);
  const key = keyHeader === undefined ? null : received.get(keyHeader);
  if (key !== null) return keyring.byKey(key);
  const token = sessionToken(request);
  const principal = token === undefined ? undefined : await sessions?.find(token);
  if (principal && request.method !== 'GET' && request.method !== 'HEAD') requireOwnPage(request);
  return principal;
}

/** Aborted when the connection closes under an answer that is not complete. */
function closing(outgoing: HttpBindings['outgoing']): AbortSignal {
  const controller = new AbortController();
  if (outgoing.destroyed) controller.abort();
  else outgoing.once('close', () => !outgoing.writableFinished && controller.abort());
  return controller.signal;
}

interface Parsed {
  params: Record<string, string>;
  query: unknown;
  body: unknown;
  claim: Claim | undefined;
  received: ReceivedBody;
}

function callOf(options: AppOptions, exchange: Exchange, { claim, received, ...parsed }: Parsed): Call {
  const { request, address, correlationId, context } = exchange;
  const outgoing = context.env?.outgoing;
  const forwardedProto = options.trustedProxies > 0 ? exchange.received.get('x-forwarded-proto') : null;
  return {
    ...parsed,
    files: received.files,
    request,
    headers: exchange.received,
    principal: exchange.principal ?? NOBODY,
    correlationId,
    caller: callerOf(options, exchange),
    address,
    secure: (forwardedProto ?? request.url).startsWith('https'),
    id: claim ? (kind) => deriveId(claim.seed, kind) : () => randomUUID(),
    resumed: claim?.resumed ?? false,
    connection: outgoing && { destroy: () => void outgoing.destroy() },
    gone: () => (outgoing ? closing(outgoing) : request.signal),
    startedMs: exchange.startedMs,
    fingerprint: () => fingerprintOf(exchange, received),
  };
}
