/**
 * One attempt at one candidate, watched by the clock.
 *
 * Owns: the timers of an attempt, collecting what a stream brings, when a stream is complete, and when its first
 * content may leave. Does not own what follows from a failure (`router.ts`).
 */
import {
  type Answer,
  type StopReason,
  type ToolCall,
  type ToolCallDelta,
  tokensOfBytes,
  type UpstreamEvent,
  type Usage,
  type WireFamily,
} from './chat.ts';
import { type FailureKind, type Hooks, type Provider, UpstreamFailure, type UpstreamRequest } from './provider.ts';
import { assemble } from './wires/assemble.ts';

/** The caller is gone and nobody else waits: the attempt was ended for that reason alone. */
export class CallerGone extends Error {
  override readonly name = 'CallerGone';
}

export interface AttemptTimers {
  /** Non-streamed: headers; streamed: first content, whatever else could be done. */
  responseMs: number;
  /** Streamed: first content, while another candidate could be asked instead. */
  firstTokenMs: number;
  idleMs: number;
  tailMs: number;
  /** The whole attempt. */
  totalMs: number;
}

/** Where a stream goes as it comes. */
export interface Sink {
  /** The first content is there: what has been held back follows. */
  begin(): void;
  /** A promise: the reader is slow, wait. */
  event(event: UpstreamEvent): Promise<void> | undefined;
}

export interface AttemptOptions {
  provider: Provider;
  request: UpstreamRequest;
  /** Ask the upstream for a stream, whether or not the caller wants one. */
  streamed: boolean;
  timers: AttemptTimers;
  /** Null: nobody watches the stream. */
  sink: Sink | null;
  /** The answer needs the upstream's own body, made again from the messages of the stream. */
  wantsBody: boolean;
  /** Of the input, for estimates. */
  inputTokensEstimated: number;
  /** No answer is longer: no estimate is either. */
  outputTokensMax: number;
  /** Whether giving up on silence leads anywhere. */
  otherUsable(): Promise<boolean>;
  /** Aborted by the caller's absence. */
  signal: AbortSignal;
}

export interface Billed {
  usage: Usage;
  /** The upstream did not say: counted from what was sent and received. */
  estimated: boolean;
}

export type AttemptResult = {
  /** To the first content, ms; null when none came. */
  firstContentMs: number | null;
  totalMs: number;
} & (
  | { kind: 'answered'; answer: Answer; billed: Billed }
  | {
      kind: 'failed';
      failure: UpstreamFailure;
      /** Content has left for the caller: nothing else can be asked any more. */
      delivered: boolean;
      /** Null: the upstream never began to answer. */
      billed: Billed | null;
    }
  | { kind: 'gone'; billed: Billed | null }
  /** An error of ours, or a provider that throws what it must not. */
  | { kind: 'broken'; error: unknown; billed: Billed | null }
);

/** Messages of failures that the clock makes. */
const LATE: Partial<Record<FailureKind, string>> = {
  silent: 'no answer in time',
  stalled: 'the answer stood still',
  deadline: 'the answer took too long',
  unread: 'the reader took too long',
};

export async function attempt(options: AttemptOptions): Promise<AttemptResult> {
  return new Attempt(options).run();
}

