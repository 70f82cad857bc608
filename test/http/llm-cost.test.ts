import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { COUNTS, type LedgerEntry, readLedger } from '../../src/llm/accounts/ledger.ts';
import { askLlm, type CallRoute } from '../support/llm-asking.ts';
import type { Bill } from '../support/mock-upstream/books.ts';
import type { Rule } from '../support/mock-upstream/script.ts';
import { type MockUpstream, startMockUpstream } from '../support/mock-upstream.ts';
import { mockEnv, startTestLlm, type TestLlm } from '../support/test-llm.ts';

/** USD per 1,000 tokens, as written. */
interface Priced {
  input: string;
  output: string;
  cached?: string;
  written?: string;
  long?: { above: number; input: string; output: string };
}
const PRICES: Record<string, Record<string, Priced>> = {
  openai: {
    'o-plain': { input: '0.001', output: '0.005' },
    'o-long': {
      input: '0.0001',
      output: '0.0005',
      cached: '0.00001',
      written: '0.000125',
      long: { above: 272_000, input: '2', output: '1.5' },
    },
    'o-odd': { input: '0.000000333333', output: '0.000000777777', cached: '0.000000111111' },
  },
  anthropic: {
    'a-cached': { input: '0.002', output: '0.01', cached: '0.0002', written: '0.0025' },
    'a-long': { input: '0.003', output: '0.015', long: { above: 200_000, input: '2', output: '1.5' } },
    'a-tiny': { input: '0.000000000001', output: '0.000000000007', written: '0.000000000003' },
  },
  google: {
    'g-plain': { input: '0.00075', output: '0.00375' },
    'g-long': {
      input: '0.0003',
      output: '0.0025',
      cached: '0.00003',
      long: { above: 128_000, input: '1.333333', output: '1.25' },
    },
    'g-free': { input: '0', output: '0' },
  },
};
const modelOf = ({ input, output, cached, written, long }: Priced) => ({
  context_window: 2_000_000,
  max_tokens: 8_192,
  cost_per_1k_input_tokens: Number(input),
  cost_per_1k_output_tokens: Number(output),
  ...(cached !== undefined && { cost_per_1k_cached_input_tokens: Number(cached) }),
  ...(written !== undefined && { cost_per_1k_cache_write_tokens: Number(written) }),
  ...(long && {
    long_context: {
      above_input_tokens: long.above,
      input_factor: Number(long.input),
      output_factor: Number(long.output),
    },
  }),
});
const FILE = {
  providers: Object.fromEntries(
    Object.entries(PRICES).map(([provider, models]) => [
      provider,
      { models: Object.fromEntries(Object.entries(models).map(([id, price]) => [id, modelOf(price)])) },
    ]),
  ),
  agent_overrides: {},
  task_type_overrides: {},
  rate_limiting: { enabled: false },
};

let mock: MockUpstream;
let llm: TestLlm;
beforeAll(async () => {
  mock = await startMockUpstream();
  llm = await startTestLlm({
    socketPath: inject('redisSocket'),
    env: { ...mockEnv(mock.url), LLM_DAILY_BUDGET_USD: '0', LLM_MONTHLY_BUDGET_USD: '0' },
    file: FILE,
  });
});
afterAll(async () => {
  await llm.stop();
  await mock.close();
});

/** A decimal as a whole number of 1e-12. */
function exact(decimal: string): bigint {
  const [whole = '0', fraction = ''] = decimal.split('.');
  return BigInt(whole + fraction.padEnd(12, '0'));
}

/** What a bill comes to, in nano-USD rounded up: from the prices as written, in whole numbers only. */
function owed(model: string, bill: Omit<Bill, 'wire' | 'model' | 'stream' | 'finished'>): bigint {
  const price = Object.values(PRICES).find((models) => model in models)?.[model];
  if (!price) throw new Error(`no price of ${model}`);
  const { input, output, cached = input, written = input, long } = price;
  const count = (tokens: number, usdPer1k: string) => BigInt(tokens) * exact(usdPer1k);
  const plain = bill.inputTokens - bill.cachedInputTokens - bill.cacheWriteTokens;
  const inputs = count(plain, input) + count(bill.cachedInputTokens, cached) + count(bill.cacheWriteTokens, written);
  const outputs = count(bill.outputTokens, output);
  const isLong = long !== undefined && bill.inputTokens > long.above;
  const one = 10n ** 12n;
  // 1e-24 USD per 1,000 tokens.
  const units = isLong ? inputs * exact(long.input) + outputs * exact(long.output) : (inputs + outputs) * one;
  const perNano = 10n ** (24n + 3n - 9n);
  return (units + perNano - 1n) / perNano;
}

