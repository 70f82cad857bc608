/**
 * An order as its message, its form and its files say it: the draft with the place of every value, what is missing and
 * what is odd.
 *
 * Owns: what goes in and what comes out, and how the parts become one reading. Pure, reproducible and total; does not
 * own how files become documents, nor who asks a model.
 */
import type { EmailDraft, MissingField, OrderDraft, OrderIssue } from '../../schemas/types.ts';
import type { ReadDocument } from './document.ts';
import { documentIssues, textIssues } from './document-issues.ts';
import type { DocumentLine } from './document-reading.ts';
import { counted, draftOf, fieldsOf, NOTHING, type OrderFields } from './drafting.ts';
import { answerDraft } from './email-drafts.ts';
import { type Gathered, gather, type OrderInput } from './gathering.ts';
import { issue, oneLine, placeOf, sortIssues } from './issues.ts';
import { LINE_FIELDS, type LineFields, MAX_LINES } from './line-fields.ts';
import { missingFields } from './missing-fields.ts';
import { type Answers, type ModelQuestion, questionOf, readAnswers } from './model-step.ts';
import {
  ambiguityIssue,
  conflictIssues,
  contradictionIssues,
  currencyIssues,
  dateIssues,
  lineIssues,
  totalsIssues,
} from './order-issues.ts';
import type { Found, OrderField } from './sources.ts';
import { type Language, languageOf } from './texts/language.ts';
import { confirmLine } from './values/arithmetic.ts';
import { CONFIDENCE } from './values/fields.ts';

export type { OrderInput } from './gathering.ts';

export type OrderReason =
  | 'gateway_unavailable'
  | 'schema_mismatch'
  | 'manual_review'
  | 'missing_fields'
  | 'anomalies'
  | 'awaiting_approval';

/** What came of asking a model: its answer, or why there is none. */
export type ModelOutcome = { answer: unknown } | 'gateway_unavailable' | 'schema_mismatch';

export interface OrderReading {
  draft: OrderDraft;
  contact: { name: string | null; phone: string | null };
  language: Language;
  /** By path: `po_number`, `delivery.date`, `lines[1].qty`. */
  fields: Readonly<Record<string, OrderField>>;
  missing_fields: readonly MissingField[];
  anomalies: readonly OrderIssue[];
  email_draft: EmailDraft;
  reason: OrderReason;
  /** What a model should be asked; null if nothing is open, or it was asked. */
  question: ModelQuestion | null;
}

/**
 * Reads an order. Never throws.
 * @param model if one was asked what the first reading leaves open
 */
export function readOrder(input: OrderInput, model?: ModelOutcome): OrderReading {
  const gathered = gather(input);
  const { found, lines, answers, failure } = merged(gathered, model);
  const fields = withSuggestions(fieldsOf(allFound(found, gathered, lines)), answers);
  const draft = draftOf(input.order_id, counted(lines.length), fields);
  const language = languageOf([...gathered.texts.map(({ text }) => text.text)]);
  const missing = missingFields(draft, {
    documents: tooLong(input.documents, gathered.overlong),
    lines,
    tabular: gathered.attached.some(({ tables }) => tables.length > 0),
    partial: gathered.attached.map(({ partial }) => partial).find(Boolean) ?? null,
    hasText: gathered.texts.some(({ text }) => /\S/.test(text.text)),
    gatewayUnavailable: failure === 'gateway_unavailable',
  });
  const odd = sortIssues([...issuesOf(input, gathered, draft, found, lines), ...suggested(answers)]);
  return {
    draft,
    contact: { name: textIn(fields, 'contact.name'), phone: textIn(fields, 'contact.phone') },
    language,
    fields,
    missing_fields: missing,
    anomalies: odd,
    email_draft: answerDraft({ to: input.from_email, subject: input.subject, language }, draft, missing),
    reason: failure ?? reasonOf(input.documents, missing, odd),
    question: model === undefined ? questionOf(found, lines, gathered.texts) : null,
  };
}

interface Merged {
  found: ReadonlyMap<string, Found>;
  lines: readonly DocumentLine[];
  answers: Answers;
  failure: 'gateway_unavailable' | 'schema_mismatch' | null;
}

const NO_ANSWERS: Answers = { found: new Map(), lines: [], suggestions: new Map() };

/** What was found, with what a model adds to it. */
function merged({ found, lines: { lines }, texts }: Gathered, model: ModelOutcome | undefined): Merged {
  if (typeof model !== 'object') return { found, lines, answers: NO_ANSWERS, failure: model ?? null };
  const { answer } = model;
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) {
    return { found, lines, answers: NO_ANSWERS, failure: 'schema_mismatch' };
  }
  const answers = readAnswers(answer as Record<string, unknown>, found, lines, texts);
  const completed = lines.map((line, index) => ({
    ...line,
    fields: completedLine(line.fields, index + 1, answers.found),
  }));
  const added = answers.lines.slice(0, MAX_LINES).map((fields) => ({ fields, without: NOWHERE_WITHOUT }));
  const all = [...completed, ...added].map((line) => ({ ...line, fields: confirmedLine(line.fields) }));
  return { found: new Map([...found, ...answers.found]), lines: all, answers, failure: null };
}

const NOWHERE_WITHOUT: DocumentLine['without'] = new Set();

