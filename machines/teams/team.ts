/**
 * What a team is, as data.
 *
 * Owns: the shapes that team files declare and everything else reads: members, the tree of patterns they work in, what
 * they read and write. Owns no decision.
 */
import type { ExecutionPlan } from '../../schemas/types.ts';

export type Pattern = ExecutionPlan['strategy'];

/** JSON Schema of an agent's answer. */
export type OutputSchema = Readonly<Record<string, unknown>>;

/** A key of the run's context that is handed to an agent in `payload`. */
export interface Extra {
  key: string;
  /** Taken when the run's context has no such key. */
  default?: string;
  /** Only the last so many elements of a list. */
  last?: number;
}

/** A member as its coordinator and planners see it. */
export interface Member {
  role: string;
  purpose: string;
  capabilities: readonly string[];
  taskType: string;
  /** Context keys that it is given. */
  reads: readonly string[];
  extras: readonly Extra[];
  /** Context key → path in the answer, `priority.level`; '' = all of it. */
  writes: Readonly<Record<string, string>>;
  /** Code points of text that it is given. */
  cap: number;
  /** Path in the context to the text it works on, `writing_outline.edited_content`; absent = the request. */
  textFrom?: string;
  output: OutputSchema;
}

/** What an agent is asked for. */
export type TaskMode = 'work' | 'review' | 'aggregate' | 'delegate' | 'synthesize';

export interface TaskNode {
  kind: 'task';
  task: string;
  agent: string;
  mode: TaskMode;
  required: boolean;
}

export interface SequentialNode {
  kind: 'sequential';
  children: readonly Node[];
  required: boolean;
}

export interface ParallelNode {
  kind: 'parallel';
  children: readonly Node[];
  /** Runs after all others, with their results. */
  aggregator: TaskNode | null;
  minSuccess: number;
  required: boolean;
}

export interface IterativeNode {
  kind: 'iterative';
  worker: Node;
  reviewer: TaskNode;
  maxIterations: number;
  /** Score from which the work is accepted, 0–1. */
  qualityThreshold: number;
  required: boolean;
}

/** Of a loop that says nothing else. */
export const LOOP_LIMITS = { maxIterations: 3, qualityThreshold: 0.8 } as const;

/** As declared: sub-teams by name. */
export interface HierarchicalNode {
  kind: 'hierarchical';
  leader: string;
  teams: readonly string[];
  required: boolean;
}

/** In the plan of a run: sub-teams as they were when it started. */
export interface DelegationNode {
  kind: 'delegation';
  delegate: TaskNode;
  teams: ParallelNode;
  synthesize: TaskNode;
  required: boolean;
}

/** A sub-team: its own pattern in a memory scope of its own. */
export interface SubTeamNode {
  kind: 'team';
  team_id: string;
  purpose: string;
  artifacts: readonly string[];
  run: Node;
  required: boolean;
}

export type Node =
  | TaskNode
  | SequentialNode
  | ParallelNode
  | IterativeNode
  | HierarchicalNode
  | DelegationNode
  | SubTeamNode;

export interface Team {
  id: string;
  purpose: string;
  /** Words of a request that choose it; it may have none. */
  keywords: readonly string[];
  members: Readonly<Record<string, Member>>;
  run: Node;
  /** Who works and who reviews when the team is asked to iterate and does not by itself. */
  iterate: { worker: string; reviewer: string } | null;
  /** Context keys that are the team's results. */
  artifacts: readonly string[];
}

/** Something in the declaration of a team that cannot work. */
export interface Flaw {
  /** JSON pointer into the declaration. */
  path: string;
  message: string;
}

/** Agent → member, over all teams. */
export type Members = Readonly<Record<string, Member>>;

export const membersOf = (teams: readonly Team[]): Members =>
  Object.fromEntries(teams.flatMap(({ members }) => Object.entries(members)));

/** The pattern that a team has of its own accord. */
export const patternOf = ({ run }: Team): Pattern =>
  run.kind === 'parallel' || run.kind === 'iterative' || run.kind === 'hierarchical' ? run.kind : 'sequential';

/** Tasks of a tree in plan order; of a loop, one round. */
export function tasksOf(node: Node): TaskNode[] {
  switch (node.kind) {
    case 'task':
      return [node];
    case 'sequential':
      return node.children.flatMap(tasksOf);
    case 'parallel':
      return [...node.children.flatMap(tasksOf), ...(node.aggregator ? [node.aggregator] : [])];
    case 'iterative':
      return [...tasksOf(node.worker), node.reviewer];
    case 'delegation':
      return [node.delegate, ...tasksOf(node.teams), node.synthesize];
    case 'team':
      return tasksOf(node.run);
    case 'hierarchical':
      return [leaderTask(node.leader, 'delegate'), leaderTask(node.leader, 'synthesize')];
  }
}

/** Teams that a tree hands work to. */
export function subTeamsNamedIn(node: Node): readonly string[] {
  if (node.kind === 'hierarchical') return node.teams;
  if (node.kind === 'sequential' || node.kind === 'parallel') return node.children.flatMap(subTeamsNamedIn);
  return node.kind === 'iterative' ? subTeamsNamedIn(node.worker) : [];
}

/** An agent's own work, named after it. */
export const workTask = (agent: string, task = agent.replace(/_agent$/, '')): TaskNode => ({
  kind: 'task',
  task,
  agent,
  mode: 'work',
  required: true,
});

export const leaderTask = (agent: string, mode: 'delegate' | 'synthesize'): TaskNode => ({
  kind: 'task',
  task: mode,
  agent,
  mode,
  required: true,
});

export const reviewTask = (agent: string): TaskNode => ({
  kind: 'task',
  task: 'review',
  agent,
  mode: 'review',
  required: true,
});
