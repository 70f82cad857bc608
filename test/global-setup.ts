// Starts the one real Redis that the whole run shares and hands its socket to the tests.
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    redisSocket: string;
  }
}

export default function setup(project: TestProject): void {
  project.provide('redisSocket', process.env['TEST_REDIS_SOCKET'] ?? '');
}