/** A line with what was asked for and found of it. */
function completedLine(line: LineFields<Found>, no: number, answered: ReadonlyMap<string, Found>): LineFields<Found> {
  const added = LINE_FIELDS.flatMap((name) => {
    const field = answered.get(`lines[${no}].${name}`);
    return field ? [[name, field] as const] : [];
  });
  return { ...line, ...Object.fromEntries(added) };
}

/** Arithmetic makes what a model says as sure as prose, no more. */
function confirmedLine(line: LineFields<Found>): LineFields<Found> {
  const confirmed = Object.entries(confirmLine(line)).map(([name, field]) => {
    const sure = field.method === 'model' && field.confidence === CONFIDENCE.confirmed;
    return [name, sure ? { ...field, confidence: CONFIDENCE.modelConfirmed } : field];
  });
  return Object.fromEntries(confirmed);
}

/** The same with anomalies that take other orders to see. */
export function withAnomalies(reading: OrderReading, added: readonly OrderIssue[]): OrderReading {
  if (added.length === 0) return reading;
  const reason = reading.reason === 'awaiting_approval' ? 'anomalies' : reading.reason;
  return { ...reading, reason, anomalies: sortIssues([...reading.anomalies, ...added]) };
}

/** Everything by path, lines and totals included. */
function allFound(
  found: ReadonlyMap<string, Found>,
  gathered: Gathered,
  lines: readonly DocumentLine[],
): Map<string, Found> {
  const all = new Map(found);
  const [currency] = gathered.currencies;
  if (currency && !all.has('currency')) {
    const mixed = gathered.currencies.some(({ value }) => value !== currency.value);
    all.set('currency', mixed ? { ...currency, confidence: CONFIDENCE.unclear, flags: ['conflict'] } : currency);
  }
  for (const [name, field] of Object.entries(gathered.lines.totals)) all.set(`totals.${name}`, field);
  for (const [index, { fields }] of lines.entries()) {
    for (const name of LINE_FIELDS) {
      const field = fields[name];
      if (field) all.set(`lines[${index + 1}].${name}`, field);
    }
  }
  return all;
}

/** Values of a model that stand nowhere, beside the fields they were meant for. */
function withSuggestions(fields: OrderFields, { suggestions }: Answers): OrderFields {
  for (const [path, suggestion] of suggestions) {
    fields[path] = { ...NOTHING, method: 'model', flags: ['not_in_source'], suggestion };
  }
  return fields;
}

const suggested = ({ suggestions }: Answers): OrderIssue[] =>
  Array.from(suggestions, ([path, suggestion]) => {
    const line = lineOf(path);
    const description = `${path}: the model's ${oneLine(JSON.stringify(suggestion))} stands in no source`;
    return issue('not_in_source', 'warning', description, { field: path, line });
  });

function lineOf(path: string): number | undefined {
  const no = /^lines\[(\d+)\]/.exec(path)?.[1];
  return no === undefined ? undefined : Number(no);
}

const textIn = (fields: OrderFields, path: string): string | null => (fields[path]?.value ?? null) as string | null;

/** Of the form; the event that it comes with says more than that. */
const FORM_TEXTS = ['customer_hint', 'delivery_address', 'delivery_date'] as const;

function issuesOf(
  input: OrderInput,
  gathered: Gathered,
  draft: OrderDraft,
  found: ReadonlyMap<string, Found>,
  lines: readonly DocumentLine[],
): OrderIssue[] {
  const { shipping, gross, contradictions } = gathered.lines;
  const all = allFound(found, gathered, lines);
  const stated = { shipping: (shipping?.value ?? null) as number | null, gross };
  return [
    ...input.documents.flatMap(documentIssues),
    ...textIssues({
      'the subject': input.subject,
      'the message': input.body?.text ?? '',
      'the form': FORM_TEXTS.flatMap((name) => input.form[name] ?? []).join('\n'),
    }),
    ...placed([...lineIssues(draft.lines), ...totalsIssues(draft, stated)], all),
    ...placed(dateIssues(draft.delivery?.date, input.received_day), all),
    ...currencyIssues(gathered.currencies),
    ...conflictIssues(gathered.conflicts),
    ...contradictionIssues(contradictions),
    ...Array.from(all).flatMap(([path, field]) =>
      field.readings.length > 0 && field.value === null ? [ambiguityIssue(path, field, lineOf(path))] : [],
    ),
  ];
}

/** With the place of the value that is odd: one of a draft that has just been read stands somewhere. */
const placed = (issues: readonly OrderIssue[], all: ReadonlyMap<string, Found>): OrderIssue[] =>
  issues.map((odd) => {
    const { source } = all.get(odd.field as string) as Found;
    return { ...odd, description: `${odd.description} (${placeOf(source)})` };
  });

/** Files with too many lines are as good as unreadable. */
const tooLong = (documents: readonly ReadDocument[], overlong: ReadonlySet<string>): ReadDocument[] =>
  documents.map((document) =>
    overlong.has(document.artifact_id)
      ? { ...document, status: 'unreadable', reason: `more than ${MAX_LINES} lines` }
      : document,
  );

/** Why a person has to look at it, the first that holds. */
function reasonOf(
  documents: readonly ReadDocument[],
  missing: readonly MissingField[],
  anomalies: readonly OrderIssue[],
): OrderReason {
  if (documents.some(({ status }) => status === 'unreadable' || status === 'needs_ocr')) return 'manual_review';
  if (missing.length > 0) return 'missing_fields';
  return anomalies.length > 0 ? 'anomalies' : 'awaiting_approval';
}
