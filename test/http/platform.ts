/**
 * A whole platform for a test: threads with the real actors, and the project API in front of them, without a port
 * unless asked for. Every answer is checked against what its route declares.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { expect, inject } from 'vitest';
import { createValidator } from '../../schemas/validate.ts';
import { connectForReading, connectForRequests } from '../../src/bus/connection.ts';
import { compositionSettings, createActors, teams } from '../../src/composition.ts';
import { type Config, parseConfig } from '../../src/config.ts';
import { createDocumentReader } from '../../src/documents/document-reader.ts';
import type { StreamLimits } from '../../src/http/event-stream.ts';
import { IncomingFiles } from '../../src/http/incoming-files.ts';
import { HttpMetrics } from '../../src/http/metrics.ts';
import { createOrderApp, type OrderApp } from '../../src/http/order-app.ts';
import { createProjectApp, type ProjectApp } from '../../src/http/project-app.ts';
import type { Route } from '../../src/http/route.ts';
import { PlatformNode } from '../../src/runtime/node.ts';
import { runtimeSettings } from '../../src/runtime/settings.ts';
import { runtimeView } from '../../src/runtime/view.ts';
import { createActivityReader } from '../../src/store/activity-reader.ts';
import { Artifacts } from '../../src/store/artifacts.ts';
import { eventually } from '../support/eventually.ts';
import { LLM_CONFIG } from '../support/llm-config-path.ts';

export interface LoggedLine {
  level: string;
  message: string;
  metadata: Record<string, unknown>;
}

export interface TestPlatform extends ProjectApp {
  config: Config;
  node: PlatformNode;
  logged: LoggedLine[];
  runtime: { draining: boolean };
  /** A request to the app; the answer is checked against its route's declaration. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  orders: OrderApp;
  artifacts: Artifacts;
  /** The same for the app of port 8080. */
  callOrders(method: string, path: string, options?: CallOptions): Promise<Answer>;
  stop(): Promise<void>;
}

export type SentBody = string | FormData | Uint8Array<ArrayBuffer>;

