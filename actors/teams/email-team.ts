/** Understands an e-mail and drafts the reply. Nothing is sent. */
import { defineTeam, flag, list, object, oneOf, sequential, share, task, text } from '../define-team.ts';

const LEVEL = oneOf('critical', 'high', 'medium', 'low');

interface Draft {
  email_draft: Record<'subject' | 'greeting' | 'body' | 'closing' | 'signature', string>;
  full_email: string;
}

/** The mail as a whole, where the model has only given its parts. */
function assembled({ email_draft: { subject, greeting, body, closing, signature } }: Draft): string {
  const head = subject === '' ? '' : `Subject: ${subject}`;
  return [head, greeting, body, [closing, signature].filter((part) => part !== '').join('\n')]
    .filter((part) => part !== '')
    .join('\n\n');
}

export const emailTeam = defineTeam({
  id: 'email_team',
  purpose: 'Understand an e-mail and draft the reply.',
  keywords: ['email', 'courriel', 'mail'],
  agents: {
    parser_agent: {
      role: 'parser',
      purpose: 'You read an e-mail: what its writer wants, in which mood, and what has to be done about it.',
      capabilities: ['intent', 'sentiment', 'actions'],
      taskType: 'text_analysis',
      extras: ['email', 'subject', 'sender'],
      writes: { email_intent: 'intent.primary', email_parsed: '' },
      cap: 6_000,
      output: {
        intent: object({
          primary: oneOf('request', 'complaint', 'inquiry', 'feedback', 'notification', 'response', 'other'),
          secondary: list(text),
          confidence: share,
        }),
        sentiment: object({
          overall: oneOf('positive', 'negative', 'neutral', 'mixed'),
          urgency: LEVEL,
          tone: oneOf('formal', 'informal', 'friendly', 'frustrated', 'neutral'),
        }),
        extracted_info: object({
          sender: object({ name: text, email: text, organization: text }),
          recipients: list(text),
          dates_mentioned: list(text),
          references: list(text),
          attachments_mentioned: list(text),
        }),
        action_items: list(object({ action: text, deadline: text, assignee: text })),
        key_points: list(text),
        suggested_response_type: oneOf('acknowledgment', 'detailed_response', 'escalation', 'no_response_needed'),
        priority: LEVEL,
      },
    },
    writer_agent: {
      role: 'writer',
      purpose: 'You write the reply to an e-mail, in a tone that fits what its writer wants and how they feel.',
      capabilities: ['reply in fitting tone'],
      taskType: 'text_generation',
      reads: ['email_parsed', 'email_intent'],
      extras: ['email', 'guidelines', 'sender_name'],
      writes: 'email_draft',
      cap: 4_000,
      output: {
        email_draft: object({ subject: text, greeting: text, body: text, closing: text, signature: text }),
        full_email: text,
        tone_used: oneOf('formal', 'semi-formal', 'friendly', 'apologetic', 'assertive'),
        key_points_addressed: list(text),
        suggested_attachments: list(text),
        follow_up_needed: flag,
        alternative_versions: list(object({ tone: text, preview: text })),
      },
      finish: (output) => {
        const draft = output as unknown as Draft;
        return draft.full_email.trim() === '' ? { ...output, full_email: assembled(draft) } : output;
      },
    },
  },
  run: sequential(task('parse', 'parser_agent'), task('write', 'writer_agent')),
  iterate: { worker: 'writer_agent', reviewer: 'parser_agent' },
  artifacts: ['email_draft'],
});