/** @throws what the signal was aborted with, if that comes first */
export async function orAborted(waiting: Promise<void>, signal: AbortSignal): Promise<void> {
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    await Promise.race([waiting, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

class Attempt {
  readonly #options: AttemptOptions;
  readonly #controller = new AbortController();
  readonly #startedMs = performance.now();
  readonly #collected: Collected;
  #timer: NodeJS.Timeout | undefined;
  #headersSeen = false;
  #firstContentMs: number | null = null;
  #delivered = false;
  /** The upstream has said all but that it is done. */
  #tailCut = false;
  #held: UpstreamEvent[] = [];

  constructor(options: AttemptOptions) {
    this.#options = options;
    this.#collected = new Collected(options.wantsBody);
  }

  async run(): Promise<AttemptResult> {
    const { signal } = this.#options;
    if (signal.aborted) return this.#gone();
    const onGone = () => this.#controller.abort(new CallerGone());
    signal.addEventListener('abort', onGone, { once: true });
    try {
      const answer = this.#options.streamed ? await this.#stream() : await this.#complete();
      if (answer.stopReason === 'content_filter') {
        return this.#failed(new UpstreamFailure('content_filter', 'refused for reasons of content', { status: 200 }));
      }
      return { kind: 'answered', answer, billed: this.#billedFor(answer), ...this.#times() };
    } catch (error) {
      if (error instanceof UpstreamFailure) return this.#failed(error);
      if (error instanceof CallerGone || signal.aborted) return this.#gone();
      return { kind: 'broken', error, billed: this.#billedSoFar(), ...this.#times() };
    } finally {
      clearTimeout(this.#timer);
      signal.removeEventListener('abort', onGone);
    }
  }

  async #complete(): Promise<Answer> {
    const { provider, request, timers } = this.#options;
    this.#arm('silent', timers.responseMs);
    const hooks: Hooks = {
      signal: this.#controller.signal,
      onHeaders: () => {
        this.#headersSeen = true;
        this.#arm('stalled', timers.idleMs);
      },
      onData: () => this.#arm('stalled', timers.idleMs),
    };
    const answer = await provider.complete(request, hooks);
    this.#firstContentMs = performance.now() - this.#startedMs;
    return answer;
  }

  async #stream(): Promise<Answer> {
    const { provider, request, timers } = this.#options;
    this.#armFirstToken();
    const hooks: Hooks = {
      signal: this.#controller.signal,
      onHeaders: () => {
        this.#headersSeen = true;
      },
    };
    try {
      for await (const event of provider.stream(request, hooks)) {
        this.#collected.add(event);
        if (event.content && this.#firstContentMs === null) {
          this.#firstContentMs = performance.now() - this.#startedMs;
        }
        const slow = this.#pass(event);
        if (slow !== undefined) {
          // A slow reader is not a slow upstream, but its time is limited too.
          this.#arm('unread', timers.totalMs);
          await orAborted(slow, this.#controller.signal);
        }
        if (this.#collected.stopReason !== null) this.#armTail();
        else if (this.#firstContentMs !== null) this.#arm('stalled', timers.idleMs);
      }
    } catch (error) {
      if (!this.#tailCut) throw error;
    }
    if (this.#collected.stopReason === null && !this.#collected.ended) {
      throw new UpstreamFailure('cut', 'the answer ended early', { status: 200 });
    }
    // An answer without any content is one all the same; a refused one has nothing to show.
    if (!this.#delivered && this.#collected.stopReason !== 'content_filter') await this.#flush();
    return this.#collected.answer(request.model, request.provider);
  }

  /** Hands the event on, or keeps it until there is content: before that, another candidate may still answer. */
  #pass(event: UpstreamEvent): Promise<void> | undefined {
    const { sink } = this.#options;
    if (!sink) return undefined;
    if (this.#delivered) return sink.event(event);
    this.#held.push(event);
    return event.content ? this.#flush() : undefined;
  }

  #flush(): Promise<void> | undefined {
    const { sink } = this.#options;
    if (!sink) return undefined;
    this.#delivered = true;
    sink.begin();
    let slow: Promise<void> | undefined;
    for (const event of this.#held) slow = sink.event(event) ?? slow;
    this.#held = [];
    return slow;
  }

  #arm(kind: FailureKind, afterMs: number): void {
    clearTimeout(this.#timer);
    const leftMs = this.#options.timers.totalMs - (performance.now() - this.#startedMs);
    const late = kind === 'unread' ? kind : 'deadline';
    const [what, ms] = leftMs < afterMs ? ([late, leftMs] as const) : ([kind, afterMs] as const);
    this.#timer = setTimeout(() => this.#late(what), Math.max(0, ms));
  }

  #late(kind: FailureKind): void {
    this.#controller.abort(new UpstreamFailure(kind, LATE[kind] ?? kind));
  }

  /** The first limit cuts only if somebody else could answer; the second one cuts. */
  #armFirstToken(): void {
    const { timers, otherUsable } = this.#options;
    if (timers.firstTokenMs >= Math.min(timers.responseMs, timers.totalMs)) {
      this.#arm('silent', timers.responseMs);
      return;
    }
    this.#timer = setTimeout(async () => {
      const cut = await otherUsable().catch(() => false);
      if (this.#firstContentMs !== null || this.#controller.signal.aborted) return;
      if (cut) this.#late('silent');
      else this.#arm('silent', timers.responseMs - timers.firstTokenMs);
    }, timers.firstTokenMs);
  }

  /** The answer is there; only the mark that nothing follows is missing. */
  #armTail(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#tailCut = true;
      this.#controller.abort(new UpstreamFailure('cut', 'no end mark'));
    }, this.#options.timers.tailMs);
  }

  #times() {
    return { firstContentMs: this.#firstContentMs, totalMs: performance.now() - this.#startedMs };
  }

  #failed(failure: UpstreamFailure): AttemptResult {
    const refused = failure.status !== undefined && failure.status !== 200;
    const billed = refused ? null : this.#billedSoFar();
    return { kind: 'failed', failure, delivered: this.#delivered, billed, ...this.#times() };
  }

  #gone(): AttemptResult {
    return { kind: 'gone', billed: this.#billedSoFar(), ...this.#times() };
  }

  /** An upstream bills from its headers on. */
  #billedSoFar(): Billed | null {
    return this.#headersSeen ? this.#estimate() : null;
  }

  #billedFor(answer: Answer): Billed {
    if (answer.usage) return { usage: answer.usage, estimated: false };
    const received = answer.text + answer.toolCalls.map((call) => call.name + call.arguments).join('');
    const outputTokens = this.#outputTokens(Buffer.byteLength(received));
    return { usage: { ...NO_USAGE, inputTokens: this.#options.inputTokensEstimated, outputTokens }, estimated: true };
  }

  /** Of an answer that is not whole: input as reported, output as received. */
  #estimate(): Billed {
    const reported = this.#collected.usage;
    const usage = {
      ...(reported ?? { ...NO_USAGE, inputTokens: this.#options.inputTokensEstimated }),
      outputTokens: Math.max(reported?.outputTokens ?? 0, this.#outputTokens(this.#collected.receivedBytes)),
    };
    return { usage, estimated: true };
  }

  #outputTokens(receivedBytes: number): number {
    return receivedBytes === 0 ? 0 : Math.min(tokensOfBytes(receivedBytes), this.#options.outputTokensMax);
  }
}

const NO_USAGE: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0,
};

/** What a stream has brought so far. */
class Collected {
  #text = '';
  readonly #calls: { id: string; name: string; arguments: string }[] = [];
  readonly #wantsFrames: boolean;
  readonly #frames: Readonly<Record<string, unknown>>[] = [];
  stopReason: StopReason | null = null;
  usage: Usage | null = null;
  ended = false;
  /** UTF-8 bytes of text and tool calls. */
  receivedBytes = 0;

  constructor(wantsFrames: boolean) {
    this.#wantsFrames = wantsFrames;
  }

  add({ text, toolCalls, stopReason, usage, end, frame }: UpstreamEvent): void {
    if (text) {
      this.#text += text;
      this.receivedBytes += Buffer.byteLength(text);
    }
    for (const delta of toolCalls ?? []) this.#addCall(delta);
    if (stopReason) this.stopReason = stopReason;
    if (usage) this.usage = usage;
    if (end) this.ended = true;
    if (frame && this.#wantsFrames) this.#frames.push(frame);
  }

  #addCall({ index, id = '', name = '', arguments: piece = '' }: ToolCallDelta): void {
    this.#calls[index] ??= { id: '', name: '', arguments: '' };
    const call = this.#calls[index];
    call.id ||= id;
    call.name ||= name;
    call.arguments += piece;
    this.receivedBytes += Buffer.byteLength(name) + Buffer.byteLength(piece);
  }

  answer(model: string, provider: string): Answer {
    const toolCalls: ToolCall[] = this.#calls.filter((call) => call !== undefined);
    const family = familyOf(this.#frames);
    return {
      provider,
      model,
      text: this.#text,
      toolCalls,
      stopReason: this.stopReason ?? 'end',
      usage: this.usage,
      ...(family && { body: { family, json: assemble(family, this.#frames) } }),
    };
  }
}

/** Anthropic's messages name their type, OpenAI's do not. */
function familyOf(frames: readonly Readonly<Record<string, unknown>>[]): WireFamily | null {
  const [first] = frames;
  if (!first) return null;
  return typeof first.type === 'string' ? 'anthropic' : 'openai';
}
