/**
 * The gateway seen from outside: health, providers, usage, and why a request would go where.
 *
 * Owns: `/health`, `/v1/providers`, `/v1/usage`, `/v1/route/explain`. None of them calls a provider or spends anything.
 */
import type { Redis } from 'ioredis';
import type { Keys } from '../../bus/keys.ts';
import type { BreakerState } from '../../llm/accounts/shapes.ts';
import { readUsage, type UsagePeriod } from '../../llm/accounts/usage.ts';
import { budgetView, knownScopes, spentPercentage } from '../../llm/budgets.ts';
import { PROVIDERS, type ProviderName } from '../../llm/chat.ts';
import { EXPLANATION_SCHEMA, explain } from '../../llm/explain.ts';
import type { Gateway } from '../../llm/gateway.ts';
import { NANO_PER_USD } from '../../llm/pricing.ts';
import { newReport } from '../../llm/report.ts';
import { TEST_MODEL, TEST_PROVIDER } from '../../llm/settings.ts';
import { CHAT_REQUEST_SCHEMA } from '../../llm/wires/chat-schemas.ts';
import { createWires } from '../../llm/wires/wires.ts';
import { invalid } from '../errors.ts';
import { type Route, route } from '../route.ts';
import * as shape from '../shapes.ts';

const TAG = 'Operations';
const ANSWER_WITHIN_MS = 2_000;
const AVAILABILITY = ['available', 'unavailable'] as const;
const PERIODS: readonly UsagePeriod[] = ['hour', 'day', 'week', 'month'];
const INCLUDES = ['models', 'agents', 'task_types', 'projects', 'hours', 'budgets', 'cache'] as const;

export interface LlmOperationsOptions {
  gateway: Gateway;
  redis: Redis;
  keys: Keys;
  uptimeSeconds(): number;
}

const availability = shape.oneOf(AVAILABILITY);
const health = shape.object({
  status: shape.oneOf(['healthy', 'degraded', 'unavailable']),
  'providers?': { type: 'object', additionalProperties: availability },
  'cache?': shape.oneOf(['enabled', 'disabled']),
  uptime_seconds: shape.count,
  'test_mode?': shape.boolean,
});
const modelHealth = shape.object({
  model: shape.text,
  breaker: shape.oneOf(['closed', 'open', 'half_open']),
  cooldown_until: shape.orNull(shape.time),
  error_rate: shape.orNull(shape.number),
  p50_ms: shape.orNull(shape.number),
});
const providers = shape.object({
  providers: shape.list(
    shape.object({
      name: shape.text,
      enabled: shape.boolean,
      default_model: shape.text,
      models: shape.list(shape.text),
      'health?': shape.list(modelHealth),
    }),
  ),
});
const numbers = {
  requests: shape.count,
  input_tokens: shape.count,
  output_tokens: shape.count,
  estimated_cost_usd: shape.number,
};
const byName = { type: 'object', additionalProperties: shape.object(numbers) };
const usage = shape.object({
  period: shape.oneOf(PERIODS),
  start: shape.text,
  end: shape.text,
  totals: shape.object(numbers),
  by_provider: byName,
  'by_model?': byName,
  'by_agent?': byName,
  'by_task_type?': byName,
  'by_project?': byName,
  'by_hour?': byName,
  'budgets?': shape.list(
    shape.object({
      scope: shape.text,
      limit_usd: shape.number,
      spent_usd: shape.number,
      reserved_usd: shape.number,
      percentage: shape.number,
      resets_at: shape.orNull(shape.time),
    }),
  ),
  'cache?': shape.object({
    hits: shape.count,
    misses: shape.count,
    coalesced: shape.count,
    hit_rate: shape.number,
  }),
});

