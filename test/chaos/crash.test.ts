/** @module-tag slow */
import { expect, it } from 'vitest';
import { crash } from './crash.ts';

it('projects survive the kill of a process and of Redis, each item done once, and state equals replay (I1, I2, I3, I6, I8)', async () => {
  const { violations } = await crash({ projects: 80, threads: 1, modelMs: 400 });
  expect(violations).toEqual([]);
}, 120_000);
