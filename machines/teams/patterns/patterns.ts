/** Which machine runs a node of a plan, and what it begins with. */
import type { AnyStateMachine } from 'xstate';
import type { Node } from '../team.ts';
import { hierarchical } from './hierarchical.ts';
import { iterative } from './iterative.ts';
import { parallel } from './parallel.ts';
import { sequential } from './sequential.ts';

export interface RunningPattern {
  machine: AnyStateMachine;
  input: object;
}

/** @throws {RangeError} for a node that is no pattern: a bug. */
export function patternOfNode(node: Node): RunningPattern {
  switch (node.kind) {
    case 'sequential':
      return { machine: sequential, input: { required: node.children.map(({ required }) => required) } };
    case 'parallel': {
      const { minSuccess, children, aggregator } = node;
      const required = children.map((child) => child.required);
      return { machine: parallel, input: { required, minSuccess, aggregates: aggregator !== null } };
    }
    case 'iterative': {
      const { maxIterations, qualityThreshold } = node;
      return { machine: iterative, input: { maxIterations, qualityThreshold } };
    }
    case 'delegation':
      return { machine: hierarchical, input: {} };
    default:
      throw new RangeError(`a ${node.kind} node is no pattern`);
  }
}
