/**
 * How a team is declared: one file under `actors/teams`, with what it calls from here.
 *
 * Owns: the words of that file and their types; a misspelt agent does not compile. Does not own what a team means
 * (`machines/teams`) nor its actors (`team-actors.ts`).
 */
import type { Extra, Member, Node, OutputSchema, TaskMode, Team } from '../machines/teams/team.ts';
import { LOOP_LIMITS, reviewTask } from '../machines/teams/team.ts';

// Answers. Every field is required, objects are closed.

type Field = OutputSchema;
type Fields = Readonly<Record<string, Field>>;

export const text: Field = { type: 'string' };
export const flag: Field = { type: 'boolean' };
/** A whole number, not negative. */
export const count: Field = { type: 'integer', minimum: 0 };
/** 0 to 1. */
export const share: Field = { type: 'number', minimum: 0, maximum: 1 };
/** 1 to 10. */
export const grade: Field = { type: 'integer', minimum: 1, maximum: 10 };
export const oneOf = (...values: readonly [string, ...string[]]): Field => ({ type: 'string', enum: values });
export const list = (items: Field): Field => ({ type: 'array', items });
export const object = (properties: Fields): Field => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties),
  properties,
});

// Members.

/** What an agent may look at beside its task. */
export interface Asked {
  text: string;
  payload: Readonly<Record<string, unknown>>;
  context: Readonly<Record<string, unknown>>;
  /** Of the task's event, RFC 3339. */
  timestamp: string;
}

type Output = Record<string, unknown>;

export interface AgentSpec {
  role: string;
  /** What it is for, as its model is told. */
  purpose: string;
  capabilities: readonly string[];
  taskType: string;
  /** Context keys that it is given. */
  reads?: readonly string[];
  /** Keys of the run's own context that it is given. */
  extras?: readonly (string | Extra)[];
  /** The context key of its answer; or keys, each with a path in the answer ('' = all of it). */
  writes: string | Readonly<Record<string, string>>;
  /** Code points of text that it is given. */
  cap?: number;
  /** Where in the context its text is; absent = the request. */
  textFrom?: string;
  output: Fields;
  /** An answer that needs no model; null = ask it. */
  withoutModel?(asked: Asked): Output | null;
  /** What is put right in an answer of the model: counted, assembled, taken out. */
  finish?(output: Output, asked: Asked): Output;
}

const DEFAULT_CAP_CODE_POINTS = 8_000;

// Patterns.

/** Part of a team's work by agents named `A`. */
export interface Step<A extends string> {
  node: Node;
  /** Only for the type. */
  readonly agents?: A;
}

type Child<A extends string> = A | Step<A>;

const taskNode = (agent: string, mode: TaskMode = 'work', task = agent.replace(/_agent$/, '')): Node => ({
  kind: 'task',
  task,
  agent,
  mode,
  required: true,
});
const nodeOf = <A extends string>(child: Child<A>): Node => (typeof child === 'string' ? taskNode(child) : child.node);

/** A task under a name of its own; without, it is named after its agent. */
export const task = <const A extends string>(name: string, agent: A): Step<A> => ({
  node: taskNode(agent, 'work', name),
});

/** One after the other. */
export const sequential = <const A extends string>(...children: Child<A>[]): Step<A> => ({
  node: { kind: 'sequential', children: children.map(nodeOf), required: true },
});

/** All at once; fails if fewer than `minSuccess` succeed. The aggregator then works on all results. */
export function parallel<const A extends string>(
  children: readonly Child<A>[],
  { aggregator, minSuccess = 1 }: { aggregator?: A; minSuccess?: number } = {},
): Step<A> {
  const nodes = children.map((child) => ({
    ...nodeOf(child),
    required: typeof child !== 'string' && isRequired(child),
  }));
  const last = aggregator === undefined ? null : (taskNode(aggregator, 'aggregate') as Extract<Node, { kind: 'task' }>);
  return { node: { kind: 'parallel', children: nodes, aggregator: last, minSuccess, required: true } };
}

/** The leader divides the work among other teams and brings their results together. */
export const hierarchical = <const A extends string>({
  leader,
  teams,
}: {
  leader: A;
  teams: readonly string[];
}): Step<A> => ({ node: { kind: 'hierarchical', leader, teams, required: true } });

/** Work and review, until the score reaches the threshold or the rounds are used up. */
export function iterative<const A extends string>({
  worker,
  reviewer,
  maxIterations = LOOP_LIMITS.maxIterations,
  qualityThreshold = LOOP_LIMITS.qualityThreshold,
}: {
  worker: Child<A>;
  reviewer: A;
  maxIterations?: number;
  qualityThreshold?: number;
}): Step<A> {
  const review = reviewTask(reviewer);
  const node: Node = {
    kind: 'iterative',
    worker: nodeOf(worker),
    reviewer: review,
    maxIterations,
    qualityThreshold,
    required: true,
  };
  return { node };
}

const REQUIRED = Symbol('required');
const isRequired = (child: Step<string>): boolean => REQUIRED in child;

/** May fail without failing what it is part of. */
export const optional = <const A extends string>(child: Child<A>): Step<A> => ({
  node: { ...nodeOf(child), required: false },
});

/** Must not fail, also in `parallel`. */
export const required = <const A extends string>(child: Child<A>): Step<A> => {
  const step: Step<A> = { node: { ...nodeOf(child), required: true } };
  return Object.assign(step, { [REQUIRED]: true });
};

// Teams.

export interface TeamSpec<Agents extends Readonly<Record<string, AgentSpec>>> {
  /** `^[a-z][a-z0-9_]*_team$` */
  id: string;
  purpose: string;
  /** Words of a request that choose this team. */
  keywords?: readonly string[];
  agents: Agents;
  run: Step<keyof Agents & string>;
  /** Who works and who reviews when the team is asked to iterate. */
  iterate?: { worker: keyof Agents & string; reviewer: keyof Agents & string };
  /** Context keys that are the team's results. */
  artifacts: readonly string[];
}

export interface TeamDefinition extends Team {
  agents: Readonly<Record<string, AgentSpec>>;
}

function memberOf(agent: AgentSpec): Member {
  const { role, purpose, capabilities, taskType, reads = [], extras = [], writes, textFrom } = agent;
  return {
    role,
    purpose,
    capabilities,
    taskType,
    reads,
    extras: extras.map((extra) => (typeof extra === 'string' ? { key: extra } : extra)),
    writes: typeof writes === 'string' ? { [writes]: '' } : writes,
    cap: agent.cap ?? DEFAULT_CAP_CODE_POINTS,
    ...(textFrom !== undefined && { textFrom }),
    output: object(agent.output),
  };
}

export function defineTeam<const Agents extends Readonly<Record<string, AgentSpec>>>(
  spec: TeamSpec<Agents>,
): TeamDefinition {
  const { id, purpose, keywords = [], agents, run, iterate, artifacts } = spec;
  const members = Object.fromEntries(Object.entries(agents).map(([name, agent]) => [name, memberOf(agent)]));
  const { node } = run;
  const loop = node.kind === 'iterative' && node.worker.kind === 'task' ? node : null;
  const byItself = loop && { worker: (loop.worker as { agent: string }).agent, reviewer: loop.reviewer.agent };
  return { id, purpose, keywords, members, run: node, iterate: iterate ?? byItself, artifacts, agents };
}
