/**
 * Reservations as members of the sorted set `P:llm:reservations`, whose score is when they count as lost.
 *
 * Owns: the text of a member. It is a function of the reservation alone, so who settles it knows it, and it says all
 * that is needed to settle it when the process that knew is gone. The scripts read the id off its start.
 */
import type { Reservation, Settlement } from './shapes.ts';

const ID = /^[\w:.-]{1,128}$/;

/** A reservation is looked at twice: when it is made and when it is settled. */
const members = new WeakMap<Reservation, string>();

export function memberOf(reservation: Reservation): string {
  let member = members.get(reservation);
  if (member === undefined) {
    member = writeMember(reservation);
    members.set(reservation, member);
  }
  return member;
}

function writeMember(reservation: Reservation): string {
  const { id, provider, candidateModel, worstCaseNanoUsd, scopes, usage, worstCaseTokens } = reservation;
  if (!ID.test(id)) throw new TypeError(`a reservation cannot have the id ${JSON.stringify(id)}`);
  return JSON.stringify([
    id,
    provider,
    candidateModel,
    worstCaseNanoUsd,
    worstCaseTokens.input,
    worstCaseTokens.output,
    usage.day,
    usage.hour,
    usage.provider,
    usage.model,
    usage.agent,
    usage.taskType,
    usage.projectId,
    ...scopes.map(({ name }) => name),
  ]);
}

type Parts = [string, string, string, number, number, number, string, number, ...string[]];

/**
 * What a reservation costs whose process never settled it: all of it. The rate limit gets nothing back, and no alert
 * is looked for: the next call in the scope finds it.
 * @returns null for a text that is no member
 */
export function lostSettlement(member: string): (Settlement & { reservation: Reservation }) | null {
  const parts = partsOf(member);
  if (!parts) return null;
  const [id, provider, candidateModel, worstCaseNanoUsd, input, output, day, hour, ...rest] = parts;
  const [usageProvider = '-', model = '-', agent = '-', taskType = '-', projectId = '-', ...names] = rest;
  const usage = { day, hour, provider: usageProvider, model, agent, taskType, projectId };
  const tokens = { inputTokens: input, outputTokens: output };
  return {
    reservation: {
      id,
      provider,
      candidateModel,
      tokens: 0,
      requestsPerMinute: 0,
      tokensPerMinute: 0,
      worstCaseNanoUsd,
      scopes: names.map((name) => ({ name, limitNanoUsd: 0 })),
      usage,
      worstCaseTokens: { input, output },
      ttlMs: 0,
      alertAtPercentage: 0,
    },
    usage,
    tokens: { ...tokens, cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 },
    costNanoUsd: worstCaseNanoUsd,
    answered: false,
    failed: true,
    cacheHit: false,
    coalesced: false,
    cacheMiss: false,
    flags: ['lost'],
    health: { kind: 'neutral' },
    latencyMs: null,
  };
}

function partsOf(member: string): Parts | null {
  try {
    const parts: unknown = JSON.parse(member);
    if (!Array.isArray(parts) || parts.length < 13) return null;
    const fits = parts.every((part, i) => typeof part === ([3, 4, 5, 7].includes(i) ? 'number' : 'string'));
    return fits ? (parts as unknown as Parts) : null;
  } catch {
    return null;
  }
}
