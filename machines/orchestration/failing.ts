/**
 * How items fail, and what fails with them.
 *
 * Owns: the end of an item that cannot be done, of everything that depends on it, and of everything at once when the
 * project is stopped. Keeps I7; the cost is that of the items that fail (I10).
 */
import type { Failure, FailureCategory, WorkItemFailed } from '../../schemas/types.ts';
import { isFinal } from '../backlog-item.ts';
import type { Project } from './working-copy.ts';

/** Fails an item and all that depend on it. */
export function fail(project: Project, id: string, failure: Failure): void {
  end(project, id, failure);
  announce(project, id, failure);
  failDependents(project, id, failure.category);
}

/** Fails an item whose failure the event has announced, and all that depend on it. */
export function failAsTold(project: Project, told: WorkItemFailed): void {
  project.touch();
  const id = told.backlog_item_id.toLowerCase();
  const failure = told.failure ?? { category: 'TOOL_FAILURE', reason: told.reason };
  end(project, id, failure);
  failDependents(project, id, failure.category);
}

/** Fails those of the items that are not final, because the project is stopped; returns how many. */
export function failAll(project: Project, ids: readonly string[]): number {
  const open = ids.filter((id) => !isFinal(project.item(id).item.status));
  const failure: Failure = { category: 'TOOL_FAILURE', reason: 'stopped' };
  for (const id of open) {
    end(project, id, failure);
    announce(project, id, failure);
  }
  return open.length;
}

function end(project: Project, id: string, failure: Failure): void {
  project.move(id, 'fail', { failure, blocked_by: [] });
}

function announce(project: Project, id: string, failure: Failure): void {
  const { index } = project.item(id);
  const { id: project_id } = project.header;
  project.emit('WORK.ITEM_FAILED', { project_id, backlog_item_id: id, reason: failure.reason, failure }, index);
}

/** Level by level, so that each level is loaded in one go. */
function failDependents(project: Project, dependency: string, category: FailureCategory): void {
  const failure: Failure = { category, reason: 'dependency_failed', details: { dependency } };
  let level = [dependency];
  while (level.length > 0) {
    project.require(level.map((id) => `dependents:${id}` as const));
    const below = new Set(level.flatMap((id) => project.get(`dependents:${id}`) ?? []));
    project.require([...below].map((id) => `item:${id}` as const));
    level = [...below].filter((id) => !isFinal(project.item(id).item.status));
    for (const id of level) {
      end(project, id, failure);
      announce(project, id, failure);
    }
  }
}
