/** What both sides are asked to do. */
import { randomUUID } from 'node:crypto';

const REQUEST_TEXT = 'Find out where the team loses time';
const HOURLY_RATE = 100;
const ROWS = [
  { text: 'Ticket triage', estimated_minutes: 30, category: 'ops' },
  { text: 'Ticket triage', estimated_minutes: 45, category: 'ops' },
  { text: 'Status meeting', estimated_minutes: 60, category: 'meetings' },
];

/** The body of `POST /api/projects`. */
export const ANALYSIS_BODY = { request_text: REQUEST_TEXT, rows: ROWS, hourly_rate: HOURLY_RATE };

export interface ProjectRequest {
  projectId: string;
  /** The event as text, as anybody would append it to the log. */
  text: string;
}

function request(payload: Record<string, unknown>): ProjectRequest {
  const projectId = randomUUID();
  const event = {
    event_id: randomUUID(),
    event_type: 'PROJECT.INITIAL_REQUEST_RECEIVED',
    event_version: 1,
    timestamp: new Date().toISOString(),
    source: 'bench',
    instance: 'bench/0',
    correlation_id: randomUUID(),
    causation_id: null,
    payload: { project_id: projectId, ...payload },
  };
  return { projectId, text: JSON.stringify(event) };
}

export const analysisRequest = (): ProjectRequest => request(ANALYSIS_BODY);

/**
 * A project of `count` items in blocks of ten, all alike, so that only the number of items differs:
 * chains (0 > 3 > 4, 5 > 7), a fan-in of three (8) and one of two (9), the rest on their own.
 */
export function itemsRequest(count: number): ProjectRequest {
  const items = Array.from({ length: count }, (_, index) => {
    const place = index % 10;
    const first = index - place;
    return {
      key: `item-${index}`,
      title: `Item ${index}`,
      agent_target: place % 2 === 0 ? 'time_waste_worker' : 'worker',
      depends_on: (DEPENDENCIES[place] ?? []).map((other) => `item-${first + other}`),
    };
  });
  return request({ request_text: REQUEST_TEXT, rows: ROWS, items });
}

const DEPENDENCIES: Readonly<Record<number, readonly number[]>> = { 3: [0], 4: [3], 7: [5], 8: [1, 2, 6], 9: [4, 8] };

/** What a BullMQ job is given: what the dispatch of an item carries. */
export const jobData = (): Record<string, unknown> => ({
  project_id: randomUUID(),
  backlog_item_id: randomUUID(),
  agent_target: 'time_waste_worker',
  work_context: ANALYSIS_BODY,
  item_type: 'TASK',
});

/** What a BullMQ job returns: what the deliverable of an item carries. */
export const jobResult = (data: Record<string, unknown>): Record<string, unknown> => ({
  id: randomUUID(),
  type: 'time_waste_analysis',
  project_id: data.project_id,
  backlog_item_id: data.backlog_item_id,
  agent: data.agent_target,
  timestamp: new Date().toISOString(),
  confidence: 0.75,
  content: {
    total_minutes: 135,
    total_hours: 2.25,
    breakdown: [
      { category: 'meetings', minutes: 60, hours: 1, share_percent: 44.44 },
      { category: 'ops', minutes: 75, hours: 1.25, share_percent: 55.56 },
    ],
  },
});
