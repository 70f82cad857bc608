/**
 * Why a request would go where: the gateway's own decisions, shown instead of carried out.
 *
 * Owns: the shape of an explanation. Takes every decision from the pieces that make it for real; asks Redis, but takes
 * nothing from any bucket or budget.
 */

import type { Accounts } from './accounts/accounts.ts';
import type { BreakerState, RateState } from './accounts/shapes.ts';
import { budgetScopes, budgetView } from './budgets.ts';
import type { Call } from './call.ts';
import type { JsonSchema } from './chat.ts';
import type { Gateway } from './gateway.ts';
import type { Job } from './job.ts';
import { NANO_PER_USD } from './pricing.ts';
import { nothingUsable, type Passed } from './refusals.ts';
import type { ResolvedField } from './resolve.ts';
import { rateLimitsOf } from './settings.ts';

export async function explain(gateway: Gateway, call: Call) {
  const { settings, accounts, router } = gateway;
  const nowMs = Date.now();
  const { job, cache } = gateway.plan(call);
  const { resolution } = job;
  const { provider, model, temperature, maxTokens, candidates } = resolution;
  const scopes = budgetScopes(settings, call.labels, nowMs);
  const states = await accounts.breakers(
    candidates.map((each) => ({ provider: each.provider, model: each.realModel })),
  );
  const [budgets, cached, ...rates] = await Promise.all([
    accounts.budgets(scopes),
    // A look that does not count as use.
    cache && accounts.peek(cache.sha256),
    ...candidates.map((each) => rateOf(accounts, each.provider, rateLimitsOf(settings, each.provider))),
  ]);
  const shown = candidates.map((candidate, index) => {
    const fitted = router.fitOf(job, index);
    const state = states[index] as BreakerState;
    const rate = rates[index] as RateState;
    const reasons = [...fitted.reasons, ...reasonsOf(state, nowMs)];
    return {
      provider: candidate.provider,
      model: candidate.realModel,
      usable: reasons.length === 0,
      reasons,
      dropped_params: [...fitted.droppedParams],
      estimated: {
        input_tokens: fitted.estimatedInputTokens,
        max_cost_usd: fitted.worstCase.nanoUsd / NANO_PER_USD,
      },
      breaker: state.breaker,
      rate: { requests_left: rate.requests?.remaining ?? null, tokens_left: rate.tokens?.remaining ?? null },
    };
  });
  const first = router.fitOf(job, 0);
  const budgetsShown = budgets.map((budget) => {
    const { limitNanoUsd, spentNanoUsd, reservedNanoUsd } = budget;
    return {
      ...budgetView(budget, nowMs),
      left_usd: (limitNanoUsd - spentNanoUsd - reservedNanoUsd) / NANO_PER_USD,
      fits: spentNanoUsd + reservedNanoUsd + worstOf(shown) <= limitNanoUsd,
    };
  });
  const hit = cached !== null && cached;
  const reject = hit ? null : rejection(job, states, shown, budgetsShown, first.estimatedInputTokens + first.maxTokens);
  return {
    resolved: {
      provider: provider.value,
      model: model.value,
      temperature: temperature.value,
      max_tokens: maxTokens.value,
    },
    fields: {
      provider: fieldView(provider),
      model: fieldView(model),
      temperature: fieldView(temperature),
      max_tokens: fieldView(maxTokens),
    },
    candidates: shown,
    cache: { eligible: cache !== null, hit, key: cache?.sha256 ?? null },
    budgets: budgetsShown,
    decision: hit ? 'cache' : reject === null ? 'call' : 'reject',
    reject,
  };
}

type Shown = { usable: boolean; reasons: string[]; estimated: { max_cost_usd: number } };

function worstOf(candidates: readonly Shown[]): number {
  const chosen = candidates.find(({ usable }) => usable);
  return chosen ? Math.round(chosen.estimated.max_cost_usd * NANO_PER_USD) : 0;
}

function fieldView<T>({ value, from, path }: ResolvedField<T>) {
  return { value, from, path };
}

