/**
 * What a gateway must do when its upstreams fail: sixteen scenarios, each for streamed and other requests, with and
 * without a fallback where that matters.
 *
 * Owns: what the primary P does and what must then be seen. Each case has a gateway, a namespace and upstreams of its
 * own. The clock may be run faster: all limits shrink with it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Act, Rule } from '../support/mock-upstream/script.ts';
import { type MockUpstream, startMockUpstream } from '../support/mock-upstream.ts';
import { readSse } from '../support/sse.ts';
import { mockEnv, startTestLlm, type TestLlm } from '../support/test-llm.ts';

const P = { provider: 'openai', model: 'gpt-6.1-terra' };
const F = { provider: 'anthropic', model: 'claude-sonnet-5-5' };

/** One request as its client saw it. */
export interface Seen {
  status: number;
  provider: string | null;
  model: string | null;
  attempts: number;
  headers: Headers;
  /** All content that arrived. */
  content: string;
  /** The object of the answer, or of `done`. */
  // biome-ignore lint/suspicious/noExplicitAny: scenarios look into answers freely
  body: any;
  /** Code of the refusal, or of the stream's `error`. */
  code: string | null;
  /** A whole answer was shown. */
  complete: boolean;
  ms: number;
}

export interface Stage {
  mock: MockUpstream;
  llm: TestLlm;
  streamed: boolean;
  withFallback: boolean;
  /** Scenario time in real ms. */
  scaled(ms: number): number;
  ask(body?: object): Promise<Seen>;
  /** Requests that reached P, F. */
  callsTo(who: 'P' | 'F' | 'L'): number;
  expect(fact: string, holds: boolean): void;
}

export interface Scenario {
  id: string;
  does: string;
  /** Whether the case without fallback says something of its own. */
  alone?: boolean;
  rules?: Rule[];
  file?: object;
  /** A third provider, with local models. */
  withLocal?: boolean;
  run(stage: Stage): Promise<void>;
}

/** A busy machine may be that late with everything, which matters where limits are shrunk. */
const SLACK_MS = 3_000;
const toP = (act: Act, more: Omit<Rule, 'do' | 'match'> = {}): Rule => ({
  match: { wire: 'openai' },
  do: act,
  ...more,
});
const WHOLE = Array.from({ length: 60 }, (_, index) => `w${index + 1}`).join(' ');
const FIRST_40 = Array.from({ length: 40 }, (_, index) => `w${index + 1}`).join(' ');

function answeredBy(stage: Stage, seen: Seen, who: typeof P): void {
  stage.expect(
    `${who.provider} answers (${seen.status} ${seen.code ?? ''} from ${seen.provider})`,
    seen.complete && seen.provider === who.provider,
  );
  stage.expect(`the answer is whole (${seen.content.length} characters)`, seen.content.trim() === WHOLE);
}

function refused(stage: Stage, seen: Seen, status: number, code: string): void {
  stage.expect(
    `refused with ${status} ${code} (${seen.status} ${seen.code})`,
    seen.status === status && seen.code === code,
  );
}

