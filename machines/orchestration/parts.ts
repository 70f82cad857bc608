/**
 * What a project's state is made of.
 *
 * Owns: the shapes of the header and of the named parts, and the parts' names. The header is small and loaded with
 * every event; a part is loaded when a decision needs it (I10). They are also what the API reads, so the objects in
 * them have the public keys. Owns no decision.
 */
import type {
  ActivityInput,
  ActivityInputSummary,
  Approval,
  BacklogItem,
  Counts,
  Period,
  ProjectInitialRequestReceived,
  Question,
  Row,
  RowsRef,
  WorkContext,
} from '../../schemas/types.ts';

/** Which rule made the plan; null until there is one. */
export type PlanKind = 'items' | 'analysis' | 'llm' | 'teams' | 'default';

/** Things that are counted from 0 in order of arrival: the n-th has its id in part `<kind>_at:<n>`. */
export type Numbered = 'question' | 'approval' | 'deliverable' | 'message';

/** The stored context of the project machine. Times are ISO with milliseconds. */
export interface Header {
  id: string;
  name: string;
  plan: PlanKind | null;
  correlation_id: string;
  /** `event_id` of the request that made the project. */
  request_event_id: string;
  requester: NonNullable<ProjectInitialRequestReceived['requester']> | null;
  file: NonNullable<ProjectInitialRequestReceived['file_info']> | null;
  /** Default of every item's own `requires_approval`. */
  requires_approval: boolean;
  hourly_rate?: number;
  period?: Period;
  /** What every dispatch says of the file; all of it is in part `input`. */
  input?: ActivityInputSummary;
  /** Where the rows are if they are too many for part `rows`. */
  rows_ref?: RowsRef;
  counts: Counts;
  open_questions: number;
  open_approvals: number;
  failure: { reason: string; failed_items: number } | null;
  report_deliverable_id: string | null;
  sizes: Record<Numbered, number>;
  created_at: string;
  updated_at: string;
}

export type Clarification = NonNullable<WorkContext['clarifications']>[number];
export type Inbox = NonNullable<WorkContext['messages']>;

/** One item and what only the orchestrator needs to know about it. */
export interface ItemPart {
  item: BacklogItem;
  /** Place in the plan, from 0. */
  index: number;
  /** The approval it needs was given; it is asked for once. */
  approved: boolean;
  /** Notes of the reviews that it did not pass, oldest first. */
  review_notes: string[];
  clarifications: Clarification[];
  /** True once the analysis is done again on rows that were read anew; what it has delivered counts no more. */
  superseded?: true;
  /** How many of its first `deliverable_ids` belong to attempts that did not pass the review. */
  turned_down: number;
}

export type QuestionPart = Omit<
  Question,
  'options' | 'field' | 'blocks' | 'created_at' | 'answered_at' | 'correlation_id'
> & {
  answer: unknown;
  blocks: string[];
  created_at: string;
  field: string | null;
  options: string[] | null;
  answered_at: string | null;
  correlation_id: string;
};

export type ApprovalPart = Omit<Approval, 'notes' | 'decided_at' | 'decided_by'> & {
  title: string;
  notes: string | null;
  decided_at: string | null;
  decided_by: string | null;
};

export interface DeliverablePart {
  id: string;
  type: string;
  project_id: string;
  /** null for the final report. */
  backlog_item_id: string | null;
  agent: string;
  /** 0–1. */
  confidence: number;
  created_at: string;
  /** Came after its item was final: listed by the project, not by the item. */
  late: boolean;
  artifact: Record<string, unknown> | null;
  content: Record<string, unknown>;
}

export interface MessagePart {
  id: string;
  direction: 'incoming' | 'outgoing';
  message_type: string;
  content: string;
  related_item_id: string | null;
  requires_response: boolean;
  created_at: string;
  sender: string | null;
  /** The message that it replies to. */
  in_reply_to: string | null;
  /** The question that an outgoing clarification repeats. */
  question_id: string | null;
}

/** Part name → what the part holds. Parts that a project does not need are absent. */
export interface PartTypes {
  description: string;
  /** Absent when the header has a `rows_ref`. */
  rows: Row[];
  /** What the reading of the project's file says of itself. */
  input: ActivityInput;
  /** Item ids in plan order. */
  order: string[];
  /** Incoming messages that travel with every dispatch. */
  inbox: Inbox;
  [item: `item:${string}`]: ItemPart;
  /** How many dependencies of the item are not DONE. Apart from the item, whose size grows with its dependencies. */
  [waiting: `waiting:${string}`]: number;
  /** Ids of the items that depend on it, in plan order. */
  [dependents: `dependents:${string}`]: string[];
  [question: `question:${string}`]: QuestionPart;
  [approval: `approval:${string}`]: ApprovalPart;
  [deliverable: `deliverable:${string}`]: DeliverablePart;
  [message: `message:${string}`]: MessagePart;
  [at: `${Numbered}_at:${number}`]: string;
}

export type PartName = keyof PartTypes & string;
