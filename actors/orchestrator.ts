/**
 * The orchestrator: one instance per project.
 *
 * Owns: how a project's state is split into parts, which parts an event needs first, and the lists that people read.
 * Does not own any decision (`machines/project.ts`) nor what is asked of an LLM (`plan-backlog.ts`). Keeps I10: an event reads and writes the parts it changes.
 */
import type { DeriveId } from '../machines/kit.ts';
import { evidenceDeliverable } from '../machines/orchestration/dispatch.ts';
import type { ApprovalPart, Header, PartName, QuestionPart } from '../machines/orchestration/parts.ts';
import { readBackPlan } from '../machines/orchestration/plans.ts';
import { readBackReading } from '../machines/orchestration/rereading.ts';
import type { ProjectContext } from '../machines/orchestration/wiring.ts';
import { Project } from '../machines/orchestration/working-copy.ts';
import { createProjectMachine, type ProjectSettings } from '../machines/project.ts';
import { GROUPS, INSTANCE_FIELD, inProductOrder } from '../schemas/catalog.ts';
import type { Envelope } from '../schemas/types.ts';
import {
  type ActorDefinition,
  defineActor,
  type Projection,
  type StateCodec,
  type StoredSnapshot,
} from '../src/runtime/define-actor.ts';
import { planBacklog } from './plan-backlog.ts';
import { plannerTargets } from './planner-targets.ts';
import { rereadActivities } from './reread-activities.ts';
import type { Tools } from './tools.ts';

export function createOrchestrator(settings: ProjectSettings): ActorDefinition<Tools> {
  return defineActor(createProjectMachine(settings))<Tools>({
    name: 'orchestrator',
    group: GROUPS.orchestrator,
    receives: [
      'PROJECT.INITIAL_REQUEST_RECEIVED',
      'PROJECT.MESSAGE_RECEIVED',
      'PROJECT.STOP_REQUESTED',
      'WORK.ITEM_COMPLETED',
      'WORK.ITEM_FAILED',
      'DELIVERABLE.PUBLISHED',
      'CLARIFICATION.NEEDED',
      'USER.ANSWER_SUBMITTED',
      'HUMAN.APPROVAL_SUBMITTED',
      'USER.PROMPT_SUBMITTED',
      'CUSTOMER.MESSAGE_RESPONDED',
    ],
    instanceOf: INSTANCE_FIELD.orchestrator,
    effects: { plan: planBacklog(plannerTargets(settings.teams)), reread: rereadActivities },
    asks: ['PROJECT.INITIAL_REQUEST_RECEIVED', 'USER.ANSWER_SUBMITTED'],
    readBack: {
      plan: { from: 'BACKLOG.ITEM_CREATED', outcome: plannedThen },
      reread: { from: 'QUESTION.ANSWER_RECORDED', outcome: readBackReading },
    },
    state: codec as StateCodec<never>,
    productOrder: inProductOrder,
    prefetch,
    project,
    replayable: true,
  });
}

const plannedThen = (created: readonly Envelope[], id: DeriveId) =>
  readBackPlan(
    (created as readonly Envelope<'BACKLOG.ITEM_CREATED'>[]).map(({ payload }) => payload.backlog_item),
    id,
  );

const codec: StateCodec<ProjectContext> = {
  open: (stored, parts) => ({ project: Project.open(stored as Header | undefined, parts) }),
  close: ({ project }) => ({ stored: project.header, parts: project.changes }),
};

/** What every decision about the event looks at. What follows from it is loaded when it is known. */
function prefetch(event: Envelope): PartName[] {
  switch (event.event_type) {
    case 'WORK.ITEM_COMPLETED': {
      const id = event.payload.backlog_item_id;
      const named = evidenceDeliverable(event.payload.evidence);
      return [`item:${id}`, `dependents:${id}`, ...(named === null ? [] : [`deliverable:${named}` as const])];
    }
    case 'WORK.ITEM_FAILED':
      return [`item:${event.payload.backlog_item_id}`, `dependents:${event.payload.backlog_item_id}`];
    case 'DELIVERABLE.PUBLISHED':
      return [`item:${event.payload.backlog_item_id}`, `deliverable:${event.payload.deliverable.id ?? event.event_id}`];
    case 'CLARIFICATION.NEEDED':
      return [`item:${event.payload.backlog_item_id}`];
    case 'USER.ANSWER_SUBMITTED':
      return [`question:${event.payload.question_id}`];
    case 'HUMAN.APPROVAL_SUBMITTED':
      return [`approval:${event.payload.approval_id}`, `item:${event.payload.backlog_item_id}`];
    case 'PROJECT.MESSAGE_RECEIVED':
    case 'CUSTOMER.MESSAGE_RESPONDED':
      return [`message:${event.payload.message_id}`, 'inbox'];
    default:
      return [];
  }
}

const QUESTION = 'question:';
const APPROVAL = 'approval:';

/** Lists of projects by status, and of questions and approvals by status over all projects. */
function project(
  id: string,
  before: StoredSnapshot | null,
  after: StoredSnapshot,
  parts: ReadonlyMap<string, unknown>,
): Projection[] {
  const changes: Projection[] = [];
  if (before?.value !== after.value) {
    const score = Date.parse((after.context as Header).created_at);
    if (before) changes.push({ op: 'zrem', key: `projects:status:${before.value}`, member: id });
    else changes.push({ op: 'zadd', key: 'projects:all', score, member: id });
    changes.push({ op: 'zadd', key: `projects:status:${after.value}`, score, member: id });
  }
  for (const [name, part] of parts) {
    if (name.startsWith(QUESTION)) changes.push(...listed('questions', part as QuestionPart, id, 'created_at'));
    else if (name.startsWith(APPROVAL)) changes.push(...listed('approvals', part as ApprovalPart, id, 'requested_at'));
  }
  return changes;
}

/** Both are opened and, later, leave OPEN for good. */
function listed<Opened extends string>(
  list: 'questions' | 'approvals',
  part: { id: string; status: string } & Record<Opened, string>,
  projectId: string,
  opened: Opened,
): Projection[] {
  const score = Date.parse(part[opened]);
  const member = `${projectId}:${part.id}`;
  const entry: Projection = { op: 'zadd', key: `${list}:${part.status}`, score, member };
  if (part.status !== 'OPEN') return [{ op: 'zrem', key: `${list}:OPEN`, member }, entry];
  return [{ op: 'hset', key: `${list}:index`, field: part.id, value: projectId }, entry];
}
