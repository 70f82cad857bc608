/**
 * Whose money a call spends, and under what it is counted.
 *
 * Owns: the names of budget scopes and their periods, and the dimensions of the ledger. Pure: the time is passed in.
 */
import type { Budget } from './accounts/accounts.ts';
import type { BudgetScope, UsageKey } from './accounts/shapes.ts';
import type { Labels } from './chat.ts';
import { NANO_PER_USD } from './pricing.ts';
import type { LlmSettings } from './settings.ts';

const NONE = '-';

const DAY_MS = 86_400_000;
let lastDay = { number: -1, text: '' };

/** Most calls fall on the day of the one before. */
function dayOf(nowMs: number): string {
  const number = Math.floor(nowMs / DAY_MS);
  if (number !== lastDay.number) lastDay = { number, text: new Date(nowMs).toISOString().slice(0, 10) };
  return lastDay.text;
}

/** The scopes that limit a call made at `nowMs`; without a limit there is no scope. */
export function budgetScopes({ costs }: LlmSettings, { agent, project_id }: Labels, nowMs: number): BudgetScope[] {
  if (!costs.enabled) return [];
  const day = dayOf(nowMs);
  const scopes: BudgetScope[] = [];
  const add = (name: string, usd: number | undefined) => {
    if (usd) scopes.push({ name, limitNanoUsd: Math.round(usd * NANO_PER_USD) });
  };
  add(`day:${day}`, costs.dailyBudgetUsd);
  add(`month:${day.slice(0, 7)}`, costs.monthlyBudgetUsd);
  if (project_id) add(`project:${project_id}`, costs.projectBudgetUsd);
  if (agent && Object.hasOwn(costs.agentDailyBudgetsUsd, agent)) {
    add(`agent:${agent}:${day}`, costs.agentDailyBudgetsUsd[agent]);
  }
  return scopes;
}

/** All scopes that have a limit at `nowMs`, but for those of projects, whose number has no bound. */
export function knownScopes(settings: LlmSettings, nowMs: number): BudgetScope[] {
  const general = budgetScopes(settings, {}, nowMs);
  const agents = Object.keys(settings.costs.agentDailyBudgetsUsd);
  return [...general, ...agents.flatMap((agent) => budgetScopes(settings, { agent }, nowMs).slice(general.length))];
}

/** A budget as callers and operators are told of it: USD, and when it starts again (ISO 8601; null: never). */
export function budgetView({ name, limitNanoUsd, spentNanoUsd, reservedNanoUsd }: Budget, nowMs: number) {
  return {
    scope: name,
    limit_usd: limitNanoUsd / NANO_PER_USD,
    spent_usd: spentNanoUsd / NANO_PER_USD,
    reserved_usd: reservedNanoUsd / NANO_PER_USD,
    resets_at: resetsAt(name, nowMs),
  };
}

/** Of the limit, with two decimals. */
export function spentPercentage({ spentNanoUsd, limitNanoUsd }: Pick<Budget, 'spentNanoUsd' | 'limitNanoUsd'>): number {
  return Math.round((spentNanoUsd / limitNanoUsd) * 10_000) / 100;
}

export function resetsAt(scope: string, nowMs: number): string | null {
  const resetsAtMs = resetOf(scope, nowMs);
  return resetsAtMs === null ? null : new Date(resetsAtMs).toISOString();
}

/** When a scope's spending starts again from zero, Unix ms; null: never. */
export function resetOf(scope: string, nowMs: number): number | null {
  const now = new Date(nowMs);
  if (scope.startsWith('month:')) return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
  if (scope.startsWith('day:') || scope.startsWith('agent:')) {
    return Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1);
  }
  return null;
}

export function usageKey(
  { costs }: LlmSettings,
  provider: string,
  model: string,
  { agent, task_type, project_id }: Labels,
  nowMs: number,
): UsageKey {
  return {
    day: dayOf(nowMs),
    hour: Math.floor(nowMs / 3_600_000) % 24,
    provider,
    model,
    agent: (costs.trackByAgent && agent) || NONE,
    taskType: (costs.trackByTaskType && task_type) || NONE,
    projectId: (costs.trackByProject && project_id) || NONE,
  };
}
