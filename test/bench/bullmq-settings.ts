/** What the bench and its BullMQ workers must agree on. */

/** The queue of all jobs. */
export const FLOW = 'flow';
/** Name of the job that has the others as children. */
export const PARENT = 'project';
export const CHILDREN_PER_FLOW = 4;

export interface WorkerSettings {
  socketPath: string;
  /** Jobs in work at a time in one process. */
  concurrency: number;
  /** Whether finished jobs stay in Redis, as the platform's projects do. */
  keepCompleted: boolean;
}
