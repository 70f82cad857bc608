/**
 * Two processes share the work of many projects; one is killed, then Redis is.
 *
 * Afterwards every project must have ended, with nothing lost, nothing done twice, nothing pending, and stored state
 * equal to its replay (I1, I2, I3, I6, I8). If nothing was at stake when the faults struck, that is a violation too.
 */
import { eventually } from '../support/eventually.ts';
import { type ChaosReport, FINISH_WITHIN_MS, Scene } from './scene.ts';

export interface CrashPlan {
  projects: number;
  threads: number;
  /** How long each call of a language model takes. */
  modelMs: number;
}

/** Parts of the projects that have ended when the process, and when Redis, is killed. */
const KILL_PROCESS_AT = 0.05;
const KILL_REDIS_AT = 0.35;
const RESUME_WITHIN_MS = 3_000;

export const crash = (plan: CrashPlan): Promise<ChaosReport> => Scene.play(plan, (scene) => strike(scene, plan));

async function strike(scene: Scene, { projects }: CrashPlan): Promise<ChaosReport> {
  const first = await scene.startNode('first');
  const second = await scene.startNode('second');
  const violations: string[] = [];
  const startedMs = performance.now();
  await scene.publish(projects);
  await scene.untilCompleted(projects * KILL_PROCESS_AT);

  await first.end('SIGKILL');
  const killedMs = performance.now();
  const held = await scene.heldBy('first');
  const endedAtKill = await scene.completed();
  let redisDownMs = 0;
  const taken = { resumedMs: Number.NaN, releasedMs: Number.NaN, awayMs: 0 };
  const resumption = (async () => {
    const holdsLess = async (than: number) => (await scene.heldBy('first')) < than;
    await eventually('its work resumes', () => holdsLess(held), FINISH_WITHIN_MS);
    taken.resumedMs = performance.now() - killedMs;
    taken.awayMs = redisDownMs;
    await eventually('all its work is taken over', () => holdsLess(1), FINISH_WITHIN_MS);
    taken.releasedMs = performance.now() - killedMs;
  })();

  await scene.untilCompleted(projects * KILL_REDIS_AT);
  const openAtRedisKill = await scene.openDeliveries();
  const endedAtRedisKill = await scene.completed();
  const downMs = performance.now();
  await scene.server.kill();
  await scene.server.start();
  redisDownMs = performance.now() - downMs;

  await resumption;
  await scene.untilCompleted(projects);
  const totalMs = performance.now() - startedMs;

  if (held === 0) violations.push('vacuous: the killed process held nothing');
  if (openAtRedisKill === 0) violations.push('vacuous: nothing was in work when Redis was killed');
  // While Redis is away nobody can take over anything.
  if (!(taken.resumedMs - taken.awayMs < RESUME_WITHIN_MS)) {
    violations.push(`work of the dead process resumed after ${taken.resumedMs} ms`);
  }
  violations.push(...(await scene.audit(projects)));
  const exit = await second.end('SIGTERM');
  if (exit.code !== 0) {
    violations.push(`the surviving process ended with ${exit.signal ?? exit.code}:\n${second.printed}`);
  }
  return {
    violations,
    facts: {
      projects,
      'ended when the process was killed': endedAtKill,
      'deliveries it held': held,
      'first of them taken over after (ms)': Math.round(taken.resumedMs),
      'all of them taken over after (ms)': Math.round(taken.releasedMs),
      'ended when Redis was killed': endedAtRedisKill,
      'deliveries open then': openAtRedisKill,
      'Redis was away (ms)': Math.round(redisDownMs),
      'all ended after (ms)': Math.round(totalMs),
    },
  };
}
