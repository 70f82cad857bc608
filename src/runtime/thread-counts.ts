/** What a thread counts between two messages to the main thread. */
import { addDuration, noDurations } from './durations.ts';
import type { GateStats } from './gate.ts';
import type { FromThread, RoleCounts } from './messages.ts';
import type { Product } from './products.ts';

type Counts = Extract<FromThread, { type: 'counts' }>;

export class ThreadCounts {
  readonly gate: GateStats = { accepted: new Map(), duplicate: new Map(), rejected: new Map(), deadLetters: 0 };
  readonly #roles = new Map<string, RoleCounts>();
  readonly #emitted = new Map<string, number>();
  #commands = noDurations();

  /** The counts of a role, to be added to. */
  role(name: string): RoleCounts {
    const counts = nothing();
    this.#roles.set(name, counts);
    return counts;
  }

  emitted(products: readonly Product[]): void {
    for (const { event } of products)
      this.#emitted.set(event.event_type, (this.#emitted.get(event.event_type) ?? 0) + 1);
  }

  /** One script call took so long, ms. */
  called(ms: number): void {
    addDuration(this.#commands, ms);
  }

  /** What was counted since the last time, null if nothing was. */
  take(): Counts | null {
    const roles: Record<string, RoleCounts> = {};
    for (const [role, counts] of this.#roles) {
      if (counts.turns + counts.retries + counts.deadLetters + counts.ignored + counts.fenced === 0) continue;
      roles[role] = { ...counts };
      Object.assign(counts, nothing());
    }
    const { accepted, duplicate, rejected } = this.gate;
    if (Object.keys(roles).length + accepted.size + duplicate.size + rejected.size === 0) return null;
    const message: Counts = {
      type: 'counts',
      roles,
      gate: {
        accepted: Object.fromEntries(accepted),
        duplicate: Object.fromEntries(duplicate),
        rejected: Object.fromEntries(rejected),
      },
      emitted: Object.fromEntries(this.#emitted),
      commands: this.#commands,
    };
    for (const counts of [accepted, duplicate, rejected, this.#emitted]) counts.clear();
    this.#commands = noDurations();
    return message;
  }
}

function nothing(): RoleCounts {
  return {
    turns: 0,
    conflicts: 0,
    fenced: 0,
    retries: 0,
    deadLetters: 0,
    ignored: 0,
    lastError: null,
    durations: noDurations(),
  };
}
