/**
 * Owns: which `llm_config.yaml` is read, and the LLM settings as a whole.
 * Does not own: what the environment (`llm-environment.ts`) and the file (`llm-file.ts`) may say, nor what wins over
 * what (`llm-settings.ts`).
 * Keeps I11: the file's problems are told together with those of the environment.
 */
import { join } from 'node:path';
import type { LlmSettings } from '../llm/settings.ts';
import type { Environment, EnvReader, Machine } from './env.ts';
import { readLlmEnvironment } from './llm-environment.ts';
import { type LlmFile, readLlmFile } from './llm-file.ts';
import { contradictions, mergeLlm } from './llm-settings.ts';
import { parseYaml, Section, type YamlSource } from './yaml.ts';

export interface LlmConfig {
  settings: LlmSettings;
  /** Null = the gateway in this process. */
  gatewayUrl: string | null;
  /** The `llm_config.yaml` that was read; null = the one that comes with the package. */
  configPath: string | null;
}

const PLACES = ['config/llm_config.yaml', 'llm_config.yaml'] as const;

export function readLlm(
  from: EnvReader,
  env: Environment,
  machine: Machine,
  atCwd: (path: string) => string,
): LlmConfig {
  const said = readLlmEnvironment(from, atCwd);
  const present = PLACES.find((path) => !machine.problemWith(atCwd(path), 'file')) ?? null;
  const problemsBefore = from.problems.length;
  const configPath = from.path('LLM_CONFIG_PATH', present, 'file', atCwd);
  const usable = configPath !== null && from.problems.length === problemsBefore;

  const read = (name: string, path: string): LlmFile => {
    const source: YamlSource = { name, problems: from.problems, variable: (key) => env[key]?.trim() };
    let text = '';
    try {
      text = machine.readText(path);
    } catch (error) {
      from.problems.push(`${name}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
    }
    return readLlmFile(parseYaml(text, source) ?? new Section('', {}, source));
  };
  const shippedPath = join(machine.packageDir, PLACES[0]);
  const shownName = from.find('LLM_CONFIG_PATH')?.value ?? present ?? shippedPath;
  const isShipped = !usable || configPath === shippedPath;
  const shipped = read(isShipped ? shownName : shippedPath, shippedPath);
  const file = isShipped ? shipped : read(shownName, configPath);

  const settings = mergeLlm(said, file, shipped);
  from.secrets.push(...keysNotYetIn(from.secrets, settings));
  for (const problem of contradictions(settings)) {
    // A variable may have been put into the wrong place.
    const shown = from.secrets.reduce((text, secret) => text.replaceAll(secret, '<set>'), problem);
    from.problems.push(`${shownName}: ${shown}`);
  }
  return { settings, gatewayUrl: from.url('LLM_GATEWAY_URL', null), configPath };
}

function keysNotYetIn(secrets: readonly string[], { providers }: LlmSettings): string[] {
  const keys = Object.values(providers).map(({ apiKey }) => apiKey);
  return keys.filter((key) => key !== null && !secrets.includes(key)) as string[];
}