export const SCENARIOS: readonly Scenario[] = [
  {
    id: 'S01',
    does: '429 with Retry-After: 2, then answers',
    rules: [toP({ status: 429, headers: { 'retry-after': '2' } }, { times: 1 })],
    async run(stage) {
      const seen = await stage.ask();
      answeredBy(stage, seen, P);
      const [first, second] = stage.mock.calls;
      const gapMs = (second?.startedMs ?? 0) - (first?.startedMs ?? 0);
      stage.expect(`second attempt at least 2.0 s after the first (${Math.round(gapMs)} ms)`, gapMs >= 2_000);
    },
  },
  {
    id: 'S02',
    does: '429 always, without header',
    alone: true,
    rules: [toP({ status: 429 })],
    async run(stage) {
      const seen = await stage.ask();
      const early = stage.mock.calls.filter(
        ({ wire, startedMs }) => wire === 'openai' && startedMs - (stage.mock.calls[0]?.startedMs ?? 0) <= 3_000,
      );
      stage.expect(`at most 4 calls to P in 3 s (${early.length})`, early.length <= 4);
      stage.expect(`at most 6 upstream calls (${stage.mock.calls.length})`, stage.mock.calls.length <= 6);
      if (stage.withFallback) answeredBy(stage, seen, F);
      else {
        refused(stage, seen, 429, 'RATE_LIMITED');
        stage.expect('tells when to come back', seen.headers.get('retry-after') !== null);
      }
    },
  },
  {
    id: 'S03',
    does: '500 once',
    rules: [toP({ status: 500 }, { times: 1 })],
    async run(stage) {
      const seen = await stage.ask();
      answeredBy(stage, seen, P);
      stage.expect(`two attempts (${seen.attempts})`, seen.attempts === 2);
    },
  },
  {
    id: 'S04',
    does: '503 always',
    rules: [toP({ status: 503 })],
    async run(stage) {
      answeredBy(stage, await stage.ask(), F);
      answeredBy(stage, await stage.ask(), F);
      const before = stage.callsTo('P');
      answeredBy(stage, await stage.ask(), F);
      stage.expect('an open breaker keeps later requests from P', stage.callsTo('P') === before);
    },
  },
  {
    id: 'S05',
    does: 'TCP reset before headers',
    rules: [toP({ reset: true }, { times: 1 })],
    async run(stage) {
      answeredBy(stage, await stage.ask(), P);
      const [first, second] = stage.mock.calls;
      stage.expect(
        'on a new connection',
        first !== undefined && second !== undefined && first.socketId !== second.socketId,
      );
    },
  },
  {
    id: 'S06',
    does: 'no response',
    alone: true,
    rules: [toP({ silent: true })],
    async run(stage) {
      const seen = await stage.ask();
      stage.expect(`P is asked once (${stage.callsTo('P')})`, stage.callsTo('P') === 1);
      stage.expect(`ends within 60 s (${Math.round(seen.ms)} ms)`, seen.ms <= stage.scaled(60_000) + SLACK_MS);
      if (stage.withFallback) answeredBy(stage, seen, F);
      else refused(stage, seen, 504, 'PROVIDER_TIMEOUT');
    },
  },
  {
    id: 'S07',
    does: 'first token after 20 s',
    alone: true,
    async run(stage) {
      stage.mock.script([toP({ firstTokenDelayMs: stage.scaled(20_000) })]);
      const seen = await stage.ask({ max_tokens: 4_096 });
      if (stage.withFallback) {
        answeredBy(stage, seen, F);
        stage.expect(`given up at 15 s (${Math.round(seen.ms)} ms)`, seen.ms >= stage.scaled(14_900));
      } else answeredBy(stage, seen, P);
    },
  },
  {
    id: 'S08',
    does: 'stream cut after 40 of 60 tokens',
    rules: [toP({ cutAfterTokens: 40 }, { times: 1 })],
    run: (stage) => interruptedAfter40(stage),
  },
  {
    id: 'S09',
    does: 'stalls for 30 s in mid-stream',
    async run(stage) {
      stage.mock.script([toP({ stallAfterTokens: 40, stallMs: stage.scaled(30_000) }, { times: 1 })]);
      const seen = await stage.ask({ max_tokens: 4_096 });
      stage.expect(`cut after 15 s (${Math.round(seen.ms)} ms)`, seen.ms >= stage.scaled(14_900));
      if (stage.streamed)
        stage.expect(
          '40 tokens, then an error',
          seen.content.trim() === FIRST_40 && seen.code === 'STREAM_INTERRUPTED' && !seen.complete,
        );
      else answeredBy(stage, seen, F);
    },
  },
  {
    id: 'S10',
    does: 'malformed chunk',
    rules: [toP({ malformedAfterTokens: 40 }, { times: 1 })],
    run: (stage) => interruptedAfter40(stage),
  },
  {
    id: 'S11',
    does: 'no end-of-stream marker',
    async run(stage) {
      for (const noEndMarker of ['close', 'hang'] as const) {
        stage.mock.script([toP({ noEndMarker }, { times: 1 })]);
        const seen = await stage.ask({ max_tokens: 4_096 });
        answeredBy(stage, seen, P);
        stage.expect(`complete within 8 s (${Math.round(seen.ms)} ms)`, seen.ms <= 8_000 + SLACK_MS);
        stage.mock.script([toP({ noEndMarker, noFinish: true }, { times: 1 })]);
        const open = await stage.ask({ max_tokens: 4_096 });
        if (stage.streamed)
          stage.expect(
            `without finish reason an error (${open.code})`,
            !open.complete && open.code === 'STREAM_INTERRUPTED',
          );
        else stage.expect('without finish reason asked anew', open.complete && open.attempts === 2);
        stage.expect(`ends within 20 s (${Math.round(open.ms)} ms)`, open.ms <= stage.scaled(20_000) + SLACK_MS);
      }
    },
  },
  {
    id: 'S12',
    does: 'context_length_exceeded',
    alone: true,
    file: {
      providers: {
        openai: { default_model: P.model, models: { [P.model]: { context_window: 100_000, max_tokens: 8_192 } } },
      },
    },
    rules: [toP({ code: 'context_length_exceeded' })],
    async run(stage) {
      const seen = await stage.ask();
      stage.expect(`never resent to P (${stage.callsTo('P')})`, stage.callsTo('P') === 1);
      if (stage.withFallback) answeredBy(stage, seen, F);
      else refused(stage, seen, 400, 'CONTEXT_LENGTH_EXCEEDED');
    },
  },
  {
    id: 'S13',
    does: 'content filter',
    rules: [toP({ contentFilter: 'prompt' })],
    async run(stage) {
      refused(stage, await stage.ask(), 422, 'CONTENT_FILTERED');
      stage.expect('F is not called', stage.callsTo('F') === 0);
    },
  },
  {
    id: 'S14',
    does: 'fails, and F refuses the assistant prefill',
    alone: true,
    withLocal: true,
    rules: [{ match: { wire: 'openai', model: P.model }, do: { status: 500 } }],
    async run(stage) {
      const prefill = {
        messages: [
          { role: 'user', content: 'Go on.' },
          { role: 'assistant', content: 'w1 w2' },
        ],
      };
      const seen = await stage.ask(prefill);
      stage.expect('F is not called', stage.callsTo('F') === 0);
      if (stage.withFallback) {
        stage.expect(`the next candidate answers (${seen.provider})`, seen.complete && seen.provider === 'local');
        stage.expect('the answer is whole', seen.content.trim() === WHOLE);
      } else refused(stage, seen, 503, 'SERVICE_UNAVAILABLE');
    },
  },
  {
    id: 'S15',
    does: 'fails for 60 s, then recovers',
    rules: [toP({ status: 500 })],
    async run(stage) {
      const failingMs = stage.scaled(60_000);
      const startedMs = performance.now();
      let errors = 0;
      let opened: number | null = null;
      while (performance.now() - startedMs < failingMs) {
        const before = stage.callsTo('P');
        const seen = await stage.ask();
        if (!seen.complete || seen.provider !== F.provider) errors++;
        if (opened === null && stage.callsTo('P') === before) opened = before;
        await pause(200);
      }
      stage.expect(`the breaker opens after at most 5 failures (${opened})`, opened !== null && opened <= 5);
      stage.expect(`no client sees an error while F is up (${errors})`, errors === 0);
      stage.mock.script([]);
      const recoveredMs = performance.now();
      let back = false;
      while (!back && performance.now() - recoveredMs < 30_000) {
        const seen = await stage.ask();
        back = seen.complete && seen.provider === P.provider;
        await pause(200);
      }
      const backMs = Math.round(performance.now() - recoveredMs);
      stage.expect(`back on P within 30 s (${backMs} ms)`, back);
    },
  },
  {
    id: 'S16',
    does: 'fails, F answers',
    rules: [toP({ status: 500 })],
    async run(stage) {
      const seen = await stage.ask();
      answeredBy(stage, seen, F);
      const { provider, model, usage } = seen.body ?? {};
      stage.expect("the body names F's provider and model", provider === F.provider && model === F.model);
      const bill = stage.mock.billedCalls.at(-1);
      stage.expect(
        "it carries F's usage",
        usage?.input_tokens === bill?.inputTokens && usage?.output_tokens === bill?.outputTokens,
      );
      const usageSeen = (await (await fetch(`${stage.llm.url}/v1/usage?include=models`)).json()) as {
        by_model: Record<string, { estimated_cost_usd: number }>;
      };
      const priced = ((bill?.inputTokens ?? 0) * 0.002 + (bill?.outputTokens ?? 0) * 0.01) / 1000;
      const entry = usageSeen.by_model[F.model] ?? usageSeen.by_model[`${F.provider}/${F.model}`];
      stage.expect(
        `the ledger is priced by F (${entry?.estimated_cost_usd})`,
        Math.abs((entry?.estimated_cost_usd ?? 0) - priced) < 1e-9,
      );
    },
  },
];

