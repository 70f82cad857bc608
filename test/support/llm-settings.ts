/** Settings of the gateway as a configuration file and an environment make them, without a file on disk. */
import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import type { Machine } from '../../src/config/env.ts';
import type { LlmConfig } from '../../src/config/llm.ts';
import { type Config, parseConfig } from '../../src/config.ts';

const SHIPPED = readFileSync(new URL('../../config/llm_config.yaml', import.meta.url), 'utf8');

/** A machine with these files besides the package's; its working directory is /app, the package's folder /package. */
export function machineWith(files: Readonly<Record<string, string>> = {}): Machine {
  const all: Readonly<Record<string, string>> = { '/package/config/llm_config.yaml': SHIPPED, ...files };
  return {
    hostName: 'host',
    pid: 42,
    cores: 4,
    cwd: '/app',
    homeDir: '/home/u',
    packageDir: '/package/',
    readText(path) {
      const text = all[path];
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return text;
    },
    problemWith: (path, kind) => (kind === 'file' && all[path] === undefined ? 'no such file' : null),
  };
}

/** What the configuration says of the file and the environment; the file as text, or as what it holds. */
export function llmConfig(
  file?: unknown,
  env: Readonly<Record<string, string>> = {},
): LlmConfig & Pick<Config, 'secrets'> {
  const parsed = parseConfig(env, { machine: machineWith(asFile(file)) });
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  return { ...parsed.config.llm, secrets: parsed.config.secrets };
}

export function llmSettings(file?: unknown, env: Readonly<Record<string, string>> = {}) {
  return llmConfig(file, env).settings;
}

export function llmProblems(file?: unknown, env: Readonly<Record<string, string>> = {}): readonly string[] {
  const parsed = parseConfig(env, { machine: machineWith(asFile(file)) });
  return 'problems' in parsed ? parsed.problems : [];
}

function asFile(file: unknown): Record<string, string> {
  if (file === undefined) return {};
  return { '/app/llm_config.yaml': typeof file === 'string' ? file : stringify(file) };
}
