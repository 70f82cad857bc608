/**
 * Metrics of the calls this thread makes.
 *
 * Owns: `dta_llm_*`. Labels are configured names only, so their number is bounded (I9). What all processes and
 * threads spend together is the ledger's to tell (`GET /v1/usage`).
 */

import { Counter, Histogram, type Registry } from 'prom-client';
import type { Answer } from './chat.ts';
import { NANO_PER_USD } from './pricing.ts';
import type { CallReport } from './report.ts';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
const NONE = '-';

export class LlmMetrics {
  readonly #calls: Counter<'provider' | 'model' | 'outcome' | 'cache'>;
  readonly #attempts: Counter<'provider' | 'model' | 'outcome'>;
  readonly #tokens: Counter<'provider' | 'model' | 'type'>;
  readonly #cost: Counter<'provider' | 'model'>;
  readonly #seconds: Histogram<'provider' | 'model'>;
  readonly #firstContentSeconds: Histogram<'provider' | 'model'>;

  constructor(registry: Registry) {
    const registers = [registry];
    const labelNames = ['provider', 'model'] as const;
    this.#calls = new Counter({
      name: 'dta_llm_calls_total',
      help: 'Calls that ended, by how.',
      labelNames: [...labelNames, 'outcome', 'cache'],
      registers,
    });
    this.#attempts = new Counter({
      name: 'dta_llm_attempts_total',
      help: 'Attempts at candidates, by how they ended.',
      labelNames: [...labelNames, 'outcome'],
      registers,
    });
    this.#tokens = new Counter({
      name: 'dta_llm_tokens_total',
      help: 'Tokens of answers.',
      labelNames: [...labelNames, 'type'],
      registers,
    });
    this.#cost = new Counter({ name: 'dta_llm_cost_usd_total', help: 'Cost of answers.', labelNames, registers });
    this.#seconds = new Histogram({
      name: 'dta_llm_call_seconds',
      help: 'Time of a whole call.',
      labelNames,
      buckets: SECONDS,
      registers,
    });
    this.#firstContentSeconds = new Histogram({
      name: 'dta_llm_first_content_seconds',
      help: 'Time from sending a call to its first content.',
      labelNames,
      buckets: SECONDS,
      registers,
    });
  }

  /** @param code of the fault the call ended with; undefined: it was answered */
  observe(report: CallReport, answer: Answer | null, code: string | undefined): void {
    const provider = report.provider ?? NONE;
    const model = report.model ?? NONE;
    this.#calls.inc({ provider, model, outcome: code ?? 'answered', cache: report.cache });
    for (const { provider, model, outcome } of report.attempts) this.#attempts.inc({ provider, model, outcome });
    if (report.costNanoUsd > 0) this.#cost.inc({ provider, model }, report.costNanoUsd / NANO_PER_USD);
    this.#seconds.observe({ provider, model }, (performance.now() - report.startedMs) / 1000);
    if (report.phases.ttft !== undefined) {
      this.#firstContentSeconds.observe({ provider, model }, report.phases.ttft / 1000);
    }
    if (!answer?.usage || report.attempts.length === 0) return;
    this.#tokens.inc({ provider, model, type: 'input' }, answer.usage.inputTokens);
    this.#tokens.inc({ provider, model, type: 'output' }, answer.usage.outputTokens);
  }
}