async function interruptedAfter40(stage: Stage): Promise<void> {
  const seen = await stage.ask({ max_tokens: 4_096 });
  if (!stage.streamed) return answeredBy(stage, seen, P);
  stage.expect(`40 tokens arrive (${seen.content.split(' ').length})`, seen.content.trim() === FIRST_40);
  stage.expect(`then an error and no done (${seen.code})`, seen.code === 'STREAM_INTERRUPTED' && !seen.complete);
  const usage = (await (await fetch(`${stage.llm.url}/v1/usage`)).json()) as { totals: { output_tokens: number } };
  stage.expect('what was received is settled', usage.totals.output_tokens > 0);
}

export interface CaseResult {
  id: string;
  does: string;
  streamed: boolean;
  withFallback: boolean;
  failed: string[];
  ms: number;
}

export interface ScenarioOptions {
  socketPath: string;
  /** How much faster than real time limits run; 1 = as shipped. */
  speed: number;
}

/** Every case of a scenario, side by side. */
export function runScenario(scenario: Scenario, options: ScenarioOptions): Promise<CaseResult[]> {
  const cases = (scenario.alone ? [true, false] : [true]).flatMap((withFallback) =>
    [true, false].map((streamed) => runCase(scenario, streamed, withFallback, options)),
  );
  return Promise.all(cases);
}

