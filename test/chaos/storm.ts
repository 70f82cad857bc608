/**
 * Processes and Redis are killed again and again, at any moment, while requests keep coming; then there is calm.
 *
 * What must hold is what must hold after one crash (I1, I2, I3, I8), and that the work is done soon after (I6).
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { NodeProcess } from '../support/node-process.ts';
import { type ChaosReport, Scene } from './scene.ts';

export interface StormPlan {
  seconds: number;
  threads: number;
  processes: number;
  modelMs: number;
}

const PROJECTS_PER_WAVE = 20;
const WAVE_MS = 400;
const KILL_PROCESS_MS = 900;
const KILL_REDIS_MS = 1_700;

export const storm = (plan: StormPlan): Promise<ChaosReport> => Scene.play(plan, (scene) => rage(scene, plan));

async function rage(scene: Scene, { seconds, processes }: StormPlan): Promise<ChaosReport> {
  let started = 0;
  const start = () => scene.startNode(`node-${++started}`);
  const nodes: NodeProcess[] = [];
  for (let i = 0; i < processes; i++) nodes.push(await start());
  const endMs = performance.now() + seconds * 1_000;
  const counts = { projects: 0, kills: 0, redisKills: 0 };
  const until = async (everyMs: number, strike: () => Promise<void>) => {
    while (performance.now() < endMs) {
      await pause(everyMs * (0.5 + Math.random()));
      await strike();
    }
  };
  await Promise.all([
    until(WAVE_MS, async () => {
      await scene.publish(PROJECTS_PER_WAVE);
      counts.projects += PROJECTS_PER_WAVE;
    }),
    until(KILL_PROCESS_MS, async () => {
      const victim = Math.floor(Math.random() * nodes.length);
      await nodes[victim]?.end('SIGKILL');
      counts.kills++;
      nodes[victim] = await start();
    }),
    until(KILL_REDIS_MS, async () => {
      await scene.server.kill();
      counts.redisKills++;
      await pause(Math.random() * 300);
      await scene.server.start();
    }),
  ]);
  const openAtCalm = await scene.openDeliveries();
  const calmMs = performance.now();
  await scene.untilCompleted(counts.projects);
  const settledMs = performance.now() - calmMs;
  const violations = await scene.audit(counts.projects);
  if (counts.kills < 2 || counts.redisKills < 2) violations.push('vacuous: hardly anything was killed');
  return {
    violations,
    facts: {
      projects: counts.projects,
      'processes killed': counts.kills,
      'Redis killed': counts.redisKills,
      'its data repaired': scene.server.repairs,
      'deliveries open when calm came': openAtCalm,
      'all ended after (ms)': Math.round(settledMs),
    },
  };
}
