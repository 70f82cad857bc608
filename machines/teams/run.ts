/**
 * A run as one event changes it.
 *
 * Owns: starting tasks, taking answers, and telling each pattern what became of its children. Does not own what a
 * pattern decides (`patterns/`), what an agent is handed (`handing-out.ts`), who sees what (`scopes.ts`), or how a run is
 * reported (`run-end.ts`). A change is made on a fork and never touches what it was forked from. Keeps I7 (a pattern
 * moves by its machine only) and I8 (times and ids come from the event).
 */
import type { AgentTaskCompleted, Envelope, EventType, Failure, Payloads } from '../../schemas/types.ts';
import { failureOf } from '../formulas/failure.ts';
import type { DeriveId, Emission } from '../kit.ts';
import { instant } from '../orchestration/text.ts';
import { utf8Bytes } from './bytes.ts';
import { valueAt } from './cut.ts';
import { handOut } from './handing-out.ts';
import { headlineOf, reviewOf } from './judging.ts';
import {
  addFinding,
  addUsage,
  appendConversation,
  appendDecision,
  MAX_MEMORY_BYTES,
  MemoryFull,
  OutputTooLarge,
  setResult,
  setState,
} from './memory.ts';
import { type IterativeContext, iterationOf, reviewChild, workChild } from './patterns/iterative.ts';
import type { ParallelContext } from './patterns/parallel.ts';
import { type Advance, advance, begin, type PatternEvent, type PatternState } from './patterns/pattern.ts';
import { patternOfNode } from './patterns/patterns.ts';
import {
  childNumber,
  childOf,
  childPath,
  comparePaths,
  loopAround,
  nodeAt,
  type Path,
  parentPath,
  ROOT,
  tasksBelow,
  upwards,
} from './places.ts';
import type { RunState, Step } from './run-state.ts';
import * as scopes from './scopes.ts';
import { type Member, type Members, type Node, type SubTeamNode, type TaskNode, tasksOf } from './team.ts';

/** The event a run is changed by. */
export interface Cause {
  event: Envelope;
  id: DeriveId;
}

export class Run {
  state: RunState;
  readonly products: Emission[] = [];
  readonly #cause: Cause;
  readonly #members: Members;

  private constructor(state: RunState, cause: Cause, members: Members) {
    this.state = state;
    this.#cause = cause;
    this.#members = members;
  }

  static fork(state: RunState, cause: Cause, members: Members): Run {
    return new Run(state, cause, members);
  }

