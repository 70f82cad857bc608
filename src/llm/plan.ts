/**
 * A call with everything resolved that can be without asking anybody.
 *
 * Owns: who may answer it and by when, and under what its answer would be cached. Pure but for the clock.
 */
import { hash } from 'node:crypto';
import { canonicalJson } from '../../schemas/canonical.ts';
import type { Call } from './call.ts';
import { measure } from './fit.ts';
import type { Job } from './job.ts';
import { type Candidate, resolve } from './resolve.ts';
import type { Router } from './router.ts';
import { type LlmSettings, requestTimeoutMs } from './settings.ts';

/** Requests that differ only in these are the same request. */
const IGNORED = ['stream', 'stream_options', 'cache', 'agent', 'task_type', 'project_id', 'user', 'metadata'] as const;

/** Where in the cache an answer belongs. */
export interface CachePlace {
  sha256: string;
  /** Whose answer it is. */
  candidate: Candidate;
  droppedParams: readonly string[];
}

export interface Plan {
  job: Job;
  /** Null: the answer is neither looked up nor kept. */
  cache: CachePlace | null;
}

/** @throws Fault VALIDATION_ERROR for names that are not configured */
export function planOf(call: Call, settings: LlmSettings, router: Router): Plan {
  const { request, labels, report, signal, sink, wantsBody } = call;
  const resolution = resolve(settings, request, labels);
  const job: Job = {
    request,
    resolution,
    measures: measure(request),
    labels,
    report,
    signal,
    sink,
    wantsBody,
    cacheMiss: false,
    fits: [],
    deadlineMs: performance.now() + requestTimeoutMs(settings, resolution.provider.value),
    conclude: (answer) => ({ answer, final: true, records: {} }),
  };
  return { job, cache: cachePlace(call, job, settings, router) };
}

/** Null: the answer is neither looked up nor kept. */
function cachePlace(
  { request, tenant, wire, cache }: Call,
  job: Job,
  settings: LlmSettings,
  router: Router,
): CachePlace | null {
  if (!settings.cacheEnabled || cache === false) return null;
  const index = job.resolution.candidates.findIndex((_, at) => router.fitOf(job, at).upstream !== null);
  if (index < 0) return null;
  const { upstream, candidate, droppedParams } = router.fitOf(job, index);
  if (!upstream || (cache === undefined && upstream.temperature !== 0)) return null;
  const { wire: sent, provider: _, model: __, foreign: ___, cutTo: ____, ...neutral } = request;
  const fields: Record<string, unknown> = { ...(sent?.body ?? neutral) };
  for (const name of IGNORED) delete fields[name];
  const identity = {
    tenant,
    wire,
    // Made-up answers must never be taken for real ones.
    test: settings.testMode,
    provider: candidate.provider,
    model: candidate.realModel,
    fields,
    temperature: upstream.temperature ?? null,
    max_tokens: upstream.max_tokens,
  };
  return { sha256: hash('sha256', canonicalJson(identity)), candidate, droppedParams };
}
