import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costNanoUsd, priceAt, worstCostNanoUsd } from '../../src/llm/pricing.ts';
import type { Price } from '../../src/llm/settings.ts';
import { llmSettings } from '../support/llm-settings.ts';

const { providers } = llmSettings();

function priceOf(provider: keyof typeof providers, model: string): Price {
  const price = priceAt(providers[provider].models[model]?.prices ?? [], 0);
  if (!price) throw new Error(`${model} has no price`);
  return price;
}

const usage = (inputTokens: number, outputTokens: number, cachedInputTokens = 0, cacheWriteTokens = 0) => ({
  inputTokens,
  outputTokens,
  cachedInputTokens,
  cacheWriteTokens,
  reasoningTokens: 0,
});

/** A decimal as numerator and denominator, from how it is written. */
function rational(value: number): [bigint, bigint] {
  const [whole = '0', part = ''] = value.toFixed(12).split('.');
  return [BigInt(whole + part), 10n ** BigInt(part.length)];
}

/** The same by fractions of whole numbers, with nothing scaled in advance. */
function oracle(
  price: Price,
  { inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens }: ReturnType<typeof usage>,
) {
  const long = price.longContext && inputTokens > price.longContext.aboveInputTokens ? price.longContext : null;
  const terms: [number, number, number][] = [
    [inputTokens - cachedInputTokens - cacheWriteTokens, price.inputPer1k, long?.inputFactor ?? 1],
    [cachedInputTokens, price.cachedInputPer1k, long?.inputFactor ?? 1],
    [cacheWriteTokens, price.cacheWritePer1k, long?.inputFactor ?? 1],
    [outputTokens, price.outputPer1k, long?.outputFactor ?? 1],
  ];
  let [numerator, denominator] = [0n, 1n];
  for (const [tokens, usd, factor] of terms) {
    const [a, b] = rational(usd);
    const [c, d] = rational(factor);
    const term = BigInt(tokens) * a * c * 1_000_000n;
    numerator = numerator * b * d + term * denominator;
    denominator *= b * d;
  }
  return Number((numerator + denominator - 1n) / denominator);
}

const usd = fc.integer({ min: 0, max: 10 ** 11 }).map((units) => units / 1e12);
const factor = fc.integer({ min: 100, max: 500 }).map((percent) => percent / 100);
const price: fc.Arbitrary<Price> = fc.record({
  inputPer1k: usd,
  outputPer1k: usd,
  cachedInputPer1k: usd,
  cacheWritePer1k: usd,
  longContext: fc.option(
    fc.record({ aboveInputTokens: fc.nat(1_000_000), inputFactor: factor, outputFactor: factor }),
    { nil: null },
  ),
});
const used = fc
  .tuple(fc.nat(400_000), fc.nat(400_000), fc.nat(400_000), fc.nat(200_000))
  .map(([rest, cached, written, output]) => usage(rest + cached + written, output, cached, written));

describe('the price in force', () => {
  const { prices } = Object.values(
    llmSettings({
      providers: {
        google: {
          models: {
            m: {
              prices: [
                { valid_from: '2027-01-01', cost_per_1k_input_tokens: 2 },
                { cost_per_1k_input_tokens: 1 },
                { valid_from: '2028-01-01T12:00:00+02:00', cost_per_1k_input_tokens: 3 },
              ],
            },
          },
        },
      },
    }).providers.google.models,
  )[0] as { prices: Parameters<typeof priceAt>[0] };

  it.each([
    ['1970-01-01T00:00:00Z', 1],
    ['2026-12-31T23:59:59.999Z', 1],
    ['2027-01-01T00:00:00Z', 2],
    ['2028-01-01T09:59:59Z', 2],
    ['2028-01-01T10:00:00Z', 3],
  ])('at %s is that of the last entry that has begun', (at, input) => {
    expect(priceAt(prices, Date.parse(at))?.inputPer1k).toBe(input);
  });

  it('is none before the first entry and without any', () => {
    expect(priceAt(prices.slice(1), 0)).toBeNull();
    expect(priceAt([], 0)).toBeNull();
  });
});

describe('the cost of a call', () => {
  it.each([
    ['anthropic', 'claude-sonnet-5-5', usage(25, 10), 150_000],
    ['anthropic', 'claude-sonnet-5-5', usage(1000, 0, 400, 500), 400 * 200 + 500 * 2500 + 100 * 2000],
    ['openai', 'gpt-6-luna', usage(1, 1), 600],
    ['openai', 'gpt-6.1-terra', usage(272_000, 1000), 272_000 * 1000 + 1000 * 5000],
    ['openai', 'gpt-6.1-terra', usage(272_001, 1000), 272_001 * 2000 + 1000 * 7500],
    ['google', 'gemini-3.8-flash', usage(1, 0), 750],
    ['local', 'phi3:14b', usage(1000, 1000), 0],
  ] as const)('of %s %s is by the class of each token', (provider, model, tokens, nanoUsd) => {
    const prices = providers[provider].models[model]?.prices ?? [];
    expect(costNanoUsd(priceAt(prices, 0), tokens)).toBe(nanoUsd);
  });

  it('is nothing without a price', () => {
    expect([costNanoUsd(null, usage(10, 10)), worstCostNanoUsd(null, 10, 10)]).toEqual([0, 0]);
  });

  it('is exact, rounded up once', () => {
    fc.assert(
      fc.property(price, used, (given, tokens) => {
        expect(costNanoUsd(given, tokens)).toBe(oracle(given, tokens));
      }),
    );
  });

  it('grows with input and output', () => {
    const more = fc.record({ input: fc.nat(1000), output: fc.nat(1000) });
    fc.assert(
      fc.property(price, used, more, (given, tokens, { input, output }) => {
        const larger = {
          ...tokens,
          inputTokens: tokens.inputTokens + input,
          outputTokens: tokens.outputTokens + output,
        };
        expect(costNanoUsd(given, larger)).toBeGreaterThanOrEqual(costNanoUsd(given, tokens));
      }),
    );
  });

  it('is never above the worst case of larger counts', () => {
    fc.assert(
      fc.property(price, used, fc.nat(1000), fc.nat(1000), (given, tokens, input, output) => {
        const worst = worstCostNanoUsd(given, tokens.inputTokens + input, tokens.outputTokens + output);
        expect(costNanoUsd(given, tokens)).toBeLessThanOrEqual(worst);
      }),
    );
  });

  it('is a whole number within the worst case, whatever an upstream claims of the parts', () => {
    const count = fc.oneof(fc.nat(1000), fc.constantFrom(Number.NaN, -5, 0.5));
    const claimed = fc.tuple(count, count, count, count).map((counts) => usage(...counts));
    fc.assert(
      fc.property(price, claimed, (given, tokens) => {
        const cost = costNanoUsd(given, tokens);
        expect(Number.isSafeInteger(cost) && cost >= 0).toBe(true);
        expect(cost).toBeLessThanOrEqual(worstCostNanoUsd(given, tokens.inputTokens, tokens.outputTokens));
      }),
    );
  });
});

it('of the shipped models is the documented one', () => {
  expect(priceOf('anthropic', 'claude-haiku-4-5-20251001')).toEqual({
    inputPer1k: 0.001,
    outputPer1k: 0.005,
    cachedInputPer1k: 0.001,
    cacheWritePer1k: 0.001,
    longContext: null,
  });
});