  /** Time of the event: the only time there is. */
  get now(): string {
    return instant(this.#cause.event.timestamp);
  }

  id(kind: string): string {
    return this.#cause.id(kind);
  }

  emit<T extends EventType>(type: T, payload: Payloads[T]): void {
    this.products.push({ type, payload } as Emission);
  }

  /** Starts the first tasks. */
  begin(): void {
    this.#bounded(() => this.#start(ROOT));
  }

  /** The step that waits for this agent's answer to this task; undefined: nobody does. */
  static awaited({ steps }: RunState, taskId: string, agent: string): Step | undefined {
    const id = taskId.toLowerCase();
    return steps.find((step) => step.task_id === id && step.status === 'RUNNING' && step.agent === agent);
  }

  answer(step: Step, { output, usage, duration_ms }: AgentTaskCompleted): void {
    const answered = { duration_ms: duration_ms ?? null, usage: usage ?? null };
    if (usage) this.#memory((memory) => addUsage(memory, step.agent, usage));
    try {
      this.#keep(step, output);
    } catch (error) {
      if (!(error instanceof OutputTooLarge)) throw error;
      this.#change(step.path, answered);
      this.fail(step, { category: 'TOOL_FAILURE', reason: error.message });
      return;
    }
    this.#change(step.path, { ...answered, status: 'COMPLETED', output });
    const { run_id, team_id, project_id } = this.state.ids;
    const result = { task: step.task, output };
    this.emit('AGENT.RESULT_SHARED', { project_id, run_id, team_id, agent_id: step.agent, result });
    const score = step.mode === 'review' ? { score: reviewOf(output).score } : {};
    this.#bounded(() => this.#tell(step.path, { type: 'child.done', child: childNumber(step.path), ...score }));
  }

  fail(step: Step, failure: Failure): void {
    this.#change(step.path, { status: 'FAILED', failure });
    this.#memory((memory) => setState(memory, { step: step.task }));
    this.#bounded(() => this.#tell(step.path, { type: 'child.failed', child: childNumber(step.path) }, step.path));
  }

  /** The run as a whole cannot go on. */
  breakOff(failure: Failure): void {
    const steps = this.state.steps.map((step): Step => {
      if (step.status === 'RUNNING') return { ...step, status: 'FAILED', failure };
      return step.status === 'PENDING' ? { ...step, status: 'SKIPPED' } : step;
    });
    this.state = { ...this.state, steps, error: { reason: failure.reason, failure } };
    this.#end('FAILED');
  }

  /** Does something that lets the memory grow; what it has asked for meanwhile is not asked for if that is too much. */
  #bounded(grow: () => void): void {
    const before = this.products.length;
    const { state } = this;
    try {
      grow();
      if (utf8Bytes(JSON.stringify([this.state.memory, this.state.scopes])) > MAX_MEMORY_BYTES) throw new MemoryFull();
    } catch (error) {
      if (!(error instanceof MemoryFull)) throw error;
      this.products.length = before;
      this.state = { ...this.state, steps: state.steps, patterns: state.patterns };
      this.breakOff(failureOf(error));
    }
  }

