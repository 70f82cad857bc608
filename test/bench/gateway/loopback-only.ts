/** Preloaded into a server that offers no choice of address: whatever it listens on, it listens on 127.0.0.1. */
import { type ListenOptions, Server } from 'node:net';

const LOOPBACK = '127.0.0.1';
const listen = Server.prototype.listen as (...args: unknown[]) => Server;

Server.prototype.listen = function listenOnLoopback(this: Server, ...args: unknown[]): Server {
  const [first, ...rest] = args;
  if (typeof first === 'object' && first !== null && 'port' in first) {
    return listen.call(this, { ...(first as ListenOptions), host: LOOPBACK }, ...rest);
  }
  if (!/^\d+$/.test(String(first ?? 0))) return listen.call(this, ...args);
  const withoutHost = rest.filter((arg) => typeof arg !== 'string');
  return listen.call(this, first ?? 0, LOOPBACK, ...withoutHost);
} as Server['listen'];
