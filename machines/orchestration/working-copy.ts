/**
 * A project as one event changes it.
 *
 * Owns: reading parts, writing changes beside them, counting, and the products of the event. Does not own decisions.
 * A change is made on a fork and never touches what it was forked from, so a step can be thrown away and run again.
 * Keeps I7 (an item's status changes by `moveItem` only, and the counts with it) and I8 (times and ids come from the
 * event).
 */
import { inProductOrder } from '../../schemas/catalog.ts';
import type { BacklogItem, Counts, Envelope, EventType, Payloads } from '../../schemas/types.ts';
import { type ItemMove, moveItem } from '../backlog-item.ts';
import type { DeriveId, Emission, Parts } from '../kit.ts';
import type { Header, ItemPart, Numbered, PartName, PartTypes } from './parts.ts';
import { instant } from './text.ts';

/** The event a working copy is changed by. */
export interface Cause {
  event: Envelope;
  id: DeriveId;
}

interface Product {
  /** Place in the plan, or among its kind; products of one type are appended in this order. */
  index: number;
  emission: Emission;
}

export type ItemChange = Partial<Omit<BacklogItem, 'status'>>;
export type ItemPartChange = Partial<Omit<ItemPart, 'item' | 'index'>>;

export class Project {
  readonly #stored: Parts;
  readonly #changes: Map<PartName, unknown>;
  readonly #cause: Cause | null;
  readonly #ordinals = new Map<string, number>();
  readonly #products: Product[] = [];
  #header: Header | null;

  private constructor(stored: Parts, changes: Map<PartName, unknown>, header: Header | null, cause: Cause | null) {
    this.#stored = stored;
    this.#changes = changes;
    this.#header = header;
    this.#cause = cause;
  }

  /** What is stored; `header` undefined: there is no such project yet. */
  static open(header: Header | undefined, stored: Parts): Project {
    return new Project(stored, new Map(), header ?? null, null);
  }

  /** A copy for one event to change. It has no products yet. */
  fork(cause: Cause): Project {
    const header = this.#header;
    const own = header && { ...header, counts: { ...header.counts }, sizes: { ...header.sizes } };
    return new Project(this.#stored, new Map(this.#changes), own, cause);
  }

  get exists(): boolean {
    return this.#header !== null;
  }

  /** @throws {TypeError} when there is no such project. */
  get header(): Header {
    if (this.#header === null) throw new TypeError('the project does not exist');
    return this.#header;
  }

  /** The parts that differ from the stored ones. */
  get changes(): ReadonlyMap<PartName, unknown> {
    return this.#changes;
  }

  /** What the event is to emit, in the order of the log. */
  get products(): Emission[] {
    const inPlan = this.#products.toSorted((a, b) => a.index - b.index);
    return inProductOrder(inPlan.map(({ emission }) => emission));
  }

  /** Time of the event: the only time there is. */
  get now(): string {
    return instant(this.#causing.event.timestamp);
  }

  get event(): Envelope {
    return this.#causing.event;
  }

  /** The next id of its kind that the event gives out. */
  nextId(kind: string): string {
    const ordinal = this.#ordinals.get(kind) ?? 0;
    this.#ordinals.set(kind, ordinal + 1);
    return this.#causing.id(kind, ordinal);
  }

  get<N extends PartName>(name: N): PartTypes[N] | undefined {
    return (this.#changes.has(name) ? this.#changes.get(name) : this.#stored.get(name)) as PartTypes[N] | undefined;
  }

  /** Has the named parts loaded together, where a loop would ask for them one by one. */
  require(names: readonly PartName[]): void {
    this.#stored.require(names.filter((name) => !this.#changes.has(name)));
  }

  /** Has the whole state loaded. */
  requireAll(): void {
    this.#stored.all();
  }

  /** @throws {TypeError} when the part does not exist; for parts that the header or another part promises. */
  must<N extends PartName>(name: N): PartTypes[N] {
    const part = this.get(name);
    if (part === undefined) throw new TypeError(`the project has no part '${name}'`);
    return part;
  }

  item(id: string): ItemPart {
    return this.must(`item:${id}`);
  }

  put<N extends PartName>(name: N, part: PartTypes[N]): void {
    this.#changes.set(name, part);
  }

  /** Begins a project that did not exist. */
  create(header: Header): void {
    this.#header = header;
  }

  /** Marks the project as changed at the time of the event. */
  touch(): void {
    this.header.updated_at = this.now;
  }

  /** Adds one to the things numbered in order of arrival. */
  append(kind: Numbered, id: string): void {
    const { sizes } = this.header;
    this.put(`${kind}_at:${sizes[kind]}`, id);
    sizes[kind] += 1;
  }

  /** Ids of everything of a kind, oldest first. */
  all(kind: Numbered): string[] {
    const names = Array.from({ length: this.header.sizes[kind] }, (_, n) => `${kind}_at:${n}` as const);
    this.require(names);
    return names.map((name) => this.must(name));
  }

  /** Adds a planned item. */
  add(part: ItemPart): void {
    const { counts } = this.header;
    counts.total += 1;
    counts[counter(part.item)] += 1;
    this.put(`item:${part.item.id}`, part);
  }

  change(id: string, item: ItemChange, rest: ItemPartChange = {}): ItemPart {
    const part = this.item(id);
    const changed = { ...part, ...rest, item: { ...part.item, ...item, updated_at: this.now } };
    this.put(`item:${id}`, changed);
    return changed;
  }

  /** @throws {IllegalTransition} when the item's status does not allow the move. */
  move(id: string, move: ItemMove, item: ItemChange = {}, rest: ItemPartChange = {}): ItemPart {
    const part = this.item(id);
    const moved = moveItem(part.item, move);
    const { counts } = this.header;
    counts[counter(part.item)] -= 1;
    counts[counter(moved)] += 1;
    const changed = { ...part, ...rest, item: { ...moved, ...item, updated_at: this.now } };
    this.put(`item:${id}`, changed);
    return changed;
  }

  /** `index` orders the products of one type; by default they keep the order of emission. */
  emit<T extends EventType>(type: T, payload: Payloads[T], index = 0): void {
    this.#products.push({ index, emission: { type, payload } as Emission });
  }

  get #causing(): Cause {
    if (this.#cause === null) throw new TypeError('only a fork can be changed');
    return this.#cause;
  }
}

const counter = (item: BacklogItem) => item.status.toLowerCase() as keyof Counts;
