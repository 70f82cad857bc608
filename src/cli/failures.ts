/**
 * What a person is told when a command fails, and what they can do about it.
 *
 * Owns: hints and exit codes (1 failure, 2 usage). The errors are those of the API, as `Fault`s.
 */
import type { Fault } from '../errors.ts';
import type { Connection } from './client.ts';

export const EXIT_FAILURE = 1;
export const EXIT_USAGE = 2;

/** The command was not given as it must be. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Lines for stderr: what went wrong, where, what to do. */
export function explain(fault: Fault, connection: Connection): string[] {
  const lines = [fault.message];
  for (const { path, message } of violationsOf(fault)) lines.push(`  ${path} ${message}`);
  const hint = hintFor(fault, connection);
  return hint === null ? lines : [...lines, hint];
}

/** As the API says it, for scripts. */
export function asJson(fault: Fault): string {
  const { publicCode: code, message, details } = fault;
  return JSON.stringify({ error: { code, message, ...(details && { details }) } });
}

function violationsOf({ details }: Fault): { path: string; message: string }[] {
  const errors = details?.errors;
  return Array.isArray(errors) ? (errors as { path: string; message: string }[]) : [];
}

function hintFor({ code, details }: Fault, { url, apiKey }: Connection): string | null {
  if (details?.unreachable !== undefined) {
    return 'Start one with `npm start`, or name another with --url or DEVTEAM_URL.';
  }
  switch (code) {
    case 'UNAUTHORIZED':
      return apiKey === null
        ? 'This server wants an API key: give it with --key or DEVTEAM_API_KEY.'
        : 'The server does not know the key given with --key or DEVTEAM_API_KEY.';
    case 'FORBIDDEN':
      return 'Use a key that has the scope; `devteam key <name> <scopes>` makes one.';
    case 'INTERNAL_ERROR':
      return `Its log tells more: level ERROR, correlation_id ${details?.correlation_id}.`;
    case 'SERVICE_UNAVAILABLE':
      return `The server is there but cannot serve just now: see ${url}/health, then try again.`;
    default:
      return null;
  }
}
