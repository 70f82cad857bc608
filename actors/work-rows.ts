/** The rows that somebody works with, wherever they are: in a dispatch, or in the file that the dispatch names. */
import { cutList } from '../machines/teams/cut.ts';
import { MAX_MATERIAL_BYTES } from '../machines/teams/handing-out.ts';
import type { AgentTaskDispatched, RowsRef, WorkContext } from '../schemas/types.ts';
import type { Tools } from './tools.ts';

type RowTools = Pick<Tools, 'rows'>;

/** The work context with its rows. They are others' too, and not to be changed. @throws {Fault} as `RowSource.load` */
export async function withRows(projectId: string, workContext: WorkContext, tools: RowTools): Promise<WorkContext> {
  const { rows_ref } = workContext;
  if (!rows_ref) return workContext;
  return { ...workContext, rows: (await tools.rows.load(projectId, rows_ref)) as WorkContext['rows'] };
}

/**
 * An agent's task with the first rows in the place of the reference, as many as a task may bring.
 * @throws {Fault} as `RowSource.load`
 */
export async function withFirstRows(dispatched: AgentTaskDispatched, tools: RowTools): Promise<AgentTaskDispatched> {
  const { project_id, task } = dispatched;
  const { rows_ref, ...payload } = task.payload;
  // A task may come from outside, and its payload is what its sender likes.
  if (project_id === null || !isReference(rows_ref)) return dispatched;
  const all = await tools.rows.load(project_id, rows_ref);
  const rows = cutList(all, MAX_MATERIAL_BYTES);
  const rows_omitted = all.length - rows.length;
  return {
    ...dispatched,
    task: { ...task, payload: { ...payload, rows, ...(rows_omitted > 0 && { rows_omitted }) } },
  };
}

function isReference(value: unknown): value is RowsRef {
  if (typeof value !== 'object' || value === null) return false;
  const { artifact_id, sha256, count, bytes } = value as Record<string, unknown>;
  return (
    typeof artifact_id === 'string' &&
    typeof sha256 === 'string' &&
    Number.isSafeInteger(count) &&
    Number.isSafeInteger(bytes)
  );
}
