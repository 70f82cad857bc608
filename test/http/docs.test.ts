import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPlatform, type TestPlatform } from './platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.stop());

test.each([
  ['docs/project-api.md', () => platform.routes],
  ['docs/orders.md', () => platform.orders.routes],
])('%s has every route of its surface with its scope, and no other', (path, routes) => {
  const text = readFileSync(path, 'utf8');
  const rows = [...text.matchAll(/^\| `([A-Z]+ \/\S*)` \| `?([a-z:]+)`? \|/gm)].map(
    ([, route, scope]) => `${route} ${scope}`,
  );
  const declared = routes().map(
    ({ method, path, access }) => `${method} ${path} ${access === 'any key' ? 'any' : access}`,
  );
  expect(rows.toSorted()).toEqual(declared.toSorted());
});
