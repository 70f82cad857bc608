// Printed by `npm run generate` from the schema files. Change those, not this.

/** A column that was used; fill_percent of the records have something in it. */
export type ActivityColumn = {
  header: string;
  chosen_by: ActivityColumnChosenBy;
  fill_percent: number;
};

export type ActivityColumnChosenBy = 'mapping' | 'header' | 'content';

/** What the reading of a file of activities says of itself: what was read in which column, left out and assumed. Rows of the file count from 1. */
export type ActivityInput = {
  file: string | null;
  sheets: {
    name: string | null;
    rows: number;
    read: boolean;
    reason?: string | undefined;
  }[];
  mapping: Record<string, unknown> | null;
  encoding: string | null;
  delimiter: string | null;
  header_row: number | null;
  columns: {
    text?: ActivityColumn | undefined;
    category?: ActivityColumn | undefined;
    duration?: ActivityColumn | undefined;
    start?: ActivityColumn | undefined;
    end?: ActivityColumn | undefined;
    date?: ActivityColumn | undefined;
    person?: ActivityColumn | undefined;
    project?: ActivityColumn | undefined;
    case?: ActivityColumn | undefined;
    rate?: ActivityColumn | undefined;
  };
  unit: TimeUnit | null;
  rows: {
    read: number;
    given: number;
    inferred: number;
    ignored: Record<string, unknown>;
  };
  minutes: {
    given: number;
    inferred: number;
  };
  checks: {
    check: string;
    count: number;
    first_row: number | null;
    factor: number | null;
  }[];
  warnings: string[];
  question: {
    about: ActivityInputQuestionAbout;
    options?: string[] | undefined;
  } | null;
};

export type ActivityInputQuestionAbout = 'time column' | 'activities';

/** What an analysis repeats of the input it rests on; warnings is their number. */
export type ActivityInputSummary = {
  file: string | null;
  rows: {
    read: number;
    given: number;
    inferred: number;
    ignored: number;
  };
  minutes: {
    given: number;
    inferred: number;
  };
  unit: TimeUnit | null;
  warnings: number;
};

/** What kind of answer a question takes. */
export type AnswerType = 'TEXT' | 'NUMBER' | 'BOOLEAN' | 'CHOICE' | 'DATE' | 'JSON';

/** A decision that a person takes about an item. */
export type Approval = {
  id: string;
  project_id: string;
  backlog_item_id: string;
  reason: string;
  status: ApprovalStatus;
  requested_at: string;
  notes?: string | null | undefined;
  decided_at?: string | null | undefined;
  decided_by?: string | null | undefined;
};

export type ApprovalStatus = 'OPEN' | 'APPROVED' | 'REJECTED' | 'CANCELED';

/** One piece of work of a project. work_context holds only what is its own; evidence is empty until it is completed. */
export type BacklogItem = {
  id: string;
  project_id: string;
  type: 'TASK';
  title: string;
  description: string;
  status: BacklogItemStatus;
  agent_target: string;
  work_context: Record<string, unknown>;
  depends_on: string[];
  requires_approval: boolean;
  attempts: number;
  evidence: Record<string, unknown>;
  deliverable_ids: string[];
  blocked_by: string[];
  failure: Failure | null;
  created_at: string;
  updated_at: string;
};

export type BacklogItemStatus = 'CREATED' | 'READY' | 'BLOCKED' | 'IN_PROGRESS' | 'DONE' | 'FAILED';

/** How many items a project has, in all and by status. */
export type Counts = {
  total: number;
  created: number;
  ready: number;
  blocked: number;
  in_progress: number;
  done: number;
  failed: number;
};

/** A result. Absent id means the event_id of the event that published it. */
export type Deliverable = {
  type: string;
  content: Record<string, unknown>;
  timestamp: string;
  confidence: number;
  id?: string | undefined;
  agent?: string | undefined;
  project_id?: string | undefined;
  backlog_item_id?: string | undefined;
  artifact?: {
    artifact_id: string;
    filename: string;
    mime_type: string;
    size: number;
    sha256: string;
  } | undefined;
};

