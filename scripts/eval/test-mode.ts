/**
 * The node on which cases run in test mode.
 *
 * Owns: its settings: the models as shipped, but no limits, quick retries, and what the cases' scripts say.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { type OwnNode, startOwnNode } from '../own-node.ts';
import { type EvalCase, scriptOf } from './cases.ts';

const SHIPPED = new URL('../../config/llm_config.yaml', import.meta.url);

export interface TestModeOptions {
  threads: number;
  /** What finds Redis, or the socket of one that is there. */
  surroundings?: Readonly<Record<string, string | undefined>>;
  socketPath?: string;
}

export async function startInTestMode(
  cases: readonly EvalCase[],
  { threads, surroundings = {}, socketPath }: TestModeOptions,
): Promise<OwnNode> {
  const folder = mkdtempSync(join(tmpdir(), 'devteam-eval-'));
  const script = join(folder, 'script.json');
  const config = join(folder, 'llm_config.yaml');
  const shipped = parse(readFileSync(SHIPPED, 'utf8')) as object;
  writeFileSync(script, JSON.stringify(scriptOf(cases)));
  writeFileSync(config, stringify({ ...shipped, rate_limiting: { enabled: false } }));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  try {
    const settings = {
      ...surroundings,
      LLM_TEST_MODE: 'true',
      LLM_TEST_SCRIPT: script,
      LLM_CONFIG_PATH: config,
      RETRY_BASE_MS: '1',
      RETRY_MAX_MS: '5',
      THREADS: String(threads),
    };
    const own = await startOwnNode(settings, socketPath);
    return {
      ...own,
      async stop() {
        await own.stop();
        removeFolder();
      },
    };
  } catch (error) {
    removeFolder();
    throw error;
  }
}
