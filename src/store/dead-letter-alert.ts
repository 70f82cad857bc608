/** Says in the log, once, that dead letters have become many; and once more when they are few again. */
import type { ServiceLog } from '../log.ts';
import type { DeadLetters } from './dead-letters.ts';

const HOUR_MS = 3_600_000;
const LOOK_EVERY_MS = 30_000;

/** @param perHour more than these in an hour are an alarm; 0 = none is. Returns what ends it. */
export function watchDeadLetters(deadLetters: DeadLetters, perHour: number, log: ServiceLog): () => void {
  if (perHour === 0) return () => {};
  let alarmed = false;
  const look = async () => {
    const count = await deadLetters.countSince(Date.now() - HOUR_MS, perHour + 1).catch(() => null);
    if (count === null || count > perHour === alarmed) return;
    alarmed = count > perHour;
    if (alarmed) log.error(`more than ${perHour} dead letters in an hour: see GET /api/dlq`);
    else log.info(`no more than ${perHour} dead letters in the last hour`);
  };
  const interval = setInterval(() => void look(), LOOK_EVERY_MS);
  return () => clearInterval(interval);
}
