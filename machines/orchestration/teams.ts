/**
 * Which teams a request asks for by its words.
 *
 * Owns: the keywords of the built-in teams and the steps of each. Does not own running a team.
 */
import type { ExecutionPlan, TeamId } from '../../schemas/types.ts';

interface Team {
  id: TeamId;
  keywords: readonly string[];
  /** Task → agent, in the order of the team's own plan. */
  tasks: Readonly<Record<string, string>>;
}

/** In the order in which matched teams are run. */
const TEAMS: readonly Team[] = [
  {
    id: 'analysis_team',
    keywords: ['analyse', 'analysis', 'diagnostic', 'risque', 'risk'],
    tasks: {
      pattern: 'pattern_agent',
      extract: 'extraction_agent',
      classify: 'classifier_agent',
      remediate: 'remediation_agent',
      report: 'report_agent',
    },
  },
  {
    id: 'email_team',
    keywords: ['email', 'courriel', 'mail'],
    tasks: { parse: 'parser_agent', write: 'writer_agent' },
  },
  {
    id: 'admin_team',
    keywords: ['admin', 'administratif', 'task'],
    tasks: { classify: 'admin_classifier_agent', execute: 'admin_executor_agent' },
  },
  {
    id: 'writing_team',
    keywords: ['rédaction', 'writing', 'editor', 'style'],
    tasks: { outline: 'editor_agent', polish: 'style_keeper_agent' },
  },
  {
    id: 'support_team',
    keywords: ['support', 'help', 'assistance'],
    tasks: { context: 'support_context_agent', answer: 'support_answer_agent', analytics: 'support_analytics_agent' },
  },
];

export interface TeamMatch {
  team_id: TeamId;
  /** The keywords found, in the order of the team's list. */
  keywords: string[];
  tasks: ExecutionPlan['tasks'];
}

const WORDS = /[\p{L}\p{M}\p{N}]+/gu;

/** Teams whose keywords are whole words of the text (a plural `s` counts), in the order in which they are run. */
export function matchTeams(requestText: string): TeamMatch[] {
  const words = new Set(requestText.normalize('NFC').toLowerCase().match(WORDS));
  return TEAMS.flatMap(({ id, keywords, tasks }) => {
    const found = keywords.filter((keyword) => words.has(keyword) || words.has(`${keyword}s`));
    if (found.length === 0) return [];
    return [
      {
        team_id: id,
        keywords: found,
        tasks: Object.entries(tasks).map(([name, agent]) => ({ name, description: `${name} step of ${id}`, agent })),
      },
    ];
  });
}
