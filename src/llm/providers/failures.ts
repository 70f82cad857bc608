/**
 * What an upstream's refusal, or the loss of its connection, is called here.
 *
 * Owns: the way from status, headers and error body of each wire to an {@link UpstreamFailure}. Does not own what
 * is done about it (the router). Pure: time is passed in. Messages are fixed words with the upstream's own code;
 * its prose is read for what it tells and never passed on, since it may quote the request.
 */
import { type FailureKind, UpstreamFailure } from '../provider.ts';

export type Wire = 'openai' | 'anthropic' | 'google';

/** Response headers, names in lower case. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

type Json = Readonly<Record<string, unknown>>;

/** An error body of any wire, as far as it is looked at. */
interface Refusal {
  code: string;
  /** Anthropic, OpenAI: `type`; Google: `status`. */
  type: string;
  /** Status that the body names: where there is no other, as in the middle of a stream. */
  status: number | null;
  message: string;
  param: string;
  /** Google. */
  details: readonly Json[];
}

/** The status that a type stands for where none comes with it. */
const STATUS_OF_TYPE: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  invalid_api_key: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  model_not_found: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  insufficient_quota: 429,
  tokens: 429,
  requests: 429,
  api_error: 500,
  server_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  RESOURCE_EXHAUSTED: 429,
};

const CONTEXT_CODES = new Set(['context_length_exceeded', 'exceed_context_size_error']);
const CONTEXT_PROSE =
  /prompt is too long|input is too long|maximum context length|context[ _](?:length|window|size|limit)|input token count|number of tokens to keep/i;
const QUOTA_CODES = new Set([
  'insufficient_quota',
  'billing_error',
  'billing_hard_limit_reached',
  'billing_not_active',
  'account_deactivated',
  'BILLING_DISABLED',
]);
const QUOTA_PROSE =
  /credit balance|insufficient (?:balance|credits?|funds|quota)|credits? (?:is|are) (?:depleted|exhausted)/i;
const FILTER_CODES = new Set(['content_filter', 'content_policy_violation', 'invalid_prompt']);
const FILTER_PROSE = /content filtering policy|content management policy/i;

function kindOf(wire: Wire, status: number, { code, type, message, details }: Refusal): FailureKind {
  const named = (codes: ReadonlySet<string>) => codes.has(code) || codes.has(type);
  const isRequestsFault = status === 400 || status === 413 || status === 422;
  if (named(CONTEXT_CODES)) return 'context_length';
  // Local servers also call it their own fault.
  if ((isRequestsFault || status === 500) && CONTEXT_PROSE.test(message)) return 'context_length';
  if (status < 500 && named(FILTER_CODES)) return 'content_filter';
  if (isRequestsFault && FILTER_PROSE.test(message)) return 'content_filter';
  if (status === 402 || named(QUOTA_CODES)) return 'quota';
  if (status < 500 && QUOTA_PROSE.test(message)) return 'quota';
  if (wire === 'google') {
    // Its prose speaks of quota and billing for limits per minute as well.
    if (status === 429) return details.some(isQuotaOfDay) ? 'quota' : 'rate_limited';
    const reasons = details.map(({ reason }) => reason);
    if (reasons.includes('BILLING_DISABLED')) return 'quota';
    if (reasons.includes('API_KEY_INVALID')) return 'auth';
  }
  if (status === 401 || status === 403) return 'auth';
  if (status === 404 || code === 'model_not_found') return 'no_model';
  if (status === 429) return 'rate_limited';
  if (status >= 500 || status === 408 || status === 409) return 'server_error';
  return 'bad_request';
}

function isQuotaOfDay({ violations }: Json): boolean {
  return asList(violations).some(({ quotaId }) => typeof quotaId === 'string' && quotaId.includes('PerDay'));
}

/**
 * The failure that a response with an error status is.
 * @param body parsed; undefined when it was no JSON
 */
