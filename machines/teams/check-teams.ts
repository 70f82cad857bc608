/**
 * Whether teams can work as they are declared.
 *
 * Owns: what is refused at start-up, and where in a team's declaration it is. Does not own the schemas of answers, which
 * only a schema compiler can judge. Total: it is shown teams that nobody has checked. Keeps I11.
 */
import { checkMembers } from './check-members.ts';
import { checkTree } from './check-tree.ts';
import type { Flaw, Team } from './team.ts';

export interface TeamProblem extends Flaw {
  team: string;
  /** Place of the team in the list: two may have one id. */
  index: number;
}

/** All that is wrong. `roles`: names that actors other than teams have. */
export function checkTeams(teams: readonly Team[], roles: readonly string[] = []): TeamProblem[] {
  const owners = new Map<string, string>(roles.map((role) => [role, 'another actor']));
  return teams.flatMap((team, index) => {
    const flaws = [...checkNames(team, owners), ...checkMembers(team), ...checkTree(team, teams)];
    return flaws.map((flaw) => ({ team: team.id, index, ...flaw }));
  });
}

const TEAM_ID = /^[a-z][a-z0-9_]*_team$/;
const AGENT_NAME = /^[a-z][a-z0-9_]*_agent$/;
/** What the schemas allow for a name. */
const MAX_NAME_CHARACTERS = 200;

/** Names are roles, groups and keys: each has one owner. Enters those of this team into `owners`. */
function checkNames({ id, members }: Team, owners: Map<string, string>): Flaw[] {
  const flaws: Flaw[] = [];
  const claim = (name: string, pattern: RegExp, path: string) => {
    const owner = owners.get(name);
    if (!pattern.test(name)) flaws.push({ path, message: `${name} does not match ${pattern.source}` });
    if (name.length > MAX_NAME_CHARACTERS) flaws.push({ path, message: `is over ${MAX_NAME_CHARACTERS} characters` });
    if (owner !== undefined) flaws.push({ path, message: `${name} is taken by ${owner}` });
    owners.set(name, owner ?? id);
  };
  claim(id, TEAM_ID, '/id');
  const agents = Object.keys(members);
  if (agents.length === 0) flaws.push({ path: '/agents', message: 'a team has one agent at least' });
  for (const agent of agents) claim(agent, AGENT_NAME, `/agents/${agent}`);
  return flaws;
}