/** An e-mail that was written and not sent. */
export type EmailDraft = {
  to: string;
  subject: string;
  body_text: string;
};

/** The tasks of a team and how they are run. */
export type ExecutionPlan = {
  plan_id: string;
  team_id: string;
  strategy: Pattern;
  tasks: {
    name: string;
    description: string;
    payload?: Record<string, unknown> | undefined;
    agent?: string | undefined;
    [key: string]: unknown;
  }[];
};

/** One input value and where it came from. */
export type Fact = {
  id: string;
  field: string;
  value: unknown;
  provenance: {
    row_id?: unknown;
    source_fields?: string[] | undefined;
    unit?: string | null | undefined;
    [key: string]: unknown;
  };
};

/** The facts one piece of work rests on, chained by hash to the entry before. */
export type FactLedgerEntry = {
  project_id: string;
  backlog_item_id: string;
  facts: Fact[];
  coefficients: Record<string, unknown>;
  entry_id?: string | undefined;
  seq?: number | undefined;
  recorded_at?: string | undefined;
  prev_hash?: string | undefined;
  hash?: string | undefined;
  [key: string]: unknown;
};

/** A list of facts. */
export type Facts = {
  facts: Fact[];
};

/** Why something failed. */
export type Failure = {
  category: FailureCategory;
  reason: string;
  details?: Record<string, unknown> | undefined;
  attempts?: number | undefined;
};

export type FailureCategory = 'TOOL_FAILURE' | 'DATA_INSUFFICIENCY' | 'REASONING_CONTRADICTION';

/** What one agent tells another. */
export type InterAgentMessage = {
  from_agent: string;
  to_agent: string;
  content: string;
  timestamp: string;
};

/** A field without which work cannot go on, and who needs it. */
export type MissingField = {
  field: string;
  reason: string;
};

/** An order as read from an e-mail and its attachments. */
export type OrderDraft = {
  order_id: string;
  lines: {
    line_no: number;
    sku: string;
    qty: number;
    description?: string | null | undefined;
    uom?: string | null | undefined;
    unit_price?: number | null | undefined;
    total_price?: number | null | undefined;
  }[];
  po_number?: string | null | undefined;
  customer?: {
    name?: string | null | undefined;
    vat?: string | null | undefined;
    address?: string | null | undefined;
    email?: string | null | undefined;
  } | undefined;
  delivery?: {
    address?: string | null | undefined;
    date?: string | null | undefined;
    incoterm?: string | null | undefined;
  } | undefined;
  currency?: string | undefined;
  totals?: {
    subtotal?: number | null | undefined;
    tax?: number | null | undefined;
    total?: number | null | undefined;
  } | undefined;
};

/** What reading an order gave. */
export type OrderExtractionResult = {
  order_draft: OrderDraft;
  missing_fields: MissingField[];
  anomalies: OrderIssue[];
  email_draft: EmailDraft;
  confidence?: number | undefined;
};

/** An oddity found in an order. */
export type OrderIssue = {
  type: string;
  severity: string;
  description: string;
  field?: string | null | undefined;
  reason?: string | null | undefined;
  line_ref?: number | null | undefined;
};

/** How the members of a team work together. */
export type Pattern = 'sequential' | 'parallel' | 'hierarchical' | 'iterative';

/** What span of time the rows cover. */
export type Period = {
  type?: string | undefined;
  working_days?: number | undefined;
};

/** One piece of work as a request asks for it; depends_on names keys of the same plan. */
export type PlanItem = {
  key: string;
  title: string;
  agent_target: string;
  description?: string | undefined;
  depends_on?: string[] | undefined;
  requires_approval?: boolean | undefined;
  work_context?: Record<string, unknown> | undefined;
};

