/**
 * Metrics of the HTTP surfaces.
 *
 * Owns: `dta_http_*`. Labels are route patterns, never paths, so their number is bounded (I9).
 */
import { Counter, Histogram, type Registry } from 'prom-client';

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
      help: 'Time from the first byte of a request to its response headers.',
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
