/**
 * Which deliveries' effects run in a thread, readable from outside after the thread has died.
 *
 * Owns: a table in shared memory. A thread that runs out of heap or spins cannot say what it was doing; whoever was
 * in code of ours at that moment is the suspect, and its neighbours are not.
 */

/** States of a slot. */
const FREE = 0;
const RUNNING = 1;
const WAITING = 2;

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

  /** Marks an effect as running; -1 if the table is full, which costs only the precision of a later verdict. */
  enter(role: number, entryId: string): number {
    for (let tried = 0; tried < SLOTS; tried++) {
      const slot = this.#next;
      this.#next = (this.#next + 1) % SLOTS;
      const at = slot * SLOT_BYTES;
      if (this.#bytes[at] !== FREE) continue;
      this.#bytes[at + 1] = role;
      const length = Math.min(entryId.length, SLOT_BYTES - ID_OFFSET);
      this.#bytes[at + 2] = length;
      for (let i = 0; i < length; i++) this.#bytes[at + ID_OFFSET + i] = entryId.charCodeAt(i);
      this.#bytes[at] = RUNNING;
      return slot;
    }
    return -1;
  }

  suspend(slot: number): void {
    if (slot >= 0) this.#bytes[slot * SLOT_BYTES] = WAITING;
  }

  leave(slot: number): void {
    if (slot >= 0) this.#bytes[slot * SLOT_BYTES] = FREE;
  }

  /** The effect that was on the stack, else all that were waiting for something. */
  read(): Suspect[] {
    const running = this.#inState(RUNNING);
    return running.length > 0 ? running : this.#inState(WAITING);
  }

  #inState(state: number): Suspect[] {
    const found: Suspect[] = [];
    for (let slot = 0; slot < SLOTS; slot++) {
      const at = slot * SLOT_BYTES;
      if (this.#bytes[at] !== state) continue;
      const from = at + ID_OFFSET;
      const entryId = String.fromCharCode(...this.#bytes.subarray(from, from + (this.#bytes[at + 2] as number)));
      found.push({ role: this.#bytes[at + 1] as number, entryId });
    }
    return found;
  }
}
