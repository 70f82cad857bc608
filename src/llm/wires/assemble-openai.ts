/**
 * Chunks of a chat completion, put together.
 *
 * Owns: how members of a delta add up. Those that no one has named here (reasoning of local servers) follow from their
 * type: texts and lists are continued, anything else is replaced.
 */
import { isObject, type Json } from './reading.ts';

interface Choice {
  message: Record<string, unknown>;
  calls: Map<number, Record<string, unknown>>;
  logprobs: Record<string, unknown> | null | undefined;
  rest: Record<string, unknown>;
}

/** Members of a call and its function that come whole, even if a server repeats them. */
const WHOLE = new Set(['id', 'type', 'name', 'role']);

export function assembleOpenai(frames: readonly Json[]): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  const choices = new Map<number, Choice>();
  for (const { choices: deltas, obfuscation: _, ...rest } of frames) {
    for (const key in rest) if (rest[key] !== null || !(key in body)) set(body, key, rest[key]);
    for (const delta of Array.isArray(deltas) ? deltas : []) if (isObject(delta)) addChoice(choices, delta);
  }
  body.object = 'chat.completion';
  body.choices = byIndex(choices).map(([index, choice]) => ({ index, ...finished(choice) }));
  // Null in the chunks before the last, absent where nothing was counted.
  if (body.usage === null) delete body.usage;
  return body;
}

function addChoice(choices: Map<number, Choice>, { index, delta, logprobs, ...rest }: Json): void {
  const at = typeof index === 'number' ? index : 0;
  let choice = choices.get(at);
  if (!choice) {
    choice = { message: {}, calls: new Map(), logprobs: undefined, rest: { finish_reason: null } };
    choices.set(at, choice);
  }
  if (isObject(delta)) {
    const { tool_calls: calls, ...said } = delta;
    extend(choice.message, said);
    for (const call of Array.isArray(calls) ? calls : []) if (isObject(call)) addCall(choice.calls, call);
  }
  if (isObject(logprobs)) {
    choice.logprobs ??= {};
    extend(choice.logprobs, logprobs);
  } else if (logprobs === null) choice.logprobs ??= null;
  for (const key in rest) if (rest[key] !== null || !(key in choice.rest)) set(choice.rest, key, rest[key]);
}

function addCall(calls: Map<number, Record<string, unknown>>, { index, ...delta }: Json): void {
  const at = typeof index === 'number' ? index : calls.size;
  const call = calls.get(at) ?? {};
  calls.set(at, call);
  extend(call, delta);
}

/** Adds a delta to what there is. */
function extend(target: Record<string, unknown>, delta: Json): void {
  for (const key in delta) {
    const piece = delta[key];
    // Not what every object inherits: a frame may name a member `__proto__`.
    const before = Object.hasOwn(target, key) ? target[key] : undefined;
    if (typeof piece === 'string' && typeof before === 'string' && !WHOLE.has(key)) target[key] = before + piece;
    else if (Array.isArray(piece) && Array.isArray(before)) before.push(...piece);
    else if (isObject(piece) && isObject(before)) extend(before as Record<string, unknown>, piece);
    else if (piece !== null && !(piece === '' && WHOLE.has(key) && before)) set(target, key, own(piece));
    else if (!(key in target)) set(target, key, piece);
  }
}

/** What is extended later must not be part of a frame. */
function own(value: unknown): unknown {
  if (Array.isArray(value)) return [...value];
  if (!isObject(value)) return value;
  const copy: Record<string, unknown> = {};
  extend(copy, value);
  return copy;
}

function finished({ message, calls, logprobs, rest }: Choice): Record<string, unknown> {
  const { content = null, ...others } = message;
  return {
    message: {
      role: 'assistant',
      content,
      ...others,
      ...(calls.size > 0 && { tool_calls: byIndex(calls).map(([, call]) => call) }),
    },
    ...(logprobs !== undefined && { logprobs }),
    ...rest,
  };
}

const byIndex = <T>(map: ReadonlyMap<number, T>): [number, T][] => [...map].sort(([left], [right]) => left - right);

/** A frame may name a member `__proto__`; assigning that would do something else. */
function set(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') target[key] = value;
}
