/**
 * What the HTTP surfaces answer when they refuse.
 *
 * Owns: the error envelope, the headers an error brings along, and what of a fault a client may see. The codes and
 * their statuses are those of `Fault`. Keeps I11: whatever is thrown becomes one of the public codes.
 */
import { Fault, type PublicCode } from '../errors.ts';

/** One violation: a JSON pointer into the body, `query.<name>`, `header.<name>` or `file:<row>:<column>`. */
export interface Violation {
  path: string;
  message: string;
}

/** A refusal that brings response headers along. */
export class HttpFault extends Fault {
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    code: PublicCode,
    message: string,
    headers: Readonly<Record<string, string>>,
    options?: { details?: Record<string, unknown>; cause?: unknown },
  ) {
    super(code, message, options);
    this.headers = headers;
  }
}

/** At most this many violations are listed: a file of 5,000 bad rows needs no 5,000 lines to be understood. */
const VIOLATIONS_MAX = 100;

export function invalid(message: string, errors: readonly Violation[]): Fault {
  const omitted = errors.length - VIOLATIONS_MAX;
  return new Fault('VALIDATION_ERROR', message, {
    details: { errors: errors.slice(0, VIOLATIONS_MAX), ...(omitted > 0 && { omitted }) },
  });
}

export function notFound(what: string): Fault {
  return new Fault('NOT_FOUND', `${what} not found.`);
}

/** `status` is the state that does not allow the request. */
export function conflict(message: string, status?: string): Fault {
  return new Fault('CONFLICT', message, status === undefined ? {} : { details: { status } });
}

/** Closes the connection, because the rest of an oversized body would be read as the next request. */
export function tooLarge(message: string, errors: readonly Violation[] = []): Fault {
  const options = errors.length > 0 ? { details: { errors } } : {};
  return new HttpFault('PAYLOAD_TOO_LARGE', message, { Connection: 'close' }, options);
}

const RETRY_AFTER_S = 2;

export function unavailable(message: string, cause?: unknown): Fault {
  return new HttpFault('SERVICE_UNAVAILABLE', message, { 'Retry-After': String(RETRY_AFTER_S) }, { cause });
}

export function rateLimited(message: string, retryAfterSeconds: number, headers: Record<string, string> = {}): Fault {
  return new HttpFault(
    'RATE_LIMITED',
    message,
    { ...headers, 'Retry-After': String(retryAfterSeconds) },
    { details: { retry_after: retryAfterSeconds } },
  );
}

/** Redis' own words for "not now": out of memory, cannot persist, starting, busy, failing over. */
const REDIS_REFUSES = /^-?(OOM|MISCONF|LOADING|BUSY|READONLY|NOREPLICAS|MASTERDOWN|CLUSTERDOWN|TRYAGAIN)\b/;
/** ioredis' words for "no answer": the connection is down, was cut, or the command ran out of time. */
const REDIS_IS_AWAY =
  /Connection is closed|Command timed out|Socket timeout|max retries per request|Stream isn't writeable|\b(connect|read|write) E[A-Z]+/;

/** Whatever a handler threw, as a fault. Redis being away or full is 503; any other unknown error is a bug. */
export function asFault(error: unknown): Fault {
  if (error instanceof HttpFault) return error;
  if (error instanceof Fault) {
    if (error.status !== 503) return error;
    const { code, message, details } = error;
    // Only what is made for clients tells them more than that.
    if (code !== 'SERVICE_UNAVAILABLE' || !details) return unavailable(message, error);
    const wait = typeof details.retry_after === 'number' ? details.retry_after : RETRY_AFTER_S;
    return new HttpFault(code, message, { 'Retry-After': String(wait) }, { details, cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return unavailable('There is no room for files at the moment.', error);
  if (REDIS_REFUSES.test(message)) return unavailable('The store does not take writes at the moment.', error);
  if (REDIS_IS_AWAY.test(message)) return unavailable('The store cannot be reached at the moment.', error);
  return Fault.from(error);
}
