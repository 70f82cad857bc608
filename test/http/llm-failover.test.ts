/** @module-tag slow */
import { describe, expect, inject, it } from 'vitest';
import { runScenario, SCENARIOS } from '../failover/scenarios.ts';

/** `npm run failover` plays the same with the limits as shipped. */
const SPEED = 10;
const WITHIN_MS = 120_000;

describe.concurrent('a gateway whose primary', () => {
  it.each(SCENARIOS)('$id $does behaves as it must', { timeout: WITHIN_MS }, async (scenario) => {
    const cases = await runScenario(scenario, { socketPath: inject('redisSocket'), speed: SPEED });
    const notSo = cases.flatMap(({ streamed, withFallback, failed }) =>
      failed.map((fact) => `${streamed ? 'streamed' : 'whole'}${withFallback ? '' : ', without fallback'}: ${fact}`),
    );
    expect(notSo).toEqual([]);
  });
});
