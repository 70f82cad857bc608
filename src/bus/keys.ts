/**
 * Every Redis key the platform uses, in one place.
 *
 * Owns: names. All of them start with the namespace or the key prefix, so namespaces never meet, and carry
 * the namespace's hash tag when it has one (I12).
 */

export interface KeyNames {
  /** Namespace without outer colons. */
  namespace: string;
  /** Prefix of state and read models. */
  prefix: string;
  log: string;
  deadLetters: string;
  idempotence: string;
  /** Prefix of the read models of orders; absent = `<namespace>:orders`. */
  orders?: string;
  /** Set of the orders that wait for a person; absent = `<orders>:pending_validation`. */
  pendingOrders?: string;
}

/** Entry of the applied list: the answer to an effect of that event changed the project, later than the event did. */
export const answeredEntry = (logId: string): string => `${logId} answered`;

const ORDERS = 'orders:';
export const PENDING_ORDERS = 'orders:pending_validation';

export class Keys {
  readonly #names: KeyNames;
  readonly log: string;
  readonly deadLetters: string;
  readonly timers: string;
  readonly nodes: string;
  readonly logs: string;
  readonly mark: string;

  constructor(names: KeyNames) {
    this.#names = names;
    this.log = names.log;
    this.deadLetters = names.deadLetters;
    this.timers = `${names.prefix}:timers`;
    this.nodes = `${names.prefix}:nodes`;
    this.logs = `${names.prefix}:logs`;
    this.mark = `${names.namespace}:mark`;
  }

  get names(): KeyNames {
    return this.#names;
  }
  /** The key of a read model, e.g. of a projection; what begins with `orders:` stands under a prefix of its own. */
  under(relative: string): string {
    const { namespace, prefix, orders = `${namespace}:orders`, pendingOrders } = this.#names;
    if (relative === PENDING_ORDERS && pendingOrders !== undefined) return pendingOrders;
    return relative.startsWith(ORDERS) ? `${orders}:${relative.slice(ORDERS.length)}` : `${prefix}:${relative}`;
  }
  mailbox(role: string): string {
    return `${this.#names.namespace}:mailbox:${role}`;
  }
  trace(role: string): string {
    return `${this.#names.namespace}:trace:${role}`;
  }
  state(role: string, instance: string): string {
    return `${this.#names.prefix}:state:${role}:${instance}`;
  }
  timeline(projectId: string): string {
    return `${this.#names.prefix}:project:${projectId}:timeline`;
  }
  /** List: log id of each event that changed the project, in order; {@link answeredEntry} where an answer came later. */
  applied(projectId: string): string {
    return `${this.#names.prefix}:project:${projectId}:applied`;
  }
  /** Mark of one event id that came from outside. */
  accepted(group: string, eventId: string): string {
    return `${this.#names.idempotence}:${group}:${eventId}`;
  }
  /** Mark of one refused text, so that the same bytes make one dead letter. */
  rejected(group: string, sha256: string): string {
    return `${this.#names.idempotence}:${group}:rejected:${sha256}`;
  }
  timer(id: string): string {
    return `${this.#names.prefix}:timer:${id}`;
  }
  node(id: string): string {
    return `${this.#names.prefix}:node:${id}`;
  }
  lock(name: string): string {
    return `${this.#names.prefix}:lock:${name}`;
  }
  actor(role: string): string {
    return `${this.#names.prefix}:actor:${role}`;
  }
}
