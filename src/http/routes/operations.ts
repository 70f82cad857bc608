/**
 * Looking at the platform at work: logs, roles, machines, replays.
 *
 * Owns: `/api/logs`, `/api/actors`, `/api/machines/:name`, `/api/projects/:id/replay`.
 */
import { LOG_LEVELS } from '../../log.ts';
import type { Logs } from '../../store/logs.ts';
import type { Projects } from '../../store/projects.ts';
import type { Roles } from '../../store/roles.ts';
import { conflict, notFound } from '../errors.ts';
import { describeMachine } from '../machine-description.ts';
import type { RuntimeView } from '../ports.ts';
import { type Route, route } from '../route.ts';
import * as shape from '../shapes.ts';
import { headOf } from './projects.ts';

export interface OperationsRoutesOptions {
  logs: Logs;
  projects: Projects;
  roles: Roles;
  runtime: RuntimeView;
}

const TAG = 'Operations';

interface LogQuery {
  level?: string[];
  service?: string[];
  project_id?: string;
  since?: string;
  limit?: number;
  offset?: number;
}

const logLine = shape.object({
  timestamp: shape.text,
  level: shape.text,
  service: shape.text,
  message: shape.text,
  metadata: shape.anyObject,
});

const actor = shape.object({
  role: shape.text,
  group: shape.text,
  mailbox: shape.text,
  machine: shape.text,
  threads: { ...shape.count, description: 'Threads of this process that run it.' },
  states: { type: 'object', additionalProperties: shape.count, description: 'Instances per state of the machine.' },
  mailbox_depth: shape.count,
  pending: { ...shape.count, description: 'Delivered and not acked.' },
  lag_ms: { ...shape.count, description: 'Age of the oldest entry not yet delivered.' },
  throughput_per_minute: { ...shape.number, description: 'Committed turns, mean of the last 5 minutes.' },
  retries: shape.count,
  dead_letters: shape.count,
  restarts: shape.count,
  crashed: shape.boolean,
  last_error: shape.orNull(shape.text),
});

const machine = shape.object({
  name: shape.text,
  version: shape.integer,
  roles: shape.list(shape.text),
  initial: shape.text,
  states: {
    type: 'object',
    additionalProperties: shape.object({
      'type?': shape.oneOf(['final']),
      'on?': {
        type: 'object',
        additionalProperties: shape.list(shape.object({ 'target?': shape.text, 'guard?': shape.text })),
      },
      'always?': shape.list(shape.object({ 'target?': shape.text, 'guard?': shape.text })),
    }),
  },
  effects: shape.list(shape.text),
  outcomes: shape.list(shape.text),
  emits: shape.list(shape.text),
});

export function operationsRoutes({ logs, projects, roles, runtime }: OperationsRoutesOptions): Route[] {
  return [
    route<LogQuery>({
      method: 'GET',
      path: '/api/logs',
      access: 'logs:read',
      tag: TAG,
      summary: 'Log lines of all processes, newest first',
      query: {
        level: {
          description: 'Comma-separated, any case.',
          schema: { type: 'array', items: shape.oneOf(LOG_LEVELS) },
          anyCase: true,
        },
        service: {
          description: 'Comma-separated.',
          schema: { type: 'array', items: { type: 'string', minLength: 1, maxLength: 200 } },
        },
        project_id: { description: 'Lines about this project.', schema: shape.uuid },
        since: { description: 'Lines from this time on.', schema: { ...shape.time, maxLength: 40 } },
        limit: { description: '100 by default.', schema: { type: 'integer', minimum: 1, maximum: 500 } },
        offset: { description: 'Lines to pass over.', schema: { type: 'integer', minimum: 0, maximum: 10_000 } },
      },
      responses: {
        200: {
          description: 'A page',
          schema: shape.object({
            logs: shape.list(logLine),
            total: shape.count,
            limit: shape.count,
            offset: shape.count,
          }),
        },
      },
      errors: [400],
      async handler({ query }) {
        const { level = [], service = [], project_id, since, limit = 100, offset = 0 } = query;
        const filter = {
          levels: level,
          services: service,
          projectId: project_id?.toLowerCase(),
          sinceMs: since === undefined ? undefined : Math.max(0, Date.parse(since)),
        };
        const { rows, total } = await logs.list(filter, offset, limit);
        return { status: 200, body: { logs: rows, total, limit, offset } };
      },
    }),
    route({
      method: 'GET',
      path: '/api/actors',
      access: 'ops:read',
      tag: TAG,
      summary: 'Every role in numbers',
      responses: { 200: { description: 'One element per role', schema: shape.object({ actors: shape.list(actor) }) } },
      async handler() {
        const described = runtime.roles();
        const crashed = new Set(runtime.crashedRoles());
        const numbers = await roles.numbersOf(described, Date.now());
        const actors = described.map(({ role, group, machine: { id }, threads }, index) => ({
          role,
          group,
          mailbox: roles.streamOf(role),
          machine: id,
          threads,
          ...numbers[index],
          crashed: crashed.has(role),
        }));
        return { status: 200, body: { actors } };
      },
    }),
    route({
      method: 'GET',
      path: '/api/machines/:name',
      access: 'ops:read',
      tag: TAG,
      summary: 'The state machine of a role',
      names: { name: /^[a-z][a-z0-9_]{0,63}$/ },
      responses: { 200: { description: 'The machine', schema: machine } },
      errors: [404],
      handler({ params: { name = '' } }) {
        const described = runtime.roles();
        const named = described.find(({ role }) => role === name)?.machine.id ?? name;
        const sharing = described.filter(({ machine: { id } }) => id === named);
        if (sharing.length === 0) throw notFound(`Machine ${name}`);
        return { status: 200, body: describeMachine(sharing) };
      },
    }),
    route({
      method: 'GET',
      path: '/api/projects/:id/replay',
      access: 'ops:read',
      tag: TAG,
      summary: "Fold a project's log again and compare",
      responses: {
        200: {
          description: 'The comparison',
          schema: shape.object({
            project_id: shape.uuid,
            equal: shape.boolean,
            events_applied: shape.count,
            stored_sha256: shape.text,
            replayed_sha256: shape.text,
            differences: shape.list(
              shape.object({ path: shape.text, stored: shape.anything, replayed: shape.anything }),
            ),
          }),
        },
      },
      errors: [404, 409],
      async handler({ params: { id = '' } }) {
        await headOf(projects, id);
        const outcome = await runtime.replay(id);
        if (outcome.status === 'archived') throw conflict("The log was archived past the project's start.");
        const { equal, eventsApplied, storedSha256, replayedSha256, differences } = outcome;
        return {
          status: 200,
          body: {
            project_id: id,
            equal,
            events_applied: eventsApplied,
            stored_sha256: storedSha256,
            replayed_sha256: replayedSha256,
            differences,
          },
        };
      },
    }),
  ];
}
