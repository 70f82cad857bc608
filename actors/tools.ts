/**
 * What actors may use of the world.
 *
 * Owns: the list. Whoever runs the actors makes the tools and hands them to every effect.
 */
import type { FactLedgerEntry } from '../schemas/types.ts';
import type { LlmClient } from '../src/llm/client.ts';
import type { ServiceLog } from '../src/log.ts';
import type { Calculate } from '../src/runtime/calculations.ts';
import type { ActivityFiles } from '../src/store/activity-files.ts';
import type { OrderDesk } from '../src/store/order-desk.ts';
import type { RowSource } from '../src/store/row-cache.ts';

export interface Tools {
  ledger: {
    /** Appends the entry to its project's ledger, once per `entry_id`. */
    append(entry: FactLedgerEntry & { entry_id: string }): Promise<unknown>;
  };
  /** Rows that are too many for a dispatch. */
  rows: RowSource;
  activities: ActivityFiles;
  /** For calculations that may take seconds; they run one at a time. */
  calculate: Calculate;
  llm: LlmClient;
  orders: OrderDesk;
  /** What operators are to know; `service` is the role that speaks. */
  logFor(service: string): ServiceLog;
  /** Whether the project has ended; false for one nobody knows. */
  isProjectFinal(projectId: string): Promise<boolean>;
}
