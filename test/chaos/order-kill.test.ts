/** @module-tag slow */
import { expect, it } from 'vitest';
import { orderKill, SOME_JOURNEYS } from './order-kill.ts';

it('orders survive kills of their process and of Redis between any two steps: each is drafted once and exported once, and nobody is asked again whose answer is recorded (I1, I2, I4)', async () => {
  const { violations } = await orderKill({ journeys: SOME_JOURNEYS });
  expect(violations).toEqual([]);
}, 240_000);
