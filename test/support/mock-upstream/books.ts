/** What the mock upstream has been asked, and what it would have billed. */
import type { Asked, PlannedUsage, WireName } from './wire.ts';

/** A request as it was received. Times are of `performance.now()`. */
export interface Call {
  wire: WireName;
  /** Null: the request was not understood. */
  model: string | null;
  path: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed JSON. */
  body: unknown;
  stream: boolean;
  startedMs: number;
  /** Of the answer; null before its headers. */
  status: number | null;
  /** When the client closed the connection of an unfinished answer. */
  closedByClientMs: number | null;
  /** Everything was sent that was to be sent. */
  finished: boolean;
  tokensSent: number;
  /** The same for requests over one connection. */
  socketId: number;
}

/** What one call costs: its input once it is answered with 200, then each token sent. */
export interface Bill {
  wire: WireName;
  model: string;
  stream: boolean;
  /** `cachedInputTokens` and `cacheWriteTokens` are part of it. */
  inputTokens: number;
  cachedInputTokens: number;
  cacheWriteTokens: number;
  /** `reasoningTokens` are part of it. */
  outputTokens: number;
  reasoningTokens: number;
  /** The answer is whole: the numbers are those that it told. */
  finished: boolean;
}

export interface Billed {
  calls: number;
  inputTokens: number;
  outputTokens: number;
}

export class Books {
  calls: Call[] = [];
  billedCalls: Bill[] = [];
  billed: Billed = { calls: 0, inputTokens: 0, outputTokens: 0 };
  /** Without it, only the totals are kept. */
  readonly records: boolean;

  constructor(records: boolean) {
    this.records = records;
  }

  reset(): void {
    this.calls = [];
    this.billedCalls = [];
    this.billed = { calls: 0, inputTokens: 0, outputTokens: 0 };
  }

  received(call: Call): void {
    if (this.records) this.calls.push(call);
  }

  begin({ wire, model, stream }: Asked, { input, cached, cacheWrite }: PlannedUsage): Bill {
    const bill: Bill = {
      wire,
      model,
      stream,
      inputTokens: input,
      cachedInputTokens: cached,
      cacheWriteTokens: cacheWrite,
      outputTokens: 0,
      reasoningTokens: 0,
      finished: false,
    };
    this.billed.calls++;
    this.billed.inputTokens += input;
    if (this.records) this.billedCalls.push(bill);
    return bill;
  }

  /** Reasoning comes before the first token. */
  sent(bill: Bill, tokens: number, { reasoning }: PlannedUsage): void {
    const thought = tokens > 0 ? reasoning - bill.reasoningTokens : 0;
    bill.reasoningTokens += thought;
    bill.outputTokens += tokens + thought;
    this.billed.outputTokens += tokens + thought;
  }

  finish(bill: Bill, { output, reasoning }: PlannedUsage): void {
    this.billed.outputTokens += output - bill.outputTokens;
    bill.outputTokens = output;
    bill.reasoningTokens = reasoning;
    bill.finished = true;
  }

  /** A whole answer, begun and finished in one. */
  settle(usage: PlannedUsage): void {
    this.billed.calls++;
    this.billed.inputTokens += usage.input;
    this.billed.outputTokens += usage.output;
  }
}
