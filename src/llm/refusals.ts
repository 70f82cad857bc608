/**
 * What callers are told when they get no answer although no attempt has failed.
 *
 * Owns: the words, codes and times to come back. Pure. Failures of attempts are told by `disposition.ts`.
 */
import { Fault } from '../errors.ts';
import type { Admission } from './accounts/shapes.ts';
import { budgetView, resetOf } from './budgets.ts';
import type { ProviderName } from './chat.ts';
import { dispositionOf } from './disposition.ts';
import type { Job } from './job.ts';
import type { UpstreamFailure } from './provider.ts';
import type { CallReport } from './report.ts';

/** Requests that may wait for a slot of one provider. */
export const WAITING_MAX = 1_000;

/** Why a candidate was passed over without being asked. */
export interface Passed {
  verdict: 'breaker_open' | 'cooling_down' | 'rate_limited';
  waitMs: number | null;
}

export function busy(provider: ProviderName, report: CallReport): Fault {
  return new Fault('SERVICE_UNAVAILABLE', `more than ${WAITING_MAX} requests wait for ${provider}`, {
    details: { retry_after: 1, ...madeBy(report) },
  });
}

export function rateLimited(provider: ProviderName, retryAfterMs: number | null): Fault {
  if (retryAfterMs === null) {
    const message = `the request takes more tokens than ${provider} may take in a minute; lower max_tokens or raise rate_limiting.providers.${provider}.tokens_per_minute`;
    return new Fault('RATE_LIMITED', message, { details: { provider } });
  }
  const retry_after = Math.max(1, Math.ceil(retryAfterMs / 1000));
  return new Fault('RATE_LIMITED', `the rate limit for ${provider} is reached`, { details: { provider, retry_after } });
}

export function budgetExceeded(
  admission: Extract<Admission, { verdict: 'budget_exceeded' }>,
  nowMs: number,
  report: CallReport,
): Fault {
  const { scope } = admission;
  const resetsAtMs = resetOf(scope, nowMs);
  return new Fault('BUDGET_EXCEEDED', `budget exceeded: ${scope}`, {
    details: {
      ...budgetView({ ...admission, name: scope }, nowMs),
      ...madeBy(report),
      ...(resetsAtMs !== null && { retry_after: Math.max(1, Math.ceil((resetsAtMs - nowMs) / 1000)) }),
    },
  });
}

export function interrupted(failure: UpstreamFailure, { attempts }: CallReport): Fault {
  const filtered = failure.kind === 'content_filter';
  return new Fault(
    filtered ? 'CONTENT_FILTERED' : 'STREAM_INTERRUPTED',
    filtered ? dispositionOf('content_filter').message : `the answer broke off: ${failure.message}`,
    { details: { attempts }, cause: failure },
  );
}

export function tooLate({ attempts }: CallReport): Fault {
  return new Fault('PROVIDER_TIMEOUT', 'the request could not be answered in time', { details: { attempts } });
}

/** Attempts may have failed before the one that is refused. */
function madeBy({ attempts }: CallReport): object {
  return attempts.length > 0 ? { attempts } : {};
}

/** No candidate is asked, or not again: why not. */
export function nothingUsable(
  job: Pick<Job, 'fits' | 'resolution' | 'report'>,
  passed: readonly Passed[],
  smallestWaitMs: number | null,
): Fault {
  const retry_after = Math.max(1, Math.ceil((smallestWaitMs ?? 1_000) / 1000));
  const details = { retry_after, ...madeBy(job.report) };
  const { fits } = job;
  if (passed.some(({ verdict }) => verdict !== 'breaker_open')) {
    return new Fault('RATE_LIMITED', 'every provider that could answer limits the rate', { details });
  }
  if (passed.length > 0) {
    const message = 'every provider that could answer has failed too often and is left alone for a while';
    return new Fault('SERVICE_UNAVAILABLE', message, { details });
  }
  const candidates = job.resolution.candidates.map(({ provider, realModel: model }, index) => ({
    provider,
    model,
    reasons: fits[index]?.reasons ?? [],
  }));
  const parameters = [...new Set(fits.flatMap(({ unsupported }) => unsupported))];
  if (parameters.length > 0) {
    const message = `no candidate supports ${parameters.join(', ')}`;
    return new Fault('UNSUPPORTED_PARAMETER', message, { details: { parameters, candidates } });
  }
  if (fits.some(({ windowTooSmall }) => windowTooSmall)) {
    const message = 'the input and max_tokens together are more than the context window of every candidate';
    return new Fault('CONTEXT_LENGTH_EXCEEDED', message, { details: { candidates } });
  }
  const message = 'no provider can be asked: enable one and set its key, or set LLM_TEST_MODE=true';
  return new Fault('SERVICE_UNAVAILABLE', message, { details: { candidates, retry_after: 60 } });
}
