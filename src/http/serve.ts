/**
 * A surface on a port.
 *
 * Owns: the listening socket, its limits and its end. Slow or silent clients are cut off by the server's own clocks,
 * before any of our code runs for them.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { HttpApp } from './exchange.ts';
import { SECURITY_HEADERS } from './headers.ts';

export interface ServeOptions {
  host: string;
  /** 0 = any free one. */
  port: number;
  /** For the whole request of the largest kind (an upload). */
  requestTimeoutMs: number;
  /** Requests of one connection; 0 = no limit. Default 1,000. */
  requestsPerSocketMax?: number;
}

export interface Served {
  /** The port that was taken. */
  port: number;
  /** No new requests; those in work get `graceMs`, then their sockets are closed. */
  close(graceMs: number): Promise<void>;
}

const HEADERS_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 5_000;
const CHECK_EVERY_MS = 1_000;
const HEADER_MAX_BYTES = 16 * 1024;
const CONNECTIONS_MAX = 1_024;
const REQUESTS_PER_SOCKET_MAX = 1_000;

/** Resolves once the port is open. Rejects when it is taken. */
export function serveApp(
  app: HttpApp,
  { host, port, requestTimeoutMs, requestsPerSocketMax = REQUESTS_PER_SOCKET_MAX }: ServeOptions,
): Promise<Served> {
  const listener = getRequestListener((request, env) => app.fetch(request, env), {
    overrideGlobalObjects: false,
    // What no app is asked about: a request line or Host that makes no URL.
    errorHandler: () =>
      Response.json(
        { error: { code: 'VALIDATION_ERROR', message: 'The request line or its Host is not valid.' } },
        { status: 400, headers: { ...SECURITY_HEADERS, 'X-Correlation-ID': randomUUID() } },
      ),
  });
  const server = createServer(
    {
      headersTimeout: Math.min(HEADERS_TIMEOUT_MS, requestTimeoutMs),
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: CHECK_EVERY_MS,
      maxHeaderSize: HEADER_MAX_BYTES,
    },
    (incoming, outgoing) => void listener(incoming, outgoing),
  );
  server.maxConnections = CONNECTIONS_MAX;
  server.maxRequestsPerSocket = requestsPerSocketMax;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve({ port: (server.address() as AddressInfo).port, close: (graceMs) => close(server, graceMs) });
    });
  });
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
