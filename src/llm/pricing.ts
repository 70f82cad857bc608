/**
 * What a call costs.
 *
 * Owns: the price in force at a time, the cost of an answer and the most an answer may cost, as integer nano-USD.
 * Exact: no floating point between a price as it is written and the result. Pure.
 */
import type { Usage } from './chat.ts';
import type { ModelSettings, Price } from './settings.ts';

/** The price in force at a time; null: none is, so the call is unpriced. */
export function priceAt(prices: ModelSettings['prices'], atMs: number): Price | null {
  let inForce: Price | null = null;
  for (const { validFromMs, price } of prices) {
    if (validFromMs !== null && validFromMs > atMs) break;
    inForce = price;
  }
  return inForce;
}

/** Nano-USD, rounded up per call. Without a price it is 0. */
export function costNanoUsd(price: Price | null, usage: Usage): number {
  if (!price) return 0;
  const input = whole(usage.inputTokens);
  // Parts of the input, whatever an upstream claims.
  const cached = least(whole(usage.cachedInputTokens), input);
  const written = least(whole(usage.cacheWriteTokens), input - cached);
  const p = scaled(price);
  const inputUnits = (input - cached - written) * p.input + cached * p.cached + written * p.written;
  return total(p, input, inputUnits, whole(usage.outputTokens) * p.output);
}

/** The most that so many tokens may cost, whatever their class: nano-USD. */
export function worstCostNanoUsd(price: Price | null, inputTokens: number, outputTokens: number): number {
  if (!price) return 0;
  const p = scaled(price);
  const input = whole(inputTokens);
  return total(p, input, input * p.dearestInput, whole(outputTokens) * p.output);
}

/** Prices in units of 1e-15 USD per token, factors in millionths: the configuration admits no finer ones. */
interface Scaled {
  input: bigint;
  cached: bigint;
  written: bigint;
  dearestInput: bigint;
  output: bigint;
  /** Null: no long context. */
  above: bigint | null;
  inputFactor: bigint;
  outputFactor: bigint;
}

const UNITS_PER_USD_PER_1K = 1e12;
const FACTOR_SCALE = 1e6;
/** 1e-15 USD in millionths, per nano-USD. */
export const NANO_PER_USD = 1e9;
const PER_NANO_USD = 10n ** 12n;
const MAX_NANO_USD = BigInt(Number.MAX_SAFE_INTEGER);

const known = new WeakMap<Price, Scaled>();

function scaled(price: Price): Scaled {
  const before = known.get(price);
  if (before) return before;
  const units = (usd: number) => BigInt(Math.round(usd * UNITS_PER_USD_PER_1K));
  const factor = (value: number | undefined) => BigInt(Math.round((value ?? 1) * FACTOR_SCALE));
  const { longContext } = price;
  const made: Scaled = {
    input: units(price.inputPer1k),
    cached: units(price.cachedInputPer1k),
    written: units(price.cacheWritePer1k),
    dearestInput: units(Math.max(price.inputPer1k, price.cachedInputPer1k, price.cacheWritePer1k)),
    output: units(price.outputPer1k),
    above: longContext ? BigInt(longContext.aboveInputTokens) : null,
    inputFactor: factor(longContext?.inputFactor),
    outputFactor: factor(longContext?.outputFactor),
  };
  known.set(price, made);
  return made;
}

function total(p: Scaled, inputTokens: bigint, inputUnits: bigint, outputUnits: bigint): number {
  const isLong = p.above !== null && inputTokens > p.above;
  const units = isLong
    ? inputUnits * p.inputFactor + outputUnits * p.outputFactor
    : (inputUnits + outputUnits) * BigInt(FACTOR_SCALE);
  return Number(least((units + PER_NANO_USD - 1n) / PER_NANO_USD, MAX_NANO_USD));
}

/** A count as an upstream states it, as a count. */
function whole(tokens: number): bigint {
  return BigInt(Math.ceil(Math.min(Math.max(tokens, 0) || 0, Number.MAX_SAFE_INTEGER)));
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
