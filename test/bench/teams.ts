/** How long members of a team that work at once keep a run waiting. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLog } from '../support/oracle.ts';
import { aRun } from '../support/team-runs.ts';
import { Platform } from './platform.ts';
import { startServer } from './server.ts';
import { type Spread, spread } from './statistics.ts';

export interface TeamsPlan {
  threads: number;
  /** How long each call takes. */
  callMs: number;
  runs: number;
}

export interface TeamsResult extends TeamsPlan {
  /** From the commit that dispatches four tasks until the last of their answers is in the log. */
  fourAtOnceMs: Spread;
  parallelMs: Spread;
  sequentialMs: Spread;
}

const AT_ONCE = 4;
const LOOK_MS = 5;

/** Entry ids begin with the time at which Redis appended them. */
const appendedMs = (id: string): number => Number(id.split('-')[0]);

export async function measureTeams(plan: TeamsPlan): Promise<TeamsResult> {
  const dir = mkdtempSync(join(tmpdir(), 'devteam-bench-teams-'));
  const script = join(dir, 'model.json');
  writeFileSync(script, `[{"match":{},"then":{"latency_ms":${plan.callMs}}}]`);
  const server = await startServer('always');
  const platform = await Platform.start(server, { threads: plan.threads, env: { LLM_TEST_SCRIPT: script } });
  const times = { four: [] as number[], parallel: [] as number[], sequential: [] as number[] };
  const play = async (pattern: 'parallel' | 'sequential') => {
    const request = aRun('analysis_team', { pattern });
    await server.redis.xadd(platform.keys.log, '*', 'event', JSON.stringify(request));
    for (;;) {
      const log = (await readLog(server.redis, platform.keys)).filter(
        ({ event }) => event.correlation_id === request.correlation_id,
      );
      const of = (type: string) => log.filter(({ event }) => event.event_type === type).map(({ id }) => appendedMs(id));
      const [first] = of('AGENT.TASK_DISPATCHED');
      const [end] = of('TEAM.RUN_COMPLETED');
      if (first !== undefined && end !== undefined) {
        times[pattern].push(end - first);
        if (pattern === 'parallel') times.four.push((of('AGENT.TASK_COMPLETED')[AT_ONCE - 1] as number) - first);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  };
  try {
    await play('parallel');
    times.four.length = 0;
    times.parallel.length = 0;
    for (let k = 0; k < plan.runs; k++) await play('parallel');
    for (let k = 0; k < plan.runs; k++) await play('sequential');
  } finally {
    await platform.stop();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
  return {
    ...plan,
    fourAtOnceMs: spread(times.four),
    parallelMs: spread(times.parallel),
    sequentialMs: spread(times.sequential),
  };
}
