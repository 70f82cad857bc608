/**
 * Who hears which event, and which instance of the role it concerns.
 *
 * Owns: roles, their consumer groups, subscriptions, dispatch targets, instance keys, the order of products.
 * Pure data and lookups: the gate and the commit route with the same table. Keeps I10: routing is one lookup.
 */
import { TEAMS } from './teams.ts';
import type { Envelope, EventType, TeamId } from './types.ts';

/** Workers that a plan may name as `agent_target`. */
export const WORKER_TARGETS = [
  'time_waste_worker',
  'cost_worker',
  'friction_worker',
  'scenario_worker',
  'requirements_manager',
  'dev_worker',
  'test_worker',
  'worker',
] as const;

/** Teams: dispatch targets like workers, and addressed directly by `TEAM.RUN_REQUESTED`. */
export const TEAM_TARGETS = Object.keys(TEAMS) as readonly TeamId[];

/** Members of teams. */
export const AGENTS: readonly Agent[] = Object.values(TEAMS).flatMap(({ agents }) => agents);

export type WorkerTarget = (typeof WORKER_TARGETS)[number];
export type DispatchTarget = WorkerTarget | TeamId;
export type Agent = (typeof TEAMS)[keyof typeof TEAMS]['agents'][number];
export type Role = 'validator' | 'orchestrator' | 'order_intake' | DispatchTarget | Agent;

/** Role → consumer group. */
export const GROUPS: Readonly<Record<Role, string>> = {
  validator: 'validator_group',
  orchestrator: 'orchestrator_group',
  order_intake: 'order_intake_group',
  time_waste_worker: 'time_waste_workers',
  cost_worker: 'cost_workers',
  friction_worker: 'friction_workers',
  scenario_worker: 'scenario_workers',
  requirements_manager: 'requirements_manager_workers',
  dev_worker: 'dev_workers',
  test_worker: 'test_workers',
  worker: 'workers',
  ...(Object.fromEntries(TEAM_TARGETS.map((team) => [team, team.replace(/_team$/, '_coordinators')])) as Record<
    TeamId,
    string
  >),
  ...(Object.fromEntries(AGENTS.map((agent) => [agent, `${agent}s`])) as Record<Agent, string>),
};

/** Every role, in the order of the contract's tables. */
export const ROLES = Object.keys(GROUPS) as readonly Role[];

/**
 * Event type → roles that hear it; `{ field }` = only the role which that payload field names.
 * A type that is not listed has no subscriber.
 */
export const SUBSCRIBERS = {
  'PROJECT.INITIAL_REQUEST_RECEIVED': ['orchestrator'],
  'PROJECT.MESSAGE_RECEIVED': ['orchestrator'],
  'PROJECT.STOP_REQUESTED': ['orchestrator'],
  'WORK.ITEM_DISPATCHED': { field: 'agent_target' },
  'WORK.ITEM_COMPLETED': ['orchestrator'],
  'WORK.ITEM_FAILED': ['orchestrator'],
  'DELIVERABLE.PUBLISHED': ['orchestrator'],
  'CLARIFICATION.NEEDED': ['orchestrator'],
  'USER.ANSWER_SUBMITTED': ['orchestrator'],
  'HUMAN.APPROVAL_SUBMITTED': ['orchestrator'],
  'USER.PROMPT_SUBMITTED': ['orchestrator'],
  'CUSTOMER.MESSAGE_RESPONDED': ['orchestrator'],
  'ORDER.INBOX_RECEIVED': ['order_intake'],
  'ORDER.VALIDATED': ['order_intake'],
  'ORDER.REJECTED': ['order_intake'],
  'TEAM.RUN_REQUESTED': { field: 'team_id' },
  'AGENT.TASK_DISPATCHED': { field: 'agent' },
  'AGENT.TASK_COMPLETED': { field: 'team_id' },
  'AGENT.TASK_FAILED': { field: 'team_id' },
} as const satisfies Partial<Record<EventType, readonly Role[] | { field: string }>>;

const subscribers = new Map<string, readonly string[] | { field: string }>(Object.entries(SUBSCRIBERS));
const dispatchTargets = new Set<string>([...WORKER_TARGETS, ...TEAM_TARGETS]);
const agents = new Set<string>(AGENTS);
const NOBODY: readonly string[] = [];