async function rateOf(
  accounts: Accounts,
  provider: string,
  limits: ReturnType<typeof rateLimitsOf>,
): Promise<RateState> {
  return (await accounts.lookup(provider, limits, null)).rate;
}

function reasonsOf({ breaker, openUntilMs, coolingUntilMs }: BreakerState, nowMs: number): string[] {
  const inSeconds = (untilMs: number) => `${Math.max(0, Math.ceil((untilMs - nowMs) / 1000))} s`;
  const reasons: string[] = [];
  if (breaker === 'open') {
    reasons.push(openUntilMs === null ? 'breaker is open' : `breaker is open for another ${inSeconds(openUntilMs)}`);
  }
  if (coolingUntilMs !== null) reasons.push(`cools down for another ${inSeconds(coolingUntilMs)}`);
  return reasons;
}

/** The code and reason of the refusal the request would get, null if it would be sent. */
function rejection(
  job: Job,
  states: readonly BreakerState[],
  candidates: readonly (Shown & { rate: { requests_left: number | null; tokens_left: number | null } })[],
  budgets: readonly { scope: string; fits: boolean }[],
  tokens: number,
): { code: string; reason: string } | null {
  const [first] = candidates;
  if (!candidates.some(({ usable }) => usable)) {
    const passed = states.flatMap(({ breaker, coolingUntilMs }, index): Passed[] => {
      if (job.fits[index]?.upstream === null) return [];
      if (coolingUntilMs !== null) return [{ verdict: 'cooling_down', waitMs: null }];
      return breaker === 'closed' ? [] : [{ verdict: 'breaker_open', waitMs: null }];
    });
    const { code, message } = nothingUsable(job, passed, null);
    return { code, reason: message };
  }
  const { requests_left = null, tokens_left = null } = first?.rate ?? {};
  if (first?.usable && ((requests_left ?? 1) < 1 || (tokens_left ?? tokens) < tokens)) {
    return { code: 'RATE_LIMITED', reason: 'the rate limit of the resolved provider is reached' };
  }
  const over = budgets.find(({ fits }) => !fits);
  return over ? { code: 'BUDGET_EXCEEDED', reason: `budget exceeded: ${over.scope}` } : null;
}

const closed = (properties: Record<string, JsonSchema>): JsonSchema => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties),
  properties,
});
const number: JsonSchema = { type: 'number' };
const count: JsonSchema = { type: 'integer', minimum: 0 };
const text: JsonSchema = { type: 'string' };
const flag: JsonSchema = { type: 'boolean' };
const texts: JsonSchema = { type: 'array', items: text };
const orNull = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'null' }] });
const field = (value: JsonSchema): JsonSchema =>
  closed({
    value,
    from: { enum: ['call', 'agent_override', 'task_type_override', 'provider_default', 'global_default'] },
    path: text,
  });

export const EXPLANATION_SCHEMA: JsonSchema = closed({
  resolved: closed({ provider: text, model: text, temperature: number, max_tokens: count }),
  fields: closed({ provider: field(text), model: field(text), temperature: field(number), max_tokens: field(count) }),
  candidates: {
    type: 'array',
    items: closed({
      provider: text,
      model: text,
      usable: flag,
      reasons: texts,
      dropped_params: texts,
      estimated: closed({ input_tokens: count, max_cost_usd: number }),
      breaker: { enum: ['closed', 'open', 'half_open'] },
      rate: closed({ requests_left: orNull(number), tokens_left: orNull(number) }),
    }),
  },
  cache: closed({ eligible: flag, hit: flag, key: orNull(text) }),
  budgets: {
    type: 'array',
    items: closed({
      scope: text,
      limit_usd: number,
      spent_usd: number,
      reserved_usd: number,
      left_usd: number,
      fits: flag,
      resets_at: orNull(text),
    }),
  },
  decision: { enum: ['call', 'cache', 'reject'] },
  reject: orNull(closed({ code: text, reason: text })),
});
