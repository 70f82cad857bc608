/**
 * Takes over what dead nodes and dead threads held.
 *
 * Owns: this node's lease, and whom to claim from until nothing of the dead is left. Does not own the claims: a thread
 * makes them. Keeps I6: what a dead node held is claimed at once, what a slow one holds never.
 */
import type { PlainFault } from '../../machines/kit.ts';
import { GROUPS, ROLES, type Role } from '../../schemas/catalog.ts';
import type { Keys } from '../bus/keys.ts';
import type { Nodes } from '../bus/nodes.ts';
import { Fault, faultData } from '../errors.ts';
import type { ClaimRequest, RuntimeSettings } from './messages.ts';

/** What is known of deliveries that a thread left behind. */
export type Remains = Pick<ClaimRequest, 'crashed' | 'suspected' | 'explained'>;

export interface RecoveryOptions {
  nodes: Nodes;
  keys: Keys;
  settings: RuntimeSettings;
  /** Has a thread of this node claim; nobody if none is ready. */
  claim(request: ClaimRequest): void;
  log(level: 'INFO' | 'WARN', message: string): void;
  /** Nothing this node does can be right any more. */
  gaveUp(fault: PlainFault): void;
}

const NOTHING_KNOWN: Remains = { crashed: {}, suspected: [], explained: false };

export class Recovery {
  readonly #options: RecoveryOptions;
  /** Consumers of ended threads of this node that still hold deliveries. */
  readonly #remains = new Map<string, Remains>();
  #interval: NodeJS.Timeout | null = null;
  #renewing = false;
  #sweptMs = 0;
  #stopped = false;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  /** Takes the lease and keeps it. */
  async start(): Promise<void> {
    const { nodes, settings } = this.#options;
    await nodes.renew();
    this.#interval = setInterval(() => void this.#keepLease(), settings.nodeLeaseMs / 3);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#interval) clearInterval(this.#interval);
  }

  /** A thread of this node has ended. */
  threadEnded(consumer: string, remains: Remains): void {
    this.#remains.set(consumer, remains);
    this.claimRemains();
  }

  /** Has what ended threads held taken over; asked again until it is, since who was asked may end as well. */
  claimRemains(): void {
    for (const [from, remains] of this.#remains) this.#options.claim({ from, idleMs: 0, ...remains });
  }

  async #keepLease(): Promise<void> {
    if (this.#renewing) return;
    this.#renewing = true;
    try {
      for (const nodeId of await this.#options.nodes.renew()) await this.#takeOver(nodeId);
      if (this.#remains.size > 0) await this.#clearRemains();
      if (performance.now() - this.#sweptMs > this.#options.settings.idleReclaimMs) await this.sweep();
    } catch (error) {
      if (this.#stopped) return;
      const fault = Fault.from(error);
      if (fault.disposition === 'stop') this.#options.gaveUp(faultData(fault));
      else this.#options.log('WARN', `lease not renewed: ${String(error)}`);
    } finally {
      this.#renewing = false;
    }
  }

  #streams(roles = this.#options.settings.roles): { stream: string; group: string }[] {
    return roles.map((role) => ({
      stream: role === 'validator' ? this.#options.keys.log : this.#options.keys.mailbox(role),
      group: GROUPS[role as Role],
    }));
  }

  async #clearRemains(): Promise<void> {
    const left = await this.#options.nodes.consumersOf(this.#options.nodes.id, this.#streams());
    for (const consumer of this.#remains.keys()) if (!left.has(consumer)) this.#remains.delete(consumer);
    this.claimRemains();
  }

  /** Claims what a dead node held; it is forgotten once nothing of it is left. */
  async #takeOver(nodeId: string): Promise<void> {
    const consumers = await this.#options.nodes.consumersOf(nodeId, this.#streams());
    if (consumers.size > 0) {
      this.#claimFrom(consumers, 0);
      return;
    }
    // What it held in roles that only other nodes run is theirs to claim; until then they must find it dead.
    if ((await this.#options.nodes.consumersOf(nodeId, this.#streams(ROLES))).size > 0) return;
    await this.#options.nodes.forget(nodeId);
    this.#options.log('INFO', `node ${nodeId} is gone, its work is taken over`);
  }

  /** Finds consumers whose node nobody knows any more. */
  async sweep(): Promise<void> {
    this.#sweptMs = performance.now();
    try {
      this.#claimFrom(await this.#options.nodes.orphans(this.#streams()), this.#options.settings.idleReclaimMs);
    } catch (error) {
      if (!this.#stopped) this.#options.log('WARN', `sweep failed: ${String(error)}`);
    }
  }

  #claimFrom(consumers: Iterable<string>, idleMs: number): void {
    for (const from of consumers) this.#options.claim({ from, idleMs, ...NOTHING_KNOWN });
  }
}
