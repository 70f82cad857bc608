/**
 * The mock upstream as a process of its own: prints `{"port":…}` and serves until SIGTERM or the end of its stdin, which
 * whoever starts it keeps open.
 *
 *     node test/bench/mock-upstream-process.ts --port 0 --latency-ms 0 --token-delay-ms 0
 */
import { parseArgs } from 'node:util';
import { startMockUpstream } from '../support/mock-upstream.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'latency-ms': { type: 'string', default: '0' },
    'token-delay-ms': { type: 'string', default: '0' },
  },
});
const upstream = await startMockUpstream({
  port: Number(values.port),
  latencyMs: Number(values['latency-ms']),
  tokenDelayMs: Number(values['token-delay-ms']),
  record: false,
});
const end = () => process.exit(0);
process.once('SIGTERM', end);
process.stdin.once('close', end).once('error', end).resume();
process.stdout.write(`${JSON.stringify({ port: upstream.port })}\n`);
