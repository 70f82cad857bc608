/**
 * What a client of the gateway speaks: a request as JSON in, an answer as JSON or as server-sent events out.
 *
 * Owns: shapes, and how an event is written. Does not own what a request costs, who answers it, or HTTP.
 */
import type { Answer, ChatRequest, Labels, UpstreamEvent } from '../chat.ts';

export interface ReadRequest {
  request: ChatRequest;
  stream: boolean;
  /** Of the body; drop-ins have theirs in headers. */
  labels: Labels;
  cache?: boolean;
  /** The client wants a chunk with the usage at the end of a stream (OpenAI). */
  includeUsage?: boolean;
}

/** Writes one streamed answer as server-sent events. Every method gives text to send, perhaps ''. */
export interface StreamEncoder {
  /** What stands before the first content; called once, right before the first `event`. */
  start(): string;
  event(event: UpstreamEvent): string;
  /** The end of a complete answer. */
  done(answer: Answer, cached: boolean): string;
  /** The end of a stream that broke: code STREAM_INTERRUPTED or another one. Never followed by an end mark. */
  error(error: WireErrorInput): string;
}

export interface WireErrorInput {
  code: string;
  /** HTTP status. */
  status: number;
  message: string;
  details?: Record<string, unknown>;
}

export interface EncoderMeta {
  id: string;
  /** Who really answers, and with which model. */
  provider: string;
  model: string;
  request: ReadRequest;
}

export interface ClientWire {
  name: 'chat' | 'openai' | 'anthropic';
  /** @throws Fault VALIDATION_ERROR with `details.errors` `[{path, message}]`, paths being JSON pointers */
  read(body: unknown): ReadRequest;
  /** The upstream's own body when it has one, otherwise the same in this wire's shape. */
  answer(answer: Answer, id: string, cached: boolean): Record<string, unknown>;
  encoder(meta: EncoderMeta): StreamEncoder;
  error(error: WireErrorInput): Record<string, unknown>;
  newId(): string;
}

/** What a wire cannot derive. */
export interface Source {
  nowMs(): number;
  /** Lower-case hex digits, two for each byte. */
  randomHex(sizeBytes: number): string;
}

/** One server-sent event; `json` is JSON text, hence without line ends. */
export const namedEvent = (name: string, json: string): string => `event: ${name}\ndata: ${json}\n\n`;
export const plainEvent = (json: string): string => `data: ${json}\n\n`;
