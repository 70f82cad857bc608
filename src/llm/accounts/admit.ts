/**
 * The typed face of `admit.lua`: reservations in, one admission each out.
 *
 * Owns: the encoding of a batch and of its reply.
 */
import type { Keys } from '../../bus/keys.ts';
import { Fault } from '../../errors.ts';
import { breakerKey, budgetKey, providerBreakerKey, rateKey, reservationsKey } from './names.ts';
import { KeyList } from './scripts.ts';
import type { Admission, BudgetAlert, BudgetScope, RateState, Reservation } from './shapes.ts';

export interface AdmitItem {
  reservation: Reservation;
  member: string;
}

/** @throws Fault INTERNAL_ERROR for a reservation that the script could not read */
export function checkReservation(reservation: Reservation): void {
  const { tokens, requestsPerMinute, tokensPerMinute, worstCaseNanoUsd, ttlMs } = reservation;
  whole({ tokens, requestsPerMinute, tokensPerMinute, worstCaseNanoUsd, ttlMs });
  for (const { name, limitNanoUsd } of reservation.scopes) whole({ [`limit of ${name}`]: limitNanoUsd });
}

export function whole(amounts: Readonly<Record<string, number>>): void {
  for (const [name, amount] of Object.entries(amounts)) {
    if (!Number.isSafeInteger(amount) || amount < 0) {
      throw new Fault('INTERNAL_ERROR', `${name} must be a whole number of 0 or more, not ${amount}`);
    }
  }
}

export function encodeAdmits(
  items: readonly AdmitItem[],
  keys: Keys,
  probeLeaseMs: number,
): { keys: string[]; args: string[] } {
  const list = new KeyList();
  list.of(reservationsKey(keys));
  const plans = new Map<string, number>();
  const rows: string[] = [];
  for (const { reservation, member } of items) {
    const { provider, candidateModel, requestsPerMinute, tokensPerMinute, ttlMs } = reservation;
    let plan = `[${list.of(rateKey(keys, provider))},${requestsPerMinute},${tokensPerMinute},${list.of(providerBreakerKey(keys, provider))},${list.of(breakerKey(keys, provider, candidateModel))},${ttlMs},${Math.round(reservation.alertAtPercentage)}`;
    for (const { name, limitNanoUsd } of reservation.scopes) {
      plan += `,${list.of(budgetKey(keys, name))},${limitNanoUsd}`;
    }
    plan += ']';
    let number = plans.get(plan);
    if (number === undefined) {
      number = plans.size + 1;
      plans.set(plan, number);
    }
    rows.push(`[${number},${reservation.tokens},${reservation.worstCaseNanoUsd}]`, member);
  }
  const head = `[${plans.size},${items.length},${probeLeaseMs}]`;
  return { keys: list.keys, args: [head, ...plans.keys(), ...rows] };
}

export function decodeAdmissions(items: readonly AdmitItem[], reply: readonly number[]): Admission[] {
  const numbers = new Numbers(reply);
  return items.map(({ reservation }) => {
    const [verdict, a, b, c] = [numbers.next(), numbers.next(), numbers.next(), numbers.next()];
    const rate = readRate(numbers, reservation);
    const alerts = readAlerts(numbers, reservation.scopes);
    if (verdict === 0) return { rate, alerts, verdict: 'granted', probe: a === 1 };
    if (verdict === 1) return { rate, alerts, verdict: 'breaker_open', untilMs: a };
    if (verdict === 2) return { rate, alerts, verdict: 'cooling_down', untilMs: a };
    if (verdict === 3) return { rate, alerts, verdict: 'rate_limited', retryAfterMs: a < 0 ? null : a };
    const { name, limitNanoUsd } = reservation.scopes[a] as BudgetScope;
    const budget = { scope: name, limitNanoUsd, spentNanoUsd: b, reservedNanoUsd: c };
    return { rate, alerts, verdict: 'budget_exceeded', ...budget };
  });
}

/** A flat reply, read from its start. */
export class Numbers {
  readonly #values: readonly unknown[];
  #at = 0;

  constructor(values: readonly unknown[]) {
    this.#values = values;
  }

  next(): number {
    return this.#values[this.#at++] as number;
  }

  text(): string | null {
    return this.#values[this.#at++] as string | null;
  }
}

export function readRate(numbers: Numbers, limits: { requestsPerMinute: number; tokensPerMinute: number }): RateState {
  const bucket = (limit: number) => {
    const [remaining, resetAtS] = [numbers.next(), numbers.next()];
    return remaining < 0 ? null : { limit, remaining, resetAtS };
  };
  return { requests: bucket(limits.requestsPerMinute), tokens: bucket(limits.tokensPerMinute) };
}

export function readAlerts(numbers: Numbers, scopes: readonly BudgetScope[]): readonly BudgetAlert[] {
  const alerts: BudgetAlert[] = [];
  for (let left = numbers.next(); left > 0; left--) {
    const { name, limitNanoUsd } = scopes[numbers.next()] as BudgetScope;
    alerts.push({ scope: name, limitNanoUsd, threshold: numbers.next(), spentNanoUsd: numbers.next() });
  }
  return alerts;
}
