/**
 * Refusing teams that cannot work as they are declared.
 *
 * Owns: saying all that is wrong, with the file. Does not own the rules (`machines/teams/check-teams.ts`), except the
 * one that needs a compiler: whether the shape of an answer is a valid schema. Keeps I11.
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { checkTeams, type TeamProblem } from '../machines/teams/check-teams.ts';
import type { Team } from '../machines/teams/team.ts';
import { AGENTS, ROLES, TEAM_TARGETS } from '../schemas/catalog.ts';
import { Fault } from './errors.ts';

/** Names that a team or an agent cannot have. */
const OTHER_ROLES = ROLES.filter((role) => ![...TEAM_TARGETS, ...AGENTS].some((name) => name === role));

/** `files`: names in `actors/teams`, in the order of the teams. Empty = the teams are sound. */
export function problemsOfTeams(teams: readonly Team[], files: readonly string[]): string[] {
  return [...checkTeams(teams, OTHER_ROLES), ...checkOutputs(teams)].map(
    ({ team, index, path, message }) => `actors/teams/${files[index] ?? `(${team})`} ${path}: ${message}`,
  );
}

/** @throws {Fault} INVALID_CONFIGURATION listing every problem */
export function refuseBadTeams(teams: readonly Team[], files: readonly string[]): void {
  const problems = problemsOfTeams(teams, files);
  if (problems.length > 0) throw new Fault('INVALID_CONFIGURATION', `teams are not usable:\n${problems.join('\n')}`);
}

function checkOutputs(teams: readonly Team[]): TeamProblem[] {
  const ajv = new Ajv2020({ strict: true, logger: false });
  const wrongWith = (schema: Team['members'][string]['output']): string | null => {
    try {
      ajv.compile(schema);
      return null;
    } catch (error) {
      return `invalid output schema: ${(error as Error).message}`;
    }
  };
  return teams.flatMap(({ id: team, members }, index) =>
    Object.entries(members).flatMap(([agent, { output }]) => {
      const message = wrongWith(output);
      return message === null ? [] : [{ team, index, path: `/agents/${agent}/output`, message }];
    }),
  );
}
