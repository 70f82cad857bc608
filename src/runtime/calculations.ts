/**
 * Long calculations of a thread, one at a time.
 *
 * Owns: that the event loop turns between two of them. Each may take seconds; several that follow each other without a
 * pause would look to the supervisor like a thread that hangs. Keeps I6.
 */
import { setImmediate as turnOfLoop } from 'node:timers/promises';

/** Runs a synchronous calculation after those before it. Rejects with what it throws. */
export type Calculate = <Result>(work: () => Result) => Promise<Result>;

export function createCalculate(): Calculate {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(async () => {
      await turnOfLoop();
      return work();
    });
    last = done.catch(() => {});
    return done;
  };
}
