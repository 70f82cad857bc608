/** What a test tells the mock upstream to do: rules, the first that matches a request applies to it. */
import type { Asked, WireName } from './wire.ts';

export interface Match {
  wire?: WireName;
  model?: string;
  stream?: boolean;
  /** Text that occurs in one of the messages. */
  contains?: string;
}

/** What happens to a request; an empty one is answered as usual. Counts of tokens are counts of sent content events. */
export interface Act {
  /** From 400 on an error in the wire's own form; a Retry-After in `headers` is also put where the wire has it. */
  status?: number;
  headers?: Readonly<Record<string, string>>;
  /** Sent as it is instead of the wire's own; anything but a string as JSON. */
  body?: unknown;
  /** Has a usual status (400, for `insufficient_quota` the wire's own), so `status` may be left out. */
  code?: string;
  /** 302 to this URL. */
  redirect?: string;
  /** The connection is reset before any header. */
  reset?: boolean;
  /** No answer, ever. */
  silent?: boolean;
  /** Before the headers. */
  latencyMs?: number;
  /** Before the first content; a stream's headers and opening frames leave at once. */
  firstTokenDelayMs?: number;
  /** Before each content event. */
  tokenDelayMs?: number;
  /** The connection is closed; a non-streamed body after its half. */
  cutAfterTokens?: number;
  stallAfterTokens?: number;
  /** How long a stall lasts; without it, for ever. */
  stallMs?: number;
  /** The event after these is broken in its middle; a non-streamed body is half a JSON text. */
  malformedAfterTokens?: number;
  /** An error event of status `errorStatus` (500) ends the stream. */
  errorAfterTokens?: number;
  errorStatus?: number;
  /** The mark at the end is missing: the body ends, or never does. */
  noEndMarker?: 'close' | 'hang';
  /** Finish reason, usage and mark are missing. */
  noFinish?: boolean;
  /** The prompt is refused, or the answer after `filterAfterTokens` (0). */
  contentFilter?: 'prompt' | 'answer';
  filterAfterTokens?: number;
  text?: string;
  /** Calls of tools, whether or not they were offered; `text` may stand beside them. */
  calls?: readonly { name: string; input: unknown }[];
  /** Null: the answer says nothing about its usage. */
  usage?: { input?: number; cached?: number; cacheWrite?: number; output?: number; reasoning?: number } | null;
  /** The text is longer than this. */
  hugeBytes?: number;
  /** A stream's bytes are written in pieces of this size, wherever that cuts. */
  chunkBytes?: number;
}

export interface Rule {
  match?: Match;
  /** Matching requests that the rule leaves alone first. */
  skip?: number;
  /** Requests that it applies to; without it, all. */
  times?: number;
  do: Act;
}

export class Script {
  #rules: { rule: Rule; skip: number; left: number }[] = [];

  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  set(rules: readonly Rule[]): void {
    this.#rules = rules.map((rule) => ({
      rule,
      skip: rule.skip ?? 0,
      left: rule.times ?? Number.POSITIVE_INFINITY,
    }));
  }

  /** What to do with a request. Counts it. */
  next(asked: Asked): Act {
    for (const state of this.#rules) {
      if (state.left <= 0 || !matches(state.rule.match ?? {}, asked)) continue;
      if (state.skip > 0) {
        state.skip--;
        continue;
      }
      state.left--;
      return state.rule.do;
    }
    return {};
  }
}

function matches({ wire, model, stream, contains }: Match, asked: Asked): boolean {
  return (
    (wire === undefined || wire === asked.wire) &&
    (model === undefined || model === asked.model) &&
    (stream === undefined || stream === asked.stream) &&
    (contains === undefined || asked.texts.some((text) => text.includes(contains)))
  );
}
