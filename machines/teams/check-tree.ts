/**
 * Whether the tree of patterns of a team can be worked through.
 *
 * Owns: the checks of `run`: its shape, its numbers, who it names, and that every key is written before it is read.
 */
import { delegates, MAX_SUB_TEAMS } from './run-plan.ts';
import {
  type Flaw,
  type HierarchicalNode,
  type IterativeNode,
  leaderTask,
  type Node,
  type ParallelNode,
  type SequentialNode,
  subTeamsNamedIn,
  type TaskNode,
  type Team,
} from './team.ts';

/** Patterns within each other. */
const MAX_DEPTH = 4;
/** Rounds of a loop. */
const MAX_ROUNDS = 10;

type Keys = ReadonlySet<string>;
/** What the leader is given of its sub-teams. */
const TEAMS_KEY = 'teams';

export function checkTree(team: Team, teams: readonly Team[]): Flaw[] {
  const check = new TreeCheck(team, teams);
  check.visit(team.run, '/run', 0, new Set());
  return check.flaws;
}

class TreeCheck {
  readonly flaws: Flaw[] = [];
  readonly #team: Team;
  readonly #teams: readonly Team[];

  constructor(team: Team, teams: readonly Team[]) {
    this.#team = team;
    this.#teams = teams;
  }

  /** `known`: keys that are written when the node begins. @returns the keys that the node writes */
  visit(node: Node, path: string, depth: number, known: Keys): Keys {
    if (node.kind === 'task') return this.#task(node, path, known);
    if (depth === MAX_DEPTH) {
      this.#wrong(path, `patterns nest ${MAX_DEPTH} deep at most`);
      return new Set();
    }
    switch (node.kind) {
      case 'sequential':
        return this.#sequential(node, path, depth + 1, known);
      case 'parallel':
        return this.#parallel(node, path, depth + 1, known);
      case 'iterative':
        return this.#iterative(node, path, depth + 1, known);
      case 'hierarchical':
        return this.#hierarchical(node, path, known);
      default:
        this.#wrong(path, `${node.kind} is no pattern that a team may declare`);
        return new Set();
    }
  }

  #wrong(path: string, message: string): void {
    this.flaws.push({ path, message });
  }

  #task({ agent, mode }: TaskNode, path: string, known: Keys): Keys {
    const member = this.#team.members[agent];
    if (!member) {
      this.#wrong(path, `${agent} is not declared in agents`);
      return new Set();
    }
    const own = mode === 'work' || mode === 'aggregate';
    const [textKey] = own && member.textFrom !== undefined ? member.textFrom.split('.') : [];
    const reads = new Set([...member.reads, ...(textKey === undefined ? [] : [textKey])]);
    for (const key of reads) {
      if (!known.has(key)) this.#wrong(path, `${agent} reads ${key} before anyone has written it`);
    }
    return own ? new Set(Object.keys(member.writes)) : new Set();
  }

  #sequential({ children }: SequentialNode, path: string, depth: number, known: Keys): Keys {
    if (children.length === 0) this.#wrong(path, 'sequential has no children');
    const written = new Set<string>();
    for (const [index, child] of children.entries()) {
      const keys = this.visit(child, `${path}/children/${index}`, depth, union(known, written));
      for (const key of keys) written.add(key);
    }
    return written;
  }

  #parallel({ children, aggregator, minSuccess }: ParallelNode, path: string, depth: number, known: Keys): Keys {
    if (children.length === 0) this.#wrong(path, 'parallel has no children');
    if (!isWithin(minSuccess, 0, children.length) || !Number.isInteger(minSuccess)) {
      this.#wrong(`${path}/minSuccess`, `must be a whole number from 0 to ${children.length}, is ${minSuccess}`);
    }
    const written = new Map<string, number>();
    for (const [index, child] of children.entries()) {
      const at = `${path}/children/${index}`;
      for (const key of this.visit(child, at, depth, known)) {
        const other = written.get(key);
        if (other !== undefined) this.#wrong(at, `writes ${key}, as child ${other} of the same parallel does`);
        else written.set(key, index);
      }
    }
    const keys = new Set(written.keys());
    if (!aggregator) return keys;
    return union(keys, this.visit(aggregator, `${path}/aggregator`, depth, union(known, keys)));
  }

  #iterative(node: IterativeNode, path: string, depth: number, known: Keys): Keys {
    const { worker, reviewer, maxIterations, qualityThreshold } = node;
    if (!isWithin(maxIterations, 1, MAX_ROUNDS) || !Number.isInteger(maxIterations)) {
      const range = `must be a whole number from 1 to ${MAX_ROUNDS}`;
      this.#wrong(`${path}/maxIterations`, `${range}, is ${maxIterations}`);
    }
    if (!isWithin(qualityThreshold, 0, 1)) {
      this.#wrong(`${path}/qualityThreshold`, `must be a number from 0 to 1, is ${qualityThreshold}`);
    }
    const written = this.visit(worker, `${path}/worker`, depth, known);
    this.visit(reviewer, `${path}/reviewer`, depth, union(known, written));
    return written;
  }

  #hierarchical({ leader, teams: named }: HierarchicalNode, path: string, known: Keys): Keys {
    const keys = new Set([TEAMS_KEY]);
    this.#task(leaderTask(leader, 'synthesize'), `${path}/leader`, union(known, keys));
    if (!isWithin(named.length, 1, MAX_SUB_TEAMS)) {
      this.#wrong(`${path}/teams`, `must name 1 to ${MAX_SUB_TEAMS} teams, names ${named.length}`);
    }
    for (const [index, name] of named.entries()) {
      const wrong = this.#subTeam(name, named.indexOf(name) < index);
      if (wrong !== null) this.#wrong(`${path}/teams/${index}`, wrong);
    }
    return keys;
  }

  #subTeam(name: string, repeated: boolean): string | null {
    if (repeated) return `${name} is named twice`;
    const found = this.#teams.find(({ id }) => id === name);
    if (name !== this.#team.id && !found) return `unknown team: ${name}`;
    const cycle = this.#wayBack(name, [this.#team.id]);
    if (cycle) return `hierarchical cycle: ${cycle.join(' → ')}`;
    return delegates((found as Team).run) ? `${name} delegates itself, so it cannot be a sub-team` : null;
  }

  /** The way from a sub-team back to this team, if there is one. */
  #wayBack(name: string, way: readonly string[]): string[] | null {
    if (name === this.#team.id) return [...way, name];
    if (way.includes(name)) return null;
    const found = this.#teams.find(({ id }) => id === name);
    for (const next of found ? subTeamsNamedIn(found.run) : []) {
      const cycle = this.#wayBack(next, [...way, name]);
      if (cycle) return cycle;
    }
    return null;
  }
}

const union = (a: Keys, b: Keys): Set<string> => new Set([...a, ...b]);

const isWithin = (value: number, min: number, max: number): boolean => value >= min && value <= max;