/** Numbers of a linear congruential generator: the same in every run. */
function generator(seed: number) {
  let state = seed;
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface Asked {
  id: string;
  route: CallRoute;
  model: string;
  words: number;
  usage: { input: number; cached: number; cacheWrite: number; output: number; reasoning: number };
}

function randomRequests(howMany: number): Asked[] {
  const next = generator(20_261_124);
  const models = Object.entries(PRICES).flatMap(([provider, all]) =>
    Object.keys(all).map((model) => [provider, model]),
  );
  return Array.from({ length: howMany }, (_, index) => {
    const [provider, model] = models[next(models.length)] as [string, string];
    const sizes = [10, 1_000, 130_000, 280_000, 1_000_000];
    const input = 1 + next(sizes[next(sizes.length)] as number);
    const cached = next(3) === 0 ? 0 : next(input);
    const cacheWrite = provider === 'google' || next(2) === 0 ? 0 : next(input - cached);
    const output = 1 + next(sizes[next(3)] as number);
    const reasoning = next(2) === 0 ? 0 : next(output);
    const route = (['chat', 'openai', 'anthropic'] as const)[next(3)] as CallRoute;
    return {
      id: `#${index}#`,
      route,
      model,
      words: 1 + next(40),
      usage: { input, cached, cacheWrite, output, reasoning },
    };
  });
}

async function askWith(asked: Asked, stream: boolean) {
  const project = `${asked.id}${stream ? 's' : 'w'}`;
  const text = Array.from({ length: asked.words }, (_, index) => `t${index}`).join(' ');
  const body = {
    model: asked.model,
    messages: [{ role: 'user', content: `${asked.id} say ${text}` }],
    max_tokens: 64,
    stream,
    ...(asked.route === 'chat' && { project_id: project }),
  };
  const got = await askLlm(llm.url, asked.route, body, { headers: { 'x-project-id': project } });
  if (got.status !== 200 || !got.complete) throw new Error(`${asked.id}: ${got.raw}`);
  return got;
}

/** At most 16 at a time. */
async function forEach<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const work = async () => {
    for (const item of left) await run(item);
  };
  await Promise.all(Array.from({ length: 16 }, work));
}

const nanoOf = (usd: string | null): bigint => exact(usd ?? '') / 1_000n;
const today = () => new Date().toISOString().slice(0, 10);
async function ledgerByProject(): Promise<Map<string, LedgerEntry>> {
  const entries = await readLedger(llm.redis, llm.keys, [today()]);
  return new Map(entries.map((entry) => [entry.projectId, entry]));
}

