/** Edits a text and keeps its style. */
import { count, defineTeam, grade, list, object, oneOf, sequential, share, task, text } from '../define-team.ts';

const words = (written: unknown): number => String(written).match(/\S+/g)?.length ?? 0;

export const writingTeam = defineTeam({
  id: 'writing_team',
  purpose: 'Edit a text and keep its style.',
  keywords: ['rédaction', 'writing', 'editor', 'style'],
  agents: {
    editor_agent: {
      role: 'editor',
      purpose: 'You edit a text: its grammar, clarity and structure, and what it says twice. You keep what it means.',
      capabilities: ['grammar', 'clarity', 'structure', 'redundancy'],
      taskType: 'text_generation',
      extras: ['content', 'style_guide', { key: 'target_audience', default: 'general' }],
      writes: 'writing_outline',
      cap: 10_000,
      output: {
        edited_content: text,
        outline: object({
          sections: list(object({ title: text, key_points: list(text) })),
          structure_type: oneOf('narrative', 'technical', 'persuasive', 'informational'),
        }),
        changes_made: list(object({ type: oneOf('structural', 'clarity', 'grammar', 'tone'), description: text })),
        suggestions: list(text),
        readability_score: oneOf('elementary', 'intermediate', 'advanced', 'technical'),
        word_count: object({ original: count, edited: count }),
      },
      finish: (output, { text: original, payload: { content } }) => ({
        ...output,
        word_count: {
          original: words(typeof content === 'string' ? content : original),
          edited: words(output.edited_content),
        },
      }),
    },
    style_keeper_agent: {
      role: 'style',
      purpose: 'You see to it that a text keeps one voice and one set of terms.',
      capabilities: ['voice', 'terms', 'consistency'],
      taskType: 'text_analysis',
      reads: ['writing_outline'],
      textFrom: 'writing_outline.edited_content',
      extras: ['style_guide', 'brand_voice'],
      writes: 'writing_style',
      cap: 8_000,
      output: {
        style_analysis: object({
          detected_tone: oneOf('formal', 'casual', 'technical', 'friendly', 'neutral'),
          voice: oneOf('first_person', 'second_person', 'third_person', 'mixed'),
          formality_level: grade,
          consistency_score: share,
        }),
        issues_found: list(object({ issue: text, location: text, severity: text, suggestion: text })),
        tone_adjustments: list(object({ original: text, suggested: text, reason: text })),
        vocabulary_suggestions: object({ terms_to_avoid: list(text), preferred_alternatives: list(text) }),
        overall_assessment: text,
        recommendations: list(text),
      },
    },
  },
  run: sequential(task('outline', 'editor_agent'), task('polish', 'style_keeper_agent')),
  iterate: { worker: 'editor_agent', reviewer: 'style_keeper_agent' },
  artifacts: ['writing_outline', 'writing_style'],
});