/** A question to a person. Absent blocks means only backlog_item_id; absent created_at means the timestamp of the envelope. */
export type Question = {
  id: string;
  project_id: string;
  backlog_item_id: string;
  question_text: string;
  answer_type: AnswerType;
  status: QuestionStatus;
  correlation_id?: string | null | undefined;
  field?: string | null | undefined;
  options?: string[] | undefined;
  blocks?: string[] | undefined;
  created_at?: string | undefined;
  answer?: unknown;
  answered_at?: string | null | undefined;
};

export type QuestionStatus = 'OPEN' | 'CLOSED';

/** Everything about a project on one page; figures are the numbers of its analytic deliverables by type. */
export type Report = {
  project_id: string;
  name: string;
  status: string;
  generated_at: string;
  counts: Counts;
  items: {
    id: string;
    title: string;
    agent_target: string;
    status: string;
    deliverable_ids: string[];
    reason?: string | undefined;
  }[];
  deliverables: {
    id: string;
    type: string;
    backlog_item_id: string | null;
    confidence: number;
  }[];
  figures: Record<string, unknown>;
  questions: {
    id: string;
    question_text: string;
    answer: unknown;
  }[];
  summary: string;
  findings?: {
    sentence: string;
    figures: Record<string, unknown>;
    source: string;
  }[] | undefined;
  input?: Record<string, unknown> | undefined;
  missing?: string[] | undefined;
};

/** One activity to analyze. Absent text reads as empty, absent estimate_source as given; source_row counts from 1 after the header. start and end are wall clocks, YYYY-MM-DDTHH:MM; rate is money per hour. */
export type Row = {
  estimated_minutes: number;
  text?: string | undefined;
  category?: string | undefined;
  id?: string | undefined;
  estimate_source?: RowEstimateSource | undefined;
  source_row?: number | undefined;
  date?: string | undefined;
  start?: string | undefined;
  end?: string | undefined;
  person?: string | undefined;
  project?: string | undefined;
  case?: string | undefined;
  rate?: number | undefined;
  [key: string]: unknown;
};

export type RowEstimateSource = 'given' | 'inferred';

/** Rows that are too many for an event: a file of their project. bytes and sha256 are those of the rows as JSON lines. */
export type RowsRef = {
  artifact_id: string;
  count: number;
  bytes: number;
  sha256: string;
};

/** The memory of one team run. */
export type SharedContext = {
  project_id: string | null;
  context: Record<string, unknown>;
  conversations: Record<string, unknown>[];
  decisions: Record<string, unknown>[];
  results: Record<string, unknown>;
  state: Record<string, unknown>;
  findings?: {
    agent: string;
    finding: unknown;
    timestamp: string;
  }[] | undefined;
  token_usage?: Record<string, unknown> | undefined;
};

/** Every team that exists. */
export type TeamId = 'analysis_team' | 'admin_team' | 'email_team' | 'writing_team' | 'support_team';

/** What a team hands over. */
export type TeamResult = {
  team_id: string;
  summary: string;
  artifacts: Record<string, unknown>[];
  details: {
    steps?: {
      task: unknown;
      agent: unknown;
      output: unknown;
    }[] | undefined;
    [key: string]: unknown;
  };
  [key: string]: unknown;
};

/** Unit of the bare numbers of a column, and what says so; mixed: hours below 24, else minutes, each by itself; h.mm: 8.30 is 8 hours and 30 minutes. assumed: nothing in the file does. */
export type TimeUnit = {
  unit: TimeUnitUnit;
  by: TimeUnitBy;
  assumed: boolean;
};

export type TimeUnitUnit = 'ms' | 's' | 'min' | 'h' | 'd' | 'w' | 'day fraction' | 'mixed' | 'h.mm';

export type TimeUnitBy = 'mapping' | 'header' | 'cells' | 'unit column' | 'twin column' | 'format' | 'magnitude';

/** One decision of an actor, for reading later. */
export type TraceRecord = {
  agent: string;
  event_type: string;
  decision: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
  correlation_id?: string | null | undefined;
};

