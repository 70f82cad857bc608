/** Logging in and out of the dashboard. Owns `/api/session`, and the limit on failed attempts. */
import type { Keyring } from '../auth.ts';
import { unauthorized } from '../auth.ts';
import { rateLimited } from '../errors.ts';
import type { RateLimiter } from '../rate-limit.ts';
import { type Route, route } from '../route.ts';
import { requireOwnPage, type Sessions, sessionCookie, sessionToken } from '../sessions.ts';
import * as shape from '../shapes.ts';

const FAILURES_PER_MINUTE = 10;

export function sessionRoutes(keyring: Keyring, sessions: Sessions, limiter: RateLimiter): Route[] {
  return [
    route<Record<string, never>, { key: string }>({
      method: 'POST',
      path: '/api/session',
      access: 'open',
      limit: 'none',
      tag: 'Session',
      summary: 'Exchange a key for a session cookie',
      body: { schema: shape.object({ key: { type: 'string', minLength: 1, maxLength: 1_000 } }) },
      responses: { 204: { description: 'Logged in', headers: { 'Set-Cookie': 'The session' } } },
      errors: [400, 413, 415],
      async handler({ body, address, secure }) {
        if (keyring.everyone) return { status: 204 };
        const bucket = `login:ip:${address}`;
        // Counted before the key is looked at, so that a burst of guesses cannot pass the limit.
        const attempt = await limiter.take(bucket, FAILURES_PER_MINUTE);
        if (!attempt.allowed) throw rateLimited('Too many failed logins.', attempt.retryAfterSeconds);
        const principal = keyring.byKey(body.key);
        if (!principal) throw unauthorized('This key is not known.');
        await limiter.giveBack(bucket, FAILURES_PER_MINUTE);
        return { status: 204, headers: { 'Set-Cookie': sessionCookie(await sessions.open(principal), secure) } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/session',
      access: 'any key',
      tag: 'Session',
      summary: 'End the session',
      responses: { 204: { description: 'Logged out' } },
      async handler({ request, secure }) {
        const token = sessionToken(request);
        if (token !== undefined) {
          requireOwnPage(request);
          await sessions.close(token);
        }
        return { status: 204, headers: { 'Set-Cookie': sessionCookie(undefined, secure) } };
      },
    }),
  ];
}
