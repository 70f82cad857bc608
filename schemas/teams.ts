// Printed by `npm run generate` from the files in actors/teams. Change those, not this.

/** Each team with the pattern it has of its own accord and its agents. */
export const TEAMS = {
  analysis_team: { pattern: 'sequential', agents: ['pattern_agent', 'extraction_agent', 'classifier_agent', 'remediation_agent', 'report_agent'] },
  admin_team: { pattern: 'sequential', agents: ['admin_classifier_agent', 'admin_executor_agent'] },
  email_team: { pattern: 'sequential', agents: ['parser_agent', 'writer_agent'] },
  writing_team: { pattern: 'sequential', agents: ['editor_agent', 'style_keeper_agent'] },
  support_team: { pattern: 'sequential', agents: ['support_context_agent', 'support_answer_agent', 'support_analytics_agent'] },
} as const;
