/**
 * What an event means to somebody who watches a project: at most one line each. Pure.
 *
 * Owns: the words. Keeps the titles of the items, since most events name only their ids.
 */
import type { BacklogItem, Envelope } from '../../schemas/types.ts';
import { plural, type Style } from './terminal.ts';

export interface ProgressLine {
  /** Seconds since the request. */
  afterSeconds: number;
  /** One word. */
  label: string;
  text: string;
  style: Style;
  /** Command that answers it. */
  next?: string;
}

type Said = readonly [label: string, style: Style, text: string, next?: string];

/** Of a larger plan only this many items are listed. */
const PLANNED_MAX = 20;

export class Progress {
  readonly #items = new Map<string, Pick<BacklogItem, 'title' | 'agent_target'>>();
  readonly #done = new Set<string>();
  readonly #questions = new Map<string, string>();
  readonly #tries = new Map<string, number>();
  #startedMs: number | null = null;

  /** Null for an event that changes nothing a watcher would want to know. */
  line(event: Envelope): ProgressLine | null {
    this.#startedMs ??= Date.parse(event.timestamp);
    const said = this.#said(event);
    if (!said) return null;
    const [label, style, text, next] = said;
    const afterSeconds = (Date.parse(event.timestamp) - this.#startedMs) / 1000;
    return { afterSeconds, label, style, text, ...(next !== undefined && { next }) };
  }

  title(itemId: string): string {
    return this.#items.get(itemId)?.title ?? itemId;
  }

  #said(event: Envelope): Said | null {
    switch (event.event_type) {
      case 'PROJECT.INITIAL_REQUEST_RECEIVED': {
        const { name, request_text, rows, rows_ref, items, hourly_rate } = event.payload;
        const rowCount = rows_ref?.count ?? rows?.length;
        const given = [
          ...(rowCount ? [plural(rowCount, 'row')] : []),
          ...(items ? [plural(items.length, 'item')] : []),
          ...(hourly_rate === undefined ? [] : [`${hourly_rate} per hour`]),
        ];
        return ['request', 'bold', [`"${name ?? request_text}"`, ...given].join(', ')];
      }
      case 'BACKLOG.ITEM_CREATED':
        return this.#planned(event.payload.backlog_item);
      case 'TEAM.SELECTED':
        return ['team', 'dim', `${event.payload.team_id}: ${event.payload.reason}`];
      case 'QUESTION.CREATED': {
        const { id, question_text, blocks = [] } = event.payload.question;
        this.#questions.set(id, question_text);
        const waiting = blocks.length > 0 ? ` (${blocks.map((item) => this.title(item)).join(', ')})` : '';
        return ['question', 'yellow', question_text + waiting, `answer ${id} <answer>`];
      }
      case 'QUESTION.ANSWER_RECORDED': {
        const { question_id, answer, accepted, reason } = event.payload;
        if (accepted === false) return ['refused', 'yellow', `${JSON.stringify(answer)}: ${reason ?? 'not accepted'}`];
        return [
          'answered',
          'cyan',
          `${JSON.stringify(answer)} to "${this.#questions.get(question_id) ?? question_id}"`,
        ];
      }
      case 'BACKLOG.ITEM_UNBLOCKED':
        return ['unblocked', 'dim', this.title(event.payload.backlog_item_id)];
      case 'HUMAN.APPROVAL_REQUESTED': {
        const { approval_id, reason } = event.payload;
        return ['approval', 'yellow', reason, `approve ${approval_id}`];
      }
      case 'HUMAN.APPROVAL_SUBMITTED': {
        const { approved, backlog_item_id } = event.payload;
        return [approved ? 'approved' : 'rejected', 'cyan', this.title(backlog_item_id)];
      }
      case 'WORK.ITEM_DISPATCHED': {
        const { backlog_item_id, agent_target } = event.payload;
        const tries = (this.#tries.get(backlog_item_id) ?? 0) + 1;
        this.#tries.set(backlog_item_id, tries);
        return [
          'working',
          'dim',
          `${this.title(backlog_item_id)}${tries > 1 ? ` (try ${tries})` : ''} · ${agent_target}`,
        ];
      }
      case 'AGENT.RESULT_SHARED': {
        const { agent_id, result } = event.payload;
        return ['step', 'dim', `${result.task} · ${agent_id}`];
      }
      case 'WORK.ITEM_REVIEWED':
        return this.#reviewed(event);
      case 'WORK.ITEM_FAILED':
        return ['failed', 'red', `${this.title(event.payload.backlog_item_id)}: ${event.payload.reason}`];
      case 'ORCHESTRATOR.MESSAGE_SENT':
        return ['message', 'cyan', event.payload.content];
      case 'PROJECT.COMPLETED':
        return ['completed', 'green', `${plural(event.payload.counts.done, 'item')} done`];
      case 'PROJECT.FAILED':
        return ['failed', 'red', event.payload.reason];
      case 'PROJECT.STOPPED':
        return ['stopped', 'yellow', `${plural(event.payload.stopped_items, 'item')} canceled`];
      default:
        return null;
    }
  }

  #planned({ id, title, agent_target, depends_on }: BacklogItem): Said | null {
    this.#items.set(id, { title, agent_target });
    if (this.#items.size > PLANNED_MAX + 1) return null;
    if (this.#items.size > PLANNED_MAX) return ['planned', 'dim', '… and more'];
    const after = depends_on.length > 0 ? ` (after ${depends_on.map((item) => this.title(item)).join(', ')})` : '';
    return ['planned', 'dim', title + after];
  }

  #reviewed({ payload }: Envelope<'WORK.ITEM_REVIEWED'>): Said | null {
    const { backlog_item_id: item, review } = payload;
    const { result, notes } = review;
    // A rejected item fails in the same breath, and that is said then.
    if (result === 'rejected') return null;
    if (result === 'needs_changes') return ['again', 'yellow', `${this.title(item)}: ${notes ?? 'needs changes'}`];
    this.#done.add(item);
    return ['done', 'green', `${this.title(item)} (${this.#done.size} of ${this.#items.size})`];
  }
}
