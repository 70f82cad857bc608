/**
 * Which tree of patterns a run works through.
 *
 * Owns: what a requested pattern means for a team, and why a request is no run. Pure: the HTTP edge says no with it
 * before a run is made, the coordinator with the same words after.
 */
import { pointerPart } from '../../schemas/json.ts';
import { fits } from './memory.ts';
import {
  type DelegationNode,
  LOOP_LIMITS,
  leaderTask,
  type Node,
  type Pattern,
  patternOf,
  reviewTask,
  type SubTeamNode,
  type TaskNode,
  type Team,
  tasksOf,
  workTask,
} from './team.ts';

/** What a run is asked for besides its request text. */
export interface RunRequest {
  pattern?: Pattern | undefined;
  context?: Readonly<Record<string, unknown>> | undefined;
  max_iterations?: number | undefined;
  quality_threshold?: number | undefined;
}

export interface RunPlan {
  pattern: Pattern;
  run: Node;
}

export interface RunProblem {
  /** JSON pointer into the request. */
  path: string;
  message: string;
}

export const MAX_SUB_TEAMS = 8;

/** The plan of a run, or what is wrong with what was asked. */
export function planRun(team: Team, request: RunRequest, teams: readonly Team[]): RunPlan | RunProblem {
  const large = Object.entries(request.context ?? {}).find(([, value]) => !fits(value))?.[0];
  if (large !== undefined)
    return { path: `/context/${pointerPart(large)}`, message: `context.${large} is over 256 KiB` };
  const own = patternOf(team);
  const pattern = request.pattern ?? own;
  const run = pattern === own ? team.run : treeFor(team, pattern, request);
  if ('message' in run) return run;
  const expanded = expand(run, team, teams, request);
  return 'message' in expanded ? expanded : { pattern, run: expanded };
}

function treeFor(team: Team, pattern: Pattern, request: RunRequest): Node | RunProblem {
  const members = memberTasks(team);
  const last = members.at(-1) as TaskNode;
  switch (pattern) {
    case 'sequential':
      return { kind: 'sequential', children: members, required: true };
    case 'parallel':
      return sideBySide(members, last);
    case 'hierarchical': {
      const named = subTeams(team, request.context?.teams);
      return 'message' in named ? named : { kind: 'hierarchical', leader: last.agent, teams: named, required: true };
    }
    case 'iterative':
      return loopOver(team, members);
  }
}

/** Each member's own task, in the order of the team's plan: also of those that only review or lead by themselves. */
function memberTasks({ run }: Team): TaskNode[] {
  const tasks = tasksOf(run);
  const isOwn = ({ mode }: TaskNode) => mode === 'work' || mode === 'aggregate';
  const placed = new Set(tasks.filter(isOwn).map(({ agent }) => agent));
  return tasks.flatMap((node): TaskNode[] => {
    if (isOwn(node)) return [{ ...node, mode: 'work', required: true }];
    if (placed.has(node.agent)) return [];
    placed.add(node.agent);
    return [workTask(node.agent)];
  });
}

/** All but the last at once, which then brings their results together; one alone has nobody to wait for. */
function sideBySide(members: readonly TaskNode[], last: TaskNode): Node {
  const others = members.slice(0, -1);
  const children = others.length > 0 ? others : [last];
  return {
    kind: 'parallel',
    children: children.map((task) => ({ ...task, required: false })),
    aggregator: others.length > 0 ? { ...last, mode: 'aggregate' } : null,
    minSuccess: 1,
    required: true,
  };
}

/** Those before the worker once, the loop, those after it once. */
function loopOver({ id, iterate }: Team, members: readonly TaskNode[]): Node | RunProblem {
  const at = members.findIndex(({ agent }) => agent === iterate?.worker);
  if (!iterate || at < 0)
    return { path: '/pattern', message: `${id} names no worker and reviewer, so it cannot iterate` };
  const loop: Node = {
    kind: 'iterative',
    worker: members[at] as TaskNode,
    reviewer: reviewTask(iterate.reviewer),
    ...LOOP_LIMITS,
    required: true,
  };
  return { kind: 'sequential', children: [...members.slice(0, at), loop, ...members.slice(at + 1)], required: true };
}

function subTeams({ id }: Team, given: unknown): string[] | RunProblem {
  const path = '/context/teams';
  if (given === undefined) return { path, message: 'context.teams missing' };
  if (!Array.isArray(given) || given.length < 1 || given.length > MAX_SUB_TEAMS) {
    return { path, message: `context.teams must be a list of 1 to ${MAX_SUB_TEAMS} teams` };
  }
  if (!given.every((name) => typeof name === 'string')) return { path, message: 'context.teams must hold names only' };
  if (new Set(given).size < given.length) return { path, message: 'context.teams names a team twice' };
  if (given.includes(id)) return { path, message: `context.teams must not contain ${id} itself` };
  return given;
}

/** Puts in what the request says of loops, and the trees of sub-teams. */
function expand(node: Node, team: Team, teams: readonly Team[], request: RunRequest): Node | RunProblem {
  switch (node.kind) {
    case 'sequential':
    case 'parallel': {
      const children = node.children.map((child) => expand(child, team, teams, request));
      const wrong = children.find((child) => 'message' in child);
      return wrong ?? { ...node, children: children as Node[] };
    }
    case 'iterative': {
      const worker = expand(node.worker, team, teams, request);
      if ('message' in worker) return worker;
      const { max_iterations = node.maxIterations, quality_threshold = node.qualityThreshold } = request;
      return { ...node, worker, maxIterations: max_iterations, qualityThreshold: quality_threshold };
    }
    case 'hierarchical':
      return delegation(node.leader, node.teams, node.required, teams);
    default:
      return node;
  }
}

function delegation(
  leader: string,
  names: readonly string[],
  required: boolean,
  teams: readonly Team[],
): DelegationNode | RunProblem {
  const children: SubTeamNode[] = [];
  for (const [index, name] of names.entries()) {
    const found = teams.find(({ id }) => id === name);
    const path = `/context/teams/${index}`;
    if (!found) return { path, message: `unknown team: ${name}` };
    if (delegates(found.run)) return { path, message: `${name} delegates itself, so it cannot be a sub-team` };
    const { purpose, artifacts, run } = found;
    children.push({ kind: 'team', team_id: name, purpose, artifacts, run, required: false });
  }
  return {
    kind: 'delegation',
    delegate: leaderTask(leader, 'delegate'),
    teams: { kind: 'parallel', children, aggregator: null, minSuccess: 1, required: true },
    synthesize: leaderTask(leader, 'synthesize'),
    required,
  };
}

/** Whether a tree hands work to other teams. */
export function delegates(node: Node): boolean {
  if (node.kind === 'hierarchical') return true;
  if (node.kind === 'sequential' || node.kind === 'parallel') return node.children.some(delegates);
  return node.kind === 'iterative' && delegates(node.worker);
}
