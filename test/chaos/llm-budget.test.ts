/** @module-tag slow */
import { expect, it } from 'vitest';
import { llmBudget } from './llm-budget.ts';

it('500 concurrent calls, some left by their clients, and a killed process never spend a nano-USD more than the budget (I2)', async () => {
  const { violations } = await llmBudget({ clients: 500, tokenDelayMs: 4 });
  expect(violations).toEqual([]);
}, 120_000);
