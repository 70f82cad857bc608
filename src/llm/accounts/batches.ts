/**
 * Calls made in one turn of the event loop travel together.
 *
 * Owns: gathering, and keeping neighbours apart when one of them is broken. Does not own what is sent.
 */
import { Fault } from '../../errors.ts';

/** Longer calls keep Redis from everybody else. */
const ITEMS_MAX = 64;
/** One is being worked on while the next one travels. */
const IN_FLIGHT_MAX = 2;
const BYTES_MAX = 4 * 1024 * 1024;

interface Waiting<Item, Reply> {
  item: Item;
  resolve(reply: Reply): void;
  reject(error: unknown): void;
}

export class Batches<Item, Reply> {
  readonly #send: (items: readonly Item[]) => Promise<readonly Reply[]>;
  readonly #sizeOf: (item: Item) => number;
  #waiting: Waiting<Item, Reply>[] = [];
  #inFlight = 0;
  #scheduled = false;

  /**
   * @param send one call for all; INTERNAL_ERROR means that it changed nothing since something in it is wrong
   * @param sizeOf bytes, roughly
   */
  constructor(send: (items: readonly Item[]) => Promise<readonly Reply[]>, sizeOf: (item: Item) => number = () => 0) {
    this.#send = send;
    this.#sizeOf = sizeOf;
  }

  add(item: Item): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#schedule();
    });
  }

  /** While calls are out, the next one gathers: the more there is to do, the less each item costs. */
  #schedule(): void {
    if (this.#scheduled || this.#waiting.length === 0 || this.#inFlight >= IN_FLIGHT_MAX) return;
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let from = 0; from < waiting.length; ) {
      let to = from;
      let bytes = 0;
      do bytes += this.#sizeOf((waiting[to++] as Waiting<Item, Reply>).item);
      while (to < waiting.length && to - from < ITEMS_MAX && bytes < BYTES_MAX);
      this.#inFlight++;
      void this.#deliver(waiting.slice(from, to)).then(() => {
        this.#inFlight--;
        this.#schedule();
      });
      from = to;
    }
  }

  async #deliver(batch: readonly Waiting<Item, Reply>[]): Promise<void> {
    try {
      const replies = await this.#send(batch.map(({ item }) => item));
      for (let i = 0; i < batch.length; i++) batch[i]?.resolve(replies[i] as Reply);
    } catch (error) {
      const broken = error instanceof Fault && error.code === 'INTERNAL_ERROR';
      if (broken && batch.length > 1) for (const one of batch) void this.#deliver([one]);
      else for (const { reject } of batch) reject(error);
    }
  }
}