export interface CallOptions {
  json?: unknown;
  body?: SentBody;
  headers?: Record<string, string>;
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
export type Answer = { status: number; headers: Headers; text: string; json: any };

let namespaces = 0;

export async function startPlatform(
  env: Record<string, string> = {},
  { streamLimits, socketPath = inject('redisSocket') }: { streamLimits?: StreamLimits; socketPath?: string } = {},
): Promise<TestPlatform> {
  const storage = mkdtempSync(join(tmpdir(), 'http-test-'));
  const parsed = parseConfig({
    STORAGE_DIR: storage,
    NAMESPACE: `http${process.pid}_${++namespaces}`,
    THREADS: '1',
    RATE_LIMIT_PER_MINUTE: '0',
    ORDER_RATE_LIMIT_PER_MINUTE: '0',
    BLOCK_MS: '100',
    LLM_TEST_MODE: 'true',
    LLM_CONFIG_PATH: LLM_CONFIG,
    ...env,
  });
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  const { config } = parsed;
  const address = { socketPath };
  const composed = compositionSettings(config);
  const actors = createActors(composed);
  const logged: LoggedLine[] = [];
  const settings = runtimeSettings(config, address, {
    actorsModule: new URL('../../src/composition.ts', import.meta.url).href,
    actorsSettings: composed,
    roles: ['validator', ...actors.map(({ name }) => name)],
  });
  const node = await PlatformNode.start({
    settings,
    version: '1.0.0',
    actors,
    events: {
      log: (level, service, message, metadata = {}) =>
        logged.push({ level, message: `${service}: ${message}`, metadata }),
      gaveUp: (role, fault) =>
        logged.push({ level: 'ERROR', message: `${role} gave up: ${fault.message}`, metadata: {} }),
    },
  });
  const redis = connectForRequests(address, config.redis.commandTimeoutMs);
  const activities = createActivityReader();
  const state = { draining: false };
  const runtime = runtimeView(node, '1.0.0', true, () => state.draining);
  const registry = new Registry();
  const readers = new Set<ReturnType<typeof connectForReading>>();
  const metrics = new HttpMetrics(registry);
  const reader = createDocumentReader({ threads: 1 });
  const artifacts = new Artifacts(join(storage, 'artifacts'));
  const shared = {
    ...{ config, redis, keys: node.keys, validator: node.validator, publisher: node.publisher, runtime, metrics },
    ...{ incoming: new IncomingFiles(join(storage, 'incoming')), artifacts, reader },
    log: {
      write: (level: string, message: string, metadata: Record<string, unknown>) =>
        void logged.push({ level, message, metadata }),
    },
  };
  const orders = createOrderApp(shared);
  const project = createProjectApp({
    ...shared,
    openReader: () => {
      const reader = connectForReading(address, config.bus.blockMs);
      readers.add(reader);
      return reader;
    },
    mark: node.mark,
    activities,
    teams,
    registry,
    ...(streamLimits && { streamLimits }),
  });
  const check = answerChecker(project.routes);
  const checkOrders = answerChecker(orders.routes);
  return {
    ...project,
    config,
    node,
    logged,
    runtime: state,
    orders,
    artifacts,
    call: async (method, path, options) =>
      check(method, path, await project.app.request(path, requestOf(method, options))),
    callOrders: async (method, path, options) =>
      checkOrders(method, path, await orders.app.request(path, requestOf(method, options))),
    async stop() {
      project.close();
      await node.stop();
      redis.disconnect();
      for (const reader of readers) reader.disconnect();
      await activities.close();
      await reader.close();
      rmSync(storage, { recursive: true, force: true });
    },
  };
}

function requestOf(method: string, { json, body, headers = {} }: CallOptions = {}): RequestInit {
  const sent = json === undefined ? body : JSON.stringify(json);
  return {
    method,
    headers: { ...(json !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(sent !== undefined && { body: sent }),
  };
}

/** Reads an answer and holds it against the declaration of its route. */
export function answerChecker(routes: readonly Route[]) {
  const validator = createValidator();
  const compiled = new Map<object, (value: unknown) => unknown[]>();
  const patterns = routes.map((route) => ({
    route,
    pattern: new RegExp(`^${route.path.replace(/:[a-z]+/g, '[^/]+')}$`),
  }));
  return async (method: string, path: string, response: Response): Promise<Answer> => {
    const { status, headers } = response;
    const text = await response.text();
    const isJson = headers.get('content-type') === 'application/json';
    const answer = { status, headers, text, json: isJson && text !== '' ? JSON.parse(text) : undefined };
    const { pathname } = new URL(path, 'http://test');
    const match = patterns.find(({ route, pattern }) => route.method === method && pattern.test(pathname));
    if (method === 'HEAD') return answer;
    if (status >= 400 && match?.route.responses[status] === undefined) {
      expect(answer.json, `${method} ${path} ${status}: ${text.slice(0, 300)}`).toMatchObject({
        error: { code: expect.stringMatching(/^[A-Z_]+$/), message: expect.stringMatching(/./) },
      });
      return answer;
    }
    if (!match) return answer;
    const declared = match.route.responses[status];
    expect(declared, `${method} ${match.route.path} declares ${status}`).toBeDefined();
    const schema = declared?.schema;
    if (schema) {
      let violations = compiled.get(schema);
      if (!violations) {
        violations = validator.compile(schema);
        compiled.set(schema, violations);
      }
      expect(violations(answer.json), `${method} ${match.route.path} ${status}: ${text.slice(0, 500)}`).toEqual([]);
    }
    return answer;
  };
}

export const ROWS = [
  { text: 'Ticket triage', estimated_minutes: 30, category: 'ops' },
  { text: 'Ticket triage', estimated_minutes: 45, category: 'ops' },
  { text: 'status meeting', estimated_minutes: 60, category: 'meetings' },
];
export const ANALYSIS = {
  name: 'Q3 audit',
  description: 'Find out where the team loses time',
  rows: ROWS,
  hourly_rate: 100,
};

/** The project once it has one of the statuses. */
export async function until(platform: TestPlatform, id: string, ...statuses: string[]): Promise<Answer['json']> {
  let project: Answer['json'];
  await eventually(`project ${id} is ${statuses}`, async () => {
    project = (await platform.call('GET', `/api/projects/${id}`)).json;
    return statuses.includes(project.status);
  });
  return project;
}

/** Starts a project and returns its id. */
export async function create(platform: TestPlatform, json: unknown = ANALYSIS): Promise<string> {
  const answer = await platform.call('POST', '/api/projects', { json });
  expect(answer.status, answer.text).toBe(201);
  return answer.json.project_id;
}

/** All pages of a list, one page per element. */
export async function pages(
  platform: TestPlatform,
  path: string,
  name: string,
  limit: number,
): Promise<Answer['json'][]> {
  const found: Answer['json'][] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const separator = path.includes('?') ? '&' : '?';
    const answer = await platform.call('GET', `${path}${separator}limit=${limit}${cursor && `&cursor=${cursor}`}`);
    expect(answer.status, answer.text).toBe(200);
    found.push(answer.json[name]);
    cursor = answer.json.next_cursor;
  }
  return found;
}
