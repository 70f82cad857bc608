/** Owns: what the `devteam` command takes from the environment; its options win over these. */
import { type Environment, EnvReader, type Machine } from './env.ts';

export interface CliConfig {
  /** Where the project API answers, without a slash at the end. */
  url: string;
  /** Null: none is sent. */
  apiKey: string | null;
}

export function parseCliConfig(env: Environment, machine: Machine): { config: CliConfig } | { problems: string[] } {
  const from = new EnvReader(env, machine);
  const config = {
    url: from.url('DEVTEAM_URL', 'http://localhost:3000'),
    apiKey: from.secret('DEVTEAM_API_KEY')?.value ?? null,
  };
  return from.problems.length > 0 ? { problems: from.problems } : { config };
}