async function runCase(
  scenario: Scenario,
  streamed: boolean,
  withFallback: boolean,
  { socketPath, speed }: ScenarioOptions,
): Promise<CaseResult> {
  const startedMs = performance.now();
  const mock = await startMockUpstream();
  const llm = await startTestLlm({
    socketPath,
    env: {
      ...mockEnv(mock.url),
      ...(!withFallback && { ANTHROPIC_API_KEY: '' }),
      ...(scenario.withLocal && withFallback && { LOCAL_LLM_URL: mock.url }),
    },
    file: merge(
      {
        global: {
          default_provider: P.provider,
          fallback_order: ['openai', 'anthropic', 'local'],
          retry_base_delay_seconds: 1 / speed,
          retry_max_delay_seconds: 30,
        },
        providers: Object.fromEntries(
          ['openai', 'anthropic', 'local'].map((name) => [name, { settings: timers(speed) }]),
        ),
      },
      scenario.file ?? {},
    ),
  });
  const failed: string[] = [];
  const stage: Stage = {
    mock,
    llm,
    streamed,
    withFallback,
    scaled: (ms) => ms / speed,
    ask: (body = {}) => ask(llm, streamed, body),
    callsTo: (who) =>
      mock.calls.filter(({ wire, model }) =>
        who === 'F' ? wire === 'anthropic' : wire === 'openai' && (model === P.model) === (who === 'P'),
      ).length,
    expect: (fact, holds) => void (holds || failed.push(fact)),
  };
  try {
    mock.script(scenario.rules ?? []);
    await scenario.run(stage);
  } catch (error) {
    failed.push(String(error));
  } finally {
    await llm.stop();
    await mock.close();
  }
  return { id: scenario.id, does: scenario.does, streamed, withFallback, failed, ms: performance.now() - startedMs };
}

function timers(speed: number) {
  return {
    first_token_timeout_seconds: 15 / speed,
    response_timeout_seconds: 45 / speed,
    idle_timeout_seconds: 15 / speed,
  };
}

function merge(base: object, over: object): object {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const own = merged[key];
    const both = typeof own === 'object' && own !== null && typeof value === 'object' && value !== null;
    merged[key] = both ? merge(own, value) : value;
  }
  return merged;
}

async function ask(llm: TestLlm, streamed: boolean, body: object): Promise<Seen> {
  const startedMs = performance.now();
  const reading = await readSse(`${llm.url}/v1/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      messages: [{ role: 'user', content: 'Count.' }],
      max_tokens: 1_024,
      stream: streamed,
      ...body,
    }),
  });
  const { status, headers, messages } = reading;
  const dataOf = (event: string) =>
    messages.filter((message) => message.event === event).map(({ data }) => JSON.parse(data));
  const isStream = headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  const whole = isStream ? dataOf('done')[0] : JSON.parse(reading.text);
  const error = isStream ? dataOf('error')[0]?.error : whole?.error;
  return {
    status,
    provider: headers.get('x-llm-provider'),
    model: headers.get('x-llm-model'),
    attempts: Number(headers.get('x-llm-attempts')),
    headers,
    content: isStream
      ? dataOf('delta')
          .map(({ content }) => content)
          .join('')
      : (whole?.message?.content ?? ''),
    body: whole,
    code: error?.code ?? null,
    complete: isStream ? whole !== undefined : status === 200,
    ms: performance.now() - startedMs,
  };
}