export function refused(wire: Wire, status: number, headers: Headers, body: unknown, nowMs: number): UpstreamFailure {
  // A redirect is an answer that this wire does not have.
  if (status < 400) return new UpstreamFailure('malformed', `the upstream answered ${status}`, { status });
  const refusal = readRefusal(body);
  const retryAfterMs = retryAfterOf(headers, nowMs) ?? retryDelayOf(refusal);
  return new UpstreamFailure(kindOf(wire, status, refusal), `the upstream answered ${status}${named(refusal)}`, {
    status,
    ...(retryAfterMs !== null && { retryAfterMs }),
  });
}

/**
 * The failure that the body of a response says that it is, although its status says success.
 * @param status of the response
 */
export function refusedInBody(wire: Wire, status: number, body: unknown): UpstreamFailure {
  const refusal = readRefusal(body);
  const meant = refusal.status ?? STATUS_OF_TYPE[refusal.code] ?? STATUS_OF_TYPE[refusal.type] ?? 500;
  const retryAfterMs = retryDelayOf(refusal);
  return new UpstreamFailure(kindOf(wire, meant, refusal), `the upstream broke off with an error${named(refusal)}`, {
    status,
    ...(retryAfterMs !== null && { retryAfterMs }),
  });
}

function readRefusal(body: unknown): Refusal {
  // Google wraps the error of a stream into an array.
  const outer = Array.isArray(body) ? body[0] : body;
  const inner = isJson(outer) && 'error' in outer ? outer.error : outer;
  // Ollama: {"error": "…"}.
  const error: Json = isJson(inner) ? inner : typeof inner === 'string' ? { message: inner } : {};
  const status = Number(error.code ?? (isJson(outer) ? outer.code : undefined));
  return {
    code: textOr(error.code),
    type: textOr(error.status) || textOr(error.type),
    status: status >= 400 && status < 600 ? status : null,
    message: textOr(error.message),
    param: textOr(error.param),
    details: asList(error.details),
  };
}

/** Words of a code: no digits and no dashes, so never a key. */
const CODE = /^[A-Za-z][A-Za-z_]{0,63}$/;
const PARAMETER = /^[a-z][a-z0-9_.[\]]{0,63}$/;

function named({ code, type, param }: Refusal): string {
  const word = [code, type].find((candidate) => CODE.test(candidate));
  return `${word ? ` (${word})` : ''}${PARAMETER.test(param) ? `, parameter ${param}` : ''}`;
}

/** ms from now; null when the headers do not say. */
function retryAfterOf(headers: Headers, nowMs: number): number | null {
  const inMs = Number.parseFloat(textOr(headers['retry-after-ms']));
  if (inMs >= 0) return inMs;
  const after = textOr(headers['retry-after']);
  if (/^\s*\d+(?:\.\d+)?\s*$/.test(after)) return Number.parseFloat(after) * 1000;
  const atMs = Date.parse(after);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}

/** Google: `{"@type": "…RetryInfo", "retryDelay": "7.5s"}`. */
function retryDelayOf({ details }: Refusal): number | null {
  for (const { retryDelay } of details) {
    const [, seconds] = /^(\d+(?:\.\d+)?)s$/.exec(textOr(retryDelay)) ?? [];
    if (seconds !== undefined) return Number.parseFloat(seconds) * 1000;
  }
  return null;
}

/**
 * The failure that an error of the connection is; other errors stay what they are.
 * @param answering the headers had come
 */
export function lost(error: unknown, answering: boolean): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error;
  const { code } = error;
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') {
    return new UpstreamFailure('too_large', 'the answer is larger than is taken');
  }
  if (answering) return new UpstreamFailure('cut', `the connection was lost in mid-answer (${code})`, { cause: error });
  if (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new UpstreamFailure('malformed', `the upstream's answer is no HTTP (${code})`);
  }
  return new UpstreamFailure('connection', `the upstream could not be reached (${code})`, { cause: error });
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asList(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isJson) : [];
}

function textOr(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