  #memory(change: (memory: RunState['memory']) => RunState['memory']): void {
    this.state = { ...this.state, memory: change(this.state.memory) };
  }

  #change(path: Path, patch: Partial<Step>): void {
    const steps = this.state.steps.map((step) => (step.path === path ? { ...step, ...patch } : step));
    this.state = { ...this.state, steps };
  }

  #node(path: Path): Node {
    return nodeAt(this.state.plan, path);
  }

  /** What the pattern at a node knows; it has begun. */
  #pattern<Context>(path: Path): Context {
    return (this.state.patterns[path] as PatternState).context as Context;
  }

  // Keeping what came back.

  /** @throws {OutputTooLarge} before anything is kept */
  #keep(step: Step, output: Record<string, unknown>): void {
    const { path, task, agent, mode } = step;
    const loop = loopAround(this.state.plan, path);
    const scope = this.#subTeam(path)?.node.team_id;
    const name = `${scope ? `${scope}/` : ''}${task}:${agent}${loop ? `#${loop.iteration}` : ''}`;
    const memory = setResult(this.state.memory, name, output);
    const patch = mode === 'work' || mode === 'aggregate' ? this.#written(agent, output) : {};
    const kept = scopes.write({ ...this.state, memory }, path, patch);
    const finding = { task, headline: headlineOf(output), keys: Object.keys(patch) };
    this.state = { ...kept, memory: addFinding(kept.memory, { agent, finding, timestamp: this.now }) };
    this.#memory((changed) => setState(changed, { step: task }));
    if (mode === 'review') this.#reviewed(step, output);
    if (mode === 'delegate') this.#delegated(path, agent, output);
  }

  #written(agent: string, output: Record<string, unknown>): Record<string, unknown> {
    const { writes } = this.#member(agent);
    return Object.fromEntries(Object.entries(writes).map(([key, path]) => [key, valueAt(output, path)]));
  }

  #reviewed({ path, agent, attempt }: Step, output: Record<string, unknown>): void {
    const { score, summary } = reviewOf(output);
    const loop = parentPath(path);
    const { qualityThreshold } = this.#pattern<IterativeContext>(loop);
    this.#memory((memory) =>
      appendDecision(appendConversation(memory, { role: agent, content: summary, at: this.now }), {
        accepted: score >= qualityThreshold,
        score,
        iteration: attempt,
      }),
    );
  }

  /** Notes what each sub-team is to do, and tells them apart from those that get the whole request. */
  #delegated(path: Path, leader: string, output: Record<string, unknown>): void {
    const teams = childPath(parentPath(path), 1);
    const assignments = Array.isArray(output.assignments) ? output.assignments : [];
    const objectives = { ...this.state.objectives };
    for (const { path: at, node } of subTeamsOf(this.#node(teams), teams)) {
      const given = assignments.filter((assignment) => assignment?.team_id === node.team_id);
      const objective = given
        .map((assignment) => String(assignment.objective))
        .join('\n')
        .trim();
      if (objective === '') continue;
      objectives[at] = objective;
      this.#collaborate(leader, node.team_id, objective);
    }
    this.state = { ...this.state, objectives };
  }

  #collaborate(requester: string, target: string, content: string): void {
    const { run_id, team_id, project_id } = this.state.ids;
    const message = { from_agent: requester, to_agent: target, content, timestamp: this.now };
    this.emit('AGENT.COLLABORATION_REQUEST', { project_id, run_id, team_id, requester, target, message });
    this.#memory((memory) => appendConversation(memory, { role: requester, content, at: this.now }));
  }

  // Moving on.

  #start(path: Path): void {
    const node = this.#node(path);
    if (node.kind === 'task') {
      this.#dispatch(path, node);
    } else if (node.kind === 'team') {
      this.state = scopes.open(this.state, childPath(path, 0), false);
      this.#start(childPath(path, 0));
    } else {
      const { machine, input } = patternOfNode(node);
      this.#follow(path, begin(machine, input));
    }
  }

  /** Tells the pattern around a node what became of it. `cause`: the step that made it fail. */
  #tell(path: Path, event: PatternEvent, cause: Path | null = null): void {
    if (path === ROOT) {
      this.#ended(path, event.type === 'child.done' ? 'done' : 'failed', cause);
      return;
    }
    const around = parentPath(path);
    const node = this.#node(around);
    if (cause !== null) this.state = { ...this.state, causes: { ...this.state.causes, [path]: cause } };
    if (node.kind === 'team') {
      this.#leaveTeam(around, node, event);
      const child = childNumber(around);
      this.#tell(around, { ...event, child }, cause);
      return;
    }
    const { machine } = patternOfNode(node);
    this.#follow(around, advance(machine, this.state.patterns[around] as PatternState, event), cause);
  }

  #follow(path: Path, { state, start, skip, ended }: Advance, cause: Path | null = null): void {
    this.state = { ...this.state, patterns: { ...this.state.patterns, [path]: state } };
    for (const child of skip) this.#skip(childPath(path, child));
    for (const child of start) this.#enter(path, child);
    if (ended) this.#ended(path, ended, cause);
  }

  #skip(path: Path): void {
    const below = (at: Path) => at === path || at.startsWith(`${path}.`);
    const steps = this.state.steps.map(
      (step): Step => (below(step.path) && step.status === 'PENDING' ? { ...step, status: 'SKIPPED' } : step),
    );
    this.state = { ...this.state, steps };
    const names = steps.filter((step) => below(step.path) && step.status === 'SKIPPED').map(({ task }) => task);
    for (const skipped of names) {
      this.#memory((memory) => appendDecision(memory, { skipped, reason: 'an earlier task failed' }));
    }
  }

  /** Starts a child where its pattern wants it, with the scope that its kind of pattern gives it. */
  #enter(path: Path, child: number): void {
    const node = this.#node(path);
    const at = childPath(path, child);
    if (node.kind === 'parallel' && child < node.children.length) this.state = scopes.open(this.state, at, true);
    if (node.kind === 'parallel' && child === node.children.length) this.#merge(path);
    if (node.kind === 'delegation' && child === 2) this.#gather(path);
    if (node.kind === 'iterative' && child === workChild(iterationOf(child)))
      this.#openRound(path, at, iterationOf(child));
    this.#start(at);
  }

  #openRound(path: Path, at: Path, iteration: number): void {
    this.state = scopes.open(this.state, at, true);
    if (iteration === 1) return;
    const added = tasksBelow(this.#node(at), at);
    const review = childPath(path, reviewChild(iteration));
    added.push(...tasksBelow(this.#node(review), review));
    const steps = [...this.state.steps, ...added.map(({ path: place, node }) => newStep(this.state.plan, place, node))];
    const worked = childPath(path, workChild(iteration - 1));
    const reviewed = steps.find((step) => step.path === childPath(path, reviewChild(iteration - 1))) as Step;
    const { issues, summary } = reviewOf(reviewed.output ?? {});
    const feedback = { previous_output: this.#workOf(worked), issues, summary };
    this.state = {
      ...this.state,
      steps: steps.sort((a, b) => comparePaths(a.path, b.path)),
      feedback: { ...this.state.feedback, [at]: feedback },
    };
    const worker = tasksOf(this.#node(at))[0] as TaskNode;
    this.#collaborate(reviewed.agent, worker.agent, summary);
  }

  /** What the work of a round has brought: the answer of a single agent, else all that was written. */
  #workOf(path: Path): unknown {
    const step = this.state.steps.find((candidate) => candidate.path === path);
    return step ? step.output : scopes.writesOf(this.state, path);
  }

  /** What the branches that succeeded have written, in the order of the plan. */
  #merge(path: Path): void {
    const node = this.#node(path);
    const all = node.kind === 'parallel' ? node.children.map((_, child) => childPath(path, child)) : [];
    const { failed } = this.#pattern<ParallelContext>(path);
    const kept = all.filter((_, child) => !failed.includes(child));
    this.state = scopes.close(this.state, path, all, kept);
  }

  /** What each sub-team has brought, under `context.teams`. */
  #gather(path: Path): void {
    const teams = childPath(path, 1);
    const brought = subTeamsOf(this.#node(teams), teams).flatMap(({ path: at, node }) => {
      const { [at]: result } = this.state.teamResults;
      return result === undefined ? [] : [[node.team_id, result] as const];
    });
    this.state = scopes.write(this.state, path, { teams: Object.fromEntries(brought) });
  }

  #leaveTeam(path: Path, node: SubTeamNode, event: PatternEvent): void {
    const scope = childPath(path, 0);
    const written = scopes.writesOf(this.state, scope);
    this.state = scopes.close(this.state, path, [scope], []);
    if (event.type === 'child.failed') return;
    const found = node.artifacts.filter((key) => written[key] !== undefined).map((key) => [key, written[key]]);
    const last = this.#completedBelow(path).at(-1);
    const result = { summary: headlineOf(last?.output ?? {}), ...Object.fromEntries(found) };
    this.state = { ...this.state, teamResults: { ...this.state.teamResults, [path]: result } };
  }

  #completedBelow(path: Path): Step[] {
    return this.state.steps.filter((step) => step.status === 'COMPLETED' && upwards(step.path).includes(path));
  }

  #ended(path: Path, how: 'done' | 'failed', cause: Path | null): void {
    const node = this.#node(path);
    let blamed = cause;
    if (node.kind === 'parallel') {
      const { failed } = this.#pattern<ParallelContext>(path);
      // With an aggregator they have been merged before it began.
      if (how === 'done' && node.aggregator === null) this.#merge(path);
      const inOrder = [...failed].sort((a, b) => a - b);
      const first = inOrder.find((child) => node.children[child]?.required) ?? inOrder[0];
      const reason = cause !== null && childNumber(cause) === node.children.length ? undefined : first;
      if (how === 'failed' && reason !== undefined) blamed = this.state.causes[childPath(path, reason)] ?? cause;
    }
    if (node.kind === 'iterative' && how === 'done') this.#settleLoop(path);
    if (path !== ROOT) {
      const child = childNumber(path);
      this.#tell(path, how === 'done' ? { type: 'child.done', child } : { type: 'child.failed', child }, blamed);
      return;
    }
    if (how === 'failed') {
      const step = this.state.steps.find((candidate) => candidate.path === blamed) as Step;
      const failure = step.failure as Failure;
      this.state = { ...this.state, error: { reason: `${step.task}:${step.agent}: ${failure.reason}`, failure } };
    }
    this.#end(how === 'done' ? 'COMPLETED' : 'FAILED');
  }

  /** The best round counts. */
  #settleLoop(path: Path): void {
    const { best, iteration, accepted } = this.#pattern<IterativeContext>(path);
    const rounds = Array.from({ length: iteration }, (_, index) => childPath(path, workChild(index + 1)));
    const winner = rounds[(best?.iteration ?? iteration) - 1] as Path;
    this.state = scopes.close({ ...this.state, loop: { accepted, iterations: iteration } }, path, rounds, [winner]);
  }

  #end(status: 'COMPLETED' | 'FAILED'): void {
    this.#memory((memory) => setState(memory, { status }));
    this.state = { ...this.state, completed_at: this.now };
  }

  // Handing out.

  #member(agent: string): Member {
    const member = this.#members[agent];
    if (!member) throw new RangeError(`no team has the agent ${agent}`);
    return member;
  }

  #subTeam(path: Path): { path: Path; node: SubTeamNode } | null {
    for (const at of upwards(path)) {
      const node = this.#node(at);
      if (node.kind === 'team') return { path: at, node };
    }
    return null;
  }

  #dispatch(path: Path, node: TaskNode): void {
    const { ids, plan, request_text, objectives, material } = this.state;
    const member = this.#member(node.agent);
    const loop = loopAround(plan, path);
    const attempt = loop?.iteration ?? 1;
    const team = this.#subTeam(path);
    const rework = upwards(path).find((at) => at in this.state.feedback);
    const { task, context, decisions } = handOut({
      node,
      member,
      request: (team && objectives[team.path]) ?? request_text,
      view: scopes.view(this.state, this.#seesAs(path, node)),
      feedback: rework === undefined ? null : (this.state.feedback[rework] ?? null),
      besides: this.#besides(path, node),
      material,
    });
    for (const decision of decisions) this.#memory((memory) => appendDecision(memory, decision));
    const task_id = this.#cause.id(path, attempt, ids.run_id);
    this.#change(path, { status: 'RUNNING', task_id });
    this.#memory((memory) => setState(memory, { step: node.task }));
    this.emit('AGENT.TASK_DISPATCHED', { ...ids, task_id, agent: node.agent, task, attempt, context });
  }

  /** A review sees what the work of its round has written. */
  #seesAs(path: Path, { mode }: TaskNode): Path {
    return mode === 'review' ? childPath(parentPath(path), childNumber(path) - 1) : path;
  }

  #besides(path: Path, { mode }: TaskNode): Record<string, unknown> {
    const around = parentPath(path);
    if (mode === 'review') return { work: this.#workOf(childPath(around, childNumber(path) - 1)) };
    if (mode === 'delegate') {
      const teams = childPath(around, 1);
      const offered = subTeamsOf(this.#node(teams), teams);
      return { teams: offered.map(({ node: { team_id, purpose } }) => ({ team_id, purpose })) };
    }
    if (mode === 'synthesize') return { teams: scopes.view(this.state, path).teams };
    if (mode !== 'aggregate') return {};
    const results = this.#completedBelow(around).map(({ task, output }) => [task, output]);
    return { results: Object.fromEntries(results) };
  }
}

/** A task that has not begun. */
export function newStep(plan: RunState['plan'], path: Path, { task, agent, mode }: TaskNode): Step {
  return {
    path,
    task,
    agent,
    mode,
    status: 'PENDING',
    attempt: loopAround(plan, path)?.iteration ?? 1,
    task_id: null,
    duration_ms: null,
    output: null,
    usage: null,
    failure: null,
  };
}

function subTeamsOf(node: Node, path: Path): { path: Path; node: SubTeamNode }[] {
  const children = node.kind === 'parallel' ? node.children : [];
  return children.map((_, child) => ({ path: childPath(path, child), node: childOf(node, child) as SubTeamNode }));
}
