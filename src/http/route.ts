/**
 * What a route is: one declaration from which the router, access, limits, validation, 405s and OpenAPI follow.
 *
 * Owns: the shape of the declaration. Does not own how a request is run through it (`app.ts`).
 */
import type { JsonSchema } from '../../schemas/load.ts';
import type { Fault } from '../errors.ts';
import type { Principal, Scope } from './auth.ts';
import type { TakenBody } from './body.ts';
import type { FormFiles, StoredUpload } from './form.ts';
import type { RequestHeaders } from './received.ts';
import type { Reply } from './reply.ts';

export interface Call<Query = unknown, Body = unknown> {
  request: Request;
  /** Of the request; names in lower case. */
  headers: RequestHeaders;
  /** Path parameters; ids are uuids in lower case unless the route says otherwise. */
  params: Readonly<Record<string, string>>;
  query: Query;
  body: Body;
  /** Files of a form, or the body itself where a route takes it as a file. What is not moved away is removed afterwards. */
  files: readonly StoredUpload[];
  /** Undefined only on open routes. */
  principal: Principal;
  /** Of the request; of what it starts too. */
  correlationId: string;
  /** Who is counted: a key by its name, else an address. */
  caller: string;
  /** Address the request came from; an IPv6 network. */
  address: string;
  /** Whether the request came over TLS, to this process or to a trusted proxy. */
  secure: boolean;
  /** A uuid for something this request makes; the same again when a request with an Idempotency-Key is repeated. */
  id(kind: string): string;
  /** The same request has run before and died without an answer: what it did may be done already. */
  resumed: boolean;
  /** Node's response, to end a connection that no longer reads; undefined without a port. */
  connection: { destroy(): void } | undefined;
  /** Aborted when the client hangs up before its answer is complete. */
  gone(): AbortSignal;
  /** `performance.now()` when the request had arrived. */
  startedMs: number;
  /** Of method, path and body: equal requests have equal ones. */
  fingerprint(): string;
}

export interface QueryParameter {
  description: string;
  /** Of the parsed value; `array` = comma-separated list. */
  schema: JsonSchema;
  /** Letters are taken in upper case. */
  anyCase?: boolean;
}

export interface ResponseSpec {
  description: string;
  /** JSON unless `contentType` says otherwise; absent = empty body. */
  schema?: JsonSchema;
  contentType?: string;
  headers?: Record<string, string>;
}

/** How a form field becomes a member of the body. Left blank, it is none, but for `text`. */
export type FieldKind = 'text' | 'text?' | 'number' | 'boolean' | 'json';

/** A limit that several routes have for themselves, wherever they are mounted. */
export interface OwnLimit {
  name: string;
  /** Per minute and caller; 0 = off. Reads get as many times as many as others of the surface. */
  writesPerMinute: number;
}

export interface RequestBody {
  /** Of JSON; absent if JSON is not taken. */
  schema?: JsonSchema;
  optional?: boolean;
  /** The handler checks the body itself; `schema` only describes it. */
  unchecked?: boolean;
  /** Taken as multipart/form-data with these text fields, which are members of the body, and files. */
  form?: {
    fields: Readonly<Record<string, FieldKind>>;
    schema: JsonSchema;
    files: FormFiles & { description: string };
  };
  /** Taken as one file of this type, without a body. */
  raw?: { type: string; description: string };
}

/** `open`: everyone. `any key`: whoever is authenticated. Else the scope that is needed; of a list, any. */
export type Access = Scope | readonly Scope[] | 'open' | 'any key';

export function scopesOf(access: Access): readonly Scope[] {
  if (access === 'open' || access === 'any key') return [];
  return typeof access === 'string' ? [access] : access;
}

export interface Route {
  method: 'GET' | 'POST' | 'DELETE';
  /** `:name` are parameters. */
  path: string;
  access: Access;
  /** Open routes only: find out who calls, if they say. */
  identify?: boolean;
  /** A header that may hold the key instead of `Authorization`. */
  keyHeader?: string;
  /** The route sees to requests with an `Idempotency-Key` itself. */
  ownIdempotency?: boolean;
  /** The body of a refusal, where clients expect another shape than the usual one. */
  refusal?(fault: Fault): unknown;
  /** Refused while the process shuts down. Default: what is limited is. */
  drains?: boolean;
  /** Default: GET reads, others write. */
  limit?: 'read' | 'write' | 'none';
  /** Counted apart from the rest of the surface. */
  ownLimit?: OwnLimit;
  summary: string;
  tag: string;
  /** Parameters that are no uuids, with their form; a value that does not match is 404. */
  names?: Readonly<Record<string, RegExp>>;
  query?: Readonly<Record<string, QueryParameter>>;
  body?: RequestBody;
  responses: Readonly<Record<number, ResponseSpec>>;
  /** Statuses of refusals besides those any route may give. */
  errors?: readonly (400 | 404 | 409 | 413 | 415 | 422 | 429 | 502 | 504)[];
  handler(call: Call): Promise<Reply | Response> | Reply | Response;
}

/** Gives the handler the types that the route's schemas stand for. */
export function route<Query = Record<string, never>, Body = undefined>(
  spec: Omit<Route, 'handler'> & { handler(call: Call<Query, Body>): Promise<Reply | Response> | Reply | Response },
): Route {
  return spec as unknown as Route;
}

export function takenBody({ body }: Route): TakenBody {
  const json = !body?.schema ? 'never' : body.optional ? 'optional' : 'needed';
  return { json, form: body?.form?.files, raw: body?.raw?.type };
}

/** Callers may read this many times as often as they may write. */
export const READ_FACTOR = 6;

export function limitClass({ limit, method }: Route): 'read' | 'write' | 'none' {
  return limit ?? (method === 'GET' ? 'read' : 'write');
}
