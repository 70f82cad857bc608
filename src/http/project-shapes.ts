/** What the API shows of projects. */
import { PROJECT_STATUSES } from '../store/project-state.ts';
import * as shape from './shapes.ts';

export const projectSummary = shape.object({
  id: shape.uuid,
  name: shape.text,
  description: shape.text,
  status: shape.oneOf(PROJECT_STATUSES),
  completion_percentage: shape.percentage,
  created_at: shape.time,
  updated_at: shape.time,
});

export const project = shape.object({
  id: shape.uuid,
  name: shape.text,
  description: shape.text,
  status: shape.oneOf(PROJECT_STATUSES),
  plan: { enum: ['items', 'analysis', 'llm', 'teams', 'default', null], description: 'Null until it is planned.' },
  correlation_id: shape.uuid,
  requester: shape.orNull(shape.anyObject),
  file: shape.orNull(shape.anyObject),
  input: {
    ...shape.orNull(shape.objectRef('activity_input')),
    description: 'What the reading of the file says of itself; null without a file.',
  },
  completion_percentage: shape.percentage,
  counts: shape.objectRef('counts'),
  open_questions: shape.count,
  open_approvals: shape.count,
  failure: shape.orNull(shape.anyObject),
  report_deliverable_id: shape.orNull(shape.uuid),
  created_at: shape.time,
  updated_at: shape.time,
});

export const projectStatus = shape.object({
  project_id: shape.uuid,
  status: shape.oneOf(PROJECT_STATUSES),
  completion_percentage: shape.percentage,
  backlog_items: shape.object({
    total: shape.count,
    completed: shape.count,
    in_progress: shape.count,
    ready: shape.count,
    blocked: shape.count,
    created: shape.count,
    failed: shape.count,
  }),
  deliverables: shape.list(shape.object({ id: shape.uuid, type: shape.text, created_at: shape.time })),
  last_activity: shape.time,
});

export const deliverableRow = {
  id: shape.uuid,
  type: shape.text,
  backlog_item_id: shape.orNull(shape.uuid),
  agent: shape.text,
  confidence: shape.confidence,
  created_at: shape.time,
  late: { ...shape.boolean, description: 'Came after its item or project was final.' },
};

export const message = shape.object({
  id: shape.uuid,
  direction: shape.oneOf(['incoming', 'outgoing']),
  message_type: shape.text,
  content: shape.text,
  related_item_id: shape.orNull(shape.uuid),
  requires_response: shape.boolean,
  created_at: shape.time,
});
