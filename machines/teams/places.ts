/**
 * Where a node stands in the plan of a run.
 *
 * Owns: paths (the numbers of the children on the way from the root), what lies at one, and their order. A path also
 * says the round of each loop on its way, so it names a task once in a whole run.
 */
import { iterationOf, reviewChild, workChild } from './patterns/iterative.ts';
import type { Node, TaskNode } from './team.ts';

/** `''` = the root, `0.3` = child 3 of child 0. */
export type Path = string;

export const ROOT: Path = '';

export const childPath = (path: Path, child: number): Path => (path === ROOT ? String(child) : `${path}.${child}`);

export const parentPath = (path: Path): Path => path.slice(0, Math.max(0, path.lastIndexOf('.')));

export const childNumber = (path: Path): number => Number(path.slice(path.lastIndexOf('.') + 1));

/** The paths from `path` up to the root, nearest first. */
export function upwards(path: Path): Path[] {
  const paths = [path];
  for (let at = path; at !== ROOT; ) {
    at = parentPath(at);
    paths.push(at);
  }
  return paths;
}

/** Order of the plan: the rounds of a loop one after another. */
export function comparePaths(a: Path, b: Path): number {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  const at = left.findIndex((number, index) => number !== right[index]);
  return at < 0 ? left.length - right.length : (left[at] as number) - (right[at] ?? -1);
}

/** @throws {RangeError} for a child that the node does not have: a bug. */
export function childOf(node: Node, child: number): Node {
  const found = (): Node | null | undefined => {
    switch (node.kind) {
      case 'sequential':
        return node.children[child];
      case 'parallel':
        return child === node.children.length ? node.aggregator : node.children[child];
      case 'iterative':
        return child === workChild(iterationOf(child)) ? node.worker : node.reviewer;
      case 'delegation':
        return [node.delegate, node.teams, node.synthesize][child];
      case 'team':
        return node.run;
      default:
        return null;
    }
  };
  const at = found();
  if (!at) throw new RangeError(`a ${node.kind} node has no child ${child}`);
  return at;
}

export function nodeAt(root: Node, path: Path): Node {
  if (path === ROOT) return root;
  return path.split('.').reduce((node, child) => childOf(node, Number(child)), root);
}

export interface PlacedTask {
  path: Path;
  node: TaskNode;
}

/** The tasks below a node, in plan order; of a loop its first round. */
export function tasksBelow(node: Node, path: Path): PlacedTask[] {
  const below = (...children: number[]) =>
    children.flatMap((child) => tasksBelow(childOf(node, child), childPath(path, child)));
  switch (node.kind) {
    case 'task':
      return [{ path, node }];
    case 'sequential':
      return below(...node.children.keys());
    case 'parallel':
      return below(...node.children.keys(), ...(node.aggregator ? [node.children.length] : []));
    case 'iterative':
      return below(workChild(1), reviewChild(1));
    case 'delegation':
      return below(0, 1, 2);
    default:
      return below(0);
  }
}

/** The innermost loop that holds the node, and in which round; null outside of loops. */
export function loopAround(root: Node, path: Path): { path: Path; iteration: number } | null {
  for (const at of upwards(path).slice(0, -1)) {
    const above = parentPath(at);
    if (nodeAt(root, above).kind === 'iterative') return { path: above, iteration: iterationOf(childNumber(at)) };
  }
  return null;
}
