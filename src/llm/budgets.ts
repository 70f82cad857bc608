/**
 * Whose money a call spends, and under what it is counted.
 *
 * Owns: the names of budget scopes and their periods, and the dimensions of the ledger. Pure: the time is passed in.
 */
import type { BudgetScope, UsageKey } from './accounts/shapes.ts';
import type { Labels } from './chat.ts';
import type { LlmSettings } from './settings.ts';

const NANO_PER_USD = 1e9;
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
