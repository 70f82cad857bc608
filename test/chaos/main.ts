/**
 * Breaks a running platform and checks what is left of its promises.
 *
 *   npm run chaos -- --projects 500 --threads 2 --storm-s 30
 *
 * Prints what happened and every violation; exits with 1 if there is one.
 */
import { parseArgs } from 'node:util';
import { crash } from './crash.ts';
import { llmBudget } from './llm-budget.ts';
import { EVERY_JOURNEY, orderKill, SHARED } from './order-kill.ts';
import type { ChaosReport } from './scene.ts';
import { storm } from './storm.ts';
import { EVERY_STRIKE, PARALLEL_STRIKES, teamKill } from './team-kill.ts';

const { values } = parseArgs({
  options: {
    projects: { type: 'string', default: '500' },
    threads: { type: 'string', default: '2' },
    'model-ms': { type: 'string', default: '250' },
    'storm-s': { type: 'string', default: '20' },
    clients: { type: 'string', default: '500' },
  },
});
const threads = Number(values.threads);
const modelMs = Number(values['model-ms']);
const seconds = Number(values['storm-s']);
const SHOWN = 50;

function report(what: string, { violations, facts }: ChaosReport): void {
  console.log(what);
  console.table(facts);
  for (const violation of violations.slice(0, SHOWN)) console.error(`VIOLATION ${violation}`);
  if (violations.length > SHOWN) console.error(`… and ${violations.length - SHOWN} more`);
  console.log(violations.length === 0 ? 'no violation\n' : `${violations.length} violations\n`);
  if (violations.length > 0) process.exitCode = 1;
}

report('A process and Redis are killed', await crash({ projects: Number(values.projects), threads, modelMs }));
if (seconds > 0) {
  report('Processes and Redis are killed again and again', await storm({ seconds, threads, processes: 2, modelMs }));
}
report(
  'A process is killed while clients use up a budget',
  await llmBudget({ clients: Number(values.clients), tokenDelayMs: 4 }),
);
report(
  "A team's process is killed at every step of a run",
  await teamKill({ pattern: 'sequential', upstream: 'mock', strikes: EVERY_STRIKE }),
);
report(
  "A team's process is killed at every step while its members work at once",
  await teamKill({ pattern: 'parallel', upstream: 'mock', strikes: PARALLEL_STRIKES }),
);
report(
  'The same without an upstream',
  await teamKill({ pattern: 'sequential', upstream: 'test', strikes: EVERY_STRIKE }),
);
report(
  'The process that takes orders is killed at every step from the upload to the CSV',
  await orderKill({ journeys: EVERY_JOURNEY, shared: SHARED }),
);
