/** Owns the list of what is computed from rows: deliverables whose numbers make the figures of a report. */
export const ANALYTIC_TYPES: ReadonlySet<string> = new Set([
  'time_waste_analysis',
  'cost_analysis',
  'friction_analysis',
  'with_agent_scenario',
]);
