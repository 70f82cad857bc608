/**
 * Owns what all workers share: the machine, the subscription, the life time. Does not own what a worker computes.
 */
import type { Withdrawn } from '../machines/kit.ts';
import { type Product, workItemMachine } from '../machines/work-item.ts';
import { GROUPS, INSTANCE_FIELD, type WorkerTarget } from '../schemas/catalog.ts';
import type { WorkItemDispatched } from '../schemas/types.ts';
import { type ActorDefinition, defineActor, type EffectContext } from '../src/runtime/define-actor.ts';
import type { Tools } from './tools.ts';

/** The effect of a worker: from a dispatch to its product. May run again for one dispatch; must then say the same. */
export type Perform = (
  dispatch: WorkItemDispatched,
  context: EffectContext<Tools>,
) => Product | Withdrawn | Promise<Product | Withdrawn>;

/** An item at rest is needed again only by a repeated dispatch; retries and questions end long before. */
const RETAIN_MS = 7 * 24 * 60 * 60 * 1000;

export function defineWorker(name: WorkerTarget, perform: Perform): ActorDefinition<Tools> {
  return defineActor(workItemMachine)<Tools>({
    name,
    group: GROUPS[name],
    receives: ['WORK.ITEM_DISPATCHED'],
    instanceOf: INSTANCE_FIELD[name],
    effects: { perform },
    startsFresh: true,
    retainMs: RETAIN_MS,
  });
}
