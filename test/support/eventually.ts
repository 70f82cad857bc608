/** Waiting for a fact: asks again until it holds. */
import { setTimeout as pause } from 'node:timers/promises';

/** @throws Error naming `what` when it does not hold within `timeoutMs`. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  timeoutMs = 15_000,
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await pause(10);
  }
}
