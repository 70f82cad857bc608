/**
 * What is stored of a run.
 *
 * Owns: the shapes. They are what the API reads, so the objects in them have the public keys. Owns no decision.
 */
import type { Failure, TeamId, TeamResult, Usage } from '../../schemas/types.ts';
import type { Memory } from './memory.ts';
import type { PatternState } from './patterns/pattern.ts';
import type { Path } from './places.ts';
import type { Node, Pattern, TaskMode } from './team.ts';

export type StepStatus = 'PENDING' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'SKIPPED';

/** One task of the run. */
export interface Step {
  path: Path;
  task: string;
  agent: string;
  mode: TaskMode;
  status: StepStatus;
  /** The round of a loop; 1 outside of loops. */
  attempt: number;
  task_id: string | null;
  duration_ms: number | null;
  output: Record<string, unknown> | null;
  usage: Usage | null;
  failure: Failure | null;
}

/** Writes that the rest of the run does not see yet: of a branch, a round, a sub-team. */
export interface Scope {
  /** Reads what is written around it; else only what the run was given. */
  inherits: boolean;
  writes: Readonly<Record<string, unknown>>;
}

/** What every event of the run names. */
export interface RunIds {
  run_id: string;
  team_id: TeamId;
  project_id: string | null;
  backlog_item_id: string | null;
}

/** A run that was asked for. Times are RFC 3339 with milliseconds. */
export interface Requested {
  ids: RunIds;
  pattern: Pattern;
  request_text: string;
  created_at: string;
  /** Set for what was asked for and could not be started. */
  refused?: { reason: string; failure: Failure; at: string };
}

export interface RunState extends Requested {
  plan: Node;
  /** What the run was given besides its text. */
  input: Readonly<Record<string, unknown>>;
  /** Of a dispatched item: how sure its result is, 0–1. null = run by itself. */
  confidence: number | null;
  patterns: Readonly<Record<Path, PatternState>>;
  scopes: Readonly<Record<Path, Scope>>;
  /** Failed node → the step that made it fail. */
  causes: Readonly<Record<Path, Path>>;
  /** What each sub-team was asked to do. */
  objectives: Readonly<Record<Path, string>>;
  /** What each sub-team has brought that its leader has not been given yet. */
  teamResults: Readonly<Record<Path, Readonly<Record<string, unknown>>>>;
  /** Keys of an item's own material; none for a run by itself. */
  material: readonly string[];
  steps: readonly Step[];
  memory: Memory;
  result: TeamResult | null;
  error: { reason: string; failure: Failure } | null;
  completed_at: string | null;
}
