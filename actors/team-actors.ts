/**
 * The actors of a team: its coordinator and one for each agent.
 *
 * Owns: how a team's declaration becomes roles. Does not own what they decide (`machines/team-run.ts`,
 * `machines/agent-task.ts`).
 */
import { agentTaskMachine } from '../machines/agent-task.ts';
import { createTeamRunMachine, type TeamRunContext } from '../machines/team-run.ts';
import type { Member } from '../machines/teams/team.ts';
import { GROUPS, INSTANCE_FIELD, type Role } from '../schemas/catalog.ts';
import { type ActorDefinition, defineActor, type StateCodec } from '../src/runtime/define-actor.ts';
import { askAgent, isAnswer } from './ask-agent.ts';
import type { AgentSpec, TeamDefinition } from './define-team.ts';
import type { Tools } from './tools.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** A run is read by people long after it has ended. */
const RUN_RETAIN_MS = 30 * DAY_MS;
/** A task that has ended is only needed to know a repeated dispatch. */
const TASK_RETAIN_MS = 7 * DAY_MS;

const codec: StateCodec<TeamRunContext> = {
  open: (stored) => ({ requested: null, run: null, ...(stored as Partial<TeamRunContext> | undefined), products: [] }),
  close: ({ requested, run }) => ({ stored: { requested, run }, parts: new Map() }),
};

function coordinator(team: TeamDefinition, teams: readonly TeamDefinition[]): ActorDefinition<Tools> {
  const name = team.id as Exclude<Role, 'validator'>;
  return defineActor(createTeamRunMachine(team, teams, isAnswer))<Tools>({
    name,
    group: GROUPS[name],
    receives: ['TEAM.RUN_REQUESTED', 'WORK.ITEM_DISPATCHED', 'AGENT.TASK_COMPLETED', 'AGENT.TASK_FAILED'],
    instanceOf: INSTANCE_FIELD[name],
    state: codec as StateCodec<never>,
    retainMs: RUN_RETAIN_MS,
  });
}

function agentActor(agent: string, spec: AgentSpec, member: Member): ActorDefinition<Tools> {
  const name = agent as Exclude<Role, 'validator'>;
  return defineActor(agentTaskMachine)<Tools>({
    name,
    group: GROUPS[name],
    receives: ['AGENT.TASK_DISPATCHED'],
    instanceOf: INSTANCE_FIELD[name],
    effects: { ask: askAgent(spec, member) },
    startsFresh: true,
    retainMs: TASK_RETAIN_MS,
  });
}

/** Coordinators and agents of all teams. */
export function teamActors(teams: readonly TeamDefinition[]): ActorDefinition<Tools>[] {
  return teams.flatMap((team) => [
    coordinator(team, teams),
    ...Object.entries(team.agents).map(([name, spec]) => agentActor(name, spec, team.members[name] as Member)),
  ]);
}
