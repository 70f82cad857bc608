/** Analyzes a document or a situation and reports on it. */
import { count, defineTeam, list, object, oneOf, sequential, share, task, text } from '../define-team.ts';

const NO_RISK = new Set(['none', 'low']);
const KEYS = ['document_pattern', 'extracted', 'classification', 'remediation'] as const;

interface Classification {
  risk_level: string;
  risk_factors: unknown[];
}

/** A report that says what is not there to be reported on. */
function emptyReport(generatedAt: string): Record<string, unknown> {
  return {
    executive_summary: `There is nothing to report on: ${KEYS.join(', ')} are missing.`,
    key_findings: [],
    risk_summary: { overall_risk: 'unknown', risk_count_by_level: { critical: 0, high: 0, medium: 0, low: 0 } },
    recommendations: [],
    detailed_sections: [],
    appendix: { data_sources: [], methodology: '' },
    report_metadata: { generated_at: generatedAt, confidence_level: 'none' },
  };
}

export const analysisTeam = defineTeam({
  id: 'analysis_team',
  purpose: 'Analyze a document or a situation and report on it.',
  keywords: ['analyse', 'analysis', 'diagnostic', 'risque', 'risk'],
  agents: {
    pattern_agent: {
      role: 'pattern',
      purpose: 'You find out what kind of document or situation it is, how it is built and what it is for.',
      capabilities: ['document type', 'structure', 'purpose'],
      taskType: 'text_analysis',
      writes: 'document_pattern',
      cap: 8_000,
      output: { pattern: text, structure: text, sections: list(text), purpose: text, confidence: share },
    },
    extraction_agent: {
      role: 'extraction',
      purpose: 'You take out what it states: who, where, when, how much, which facts, and how they hang together.',
      capabilities: ['entities', 'facts', 'metrics', 'relations'],
      taskType: 'data_extraction',
      reads: ['document_pattern'],
      writes: 'extracted',
      cap: 8_000,
      output: {
        entities: object({
          people: list(text),
          organizations: list(text),
          dates: list(text),
          locations: list(text),
          amounts: list(text),
        }),
        key_facts: list(text),
        metrics: list(object({ name: text, value: text })),
        relationships: list(text),
        action_items: list(text),
        summary: text,
      },
    },
    classifier_agent: {
      role: 'classification',
      purpose: 'You judge how risky and how urgent it is, and where it belongs.',
      capabilities: ['risk', 'category', 'priority'],
      taskType: 'classification',
      reads: ['document_pattern', 'extracted'],
      writes: 'classification',
      cap: 4_000,
      output: {
        risk_level: oneOf('critical', 'high', 'medium', 'low', 'none'),
        risk_factors: list(text),
        category: text,
        subcategories: list(text),
        priority: oneOf('urgent', 'high', 'normal', 'low'),
        action_required: oneOf('immediate_action', 'review_needed', 'monitoring', 'archive'),
        reasoning: text,
        confidence: share,
      },
    },
    remediation_agent: {
      role: 'remediation',
      purpose: 'You say what should be done about its risks: at once, soon, and in the long run.',
      capabilities: ['measures by time horizon'],
      taskType: 'reasoning',
      reads: ['classification', 'extracted', 'document_pattern'],
      writes: 'remediation',
      cap: 3_000,
      output: {
        remediation_status: oneOf('required', 'recommended', 'optional', 'not_needed'),
        immediate_actions: list(object({ action: text, priority: text, owner: text })),
        short_term: list(object({ action: text, effort: text, impact: text })),
        long_term: list(object({ action: text, benefit: text })),
        stakeholders: list(text),
        dependencies: list(text),
        estimated_effort: oneOf('minimal', 'moderate', 'significant', 'major'),
        risk_mitigation_summary: text,
      },
      withoutModel: ({ context: { classification } }) => {
        const { risk_level, risk_factors } = (classification ?? {}) as Partial<Classification>;
        if (!NO_RISK.has(risk_level ?? '') || risk_factors?.length !== 0) return null;
        return {
          remediation_status: 'not_needed',
          immediate_actions: [],
          short_term: [],
          long_term: [],
          stakeholders: [],
          dependencies: [],
          estimated_effort: 'minimal',
          risk_mitigation_summary: `Risk level ${risk_level} without risk factors: nothing needs to be done.`,
        };
      },
    },
    report_agent: {
      role: 'report',
      purpose: 'You bring the findings of your colleagues together in a report with recommendations.',
      capabilities: ['synthesis', 'recommendations'],
      taskType: 'text_generation',
      reads: [...KEYS],
      writes: 'report',
      cap: 2_000,
      output: {
        executive_summary: text,
        key_findings: list(
          object({ finding: text, severity: oneOf('critical', 'high', 'medium', 'low', 'info'), evidence: text }),
        ),
        risk_summary: object({
          overall_risk: text,
          risk_count_by_level: object({ critical: count, high: count, medium: count, low: count }),
        }),
        recommendations: list(object({ recommendation: text, priority: text, rationale: text })),
        detailed_sections: list(object({ title: text, content: text })),
        appendix: object({ data_sources: list(text), methodology: text }),
        report_metadata: object({ generated_at: text, confidence_level: text }),
      },
      withoutModel: ({ context, payload, timestamp }) => {
        const known = KEYS.some((key) => context[key] !== undefined) || Object.keys(payload.results ?? {}).length > 0;
        return known ? null : emptyReport(timestamp);
      },
      finish: (output, { timestamp }) => ({
        ...output,
        report_metadata: { ...(output.report_metadata as object), generated_at: timestamp },
      }),
    },
  },
  run: sequential(
    task('pattern', 'pattern_agent'),
    task('extract', 'extraction_agent'),
    task('classify', 'classifier_agent'),
    task('remediate', 'remediation_agent'),
    task('report', 'report_agent'),
  ),
  iterate: { worker: 'report_agent', reviewer: 'classifier_agent' },
  artifacts: ['report'],
});
