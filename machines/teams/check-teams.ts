/**
 * Whether teams can work as they are declared.
 *
 * Owns: what is refused at start-up, and where in a team's declaration it is. Does not own the schemas of answers, which
 * only a schema compiler can judge. Total: it is shown teams that nobody has checked. Keeps I11.
 */
import { checkMembers } from './check-members.ts';
import { checkTree } from './check-tree.ts';
import type { Team } from './team.ts';

export interface TeamProblem {
  team: string;
  /** Place of the team in the list: two may have one id. */
  index: number;
  /** JSON pointer into the declaration. */
  path: string;
  message: string;
}

/** What a check of one team has found. */
export type Finding = Omit<TeamProblem, 'team' | 'index'>;

/** All that is wrong. `roles`: names that actors other than teams have. */
export function checkTeams(teams: readonly Team[], roles: readonly string[] = []): TeamProblem[] {
  const owners = new Map<string, string>(roles.map((role) => [role, 'another actor']));
  return teams.flatMap((team, index) => {
    const findings = [...checkNames(team, owners), ...checkMembers(team), ...checkTree(team, teams)];
    return findings.map((finding) => ({ team: team.id, index, ...finding }));
  });
}

const TEAM_ID = /^[a-z][a-z0-9_]*_team$/;
const AGENT_NAME = /^[a-z][a-z0-9_]*_agent$/;
/** What the schemas allow for a name. */
const MAX_NAME_CHARACTERS = 200;

/** Names are roles, groups and keys: each has one owner. Enters those of this team into `owners`. */
function checkNames({ id, members }: Team, owners: Map<string, string>): Finding[] {
  const findings: Finding[] = [];
  const claim = (name: string, pattern: RegExp, path: string) => {
    const owner = owners.get(name);
    if (!pattern.test(name)) findings.push({ path, message: `${name} does not match ${pattern.source}` });
    if (name.length > MAX_NAME_CHARACTERS)
      findings.push({ path, message: `is over ${MAX_NAME_CHARACTERS} characters` });
    if (owner !== undefined) findings.push({ path, message: `${name} is the name of ${owner} already` });
    owners.set(name, owner ?? id);
  };
  claim(id, TEAM_ID, '/id');
  const agents = Object.keys(members);
  if (agents.length === 0) findings.push({ path: '/agents', message: 'a team has one agent at least' });
  for (const agent of agents) claim(agent, AGENT_NAME, `/agents/${agent}`);
  return findings;
}
