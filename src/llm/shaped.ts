/**
 * Answers of a demanded shape.
 *
 * Owns: holding an answer back until it is known to be valid, and the one repair. Does not own what valid means
 * (`structured.ts`).
 */
import { Fault } from '../errors.ts';
import { type Answer, type ChatRequest, estimateTokens, type JsonSchema, type Message, textOf } from './chat.ts';
import { measure } from './fit.ts';
import type { Conclusion, Job } from './job.ts';
import type { Router } from './router.ts';
import { readStructured } from './structured.ts';

/**
 * Asks, and asks once more if the answer does not have the shape. Nothing of it has left for the caller then.
 * @param keep concludes with an answer that is what the caller gets
 * @throws Fault PROVIDER_ERROR with `details.reason` = `bad_output`
 */
export async function askForShape(
  router: Router,
  job: Job,
  schema: JsonSchema,
  keep: (answer: Answer) => Conclusion,
): Promise<Answer> {
  const { request } = job;
  let errors: readonly string[] | null = null;
  const conclude: Job['conclude'] = (answer) => {
    errors = null;
    const called = answer.toolCalls.length > 0;
    if (called && mayCall(request)) return keep(answer);
    // Whoever calls a tool that nobody has offered has been talked into it, so the rest counts for nothing either.
    const read = called ? UNASKED_CALL : readStructured(answer.text, schema);
    if (!read.ok) {
      errors = read.errors;
      return { answer, final: false, records: {} };
    }
    return keep(jsonOnly(answer, read.value));
  };
  const held: Job = { ...job, sink: null, conclude };
  let answer = await router.run(held);
  // A request bound to its own wire cannot be put again in words.
  if (errors && !request.bound?.length) {
    const repair = repairMessages(answer.text, errors);
    const { wire: _, cutTo, ...neutral } = request;
    const repaired: ChatRequest = { ...neutral, messages: [...request.messages, ...repair] };
    // What is added takes its room from the question.
    const repairTokens = repair.reduce((sum, { content }) => sum + estimateTokens(textOf(content)), 0);
    if (cutTo) repaired.cutTo = (tokens) => [...cutTo(tokens - repairTokens), ...repair];
    answer = await router.run({ ...held, request: repaired, measures: measure(repaired), fits: [] });
  }
  if (errors) {
    throw new Fault('PROVIDER_ERROR', 'the answer does not have the required shape', {
      details: { reason: 'bad_output', errors, attempts: job.report.attempts },
    });
  }
  return answer;
}

const UNASKED_CALL = { ok: false, errors: ['the answer calls a tool, but there are none'] } as const;

/** A request bound to its own wire may offer tools that only this wire knows. */
const mayCall = ({ tools = [], tool_choice, bound = [] }: ChatRequest): boolean =>
  (tools.length > 0 && tool_choice !== 'none') || bound.length > 0;

/** A model may put its JSON into a fence; the caller gets the JSON. */
function jsonOnly(answer: Answer, value: unknown): Answer {
  try {
    JSON.parse(answer.text);
    return answer;
  } catch {
    const { body: _, ...rest } = answer;
    return { ...rest, text: JSON.stringify(value) };
  }
}

function repairMessages(answer: string, errors: readonly string[]): Message[] {
  const list = errors.map((error) => `- ${error}`).join('\n');
  return [
    // Wires refuse empty messages.
    { role: 'assistant', content: answer.trim() === '' ? '(no text)' : answer },
    {
      role: 'user',
      content: `This answer does not have the required shape:\n${list}\nGive the whole answer again as JSON only, corrected.`,
    },
  ];
}
