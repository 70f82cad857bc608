/**
 * Which deliveries' effects run in a thread, readable from outside after the thread has died.
 *
 * Owns: a table in shared memory, and the verdict on it. A thread that runs out of heap or spins cannot say what it was
 * doing. Whoever was on the stack, or was the only one at work, is to blame; if several had given back a promise, it
 * may have been any of them, so none is blamed and all run one at a time from then on.
 */

const STATES = { free: 0, running: 1, waiting: 2, alone: 3, queued: 4 } as const;

/**
 * `running`: on the stack. `waiting`: has given back a promise. `alone`: the same, with no other suspect beside it.
 * `queued`: waits to run alone.
 */
export type Activity = Exclude<keyof typeof STATES, 'free'>;

const HEARTBEAT_BYTES = 8;
const SLOT_BYTES = 64;
const SLOTS = 512;
const ID_OFFSET = 3;

export interface Suspect {
  /** Index into the list of roles that writer and reader share. */
  role: number;
  entryId: string;
}

export class Suspects {
  readonly buffer: SharedArrayBuffer;
  readonly #bytes: Uint8Array;
  readonly #heartbeat: Float64Array;
  #next = 0;

  constructor(buffer = new SharedArrayBuffer(HEARTBEAT_BYTES + SLOT_BYTES * SLOTS)) {
    this.buffer = buffer;
    this.#heartbeat = new Float64Array(buffer, 0, 1);
    this.#bytes = new Uint8Array(buffer, HEARTBEAT_BYTES);
  }

  /** Ms since the epoch when the thread's event loop last turned; 0 before its first turn. */
  get lastBeatMs(): number {
    return this.#heartbeat[0] as number;
  }

  beat(nowMs: number): void {
    this.#heartbeat[0] = nowMs;
  }

  /** Enters an effect; -1 if the table is full, which costs only the precision of a later verdict. */
  enter(role: number, entryId: string, activity: Activity = 'running'): number {
    for (let tried = 0; tried < SLOTS; tried++) {
      const slot = this.#next;
      this.#next = (this.#next + 1) % SLOTS;
      const at = slot * SLOT_BYTES;
      if (this.#bytes[at] !== STATES.free) continue;
      this.#bytes[at + 1] = role;
      const length = Math.min(entryId.length, SLOT_BYTES - ID_OFFSET);
      this.#bytes[at + 2] = length;
      for (let i = 0; i < length; i++) this.#bytes[at + ID_OFFSET + i] = entryId.charCodeAt(i);
      this.#bytes[at] = STATES[activity];
      return slot;
    }
    return -1;
  }

  mark(slot: number, activity: Activity): void {
    if (slot >= 0) this.#bytes[slot * SLOT_BYTES] = STATES[activity];
  }

  leave(slot: number): void {
    if (slot >= 0) this.#bytes[slot * SLOT_BYTES] = STATES.free;
  }

  /** Of a thread that has died: whose failure it was, and who must run alone to tell. */
  verdict(): { blamed: Suspect[]; suspected: Suspect[] } {
    const suspected = this.#inState('queued');
    for (const activity of ['running', 'alone'] as const) {
      const blamed = this.#inState(activity);
      if (blamed.length > 0) return { blamed, suspected };
    }
    const waiting = this.#inState('waiting');
    if (waiting.length === 1) return { blamed: waiting, suspected };
    return { blamed: [], suspected: [...suspected, ...waiting] };
  }

  #inState(activity: Activity): Suspect[] {
    const found: Suspect[] = [];
    for (let slot = 0; slot < SLOTS; slot++) {
      const at = slot * SLOT_BYTES;
      if (this.#bytes[at] !== STATES[activity]) continue;
      const from = at + ID_OFFSET;
      const entryId = String.fromCharCode(...this.#bytes.subarray(from, from + (this.#bytes[at + 2] as number)));
      found.push({ role: this.#bytes[at + 1] as number, entryId });
    }
    return found;
  }
}

/** Lets one through at a time, in the order they came. */
export class Turnstile {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when it is the caller's turn, with what ends it. */
  async enter(): Promise<() => void> {
    const before = this.#last;
    let leave = () => {};
    this.#last = new Promise((resolve) => {
      leave = resolve;
    });
    await before;
    return leave;
  }
}
