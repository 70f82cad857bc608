/** What every play with a mock upstream begins and ends with. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MockUpstream, startMockUpstream } from '../support/mock-upstream.ts';
import { RedisProcess } from '../support/redis-process.ts';
import type { ChaosReport } from './scene.ts';

interface Played {
  run(): Promise<ChaosReport>;
  /** Ends its processes and connections. */
  end(): Promise<void>;
}

export interface Stage {
  /** Of the temporary folder. */
  name: string;
  redis?: readonly string[];
  mock: Parameters<typeof startMockUpstream>[0];
}

/** Sets the scene of a play, has it played, and leaves nothing behind. */
export async function staged(
  { name, redis = [], mock: settings }: Stage,
  open: (dir: string, server: RedisProcess, mock: MockUpstream) => Played,
): Promise<ChaosReport> {
  const dir = mkdtempSync(join(tmpdir(), `devteam-${name}-`));
  const server = await RedisProcess.start([...redis]);
  const mock = await startMockUpstream(settings);
  const play = open(dir, server, mock);
  try {
    return await play.run();
  } finally {
    await play.end();
    await mock.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}
