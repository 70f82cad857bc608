/**
 * Which teams a request asks for by its words.
 *
 * Owns: how keywords are found, and in which order the teams that have some are run. Does not own which teams there are.
 */
import type { ExecutionPlan, TeamId } from '../../schemas/types.ts';
import { type Member, patternOf, type Team, tasksOf } from '../teams/team.ts';
import { clip, MAX_TEXT } from './text.ts';

/** The built-in teams are run in this order; others after them, as they come. */
const ORDER: readonly string[] = ['analysis_team', 'email_team', 'admin_team', 'writing_team', 'support_team'];

export interface TeamMatch {
  team_id: TeamId;
  /** The keywords found, in the order of the team's list. */
  keywords: string[];
  strategy: ExecutionPlan['strategy'];
  tasks: ExecutionPlan['tasks'];
}

const WORDS = /[\p{L}\p{M}\p{N}]+/gu;

/** Teams whose keywords are whole words of the text (a plural `s` counts), in the order in which they are run. */
export function matchTeams(requestText: string, teams: readonly Team[]): TeamMatch[] {
  const text = wordsOf(requestText);
  const place = ({ id }: Team) => (ORDER.includes(id) ? ORDER.indexOf(id) : ORDER.length);
  return teams
    .toSorted((a, b) => place(a) - place(b))
    .flatMap((team) => {
      const { id, keywords, run, members } = team;
      const found = keywords.filter((keyword) => {
        const words = wordsOf(keyword);
        return text.includes(words) || text.includes(`${words.slice(0, -1)}s `);
      });
      if (found.length === 0) return [];
      const tasks = tasksOf(run).map(({ task, agent }) => ({
        name: task,
        description: clip((members[agent] as Member).purpose, MAX_TEXT),
        agent,
      }));
      return [{ team_id: id as TeamId, keywords: found, strategy: patternOf(team), tasks }];
    });
}

/** The words of a text in lower case, each between blanks; a keyword may be several. */
const wordsOf = (text: string): string => ` ${text.normalize('NFC').toLowerCase().match(WORDS)?.join(' ') ?? ''} `;