/** A deliverable of an item that this one depends on. */
export type Upstream = {
  backlog_item_id: string;
  title: string;
  agent_target: string;
  deliverable_id: string;
  type: string;
  content: Record<string, unknown>;
};

/** What one LLM call used. */
export type Usage = {
  provider: string;
  model: string;
  input_tokens: number;
  output_tokens: number;
  total_tokens: number;
  reasoning_tokens?: number | undefined;
  cost_usd?: number | undefined;
  cached?: boolean | undefined;
  stop_reason?: string | null | undefined;
};

/** What a worker or team is given to work with. */
export type WorkContext = {
  rows: Row[];
  input?: ActivityInputSummary | undefined;
  rows_ref?: RowsRef | undefined;
  hourly_rate?: number | undefined;
  period?: Period | undefined;
  request_text?: string | undefined;
  requirements?: unknown[] | undefined;
  scope?: string | undefined;
  kpis?: string | undefined;
  upstream?: Upstream[] | undefined;
  clarifications?: {
    question_id: string;
    field: string | null;
    answer: unknown;
  }[] | undefined;
  review_notes?: string[] | undefined;
  messages?: {
    message_id: string;
    message: string;
  }[] | undefined;
  [key: string]: unknown;
};

/** One member of a team asks another. */
export type AgentCollaborationRequest = {
  project_id: string | null;
  run_id?: string | undefined;
  team_id: TeamId;
  requester: string;
  target: string;
  message: InterAgentMessage;
};

/** The result of a member went into the memory of the team. */
export type AgentResultShared = {
  project_id: string | null;
  run_id?: string | undefined;
  team_id: TeamId;
  agent_id: string;
  result: Record<string, unknown>;
};

/** An agent finished a task. */
export type AgentTaskCompleted = {
  run_id: string;
  team_id: TeamId;
  project_id: string | null;
  backlog_item_id: string | null;
  task_id: string;
  agent: string;
  output: Record<string, unknown>;
  usage?: Usage | undefined;
  duration_ms?: number | undefined;
};

/** A team hands a task to the agent named by agent. */
export type AgentTaskDispatched = {
  run_id: string;
  team_id: TeamId;
  project_id: string | null;
  backlog_item_id: string | null;
  task_id: string;
  agent: string;
  task: {
    name: string;
    description: string;
    payload: Record<string, unknown>;
  };
  attempt: number;
  context: Record<string, unknown>;
};

/** An agent could not do a task. */
export type AgentTaskFailed = {
  run_id: string;
  team_id: TeamId;
  project_id: string | null;
  backlog_item_id: string | null;
  task_id: string;
  agent: string;
  reason: string;
  failure?: Failure | undefined;
};

/** An item was planned. */
export type BacklogItemCreated = {
  project_id: string;
  backlog_item: BacklogItem;
};

/** The last open question of an item was answered. */
export type BacklogItemUnblocked = {
  project_id: string;
  backlog_item_id: string;
  question_id: string;
};

/** Information is missing. With question_id a notice, without it a request. */
export type ClarificationNeeded = {
  project_id: string;
  backlog_item_id: string;
  reason: string;
  missing_fields?: MissingField[] | undefined;
  agent?: string | undefined;
  question_id?: string | undefined;
  question_text?: string | undefined;
  answer_type?: AnswerType | undefined;
  options?: string[] | undefined;
};

/** Somebody replies to a message of the project. */
export type CustomerMessageResponded = {
  project_id: string;
  message_id: string;
  response: string;
  related_item_id?: string | null | undefined;
};

/** A result is available. */
export type DeliverablePublished = {
  project_id: string;
  backlog_item_id: string;
  deliverable: Deliverable;
};

/** A dead letter was published again. */
export type DlqEntryRedriven = {
  dlq_id: string;
  redrive_id: string;
  event_id: string;
  event_type: string;
  edited: boolean;
  target_group?: string | null | undefined;
  requested_by?: string | undefined;
};

/** An item waits for a decision. */
export type HumanApprovalRequested = {
  project_id: string;
  backlog_item_id: string;
  approval_id: string;
  reason: string;
  agent?: string | null | undefined;
};

