/**
 * Sessions of the dashboard: a cookie instead of a key in the browser's storage.
 *
 * Owns: `P:http:session:*` (only the digest of a token is stored), the cookie, and the check that a writing request
 * comes from our own page. A session is worth what its key is worth now: scopes are looked up on every request.
 */
import { hash, randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Keys } from '../bus/keys.ts';
import { Fault } from '../errors.ts';
import type { Keyring, Principal } from './auth.ts';

const LIFE_SECONDS = 8 * 60 * 60;
const COOKIE = 'session';
const TOKEN_FORM = /^[A-Za-z0-9_-]{43}$/;

export class Sessions {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #keyring: Keyring;

  constructor(redis: Redis, keys: Keys, keyring: Keyring) {
    this.#redis = redis;
    this.#keys = keys;
    this.#keyring = keyring;
  }

  #record(token: string): string {
    return this.#keys.under(`http:session:${hash('sha256', token, 'hex')}`);
  }

  /** The token of a new session. */
  async open(principal: Principal): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    await this.#redis.set(this.#record(token), principal.name, 'EX', LIFE_SECONDS);
    return token;
  }

  async find(token: string): Promise<Principal | undefined> {
    const name = await this.#redis.get(this.#record(token));
    return name === null ? undefined : this.#keyring.byName(name);
  }

  async close(token: string): Promise<void> {
    await this.#redis.del(this.#record(token));
  }
}

/** The session token among the cookies of a request. */
export function sessionToken(request: Request): string | undefined {
  for (const pair of request.headers.get('cookie')?.split(';') ?? []) {
    const [name, value = ''] = pair.trim().split('=', 2);
    if (name === COOKIE && TOKEN_FORM.test(value)) return value;
  }
  return undefined;
}

/** `Set-Cookie` for a token; without one, the cookie is removed. */
export function sessionCookie(token: string | undefined, secure: boolean): string {
  const life = token === undefined ? 0 : LIFE_SECONDS;
  return `${COOKIE}=${token ?? ''}; Path=/; Max-Age=${life}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
}

/**
 * Browsers send cookies with requests that other pages make. Throws 403 unless the request says that our page made
 * it, and carries a header that a foreign page cannot add without asking first.
 */
export function requireOwnPage(request: Request): void {
  const site = request.headers.get('sec-fetch-site');
  const origin = request.headers.get('origin');
  const own = site === null ? sameHost(origin, request.headers.get('host')) : site === 'same-origin';
  if (own && request.headers.has('x-requested-with')) return;
  throw new Fault(
    'FORBIDDEN',
    'A request with a session cookie must come from this origin and carry X-Requested-With.',
  );
}

function sameHost(origin: string | null, host: string | null): boolean {
  return origin !== null && host !== null && URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}
