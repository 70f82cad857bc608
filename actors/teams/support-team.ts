/** Answers a support request and measures the answer. Nothing is sent. */
import { defineTeam, flag, grade, list, object, oneOf, sequential, share, task, text } from '../define-team.ts';

interface Resource {
  type: string;
  title: string;
  url: string;
}

/** Addresses that a text holds, and the text itself: it may be one. As a whole, since a part of one leads elsewhere. */
const addressesIn = (text: string): string[] => [
  text,
  ...(text.match(/[a-z][a-z0-9+.-]*:\/\/[^\s"'<>()[\]{}]+/gi) ?? []).flatMap((found) => [
    found,
    found.replace(/[.,;:!?]+$/, ''),
  ]),
];

function linksIn(value: unknown, links = new Set<string>()): ReadonlySet<string> {
  if (typeof value === 'string') for (const address of addressesIn(value)) links.add(address);
  else if (typeof value === 'object' && value !== null)
    for (const member of Object.values(value)) linksIn(member, links);
  return links;
}

export const supportTeam = defineTeam({
  id: 'support_team',
  purpose: 'Answer a support request and measure the answer.',
  keywords: ['support', 'help', 'assistance'],
  agents: {
    support_context_agent: {
      role: 'context',
      purpose: 'You find out what a support request is about: its kind, its background, how urgent it is.',
      capabilities: ['category', 'background', 'urgency'],
      taskType: 'text_analysis',
      extras: ['request', 'customer_info', { key: 'history', last: 5 }, 'product'],
      writes: 'support_context',
      cap: 6_000,
      output: {
        issue_analysis: object({
          category: oneOf('technical', 'billing', 'account', 'feature_request', 'bug_report', 'general_inquiry'),
          subcategory: text,
          complexity: oneOf('simple', 'moderate', 'complex', 'critical'),
          estimated_resolution_time: oneOf('minutes', 'hours', 'days'),
        }),
        customer_context: object({
          identified_info: list(text),
          sentiment: oneOf('frustrated', 'neutral', 'satisfied', 'urgent'),
          history_summary: text,
        }),
        technical_context: object({ environment: text, error_details: text, reproduction_steps: list(text) }),
        knowledge_needed: list(text),
        suggested_resources: list(text),
        escalation_recommended: flag,
        priority_score: grade,
        context_summary: text,
      },
    },
    support_answer_agent: {
      role: 'answer',
      purpose: 'You answer a support request: the solution step by step, and where to read more.',
      capabilities: ['solution step by step', 'resources'],
      taskType: 'text_generation',
      reads: ['support_context'],
      extras: ['customer_name', 'knowledge_base'],
      writes: 'support_answer',
      cap: 5_000,
      output: {
        response: object({
          greeting: text,
          acknowledgment: text,
          solution: text,
          steps: list(object({ step: text, instruction: text, note: text })),
          additional_info: text,
          closing: text,
        }),
        full_response: text,
        tone: oneOf('empathetic', 'professional', 'technical', 'friendly'),
        confidence: share,
        requires_followup: flag,
        alternative_solutions: list(object({ solution: text, when_to_use: text })),
        resources: list(object({ type: text, title: text, url: text })),
        internal_notes: text,
      },
      // A link that we were not given is made up, or was put into the request by somebody.
      finish: (output, { payload: { knowledge_base = null } }) => {
        const known = linksIn(knowledge_base);
        const resources = (output.resources as Resource[]).map((resource) => ({
          ...resource,
          url: known.has(resource.url) ? resource.url : '',
        }));
        return { ...output, resources };
      },
    },
    support_analytics_agent: {
      role: 'analytics',
      purpose: 'You measure how well a support request was answered, and what can be learned from it.',
      capabilities: ['quality', 'trends', 'gaps'],
      taskType: 'text_analysis',
      reads: ['support_context', 'support_answer'],
      extras: ['historical_data'],
      writes: 'support_metrics',
      cap: 2_000,
      output: {
        interaction_metrics: object({
          resolution_likelihood: share,
          customer_satisfaction_prediction: oneOf('satisfied', 'neutral', 'dissatisfied'),
          response_quality_score: grade,
          first_contact_resolution: flag,
        }),
        trend_indicators: object({
          issue_category_trend: oneOf('increasing', 'stable', 'decreasing'),
          similar_issues_frequency: oneOf('rare', 'occasional', 'common', 'frequent'),
          seasonal_pattern: oneOf('none', 'identified'),
        }),
        insights: list(object({ insight: text, impact: text, actionable: flag })),
        improvement_suggestions: list(object({ area: text, suggestion: text, priority: text })),
        knowledge_gaps: list(object({ topic: text, urgency: text })),
        tagging: object({ categories: list(text), keywords: list(text), sentiment_tags: list(text) }),
        summary: text,
      },
    },
  },
  run: sequential(
    task('context', 'support_context_agent'),
    task('answer', 'support_answer_agent'),
    task('analytics', 'support_analytics_agent'),
  ),
  iterate: { worker: 'support_answer_agent', reviewer: 'support_analytics_agent' },
  artifacts: ['support_answer', 'support_metrics'],
});
