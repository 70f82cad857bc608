/**
 * Where an upstream is: the only hosts that are ever connected to are those of the configuration.
 *
 * Owns: which base URLs are taken. Pure.
 */
import { Fault } from '../../errors.ts';
import type { Wire } from './failures.ts';

export interface Target {
  /** For messages. */
  provider: string;
  baseUrl: string | null;
  /** Whether `http:` is allowed beyond this machine. */
  plainAllowed: boolean;
  connectTimeoutMs: number;
  wire: Wire;
  /** Sent with each request, besides those of a JSON body. */
  headers: Readonly<Record<string, string>>;
}

/** @throws Fault INVALID_CONFIGURATION */
export function checkedUrl({ provider, baseUrl, plainAllowed }: Target): URL {
  const refuse = (why: string) => new Fault('INVALID_CONFIGURATION', `providers.${provider}.base_url: ${why}`);
  if (baseUrl === null) throw refuse('is required');
  const url = URL.parse(baseUrl);
  if (!url) throw refuse('is no URL');
  if (url.username || url.password || url.search || url.hash) throw refuse('must hold neither credentials nor a query');
  const isHttp = url.protocol === 'http:' && (plainAllowed || isLoopback(url.hostname));
  if (url.protocol !== 'https:' && !isHttp) throw refuse('must begin with https://');
  return url;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