/** Whether `WORK.ITEM_DISPATCHED` may name it. */
export const isDispatchTarget = (name: string): name is DispatchTarget => dispatchTargets.has(name);

/** Whether `AGENT.TASK_DISPATCHED` may name it. */
export const isAgent = (name: string): name is Agent => agents.has(name);

/** Roles that a valid event goes to, in table order; empty for most notices. */
export function rolesFor(event: Envelope): readonly string[] {
  // With question_id it is the orchestrator's own notice, which it would only ignore.
  if (event.event_type === 'CLARIFICATION.NEEDED' && event.payload.question_id !== undefined) return NOBODY;
  const listed = subscribers.get(event.event_type);
  if (listed === undefined) return NOBODY;
  if (!('field' in listed)) return listed;
  return [(event.payload as Record<string, unknown>)[listed.field] as string];
}

/** Role → payload field that names the instance. Teams hold one exception, see {@link instanceKeyFor}. */
export const INSTANCE_FIELD: Readonly<Record<Exclude<Role, 'validator'>, string>> = {
  orchestrator: 'project_id',
  order_intake: 'order_id',
  ...(Object.fromEntries(WORKER_TARGETS.map((name) => [name, 'backlog_item_id'])) as Record<WorkerTarget, string>),
  ...(Object.fromEntries(TEAM_TARGETS.map((name) => [name, 'run_id'])) as Record<TeamId, string>),
  ...(Object.fromEntries(AGENTS.map((name) => [name, 'task_id'])) as Record<Agent, string>),
};

const instanceFields = new Map<string, string>(Object.entries(INSTANCE_FIELD));

/**
 * Instance of `role` that `event` concerns, in lower case. A dispatched item is a team run named after its dispatch.
 * @throws {RangeError} when the role is unknown, or the event is not one it hears: a bug in routing.
 */
export function instanceKeyFor(role: string, event: Envelope): string {
  const field = instanceFields.get(role);
  const key =
    field === 'run_id' && event.event_type === 'WORK.ITEM_DISPATCHED'
      ? event.event_id
      : field === undefined
        ? undefined
        : (event.payload as Record<string, unknown>)[field];
  if (typeof key !== 'string') throw new RangeError(`${event.event_type} names no instance of ${role}`);
  return key.toLowerCase();
}

/** Project that the event is about, in lower case; null for orders, direct team runs and operations. */
export function projectIdOf(event: Envelope): string | null {
  const payload = event.payload as { project_id?: string | null };
  const id = event.event_type === 'QUESTION.CREATED' ? event.payload.question.project_id : payload.project_id;
  return id?.toLowerCase() ?? null;
}

/**
 * Order in which the products of one turn are appended. `CLARIFICATION.NEEDED` and `QUESTION.CREATED` go in pairs
 * and share a place.
 */
export const PRODUCT_ORDER = [
  ['TEAM.SELECTED'],
  ['QUESTION.ANSWER_RECORDED'],
  ['WORK.ITEM_REVIEWED'],
  ['WORK.ITEM_FAILED'],
  ['BACKLOG.ITEM_CREATED'],
  ['CLARIFICATION.NEEDED', 'QUESTION.CREATED'],
  ['BACKLOG.ITEM_UNBLOCKED'],
  ['HUMAN.APPROVAL_REQUESTED'],
  ['WORK.ITEM_DISPATCHED'],
  ['ORCHESTRATOR.MESSAGE_SENT'],
  ['REPORT.PROJECT_SNAPSHOT_PUBLISHED', 'REPORT.FINAL_PUBLISHED'],
  ['PROJECT.STOPPED', 'PROJECT.FAILED', 'PROJECT.COMPLETED'],
] as const satisfies readonly (readonly EventType[])[];

const places = new Map<string, number>(PRODUCT_ORDER.flatMap((types, place) => types.map((type) => [type, place])));

/** The same products in the order of {@link PRODUCT_ORDER}; those of one place keep their order, others come last. */
export function inProductOrder<P extends { type: EventType }>(products: readonly P[]): P[] {
  const place = ({ type }: P) => places.get(type) ?? PRODUCT_ORDER.length;
  return products.toSorted((a, b) => place(a) - place(b));
}
