import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPlatform, type TestPlatform } from './platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.stop());

test('the reference of the API has every route with its scope, and no other', () => {
  const text = readFileSync('docs/project-api.md', 'utf8');
  const rows = [...text.matchAll(/^\| `([A-Z]+ \/\S*)` \| `?([a-z:]+)`? \|/gm)].map(
    ([, route, scope]) => `${route} ${scope}`,
  );
  const routes = platform.routes.map(
    ({ method, path, access }) => `${method} ${path} ${access === 'any key' ? 'any' : access}`,
  );
  expect(rows.toSorted()).toEqual(routes.toSorted());
});
