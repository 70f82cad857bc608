/** @module-tag slow */
import { expect, it } from 'vitest';
import { SOME_STRIKES, teamKill } from './team-kill.ts';

it('a run of five agents survives kills around its commits and calls: same bytes, nobody asked again whose answer is recorded (I1, I2, I4)', async () => {
  const { violations } = await teamKill({ pattern: 'sequential', upstream: 'mock', strikes: SOME_STRIKES });
  expect(violations).toEqual([]);
}, 240_000);

it('a run whose members work at once survives the kill of its process in the midst of four calls, and two of Redis (I1, I2, I4)', async () => {
  const strikes = [{ step: 'call', agent: 'extraction_agent', cut: 'after' }] as const;
  const { violations } = await teamKill({ pattern: 'parallel', upstream: 'mock', strikes, redisKills: 2 });
  expect(violations).toEqual([]);
}, 240_000);
