/**
 * Whether the process works, and its metrics.
 *
 * Owns: `/health…` and `/metrics`. Answers within two seconds whatever has become of Redis.
 */
import type { Redis } from 'ioredis';
import type { Registry } from 'prom-client';
import { GROUPS } from '../../../schemas/catalog.ts';
import type { Keys } from '../../bus/keys.ts';
import type { DeadLetters } from '../../store/dead-letters.ts';
import type { Roles } from '../../store/roles.ts';
import type { PlatformGauges } from '../metrics.ts';
import type { RuntimeView } from '../ports.ts';
import { type Route, route } from '../route.ts';
import * as shape from '../shapes.ts';

export interface HealthOptions {
  redis: Redis;
  keys: Keys;
  runtime: RuntimeView;
  roles: Roles;
  deadLetters: DeadLetters;
  /** New dead letters in an hour from which on the platform is degraded; 0 = never. */
  deadLettersPerHour: number;
}

export interface HealthRoutesOptions extends HealthOptions {
  registry: Registry;
  gauges: PlatformGauges;
}

const TAG = 'Health';
const HOUR_MS = 60 * 60 * 1000;
const ANSWER_WITHIN_MS = 2_000;
/** What comes from outside waits this long for the gate at most, while it works. */
const GATE_LAG_MAX_MS = 10_000;
const PROBE_LIFE_MS = 60_000;

const CHECK = ['ok', 'degraded', 'unavailable'] as const;
type CheckStatus = (typeof CHECK)[number];
const OVERALL = shape.oneOf(CHECK);
const brief = { status: OVERALL, live: shape.boolean, ready: shape.boolean };
const check = (facts: Record<string, ReturnType<typeof shape.object>>) => shape.object({ status: OVERALL, ...facts });
const full = shape.object({
  ...brief,
  'version?': shape.text,
  'uptime_s?': shape.count,
  'checks?': shape.object({
    redis: check({ latency_ms: shape.orNull(shape.count) }),
    gate: check({ lag_ms: shape.orNull(shape.count) }),
    threads: check({ running: shape.count, expected: shape.count }),
    roles: check({ crashed: shape.list(shape.text) }),
    dlq: check({ entries: shape.orNull(shape.count) }),
    llm: check({ test_mode: shape.boolean }),
  }),
});
const simple = shape.object({ status: shape.oneOf(['ok', 'unavailable']) });

/** `/health` alone: the same on every surface. */
export function healthRoute(options: HealthOptions): Route {
  const { runtime } = options;
  return route({
    method: 'GET',
    path: '/health',
    access: 'open',
    identify: true,
    limit: 'none',
    tag: TAG,
    summary: 'Health of the process; details only with a key',
    responses: { 200: { description: 'Ready', schema: full }, 503: { description: 'Not ready', schema: full } },
    async handler({ principal }) {
      const checks = await runChecks(options);
      const ready = isReady(options, checks.redis.status);
      const worst = Object.values(checks).some(({ status }) => status !== 'ok');
      const status: CheckStatus = !ready ? 'unavailable' : worst ? 'degraded' : 'ok';
      const known = principal.name !== '' && {
        version: runtime.version,
        uptime_s: Math.floor(runtime.uptimeSeconds()),
        checks,
      };
      return { status: ready ? 200 : 503, body: { status, live: true, ready, ...known } };
    },
  });
}

export function healthRoutes(options: HealthRoutesOptions): Route[] {
  const { registry, gauges } = options;
  return [
    healthRoute(options),
    route({
      method: 'GET',
      path: '/health/live',
      access: 'open',
      limit: 'none',
      tag: TAG,
      summary: 'The event loop answers',
      responses: { 200: { description: 'It does', schema: simple } },
      handler: () => ({ status: 200, body: { status: 'ok' } }),
    }),
    route({
      method: 'GET',
      path: '/health/ready',
      access: 'open',
      limit: 'none',
      tag: TAG,
      summary: 'Redis takes writes, all threads and roles are up, and the process is not shutting down',
      responses: {
        200: { description: 'Ready', schema: simple },
        503: { description: 'Not ready', schema: simple },
      },
      async handler() {
        const ready = isReady(options, (await checkRedis(options)).status);
        return { status: ready ? 200 : 503, body: { status: ready ? 'ok' : 'unavailable' } };
      },
    }),
    route({
      method: 'GET',
      path: '/metrics',
      access: 'ops:read',
      limit: 'none',
      tag: TAG,
      summary: 'Metrics for Prometheus',
      responses: { 200: { description: 'Text format 0.0.4', contentType: 'text/plain; version=0.0.4' } },
      async handler() {
        await gauges.refresh();
        return new Response(await registry.metrics(), { headers: { 'Content-Type': registry.contentType } });
      },
    }),
  ];
}

function isReady({ runtime }: HealthOptions, redis: CheckStatus): boolean {
  const { running, expected } = runtime.threads();
  return redis === 'ok' && running >= expected && runtime.crashedRoles().length === 0 && !runtime.draining();
}

async function runChecks(options: HealthOptions) {
  const { runtime } = options;
  const [redis, gate, dlq] = await Promise.all([checkRedis(options), checkGate(options), checkDeadLetters(options)]);
  const { running, expected } = runtime.threads();
  const crashed = [...runtime.crashedRoles()];
  const { status, testMode } = runtime.llm();
  const unlessBad = (bad: boolean): CheckStatus => (bad ? 'unavailable' : 'ok');
  return {
    redis,
    gate,
    threads: { status: unlessBad(running < expected), running, expected },
    roles: { status: unlessBad(crashed.length > 0), crashed },
    dlq,
    llm: { status: status as CheckStatus, test_mode: testMode },
  };
}

/** A write, because a Redis that is full or cannot persist still answers reads. */
async function checkRedis({ redis, keys }: HealthOptions) {
  const started = performance.now();
  const answer = await inTime(redis.set(keys.under('http:probe'), '1', 'PX', PROBE_LIFE_MS));
  const latency_ms = Math.round(performance.now() - started);
  return answer === 'OK' ? { status: 'ok' as const, latency_ms } : { status: 'unavailable' as const, latency_ms: null };
}

async function checkGate({ roles }: HealthOptions) {
  const lag_ms = (await inTime(roles.lagOf('validator', GROUPS.validator, Date.now()))) ?? null;
  if (lag_ms === null) return { status: 'unavailable' as const, lag_ms };
  return { status: lag_ms > GATE_LAG_MAX_MS ? ('degraded' as const) : ('ok' as const), lag_ms };
}

async function checkDeadLetters({ deadLetters, deadLettersPerHour }: HealthOptions) {
  const counts = await inTime(
    Promise.all([
      deadLetters.count(),
      deadLettersPerHour > 0 ? deadLetters.countSince(Date.now() - HOUR_MS, deadLettersPerHour + 1) : 0,
    ]),
  );
  if (!counts) return { status: 'unavailable' as const, entries: null };
  const [entries, recent] = counts;
  const alarming = deadLettersPerHour > 0 && recent > deadLettersPerHour;
  return { status: alarming ? ('degraded' as const) : ('ok' as const), entries };
}

/** Undefined when there is no answer in time, or an error. */
async function inTime<T>(work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ANSWER_WITHIN_MS);
  });
  try {
    return await Promise.race([work.catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}
