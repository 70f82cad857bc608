/**
 * Owns: the one error class, the closed table of its codes, and how errors cross threads as plain data.
 * Does not own: what is done about a fault (the loop reads `disposition`, HTTP reads `status`).
 * Keeps I11: every code has one meaning, one disposition and one HTTP status.
 */
import type { PlainFault } from '../machines/kit.ts';

/**
 * `retry`: the same input may succeed later. `dead-letter`: it never will, so give up at once.
 * `stop`: nothing can be right until someone acts, so end the process.
 */
export type Disposition = 'retry' | 'dead-letter' | 'stop';

/** Codes that a client of an HTTP surface may see. The first of a status stands for all that are not in this table. */
const publicTable = {
  VALIDATION_ERROR: ['dead-letter', 400],
  UNAUTHORIZED: ['dead-letter', 401],
  FORBIDDEN: ['dead-letter', 403],
  NOT_FOUND: ['dead-letter', 404],
  METHOD_NOT_ALLOWED: ['dead-letter', 405],
  CONFLICT: ['dead-letter', 409],
  PAYLOAD_TOO_LARGE: ['dead-letter', 413],
  UNSUPPORTED_MEDIA_TYPE: ['dead-letter', 415],
  RATE_LIMITED: ['retry', 429],
  INTERNAL_ERROR: ['retry', 500],
  PROVIDER_ERROR: ['retry', 502],
  SERVICE_UNAVAILABLE: ['retry', 503],

  // Of calls to language models.
  UNSUPPORTED_PARAMETER: ['dead-letter', 400],
  CONTEXT_LENGTH_EXCEEDED: ['dead-letter', 400],
  CONTENT_FILTERED: ['dead-letter', 422],
  BUDGET_EXCEEDED: ['dead-letter', 429],
  STREAM_INTERRUPTED: ['retry', 502],
  PROVIDER_TIMEOUT: ['retry', 504],
} as const satisfies Record<string, readonly [Disposition, number]>;

const table = {
  ...publicTable,

  // Work.
  DATA_INSUFFICIENCY: ['dead-letter', 500],
  REASONING_CONTRADICTION: ['dead-letter', 500],
  UNREADABLE_FILE: ['dead-letter', 400],
  DEADLINE_EXCEEDED: ['retry', 503],
  THREAD_CRASHED: ['retry', 500],

  // Runtime. A turn that emits what the schemas forbid, or a machine that refuses an event.
  CONTRACT_VIOLATION: ['retry', 500],
  EVENT_REFUSED: ['dead-letter', 409],

  // Redis. Full, loading, failing over or away: back off, never an attempt.
  REDIS_UNAVAILABLE: ['retry', 503],
  REDIS_UNSUITABLE: ['stop', 503],
  EMBEDDED_REDIS_FAILED: ['stop', 503],
  LOG_LOST: ['stop', 503],

  // Start-up.
  INVALID_CONFIGURATION: ['stop', 500],
  INVALID_SCHEMA: ['stop', 500],
  INVALID_MACHINE: ['stop', 500],
} as const satisfies Record<string, readonly [Disposition, number]>;

export type FaultCode = keyof typeof table;

export type PublicCode = keyof typeof publicTable;

const publicCodes = new Map<number, PublicCode>();
for (const [code, [, status]] of Object.entries(publicTable)) {
  if (!publicCodes.has(status)) publicCodes.set(status, code as PublicCode);
}

export interface FaultOptions {
  /** What and where, as JSON; shown to clients of public codes, so no secrets. */
  details?: Record<string, unknown>;
  cause?: unknown;
}

export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: FaultCode, message: string, options: FaultOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.details = options.details;
  }

  get disposition(): Disposition {
    return table[this.code][0];
  }

  /** HTTP status. */
  get status(): number {
    return table[this.code][1];
  }

  /** The code that stands for this one in an HTTP response. */
  get publicCode(): PublicCode {
    if (Object.hasOwn(publicTable, this.code)) return this.code as PublicCode;
    return publicCodes.get(this.status) ?? 'INTERNAL_ERROR';
  }

  /** The fault itself, or the error as one: by its own `code` when the table has it, else INTERNAL_ERROR. */
  static from(error: unknown): Fault {
    if (error instanceof Fault) return error;
    if (!(error instanceof Error)) return new Fault('INTERNAL_ERROR', `thrown: ${describe(error)}`, { cause: error });
    const code = 'code' in error && isFaultCode(error.code) ? error.code : 'INTERNAL_ERROR';
    const details = 'details' in error && isRecord(error.details) ? { details: error.details } : {};
    return new Fault(code, error.message, { ...details, cause: error });
  }
}

/** A fault as plain data: survives `structuredClone` and JSON, where subclasses of Error do not. */
export interface FaultData extends PlainFault {
  code: FaultCode;
  /** Name of the class that was thrown. */
  errorClass: string;
  /** ≤ 4,000 characters. */
  stack?: string;
  cause?: FaultData;
}

const maxStackChars = 4000;
const maxCauses = 5;

/** Any thrown value as plain data; the disposition is found by its code. */
export function faultData(error: unknown, depth = 0): FaultData {
  const fault = Fault.from(error);
  // `from` puts a foreign error into `cause`; its class and stack say more than the wrapper's.
  const thrown = fault !== error && error instanceof Error ? error : fault;
  const data: FaultData = { code: fault.code, message: fault.message, errorClass: className(thrown) };
  if (fault.details) data.details = fault.details;
  if (thrown.stack) data.stack = thrown.stack.slice(0, maxStackChars);
  if (thrown.cause !== undefined && depth < maxCauses) data.cause = faultData(thrown.cause, depth + 1);
  return data;
}

/** The fault that `data` describes, with the stack of where it was first made. */
export function reviveFault(data: FaultData): Fault {
  const fault = new Fault(data.code, data.message, {
    ...(data.details && { details: data.details }),
    ...(data.cause && { cause: reviveFault(data.cause) }),
  });
  if (data.stack) fault.stack = data.stack;
  return fault;
}

/** What to do about a code; used where only plain data is at hand. */
export function dispositionOf(code: FaultCode): Disposition {
  return table[code][0];
}

export function isFaultCode(value: unknown): value is FaultCode {
  return typeof value === 'string' && Object.hasOwn(table, value);
}

function className(error: Error): string {
  return error.name === 'Error' ? error.constructor.name : error.name;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  try {
    return String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
