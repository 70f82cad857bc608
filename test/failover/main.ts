/** `npm run failover`: plays all scenarios with the limits as shipped, side by side, and prints the scorecard. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, styleText } from 'node:util';
import { startEmbeddedRedis } from '../../src/bus/embedded-redis.ts';
import { redisSearch } from '../redis-search.ts';
import { type CaseResult, runScenario, SCENARIOS } from './scenarios.ts';

const { values } = parseArgs({
  options: { speed: { type: 'string', default: '1' }, only: { type: 'string' }, help: { type: 'boolean' } },
});
if (values.help) {
  console.log('npm run failover -- [--speed 20] [--only S07]\n\n  --speed  run all limits that many times faster');
  process.exit(0);
}
const speed = Number(values.speed);
if (!(speed >= 1 && speed <= 100)) throw new Error('--speed takes a number from 1 to 100');
const dataDir = mkdtempSync(join(tmpdir(), 'failover-'));
const redis = await startEmbeddedRedis({ ...redisSearch(), dataDir, durability: 'none', log: () => {} });
let passed = 0;
try {
  const chosen = SCENARIOS.filter(({ id }) => values.only === undefined || id === values.only);
  console.log(
    `${chosen.length} scenarios, limits ${speed === 1 ? 'as shipped: takes about two minutes' : `${speed} times faster`}`,
  );
  const running = chosen.map((scenario) => runScenario(scenario, { socketPath: redis.socketPath, speed }));
  for (const results of running) {
    const cases = await results;
    if (cases.every(({ failed }) => failed.length === 0)) passed++;
    print(cases);
  }
  console.log(`${passed} of ${chosen.length}`);
  process.exitCode = passed === chosen.length ? 0 : 1;
} finally {
  await redis.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

function print(cases: readonly CaseResult[]): void {
  const [first] = cases;
  const ok = cases.every(({ failed }) => failed.length === 0);
  const mark = ok ? styleText('green', 'pass') : styleText('red', 'FAIL');
  const times = cases.map(({ streamed, withFallback, ms }) => {
    return `${streamed ? 'streamed' : 'whole'}${withFallback ? '' : ' without F'} ${(ms / 1000).toFixed(1)} s`;
  });
  console.log(`${first?.id}  ${mark}  ${first?.does.padEnd(45)}  ${times.join(', ')}`);
  for (const { failed, streamed, withFallback } of cases) {
    for (const fact of failed) {
      console.log(`      not so (${streamed ? 'streamed' : 'whole'}${withFallback ? '' : ', without F'}): ${fact}`);
    }
  }
}
