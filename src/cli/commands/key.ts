/** `devteam key`: a new API key. Asks no server: the key is known only here, a server has its digest. */
import { hash, randomBytes } from 'node:crypto';
import { parseApiKeys } from '../../config/api-keys.ts';
import { SCOPES } from '../../http/auth.ts';
import { type Command, command } from '../command.ts';
import { UsageError } from '../failures.ts';
import { facts } from '../terminal.ts';

const KEY_BYTES = 32;

export const keyCommand: Command = command({
  path: 'key',
  summary: 'Make an API key and its entry for API_KEYS',
  arguments: ['<name>', '<scopes>'],
  options: {},
  notes: [`Scopes, joined by + : ${SCOPES.join(' ')}`, 'The key is shown this once: a server only has its SHA-256.'],
  examples: ['key ops admin', 'key ci projects:read+projects:write'],
  async run({ terminal, given: [name = '', scopes = ''], show }) {
    const key = `dta_${randomBytes(KEY_BYTES).toString('base64url')}`;
    const entry = `${name}:${scopes}:${hash('sha256', key)}`;
    const [problem] = parseApiKeys(entry).problems;
    if (problem) throw new UsageError(problem.replace(/^entry 1: /, ''));
    const rows = [
      ['key', key],
      ['entry', entry],
    ] as const;
    const next =
      'Hand out the key. Add the entry to API_KEYS, after a comma if there are others, and start the server again.';
    show({ name, scopes: scopes.split('+'), key, entry }, () => `${facts(rows, terminal)}\n\n${next}`);
    return 0;
  },
});