/** Somebody decides on an approval. */
export type HumanApprovalSubmitted = {
  project_id: string;
  backlog_item_id: string;
  approval_id: string;
  approved: boolean;
  notes?: string | null | undefined;
  submitted_by?: string | undefined;
};

/** Spending came near a limit or reached it. */
export type LlmBudgetAlert = {
  scope: string;
  limit_usd: number;
  spent_usd: number;
  percentage: number;
  resets_at: string | null;
};

/** The project writes to people. */
export type OrchestratorMessageSent = {
  project_id: string;
  message_id: string;
  message_type: OrchestratorMessageSentMessageType;
  content: string;
  related_item_id?: string | null | undefined;
  requires_response?: boolean | undefined;
};

export type OrchestratorMessageSentMessageType = 'clarification' | 'status_update' | 'task_assignment' | 'completion';

/** The draft of an order contains oddities. */
export type OrderAnomalyDetected = {
  order_id: string;
  anomalies: OrderIssue[];
};

/** An order was read into a draft. */
export type OrderDraftCreated = {
  order_id: string;
  order_draft: OrderDraft;
  email_draft: EmailDraft;
};

/** The export file of an order is there. */
export type OrderExportReady = {
  order_id: string;
  export: {
    artifact_id: string;
    format: 'csv';
  };
  email_draft: EmailDraft;
};

/** An order arrived by e-mail. */
export type OrderInboxReceived = {
  order_id: string;
  from_email: string;
  subject: string;
  received_at: string;
  attachments: {
    artifact_id: string;
    filename: string;
    mime_type: string;
  }[];
  body_text?: string | undefined;
  customer_hint?: string | null | undefined;
  delivery_address?: string | null | undefined;
  delivery_date?: string | null | undefined;
};

/** The draft of an order lacks fields. */
export type OrderMissingFieldsDetected = {
  order_id: string;
  missing_fields: MissingField[];
};

/** A person refused an order. */
export type OrderRejected = {
  order_id: string;
  rejected_by: string;
  rejected_at: string;
  notes?: string | undefined;
};

/** A person accepted an order. */
export type OrderValidated = {
  order_id: string;
  validated_by: string;
  validated_at: string;
  final_order_draft?: OrderDraft | undefined;
  notes?: string | undefined;
};

/** A person has to look at an order. */
export type OrderValidationRequired = {
  order_id: string;
  reason: OrderValidationRequiredReason;
};

export type OrderValidationRequiredReason = 'missing_fields' | 'anomalies' | 'manual_review' | 'awaiting_approval' | 'gateway_unavailable' | 'schema_mismatch';

/** The project ended with every item done. */
export type ProjectCompleted = {
  project_id: string;
  completed_at: string;
  counts: Counts;
  deliverable_ids: string[];
  report_deliverable_id: string;
};

/** The project ended and at least one item failed. */
export type ProjectFailed = {
  project_id: string;
  reason: string;
  failed_items: {
    backlog_item_id: string;
    title: string;
    reason: string;
  }[];
  counts: Counts;
  failed_at: string;
};

/** Somebody asks for a project. */
export type ProjectInitialRequestReceived = {
  project_id: string;
  request_text: string;
  name?: string | undefined;
  requester?: {
    name?: string | undefined;
    email?: string | undefined;
  } | undefined;
  file_info?: {
    artifact_id?: string | undefined;
    filename?: string | undefined;
    content_type?: string | undefined;
    size?: number | undefined;
  } | null | undefined;
  items?: PlanItem[] | undefined;
  rows?: Row[] | undefined;
  input?: ActivityInput | undefined;
  rows_ref?: RowsRef | undefined;
  hourly_rate?: number | undefined;
  period?: Period | undefined;
  requires_approval?: boolean | undefined;
};

/** A person writes to the project. */
export type ProjectMessageReceived = {
  project_id: string;
  message_id: string;
  message: string;
  sender?: string | undefined;
};

