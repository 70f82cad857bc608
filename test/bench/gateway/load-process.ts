/** Generates load with autocannon, one order after the other. Ends with whoever started it. */
import { createRequire } from 'node:module';

export interface LoadOrder {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  connections: number;
  /** How long, seconds, or how many requests. */
  seconds?: number;
  requests?: number;
}

export interface LoadResult {
  seconds: number;
  /** With 2xx. */
  answered: number;
  /** Other statuses, lost connections, timeouts. */
  failed: number;
  /** Such as `429 × 12, lost × 1`; empty if there was no failure. */
  failures: string;
  /** Whole ms. */
  p50Ms: number;
  p99Ms: number;
}

interface Outcome {
  '2xx': number;
  non2xx: number;
  errors: number;
  duration: number;
  statusCodeStats: Record<string, { count: number }>;
  latency: { p50: number; p99: number };
}

/** Ours serves 1,000 requests per connection and says so with the last answer; autocannon would not listen. */
const RECONNECT_AFTER = 900;

type Autocannon = (options: object) => Promise<Outcome>;

const folder = process.env.BENCH_PACKAGES;
if (!folder) throw new Error('BENCH_PACKAGES names the folder of autocannon');
const autocannon = createRequire(`${folder}/`)('autocannon') as Autocannon;

process.on('disconnect', () => process.exit());
process.on('message', (order: LoadOrder) => void run(order));

async function run({ url, headers, body, connections, seconds, requests }: LoadOrder): Promise<void> {
  const outcome = await autocannon({
    url,
    method: 'POST',
    headers,
    body,
    connections,
    reconnectRate: RECONNECT_AFTER,
    ...(requests === undefined ? { duration: seconds } : { amount: requests }),
  });
  const result: LoadResult = {
    seconds: outcome.duration,
    answered: outcome['2xx'],
    failed: outcome.non2xx + outcome.errors,
    failures: failuresOf(outcome),
    p50Ms: outcome.latency.p50,
    p99Ms: outcome.latency.p99,
  };
  process.send?.(result);
}

function failuresOf({ statusCodeStats, errors }: Outcome): string {
  const statuses = Object.entries(statusCodeStats).filter(([status]) => !/^2/.test(status));
  const counts = statuses.map(([status, { count }]) => `${status} × ${count}`);
  return (errors > 0 ? [...counts, `lost × ${errors}`] : counts).join(', ');
}

process.send?.('ready');
