/**
 * What the headers of an answer of the gateway tell.
 *
 * Owns: their names and forms. Pure.
 */

import type { Fault, PublicCode } from '../errors.ts';
import type { RateState } from '../llm/accounts/shapes.ts';
import { NANO_PER_USD } from '../llm/pricing.ts';
import type { CallReport, Phase } from '../llm/report.ts';
import { HttpFault } from './errors.ts';

const PHASES: readonly Phase[] = [
  'auth',
  'resolve',
  'admit',
  'queue',
  'upstream',
  'ttft',
  'translate',
  'settle',
  'total',
];

/** @param streamed the answer is still being made: what is not known yet is left out */
export function reportHeaders(report: CallReport, streamed: boolean): Record<string, string> {
  const { provider, model, route, stopReason, cache, droppedParams, rate } = report;
  const headers: Record<string, string> = { 'x-cache': cache };
  if (provider !== null) headers['x-llm-provider'] = provider;
  if (model !== null) headers['x-llm-model'] = model;
  headers['x-llm-attempts'] = String(report.attemptsStarted);
  if (route !== null && route.provider !== provider) headers['x-llm-route'] = `${route.provider}/${route.realModel}`;
  if (stopReason !== null) headers['x-stop-reason'] = stopReason;
  if (droppedParams.length > 0) headers['x-dropped-params'] = droppedParams.join(', ');
  if (!streamed) headers['x-cost-usd'] = usd(report.costNanoUsd);
  if (report.replayed) headers['Idempotency-Replayed'] = 'true';
  if (rate) Object.assign(headers, rateHeaders(rate));
  headers['Server-Timing'] = serverTiming(report);
  return headers;
}

/** Without exponent: `0.000001234`. */
function usd(nanoUsd: number): string {
  return (nanoUsd / NANO_PER_USD).toFixed(9).replace(/\.?0+$/, '');
}

export function rateHeaders({ requests, tokens }: RateState): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [suffix, bucket] of [
    ['', requests],
    ['-Tokens', tokens],
  ] as const) {
    if (!bucket) continue;
    headers[`X-RateLimit-Limit${suffix}`] = String(bucket.limit);
    headers[`X-RateLimit-Remaining${suffix}`] = String(bucket.remaining);
    headers[`X-RateLimit-Reset${suffix}`] = String(bucket.resetAtS);
  }
  return headers;
}

function serverTiming({ phases, startedMs }: CallReport): string {
  const all: Partial<Record<Phase, number>> = { total: performance.now() - startedMs, ...phases };
  return PHASES.flatMap((phase) => {
    const ms = all[phase];
    return ms === undefined ? [] : [`${phase};dur=${ms.toFixed(3)}`];
  }).join(', ');
}

/** A refusal with all that is known of the call, and when to come back. */
export function gatewayFault(fault: Fault, report: CallReport): Fault {
  const headers = reportHeaders(report, false);
  const own = fault instanceof HttpFault ? fault.headers : {};
  const wait = fault.details?.retry_after;
  if (fault.code === 'CONTENT_FILTERED') headers['x-stop-reason'] = 'content_filter';
  return new HttpFault(
    fault.code as PublicCode,
    fault.message,
    { ...headers, ...own, ...(typeof wait === 'number' && { 'Retry-After': String(wait) }) },
    { ...(fault.details && { details: fault.details }), cause: fault.cause ?? fault },
  );
}
