/**
 * Talking with people.
 *
 * Owns: messages in both directions and the standing reply. Does not own answers (`answering.ts`), though a reply to
 * a clarification is one.
 */
import type { Envelope, OrchestratorMessageSent } from '../../schemas/types.ts';
import { answer } from './answering.ts';
import { parsed } from './answers.ts';
import type { Ended } from './completion.ts';
import type { MessagePart, QuestionPart } from './parts.ts';
import { MAX_LIST, plural } from './text.ts';
import type { Project } from './working-copy.ts';

export type Spoken = Envelope<'PROJECT.MESSAGE_RECEIVED' | 'USER.PROMPT_SUBMITTED' | 'CUSTOMER.MESSAGE_RESPONDED'>;

/**
 * Keeps what a person wrote and says how things stand. A message or prompt travels with later dispatches and is told
 * what is still to be answered; a reply to an open question is its answer.
 * @param ended how the project ended, if it has: then nothing follows from a message.
 */
export function hear(project: Project, event: Spoken, ended: Ended | null): void {
  project.touch();
  const eventId = event.event_id.toLowerCase();
  switch (event.event_type) {
    case 'PROJECT.MESSAGE_RECEIVED': {
      const { message_id, message, sender = null } = event.payload;
      note(project, { id: message_id, message_type: 'message', content: message, sender }, ended);
      return;
    }
    case 'USER.PROMPT_SUBMITTED': {
      const { interaction_id = eventId, prompt } = event.payload;
      note(project, { id: interaction_id, message_type: 'prompt', content: prompt }, ended);
      return;
    }
    case 'CUSTOMER.MESSAGE_RESPONDED': {
      const { message_id, response, related_item_id = null } = event.payload;
      const in_reply_to = message_id.toLowerCase();
      keep(project, {
        id: eventId,
        direction: 'incoming',
        message_type: 'response',
        content: response,
        related_item_id,
        in_reply_to,
      });
      const asked = project.get(`message:${in_reply_to}`)?.question_id;
      const question = asked ? project.must(`question:${asked}`) : null;
      if (question?.status === 'OPEN') {
        answer(project, question, JSON_TYPES.has(question.answer_type) ? parsed(response) : response);
      }
      say(project, { message_type: 'status_update', content: standing(project, ended) });
    }
  }
}

type Noted = Pick<MessagePart, 'id' | 'message_type' | 'content'> & { sender?: string | null };

function note(project: Project, noted: Noted, ended: Ended | null): void {
  const wanted = noted.id.toLowerCase();
  // An interaction may have several prompts under one id.
  const id = project.get(`message:${wanted}`) === undefined ? wanted : project.event.event_id.toLowerCase();
  keep(project, { ...noted, id, direction: 'incoming' });
  project.put('inbox', [...(project.get('inbox') ?? []), { message_id: id, message: noted.content }].slice(-MAX_LIST));
  say(project, { message_type: 'status_update', content: standing(project, ended) });
  for (const question of openQuestions(project)) {
    say(
      project,
      {
        message_type: 'clarification',
        content: question.question_text,
        related_item_id: question.backlog_item_id,
        requires_response: true,
      },
      question.id,
    );
  }
}

/** Types of answers that are read from a written reply as JSON; the others are text. */
const JSON_TYPES = new Set(['NUMBER', 'BOOLEAN', 'JSON']);

function standing({ header }: Project, ended: Ended | null): string {
  const { counts, open_questions, open_approvals } = header;
  const sentences: string[] = [];
  if (ended) sentences.push(`The project is ${ended}, nothing more will be done.`);
  if (counts.total > 0) {
    sentences.push(`${counts.done} of ${plural(counts.total, 'item')} ${counts.total === 1 ? 'is' : 'are'} done.`);
  } else if (!ended) sentences.push('No work has been planned yet.');
  if (open_questions > 0) sentences.push(`Waiting for ${plural(open_questions, 'answer')}.`);
  if (open_approvals > 0) sentences.push(`Waiting for ${plural(open_approvals, 'approval')}.`);
  return sentences.join(' ');
}

function openQuestions(project: Project): QuestionPart[] {
  if (project.header.open_questions === 0) return [];
  const ids = project.all('question');
  project.require(ids.map((id) => `question:${id}` as const));
  return ids.map((id) => project.must(`question:${id}`)).filter(({ status }) => status === 'OPEN');
}

type Said = Pick<MessagePart, 'content'> &
  Pick<OrchestratorMessageSent, 'message_type'> &
  Partial<Pick<MessagePart, 'related_item_id' | 'requires_response'>>;

function say(project: Project, said: Said, question_id: string | null = null): void {
  const id = project.nextId('message');
  const message = { related_item_id: null, requires_response: false, ...said };
  keep(project, { ...message, id, direction: 'outgoing', question_id });
  project.emit('ORCHESTRATOR.MESSAGE_SENT', { project_id: project.header.id, message_id: id, ...message });
}

const BLANK = { related_item_id: null, requires_response: false, sender: null, in_reply_to: null, question_id: null };

function keep(
  project: Project,
  message: Omit<MessagePart, keyof typeof BLANK | 'created_at'> & Partial<MessagePart>,
): void {
  project.put(`message:${message.id}`, { ...BLANK, ...message, created_at: project.now });
  project.append('message', message.id);
}
