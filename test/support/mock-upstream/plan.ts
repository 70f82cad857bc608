/** Decides what the mock upstream answers: a pure function of what is asked and what the script says. */
import { conforming } from './conforming.ts';
import type { Act } from './script.ts';
import type { Asked, Finish, Plan } from './wire.ts';

/** Length of the usual answer, tokens. */
export const USUAL_TOKENS = 60;
const USUAL = Array.from({ length: USUAL_TOKENS }, (_, at) => (at === 0 ? 'w1' : ` w${at + 1}`));
const JSON_PIECE_CHARS = 8;
const HUGE_PIECE_CHARS = 16_384;

const words = (text: string): string[] => text.match(/\s*\S+(?:\s+$)?|\s+$/g) ?? [];

/** Pieces of `chars` code points. */
function slices(text: string, chars: number): string[] {
  const points = [...text];
  const count = Math.ceil(points.length / chars);
  return Array.from({ length: count }, (_, at) => points.slice(at * chars, (at + 1) * chars).join(''));
}

/** The JSON text that `text` begins with; what is no JSON ends with its line. */
function jsonTextOf(text: string): string {
  let depth = 0;
  let isString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"' && text[at - 1] !== '\\') isString = !isString;
    if (isString) continue;
    if (char === '{' || char === '[') depth++;
    if (char === '}' || char === ']') depth--;
    if (depth === 0 && (char === '}' || char === ']')) return text.slice(0, at + 1);
  }
  return text.split('\n', 1)[0] ?? '';
}

function toolCallsOf(asked: Asked): Plan['toolCalls'] {
  if (asked.tools.size === 0) return [];
  const calls = [...asked.lastUserText.matchAll(/\buse tool ([\w.-]+)/g)].flatMap((found) => {
    const name = found[1] as string;
    if (!asked.tools.has(name)) return [];
    const rest = asked.lastUserText.slice(found.index + found[0].length);
    const given = /^\s+with\s+/.exec(rest);
    const text = given ? jsonTextOf(rest.slice(given[0].length)) : JSON.stringify(conforming(asked.tools.get(name)));
    return [{ name, pieces: slices(text, JSON_PIECE_CHARS) }];
  });
  if (calls.length > 0 || asked.forcedTool === null) return calls;
  const name = asked.forcedTool === '*' ? ([...asked.tools.keys()][0] as string) : asked.forcedTool;
  return [{ name, pieces: slices(JSON.stringify(conforming(asked.tools.get(name))), JSON_PIECE_CHARS) }];
}

function piecesOf(asked: Asked, act: Act): readonly string[] {
  if (act.hugeBytes !== undefined) {
    return Array.from({ length: Math.floor(act.hugeBytes / HUGE_PIECE_CHARS) + 1 }, () => 'x'.repeat(HUGE_PIECE_CHARS));
  }
  if (act.text !== undefined) return words(act.text);
  const json = /\banswer json ([\s\S]*)/.exec(asked.lastUserText)?.[1];
  if (json !== undefined) return slices(jsonTextOf(json), JSON_PIECE_CHARS);
  if (asked.schema !== null) return slices(JSON.stringify(conforming(asked.schema)), JSON_PIECE_CHARS);
  const said = /\bsay ([\s\S]*)/.exec(asked.lastUserText)?.[1];
  return said === undefined ? USUAL : words(said);
}

/** Cuts the text before the first stop sequence in it. */
function stopped(pieces: readonly string[], stop: readonly string[]): { pieces: readonly string[]; by: string | null } {
  const text = pieces.join('');
  let end = text.length;
  let by: string | null = null;
  for (const sequence of stop) {
    const at = text.indexOf(sequence);
    if (sequence !== '' && at >= 0 && at < end) {
      end = at;
      by = sequence;
    }
  }
  if (by === null) return { pieces, by };
  const kept: string[] = [];
  for (const piece of pieces) {
    if (end <= 0) break;
    kept.push(piece.slice(0, end));
    end -= piece.length;
  }
  return { pieces: kept, by };
}

export function planOf(asked: Asked, act: Act): Plan {
  const unasked = act.calls?.map(({ name, input }) => ({
    name,
    pieces: slices(JSON.stringify(input), JSON_PIECE_CHARS),
  }));
  const toolCalls = unasked ?? (act.text === undefined && act.hugeBytes === undefined ? toolCallsOf(asked) : []);
  const all = toolCalls.length > 0 && act.text === undefined ? [] : piecesOf(asked, act);
  const isFiltered = act.contentFilter !== undefined;
  const promptBlocked = act.contentFilter === 'prompt';
  const filterAt = promptBlocked ? 0 : (act.filterAfterTokens ?? 0);
  let finish: Finish = 'end';
  let { pieces, by } = stopped(all, asked.stop);
  let calls = toolCalls;
  if (by !== null) finish = 'stop_sequence';
  if (calls.length > 0) finish = 'tool_use';
  if (act.hugeBytes === undefined && pieces.length > asked.limit) {
    pieces = pieces.slice(0, asked.limit);
    finish = 'max_tokens';
    by = null;
  }
  if (isFiltered) {
    pieces = pieces.slice(0, filterAt);
    calls = [];
    finish = 'content_filter';
    by = null;
  }
  const sent = (pieces.length + calls.reduce((sum, call) => sum + call.pieces.length, 0)) * asked.choices;
  const told = act.usage ?? {};
  const reasoning = told.reasoning ?? 0;
  const usage = {
    input: told.input ?? asked.inputTokens,
    cached: told.cached ?? 0,
    cacheWrite: told.cacheWrite ?? 0,
    output: told.output ?? sent + reasoning,
    reasoning,
  };
  return {
    model: asked.model,
    choices: asked.choices,
    pieces,
    toolCalls: calls,
    finish: act.noFinish ? null : finish,
    stopSequence: by,
    promptBlocked,
    marksEnd: act.noEndMarker === undefined,
    usage: act.usage === null || !asked.tellsUsage ? null : usage,
    billed: usage,
    isDefault: all === USUAL && asked.stop.length === 0,
  };
}
