/**
 * Who is calling and what they may do.
 *
 * Owns: bearer keys, scopes, and the address a caller without a key is counted under. Keys are known only as
 * sha-256 digests; every comparison looks at all of them in constant time, so neither the key nor its place in the
 * list can be guessed from the time an answer takes.
 */
import { hash, timingSafeEqual } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { Fault } from '../errors.ts';
import { HttpFault } from './errors.ts';

export const SCOPES = [
  'projects:read',
  'projects:write',
  'approvals:write',
  'events:read',
  'logs:read',
  'dlq:read',
  'dlq:write',
  'teams:run',
  'ops:read',
  'orders:read',
  'orders:write',
  'orders:approve',
  'llm:use',
  'admin',
] as const;

export type Scope = (typeof SCOPES)[number];

/** One entry of `API_KEYS`. */
export interface ApiKey {
  name: string;
  scopes: readonly Scope[];
  /** Digest of the key, 64 hex digits. */
  sha256: string;
}

export interface Principal {
  /** Name of the key; `local` when authentication is off. */
  name: string;
  scopes: ReadonlySet<Scope>;
}

const LOCAL: Principal = { name: 'local', scopes: new Set<Scope>(['admin']) };

export class Keyring {
  readonly #entries: readonly { principal: Principal; digest: Buffer }[];

  constructor(keys: readonly ApiKey[]) {
    this.#entries = keys.map((key) => ({
      principal: { name: key.name, scopes: new Set(key.scopes) },
      digest: Buffer.from(key.sha256, 'hex'),
    }));
  }

  /** Who everyone is while no keys are configured. */
  get everyone(): Principal | undefined {
    return this.#entries.length === 0 ? LOCAL : undefined;
  }

  byKey(key: string): Principal | undefined {
    const given = hash('sha256', key, 'buffer');
    let found: Principal | undefined;
    for (const { principal, digest } of this.#entries) {
      if (timingSafeEqual(given, digest)) found = principal;
    }
    return found;
  }

  byName(name: string): Principal | undefined {
    return this.#entries.find(({ principal }) => principal.name === name)?.principal;
  }

  /** The scheme is exactly `Bearer`; anything else is no key at all. */
  byHeader(authorization: string): Principal | undefined {
    return authorization.startsWith('Bearer ') ? this.byKey(authorization.slice('Bearer '.length)) : undefined;
  }
}

export function unauthorized(message: string): Fault {
  return new HttpFault('UNAUTHORIZED', message, { 'WWW-Authenticate': 'Bearer' });
}

/** Any of the scopes will do; none at all: no scope is needed. */
export function requireScope(principal: Principal, scopes: readonly Scope[]): void {
  if (scopes.length === 0 || principal.scopes.has('admin')) return;
  if (scopes.some((scope) => principal.scopes.has(scope))) return;
  throw new Fault('FORBIDDEN', `This key lacks the scope ${scopes.join(' or ')}.`, { details: { scope: scopes[0] } });
}

/**
 * The address a request is counted under. With `proxies` trusted proxies in front, the one the outermost of them
 * saw: entries further left in X-Forwarded-For were written by the caller. IPv6 callers own a /64.
 */
export function clientAddress(socketAddress: string | undefined, forwardedFor: string | null, proxies: number): string {
  let address = socketAddress ?? 'unknown';
  if (proxies > 0 && forwardedFor) {
    const hops = forwardedFor.split(',').map((hop) => hop.trim());
    address = hops[Math.max(0, hops.length - proxies)] || address;
  }
  address = address.replace(/^::ffff:(?=\d+\.)/i, '');
  return isIPv6(address) ? network64(address) : address;
}

function network64(address: string): string {
  const [left = '', right] = new URL(`http://[${address.split('%', 1)[0]}]`).hostname.slice(1, -1).split('::');
  const head = left ? left.split(':') : [];
  const tail = right ? right.split(':') : [];
  const zeros = right === undefined ? 0 : 8 - head.length - tail.length;
  const groups = [...head, ...Array<string>(zeros).fill('0'), ...tail];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
