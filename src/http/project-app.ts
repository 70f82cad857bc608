/**
 * The project API and its pages (port 3000).
 *
 * Owns: which routes the surface has and what they are made of. Does not own the port (`serve.ts`) nor the process.
 */
import type { Redis } from 'ioredis';
import type { Registry } from 'prom-client';
import type { Team } from '../../machines/teams/team.ts';
import type { Validator } from '../../schemas/validate.ts';
import type { Keys } from '../bus/keys.ts';
import type { Config } from '../config.ts';
import type { DocumentReader } from '../documents/document-reader.ts';
import type { ActivityReader } from '../store/activity-reader.ts';
import type { Artifacts } from '../store/artifacts.ts';
import { DeadLetters } from '../store/dead-letters.ts';
import { Inbox } from '../store/inbox.ts';
import { Logs } from '../store/logs.ts';
import { ProjectFiles } from '../store/project-files.ts';
import { Projects } from '../store/projects.ts';
import { Roles } from '../store/roles.ts';
import { TeamRuns } from '../store/team-runs.ts';
import { Timeline } from '../store/timeline.ts';
import { createApp } from './app.ts';
import { Keyring } from './auth.ts';
import { Edge } from './edge.ts';
import { EventStreams, type StreamLimits } from './event-stream.ts';
import type { HttpApp, RequestLog } from './exchange.ts';
import { CLAIM_MARGIN_MS, IdempotencyKeys } from './idempotency.ts';
import type { IncomingFiles } from './incoming-files.ts';
import { LogTailer } from './log-tailer.ts';
import { type HttpMetrics, PlatformGauges } from './metrics.ts';
import { orderSurface } from './order-app.ts';
import type { Publisher, RuntimeView } from './ports.ts';
import { RateLimiter } from './rate-limit.ts';
import { READ_FACTOR, type Route } from './route.ts';
import { deadLetterRoutes } from './routes/dead-letters.ts';
import { healthRoutes } from './routes/health.ts';
import { inboxRoutes } from './routes/inbox.ts';
import { operationsRoutes } from './routes/operations.ts';
import { pageRoutes } from './routes/pages.ts';
import { projectCommands } from './routes/project-commands.ts';
import { projectCreate } from './routes/project-create.ts';
import { projectReportRoute } from './routes/project-report.ts';
import { projectRoutes } from './routes/projects.ts';
import { sessionRoutes } from './routes/session.ts';
import { streamRoutes } from './routes/stream.ts';
import { teamRoutes } from './routes/teams.ts';
import { Sessions } from './sessions.ts';
import { documentOf } from './surface-document.ts';

export interface ProjectAppDeps {
  config: Config;
  /** For commands. It should fail, not wait for ever, while Redis is away. */
  redis: Redis;
  /** A new connection for one blocking reader. */
  openReader(): Redis;
  keys: Keys;
  /** The namespace's secret on what commits append. */
  mark: string;
  validator: Validator;
  publisher: Publisher;
  runtime: RuntimeView;
  activities: Pick<ActivityReader, 'read'>;
  incoming: IncomingFiles;
  artifacts: Artifacts;
  /** Reads the files of orders. */
  reader: DocumentReader;
  /** All there are, as data: this surface imports no actor. */
  teams: readonly Team[];
  registry: Registry;
  metrics: HttpMetrics;
  log: RequestLog;
  streamLimits?: StreamLimits;
}

export interface ProjectApp {
  app: HttpApp;
  routes: readonly Route[];
  /** Ends the open streams; requests in work go on. */
  close(): void;
}

export function createProjectApp(deps: ProjectAppDeps): ProjectApp {
  const { config, redis, keys, runtime, registry, log, validator } = deps;
  const { http, bus } = config;
  const projects = new Projects(redis, keys);
  const questions = new Inbox('question', redis, keys);
  const approvals = new Inbox('approval', redis, keys);
  const timeline = new Timeline(redis, keys);
  const deadLetters = new DeadLetters(redis, keys);
  const roles = new Roles(redis, keys);
  const logs = new Logs(redis, keys);
  const keyring = new Keyring(http.apiKeys);
  const sessions = new Sessions(redis, keys, keyring);
  const limiter = new RateLimiter(redis, keys);
  const edge = new Edge({
    publisher: deps.publisher,
    source: 'frontend_api',
    instance: `${config.process.instanceId}/0`,
    maxEventBytes: bus.maxEventBytes,
    waitMs: http.waitMs,
  });
  const tailer = new LogTailer({
    redis,
    openReader: deps.openReader,
    keys,
    mark: deps.mark,
    validator,
    maxEventBytes: bus.maxEventBytes,
    blockMs: bus.blockMs,
    onError: (error) => log.write('WARN', 'the log cannot be read', { error: String(error) }),
  });
  const streams = new EventStreams(tailer, deps.streamLimits);
  const described = () => runtime.roles();
  const gauges = new PlatformGauges({ registry, projects, questions, approvals, roles, described });

  const api = [
    projectCreate({
      edge,
      activities: deps.activities,
      teams: deps.teams,
      files: new ProjectFiles(config.storage.dir),
      maxRows: config.orchestration.ingestMaxRows,
    }),
    ...projectCommands({ projects, timeline, edge }),
    ...projectRoutes(projects, timeline),
    projectReportRoute(projects),
    ...inboxRoutes({ projects, questions, approvals, timeline, edge }),
    ...teamRoutes({ teams: deps.teams, runs: new TeamRuns(redis, keys), edge }),
    ...streamRoutes(streams),
    ...deadLetterRoutes({ deadLetters, edge, validator, log }),
    ...operationsRoutes({ logs, projects, roles, runtime }),
    ...healthRoutes({
      redis,
      keys,
      runtime,
      roles,
      deadLetters,
      deadLettersPerHour: config.storage.dlqAlertPerHour,
      registry,
      gauges,
    }),
    ...sessionRoutes(keyring, sessions, limiter),
    ...orderSurface(deps, '/api'),
  ];
  const routes: Route[] = [
    ...api,
    ...pageRoutes(
      documentOf(
        () => routes,
        {
          title: 'DevTeamAutomated',
          version: runtime.version,
          description: 'Every write becomes an event; every read comes from what the events have made.',
        },
        config.process.schemaDir,
      ),
    ),
  ];
  const app = createApp({
    server: 'project_api',
    routes,
    compile: (schema) => validator.compile(schema),
    keyring,
    sessions,
    limiter,
    idempotency: new IdempotencyKeys(redis, keys, 4 * http.requestTimeoutMs + http.waitMs + CLAIM_MARGIN_MS),
    metrics: deps.metrics,
    log,
    draining: () => runtime.draining(),
    bodyLimits: { jsonBytes: http.maxBodyBytes, fileBytes: http.maxUploadBytes, arrivalMs: http.requestTimeoutMs },
    incoming: deps.incoming,
    writesPerMinute: http.rateLimitPerMinute,
    readFactor: READ_FACTOR,
    corsOrigins: http.corsOrigins,
    trustedProxies: http.trustedProxies,
  });
  return { app, routes, close: () => streams.close() };
}
