/**
 * An answer that is sent while it is made (server-sent events).
 *
 * Owns: the body of one streamed response: nothing leaves before there is content, and its writer waits for a slow
 * reader. Keeps I9: at most 64 KiB and one event wait for a client.
 */
import type { Sink } from '../llm/attempt.ts';
import type { UpstreamEvent } from '../llm/chat.ts';
import type { StreamEncoder } from '../llm/wires/wire.ts';

const WAITING_BYTES = 64 * 1024;
const utf8 = new TextEncoder();

export class SseBody implements Sink {
  readonly body: ReadableStream<Uint8Array>;
  /** Resolves with the first content: now status and headers can be told. */
  readonly begun: Promise<void>;
  readonly #encoderOf: () => StreamEncoder;
  #encoder: StreamEncoder | undefined;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #resolveBegun: () => void = () => {};
  #resume: (() => void) | undefined;
  #open = true;

  /** @param encoderOf called at the first content, when it is known who answers */
  constructor(encoderOf: () => StreamEncoder) {
    this.#encoderOf = encoderOf;
    this.begun = new Promise((resolve) => {
      this.#resolveBegun = resolve;
    });
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#resume?.(),
        cancel: () => {
          this.#open = false;
          this.#resume?.();
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: WAITING_BYTES }),
    );
  }

  begin(): void {
    this.#encoder = this.#encoderOf();
    this.#write(this.#encoder.start());
    this.#resolveBegun();
  }

  event(event: UpstreamEvent): Promise<void> | undefined {
    this.#write(this.#encoder?.event(event) ?? '');
    if (!this.#open || (this.#controller.desiredSize ?? 1) > 0) return undefined;
    return new Promise((resolve) => {
      this.#resume = () => {
        this.#resume = undefined;
        resolve();
      };
    });
  }

  /** Ends the body with what the encoder says last. */
  end(last: (encoder: StreamEncoder) => string): void {
    if (this.#encoder) this.#write(last(this.#encoder));
    if (this.#open) this.#controller.close();
    this.#open = false;
  }

  #write(text: string): void {
    if (text !== '' && this.#open) this.#controller.enqueue(utf8.encode(text));
  }
}