/** Somebody wants the project to end now. */
export type ProjectStopRequested = {
  project_id: string;
  reason?: string | undefined;
  requested_by?: string | undefined;
};

/** The project ended because it was stopped. */
export type ProjectStopped = {
  project_id: string;
  stopped_items: number;
  stopped_at: string;
  reason?: string | undefined;
};

/** An answer was judged; accepted tells the verdict, reason why it was refused, reading what the project's file says when it was read again with the answer. */
export type QuestionAnswerRecorded = {
  project_id: string;
  question_id: string;
  answer: unknown;
  accepted?: boolean | undefined;
  recorded_at?: string | undefined;
  reason?: string | undefined;
  reading?: {
    rows_ref: RowsRef;
    input: ActivityInput;
    hourly_rate?: number | undefined;
  } | undefined;
};

/** A question waits for an answer. */
export type QuestionCreated = {
  question: Question;
};

/** The report of a completed project. */
export type ReportFinalPublished = {
  project_id: string;
  deliverable_id: string;
  report: Report;
  artifact_uri?: string | undefined;
};

/** Where the project stands when it ends without being complete. */
export type ReportProjectSnapshotPublished = {
  project_id: string;
  snapshot: Report;
};

/** A team finished its run. */
export type TeamRunCompleted = {
  run_id: string;
  team_id: TeamId;
  project_id: string | null;
  backlog_item_id: string | null;
  result: TeamResult;
  completed_at: string;
};

/** A team could not finish its run. */
export type TeamRunFailed = {
  run_id: string;
  team_id: TeamId;
  project_id: string | null;
  backlog_item_id: string | null;
  reason: string;
  failure?: Failure | undefined;
  failed_at: string;
};

/** A team is asked to run outside of a project. */
export type TeamRunRequested = {
  run_id: string;
  team_id: TeamId;
  project_id: string | null;
  backlog_item_id: string | null;
  request_text: string;
  pattern?: Pattern | undefined;
  context?: Record<string, unknown> | undefined;
  max_iterations?: number | undefined;
  quality_threshold?: number | undefined;
};

/** The planner chose a team. */
export type TeamSelected = {
  project_id: string;
  team_id: TeamId;
  reason: string;
  plan?: ExecutionPlan | undefined;
};

/** A team put the results of its members together. */
export type TeamSynthesisComplete = {
  project_id: string | null;
  run_id?: string | undefined;
  team_id: TeamId;
  summary: string;
  result: TeamResult;
};

/** Somebody answers a question. */
export type UserAnswerSubmitted = {
  project_id: string;
  question_id: string;
  answer: unknown;
};

/** Free text from a user about the project. */
export type UserPromptSubmitted = {
  project_id: string;
  prompt: string;
  interaction_id?: string | undefined;
  context?: Record<string, unknown>[] | undefined;
};

/** A worker or team has finished; the review is still to come. */
export type WorkItemCompleted = {
  project_id: string;
  backlog_item_id: string;
  evidence: Record<string, unknown>;
};

/** An item is handed to the worker or team named by agent_target. */
export type WorkItemDispatched = {
  project_id: string;
  backlog_item_id: string;
  agent_target: string;
  work_context: WorkContext;
  item_type?: string | undefined;
};

/** An item failed for good. */
export type WorkItemFailed = {
  project_id: string;
  backlog_item_id: string;
  reason: string;
  failure?: Failure | undefined;
};

/** The result of an item was checked against the definition of done. */
export type WorkItemReviewed = {
  project_id: string;
  backlog_item_id: string;
  review: {
    result: WorkItemReviewedReviewResult;
    notes?: string | undefined;
    reviewer?: string | undefined;
  };
};

export type WorkItemReviewedReviewResult = 'approved' | 'rejected' | 'needs_changes';

/** A worker or team has begun. */
export type WorkItemStarted = {
  project_id: string;
  backlog_item_id: string;
  started_at?: string | undefined;
};

