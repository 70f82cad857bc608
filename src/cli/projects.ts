/** Projects as the API shows them, and what the commands about them share. */
import type { Counts } from '../../schemas/types.ts';
import type { Client } from './client.ts';
import type { ShownDeliverable } from './report.ts';
import type { Style, Terminal } from './terminal.ts';

export interface ProjectSummary {
  id: string;
  name: string;
  status: string;
  completion_percentage: number;
  created_at: string;
  updated_at: string;
}

export interface Project extends ProjectSummary {
  plan: string | null;
  counts: Counts;
  failure: { reason: string } | null;
}

export const projectPath = (id: string): string => `/api/projects/${encodeURIComponent(id)}`;

const STYLES: Readonly<Record<string, Style>> = {
  COMPLETED: 'green',
  DONE: 'green',
  FAILED: 'red',
  STOPPED: 'yellow',
  AWAITING_INPUT: 'yellow',
  BLOCKED: 'yellow',
};

/** Of a project or an item. */
export const statusStyle = (status: string): Style | null => STYLES[status] ?? null;

export function statusText(status: string, terminal: Terminal): string {
  const style = statusStyle(status);
  return style ? terminal.style(style, status) : status;
}

/** The newest `most` with their contents, oldest first. */
export async function readDeliverables(
  client: Client,
  projectId: string,
  { type, most }: { type?: string | undefined; most: number },
): Promise<ShownDeliverable[]> {
  const base = `${projectPath(projectId)}/deliverables`;
  const newestFirst = await client.all<{ id: string }>(base, 'deliverables', { type }, most);
  const found: ShownDeliverable[] = [];
  for (const { id } of newestFirst.toReversed()) found.push(await client.get<ShownDeliverable>(`${base}/${id}`));
  return found;
}
