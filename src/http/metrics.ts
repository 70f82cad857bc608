/**
 * Metrics of the HTTP surfaces, and gauges read from Redis when somebody asks.
 *
 * Owns: `dta_http_*`, and what is the same seen from any process: projects, questions, approvals, mailboxes. Labels
 * are route patterns, never paths, so their number is bounded (I9).
 */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Inbox } from '../store/inbox.ts';
import type { Projects } from '../store/projects.ts';
import type { Roles } from '../store/roles.ts';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export class HttpMetrics {
  readonly #requests: Counter<'server' | 'route' | 'method' | 'status'>;
  readonly #seconds: Histogram<'server' | 'route'>;

  constructor(registry: Registry) {
    this.#requests = new Counter({
      name: 'dta_http_requests_total',
      help: 'HTTP requests answered.',
      labelNames: ['server', 'route', 'method', 'status'],
      registers: [registry],
    });
    this.#seconds = new Histogram({
      name: 'dta_http_request_seconds',
      help: 'Time from the headers of a request to those of its response.',
      labelNames: ['server', 'route'],
      buckets: BUCKETS_SECONDS,
      registers: [registry],
    });
  }

  observe(server: string, route: string, method: string, status: number, seconds: number): void {
    this.#requests.inc({ server, route, method: METHODS.has(method) ? method : 'OTHER', status });
    this.#seconds.observe({ server, route }, seconds);
  }
}

export interface GaugeSources {
  registry: Registry;
  projects: Projects;
  questions: Inbox<'question'>;
  approvals: Inbox<'approval'>;
  roles: Roles;
  /** Roles to be told of, with their groups. */
  described(): readonly { role: string; group: string }[];
}

export class PlatformGauges {
  readonly #sources: GaugeSources;
  readonly #projects: Gauge<'status'>;
  readonly #questions: Gauge;
  readonly #approvals: Gauge;
  readonly #depth: Gauge<'role'>;
  readonly #pending: Gauge<'role'>;
  readonly #lag: Gauge<'role'>;

  constructor(sources: GaugeSources) {
    this.#sources = sources;
    const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
      new Gauge({ name, help, labelNames, registers: [sources.registry] });
    this.#projects = gauge('dta_projects', 'Projects by status.', ['status']);
    this.#questions = gauge('dta_open_questions', 'Questions that wait for an answer.');
    this.#approvals = gauge('dta_open_approvals', 'Approvals that wait for a decision.');
    this.#depth = gauge('dta_mailbox_depth', 'Entries in the mailbox.', ['role']);
    this.#pending = gauge('dta_pending', 'Entries delivered and not acked.', ['role']);
    this.#lag = gauge('dta_lag_seconds', 'Age of the oldest entry not yet delivered.', ['role']);
  }

  /** Reads everything anew. */
  async refresh(): Promise<void> {
    const { projects, questions, approvals, roles, described } = this.#sources;
    const known = described();
    const [statuses, openQuestions, openApprovals, numbers] = await Promise.all([
      projects.countByStatus(),
      questions.countOpen(),
      approvals.countOpen(),
      roles.numbersOf(known, Date.now()),
    ]);
    for (const [status, count] of statuses) this.#projects.set({ status }, count);
    this.#questions.set(openQuestions);
    this.#approvals.set(openApprovals);
    for (const [index, { role }] of known.entries()) {
      const { mailbox_depth, pending, lag_ms } = numbers[index] as (typeof numbers)[number];
      this.#depth.set({ role }, mailbox_depth);
      this.#pending.set({ role }, pending);
      this.#lag.set({ role }, lag_ms / 1000);
    }
  }
}