export function llmOperationsRoutes(options: LlmOperationsOptions): Route[] {
  const { gateway, redis, keys } = options;
  const { settings } = gateway;
  const { chat } = createWires();
  const common = { method: 'GET', limit: 'none', tag: TAG } as const;
  return [
    route({
      ...common,
      path: '/health',
      access: 'open',
      identify: true,
      summary: 'Whether calls can be answered; details only with a key',
      responses: {
        200: { description: 'Somebody can answer', schema: health },
        503: { description: 'Nobody can', schema: health },
      },
      async handler({ principal }) {
        const found = await availabilities(gateway);
        const enabled = PROVIDERS.filter((name) => settings.providers[name].enabled);
        const up = enabled.filter((name) => found?.[name] === 'available');
        const status = up.length === 0 ? 'unavailable' : up.length < enabled.length ? 'degraded' : 'healthy';
        const details = principal.name !== '' && {
          providers: found ?? Object.fromEntries(PROVIDERS.map((name) => [name, 'unavailable'])),
          cache: settings.cacheEnabled ? 'enabled' : 'disabled',
          test_mode: settings.testMode,
        };
        const body = { status, ...details, uptime_seconds: options.uptimeSeconds() };
        return { status: status === 'unavailable' ? 503 : 200, body };
      },
    }),
    route<{ include?: string[] }>({
      ...common,
      path: '/v1/providers',
      access: ['llm:use', 'ops:read'],
      summary: 'The providers and models of the configuration',
      query: {
        include: {
          description: '`health`: breaker, error rate and median latency of the last 5 minutes, over all processes.',
          schema: { type: 'array', items: { enum: ['health'] } },
        },
      },
      responses: { 200: { description: "In the configuration's order", schema: providers } },
      errors: [400],
      async handler({ query }) {
        const withHealth = query.include?.includes('health') ?? false;
        const models = Object.entries(settings.providers).flatMap(([provider, { models }]) =>
          Object.keys(models).map((model) => ({ provider, model })),
        );
        const states = withHealth ? await gateway.accounts.breakers(models) : [];
        const listed = Object.entries(settings.providers).map(([name, own]) => ({
          name,
          enabled: own.enabled,
          default_model: own.defaultModel,
          models: Object.keys(own.models),
          ...(withHealth && { health: states.filter(({ provider }) => provider === name).map(healthView) }),
        }));
        const test = { name: TEST_PROVIDER, enabled: true, default_model: TEST_MODEL, models: [TEST_MODEL] };
        const all = settings.testMode ? [...listed, { ...test, ...(withHealth && { health: [] }) }] : listed;
        return { status: 200, body: { providers: all } };
      },
    }),
    route<{ period?: UsagePeriod; provider?: string; at?: string; include?: (typeof INCLUDES)[number][] }>({
      ...common,
      path: '/v1/usage',
      access: ['llm:use', 'ops:read'],
      summary: 'Requests, tokens and cost of a UTC hour, day, ISO week or month',
      query: {
        period: { description: 'Default `day`.', schema: shape.oneOf(PERIODS) },
        provider: { description: 'Only of this provider.', schema: shape.oneOf([...PROVIDERS, TEST_PROVIDER]) },
        at: { description: 'A time in the period; default now.', schema: shape.time },
        include: { description: 'Further sections.', schema: { type: 'array', items: { enum: [...INCLUDES] } } },
      },
      responses: { 200: { description: 'The numbers', schema: usage } },
      errors: [400],
      async handler({ query: { period = 'day', provider, at, include = [] } }) {
        const nowMs = Date.now();
        const atMs = at === undefined ? nowMs : momentOf(at);
        const found = await readUsage(redis, keys, { period, atMs, ...(provider !== undefined && { provider }) });
        const { by_model, by_agent, by_task_type, by_project, by_hour, cache, ...always } = found;
        const wants = (name: (typeof INCLUDES)[number]) => include.includes(name);
        const body = {
          ...always,
          ...(wants('models') && { by_model }),
          ...(wants('agents') && { by_agent }),
          ...(wants('task_types') && { by_task_type }),
          ...(wants('projects') && { by_project }),
          ...(wants('hours') && { by_hour }),
          ...(wants('budgets') && { budgets: await budgetViews(gateway, found.by_project, nowMs) }),
          ...(wants('cache') && { cache }),
        };
        return { status: 200, body };
      },
    }),
    route<Record<string, never>, unknown>({
      method: 'POST',
      path: '/v1/route/explain',
      drains: true,
      access: 'llm:use',
      limit: 'none',
      tag: TAG,
      ownIdempotency: true,
      summary: 'Where a request to /v1/chat would go and why, without asking anybody',
      body: { schema: CHAT_REQUEST_SCHEMA, unchecked: true },
      responses: { 200: { description: 'The way it would take', schema: EXPLANATION_SCHEMA } },
      errors: [400, 413, 415],
      async handler(call) {
        const { request, labels, cache } = chat.read(call.body);
        const tenant = call.principal.name;
        const explained = await explain(gateway, {
          request,
          labels,
          cache,
          tenant,
          wire: chat.name,
          journal: null,
          signal: call.gone(),
          sink: null,
          wantsBody: false,
          report: newReport(call.startedMs, ''),
        });
        return { status: 200, body: explained };
      },
    }),
  ];
}

/** Years whose periods, and what follows them, are written with four digits. */
const YEARS = { first: 2000, last: 9998 };

function momentOf(at: string): number {
  const moment = new Date(at);
  const year = moment.getUTCFullYear();
  // A leap second is a time by its form, and none here: it has no year.
  if (year >= YEARS.first && year <= YEARS.last) return moment.getTime();
  const message = `must be a time of the years ${YEARS.first} to ${YEARS.last}`;
  throw invalid('The query is not valid.', [{ path: 'query.at', message }]);
}

/** Null when Redis does not answer: then nobody can be asked. */
async function availabilities({ settings, accounts }: Gateway) {
  const defaults = PROVIDERS.map((provider) => {
    const { defaultModel, aliases } = settings.providers[provider];
    return { provider, model: aliases[defaultModel] ?? defaultModel };
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ANSWER_WITHIN_MS);
  });
  const states = await Promise.race([accounts.breakers(defaults).catch(() => null), late]);
  clearTimeout(timer);
  if (!states) return null;
  const entries = PROVIDERS.map((name, index): [ProviderName, (typeof AVAILABILITY)[number]] => {
    const { enabled, apiKey } = settings.providers[name];
    if (settings.testMode) return [name, enabled ? 'available' : 'unavailable'];
    const ready = enabled && (apiKey !== null || name === 'local') && states[index]?.breaker !== 'open';
    return [name, ready ? 'available' : 'unavailable'];
  });
  return Object.fromEntries(entries);
}

function healthView({ model, breaker, coolingUntilMs, errorRate, p50Ms }: BreakerState) {
  const cooldown_until = coolingUntilMs === null ? null : new Date(coolingUntilMs).toISOString();
  return { model, breaker, cooldown_until, error_rate: errorRate, p50_ms: p50Ms };
}

/** All budgets in force, and those of the projects that spent something in the period. */
async function budgetViews({ settings, accounts }: Gateway, byProject: object, nowMs: number) {
  const perProject = Math.round(settings.costs.projectBudgetUsd * NANO_PER_USD);
  const projects = perProject === 0 ? [] : Object.keys(byProject).filter((id) => id !== '-');
  const scopes = [
    ...knownScopes(settings, nowMs),
    ...projects.map((id) => ({ name: `project:${id}`, limitNanoUsd: perProject })),
  ];
  const found = await accounts.budgets(scopes);
  return found.map((budget) => ({ ...budgetView(budget, nowMs), percentage: spentPercentage(budget) }));
}