/** Event type → payload. */
export interface Payloads {
  'AGENT.COLLABORATION_REQUEST': AgentCollaborationRequest;
  'AGENT.RESULT_SHARED': AgentResultShared;
  'AGENT.TASK_COMPLETED': AgentTaskCompleted;
  'AGENT.TASK_DISPATCHED': AgentTaskDispatched;
  'AGENT.TASK_FAILED': AgentTaskFailed;
  'BACKLOG.ITEM_CREATED': BacklogItemCreated;
  'BACKLOG.ITEM_UNBLOCKED': BacklogItemUnblocked;
  'CLARIFICATION.NEEDED': ClarificationNeeded;
  'CUSTOMER.MESSAGE_RESPONDED': CustomerMessageResponded;
  'DELIVERABLE.PUBLISHED': DeliverablePublished;
  'DLQ.ENTRY_REDRIVEN': DlqEntryRedriven;
  'HUMAN.APPROVAL_REQUESTED': HumanApprovalRequested;
  'HUMAN.APPROVAL_SUBMITTED': HumanApprovalSubmitted;
  'LLM.BUDGET_ALERT': LlmBudgetAlert;
  'ORCHESTRATOR.MESSAGE_SENT': OrchestratorMessageSent;
  'ORDER.ANOMALY_DETECTED': OrderAnomalyDetected;
  'ORDER.DRAFT_CREATED': OrderDraftCreated;
  'ORDER.EXPORT_READY': OrderExportReady;
  'ORDER.INBOX_RECEIVED': OrderInboxReceived;
  'ORDER.MISSING_FIELDS_DETECTED': OrderMissingFieldsDetected;
  'ORDER.REJECTED': OrderRejected;
  'ORDER.VALIDATED': OrderValidated;
  'ORDER.VALIDATION_REQUIRED': OrderValidationRequired;
  'PROJECT.COMPLETED': ProjectCompleted;
  'PROJECT.FAILED': ProjectFailed;
  'PROJECT.INITIAL_REQUEST_RECEIVED': ProjectInitialRequestReceived;
  'PROJECT.MESSAGE_RECEIVED': ProjectMessageReceived;
  'PROJECT.STOP_REQUESTED': ProjectStopRequested;
  'PROJECT.STOPPED': ProjectStopped;
  'QUESTION.ANSWER_RECORDED': QuestionAnswerRecorded;
  'QUESTION.CREATED': QuestionCreated;
  'REPORT.FINAL_PUBLISHED': ReportFinalPublished;
  'REPORT.PROJECT_SNAPSHOT_PUBLISHED': ReportProjectSnapshotPublished;
  'TEAM.RUN_COMPLETED': TeamRunCompleted;
  'TEAM.RUN_FAILED': TeamRunFailed;
  'TEAM.RUN_REQUESTED': TeamRunRequested;
  'TEAM.SELECTED': TeamSelected;
  'TEAM.SYNTHESIS_COMPLETE': TeamSynthesisComplete;
  'USER.ANSWER_SUBMITTED': UserAnswerSubmitted;
  'USER.PROMPT_SUBMITTED': UserPromptSubmitted;
  'WORK.ITEM_COMPLETED': WorkItemCompleted;
  'WORK.ITEM_DISPATCHED': WorkItemDispatched;
  'WORK.ITEM_FAILED': WorkItemFailed;
  'WORK.ITEM_REVIEWED': WorkItemReviewed;
  'WORK.ITEM_STARTED': WorkItemStarted;
}

/** Every type of event there is. */
export type EventType = keyof Payloads;

/** What every event carries besides its type and payload. */
export type EnvelopeHeader = {
  event_id: string;
  event_version: number;
  timestamp: string;
  source: string;
  instance: string;
  correlation_id: string;
  causation_id: string | null;
};

/** An event; a union over the types in T, so that comparing `event_type` narrows `payload`. */
export type Envelope<T extends EventType = EventType> = {
  [K in T]: EnvelopeHeader & { event_type: K; payload: Payloads[K] };
}[T];

