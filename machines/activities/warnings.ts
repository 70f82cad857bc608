/** Sentences for a person, each once, and no more than somebody reads. */
const MAX_SENTENCES = 50;
const SENTENCE_CHARS = 500;

export class Warnings {
  readonly #sentences: string[] = [];

  constructor(sentences: readonly string[] = []) {
    this.addAll(sentences);
  }

  add(sentence: string, place: 'first' | 'last' = 'last'): void {
    const short = sentence.length > SENTENCE_CHARS ? `${sentence.slice(0, SENTENCE_CHARS - 1)}…` : sentence;
    if (this.#sentences.includes(short)) return;
    if (place === 'first') this.#sentences.unshift(short);
    else if (this.#sentences.length < 2 * MAX_SENTENCES) this.#sentences.push(short);
  }

  addAll(sentences: readonly string[]): void {
    for (const sentence of sentences) this.add(sentence);
  }

  sentences(): string[] {
    return this.#sentences.slice(0, MAX_SENTENCES);
  }
}
