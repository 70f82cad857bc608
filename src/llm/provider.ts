/**
 * What a provider is to the router: one attempt at one candidate, nothing more.
 *
 * Owns: shapes only. A provider translates between this vocabulary and an upstream's wire. It has no retries, no
 * timers, no fallback and no defaults of its own: the router decides all that.
 */
import type {
  Answer,
  JsonSchema,
  Labels,
  Message,
  Sampling,
  Tool,
  ToolChoice,
  UpstreamEvent,
  WireFamily,
} from './chat.ts';

/** A request as one candidate gets it: everything is resolved, and what the candidate lacks is gone. */
export interface UpstreamRequest extends Sampling {
  /** The candidate: for the test provider, whom it stands in for. */
  provider: string;
  /** The id to put on the wire; the answer names the same. */
  model: string;
  messages: readonly Message[];
  max_tokens: number;
  stop?: readonly string[];
  n?: number;
  tools?: readonly Tool[];
  tool_choice?: ToolChoice;
  parallel_tool_calls?: boolean;
  /** To be demanded through the wire's own means. Where that does not work, the caller has put it into `messages`. */
  schema?: { schema: JsonSchema; name: string };
  /** Constraint of the answer that the caller checks itself; only the test provider looks at it. */
  expected?: JsonSchema;
  /**
   * The client's body in this provider's own wire. Sent as it is, over the HTTP client and not the SDK, with only
   * model, token limit and streaming set and the members of `dropped` left out; answers then carry `body` or `frame`.
   */
  passthrough?: { family: WireFamily; body: Readonly<Record<string, unknown>>; dropped: readonly string[] };
  labels: Labels;
}

export interface Hooks {
  signal: AbortSignal;
  /** Called once when the headers of a successful response have arrived: from here on the upstream bills. */
  onHeaders?(): void;
  /** Called when more of the body of a response that is not streamed has arrived. */
  onData?(): void;
}

export interface Provider {
  /** @throws UpstreamFailure; what `signal` was aborted with, if it was. */
  complete(request: UpstreamRequest, hooks: Hooks): Promise<Answer>;
  /**
   * Ends when the body has ended, whether or not an end mark was seen. A malformed chunk is thrown, never skipped.
   * Leaving the loop early closes the connection.
   * @throws as `complete`
   */
  stream(request: UpstreamRequest, hooks: Hooks): AsyncIterable<UpstreamEvent>;
}

/** How an attempt can fail, told apart as far as somebody acts differently. */
export type FailureKind =
  /** 429. */
  | 'rate_limited'
  /** 408, 409, 500-504, 529. */
  | 'server_error'
  /** DNS, connect, reset, TLS: no answer at all, or none that is whole. */
  | 'connection'
  /** The body is not what the wire says it is. */
  | 'malformed'
  /** The body ended before the answer did. */
  | 'cut'
  /** Set by the router: headers, first content, next chunk or the whole answer did not come in time. */
  | 'silent'
  | 'stalled'
  | 'deadline'
  /** Set by the router: whoever wanted the answer did not read it. */
  | 'unread'
  /** Set by the router: it was not sent, for want of a free slot. */
  | 'unsent'
  /** 401, 403. */
  | 'auth'
  /** Quota or credit used up, whatever the status. */
  | 'quota'
  /** 404: no such model. */
  | 'no_model'
  | 'context_length'
  /** A filter, or the model itself, refused. */
  | 'content_filter'
  /** Any other 4xx. */
  | 'bad_request'
  /** Larger than is taken. */
  | 'too_large';

export interface FailureOptions {
  /** HTTP status, when there was one. */
  status?: number;
  /** What the upstream asked to wait. */
  retryAfterMs?: number;
  cause?: unknown;
}

/** An attempt that failed. The message may be shown to the caller: it holds neither keys nor content. */
export class UpstreamFailure extends Error {
  override readonly name = 'UpstreamFailure';
  readonly kind: FailureKind;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(kind: FailureKind, message: string, { status, retryAfterMs, cause }: FailureOptions = {}) {
    super(message, { cause });
    this.kind = kind;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}
