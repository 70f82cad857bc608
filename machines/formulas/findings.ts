/**
 * What the figures say, in sentences that a computer has put together: five to ten, each with its figures and source.
 *
 * Owns: which sentences there are, their order and wording. The first one is about the quality of the input. Hours of
 * which nothing is recorded are never told as facts. Total: contents of any shape give the sentences they suffice for.
 */

import { inputSentence } from './findings-input.ts';
import { moneySentences } from './findings-money.ts';
import { type Contents, certaintyOf, type Finding } from './findings-reading.ts';
import { timeSentences } from './findings-time.ts';
import { workSentences } from './findings-work.ts';

export type { Contents, Finding } from './findings-reading.ts';

const MAX_FINDINGS = 10;

/**
 * @param contents of the analytic deliverables by type; one that is absent is not spoken of
 * @param input an `InputSummary` or `InputReport`; absent: that of the first content that has one
 */
export function findingsOf(contents: Contents, input?: unknown): Finding[] {
  const known = Object.values(contents).filter((content) => content !== undefined);
  if (known.length === 0) return [];
  const certainty = certaintyOf(contents);
  const [first] = known.map((content) => content.input).filter((found) => found !== undefined);
  // Most important first: what does not fit is cut at the end.
  const sentences = [
    ...timeSentences(contents, certainty),
    ...moneySentences(contents, certainty),
    ...workSentences(contents, certainty),
  ].toSorted((a, b) => a.rank - b.rank);
  return [inputSentence(contents, input ?? first), ...sentences.map(({ finding }) => finding)].slice(0, MAX_FINDINGS);
}
