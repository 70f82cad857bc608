/**
 * A streamed answer of an upstream as the body that the same answer would have had in one piece.
 *
 * Owns: choosing how by family. Total over frames of any shape: what does not fit is left out, except where noted.
 */
import type { WireFamily } from '../chat.ts';
import { assembleAnthropic } from './assemble-anthropic.ts';
import { assembleOpenai } from './assemble-openai.ts';

/**
 * @param frames parsed messages of the stream, in order, without OpenAI's `[DONE]`
 * @throws UpstreamFailure malformed if the complete input of a tool is not JSON
 */
export function assemble(
  family: WireFamily,
  frames: readonly Readonly<Record<string, unknown>>[],
): Record<string, unknown> {
  return family === 'openai' ? assembleOpenai(frames) : assembleAnthropic(frames);
}
