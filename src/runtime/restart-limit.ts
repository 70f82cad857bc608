/** How often something may be started again before it counts as broken. */

const WINDOW_MS = 60_000;

export class RestartLimit {
  readonly #perMinute: number;
  readonly #restartsMs: number[] = [];

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** Restarts of the last minute. */
  get count(): number {
    return this.#restartsMs.length;
  }

  /** Counts a restart; false if it is one too many. */
  allows(nowMs = Date.now()): boolean {
    while (this.#restartsMs.length > 0 && (this.#restartsMs[0] as number) < nowMs - WINDOW_MS) this.#restartsMs.shift();
    this.#restartsMs.push(nowMs);
    return this.#restartsMs.length <= this.#perMinute;
  }
}