it('1,000 random requests cost what the bill comes to, streamed and not, and the ledger is the sum of the bills', async () => {
  const requests = randomRequests(1_000);
  const day = today();
  mock.script(requests.map(({ id, usage }): Rule => ({ match: { contains: id }, do: { usage } })));
  const told = new Map<string, bigint>();
  await forEach(requests, async (asked) => {
    const whole = await askWith(asked, false);
    told.set(asked.id, nanoOf(whole.headers.get('x-cost-usd')));
    await askWith(asked, true);
  });
  expect(today(), 'the day has changed under the test: run it again').toBe(day);

  const ledger = await ledgerByProject();
  const wrong: unknown[] = [];
  let sum = 0n;
  for (const { id, model, route, usage } of requests) {
    const { input, cached, cacheWrite, output, reasoning } = usage;
    const bill = {
      inputTokens: input,
      cachedInputTokens: cached,
      cacheWriteTokens: cacheWrite,
      outputTokens: output,
      reasoningTokens: reasoning,
    };
    const due = owed(model, bill);
    sum += 2n * due;
    const [whole, streamed] = ['w', 's'].map((kind) => ledger.get(id + kind)?.counts);
    const costs = [told.get(id), BigInt(whole?.costNanoUsd ?? -1), BigInt(streamed?.costNanoUsd ?? -1)];
    const counted = [whole, streamed].map((counts) => [
      counts?.requests,
      counts?.inputTokens,
      counts?.outputTokens,
      counts?.cachedInputTokens,
      counts?.reasoningTokens,
      counts?.estimated,
      counts?.unpriced,
    ]);
    const expected = [1, input, output, cached, reasoning, 0, 0];
    if (costs.some((cost) => cost !== due) || counted.some((each) => String(each) !== String(expected))) {
      wrong.push({ model, route, usage, due, costs, counted });
    }
  }
  expect(wrong).toEqual([]);

  // The mock's own books say the same.
  const billed = mock.billedCalls.reduce((total, bill) => total + owed(bill.model, bill), 0n);
  expect([mock.billedCalls.length, billed]).toEqual([2_000, sum]);
  const usage = (await (await fetch(`${llm.url}/v1/usage?include=models`)).json()) as {
    totals: object;
    by_model: Record<string, { estimated_cost_usd: number }>;
  };
  expect(usage.totals).toEqual({
    requests: 2_000,
    input_tokens: mock.billed().inputTokens,
    output_tokens: mock.billed().outputTokens,
    estimated_cost_usd: Number(sum) / 1e9,
  });
  const raw = await llm.redis.hvals(llm.keys.under(`llm:usage:${day}`));
  const inHash = raw.reduce((total, value) => total + BigInt(JSON.parse(value)[COUNTS.indexOf('costNanoUsd')]), 0n);
  expect(inHash).toBe(sum);
  for (const [model, { estimated_cost_usd }] of Object.entries(usage.by_model)) {
    const bills = mock.billedCalls.filter((bill) => bill.model === model);
    expect([model, estimated_cost_usd]).toEqual([
      model,
      Number(bills.reduce((total, bill) => total + owed(model, bill), 0n)) / 1e9,
    ]);
  }
}, 120_000);

it.each([
  ['o-plain', 'openai'],
  ['a-cached', 'anthropic'],
  ['g-plain', 'google'],
])(
  'an answer of %s without usage is estimated from what was sent and received, flagged, the same streamed and not',
  async (model) => {
    for (const route of ['chat', 'openai', 'anthropic'] as const) {
      mock.reset();
      mock.script([{ do: { usage: null } }]);
      const asked = { id: `?${model} ${route}?`, route, model, words: 9, usage: {} as Asked['usage'] };
      const whole = await askWith(asked, false);
      const streamed = await askWith(asked, true);
      expect(streamed.text).toBe(whole.text);
      const ledger = await ledgerByProject();
      const sent = `${asked.id} say ${whole.text}`;
      const inputTokens = Math.ceil(Buffer.byteLength(sent) / 4);
      const outputTokens = Math.ceil(Buffer.byteLength(whole.text) / 4);
      const costNanoUsd = Number(
        owed(model, { inputTokens, outputTokens, cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 }),
      );
      for (const kind of ['w', 's']) {
        const counts = ledger.get(asked.id + kind)?.counts;
        expect([route, kind, counts]).toMatchObject([
          route,
          kind,
          { requests: 1, estimated: 1, inputTokens, outputTokens, costNanoUsd, errors: 0 },
        ]);
      }
    }
  },
);

it('an answer of a model without a price costs nothing and is flagged', async () => {
  const unpriced = await startTestLlm({
    socketPath: inject('redisSocket'),
    env: mockEnv(mock.url),
    file: {
      providers: { openai: { models: { gratis: { context_window: 100_000 } } } },
      rate_limiting: { enabled: false },
    },
  });
  mock.reset();
  const got = await askLlm(unpriced.url, 'chat', { model: 'gratis', messages: [{ role: 'user', content: 'say hi' }] });
  expect([got.status, got.headers.get('x-cost-usd')]).toEqual([200, '0']);
  const [entry] = await readLedger(unpriced.redis, unpriced.keys, [today()]);
  expect(entry?.counts).toMatchObject({ requests: 1, costNanoUsd: 0, unpriced: 1, outputTokens: 1 });
  await unpriced.stop();
});
