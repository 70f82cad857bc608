// What is printed from the team files is what they say, and the team that the documents show is one.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readTeams, renderTeams } from '../../scripts/generate-teams.ts';

const exampleIn = (document: string) => /```ts\n([\s\S]*?)```/.exec(readFileSync(document, 'utf8'))?.[1] ?? '';

test('the printed files are those of the teams that are there (else: npm run generate)', async () => {
  for (const [path, text] of renderTeams(await readTeams('actors/teams'))) {
    expect(readFileSync(path, 'utf8'), path).toBe(text);
  }
});

test('the example of a team in the documents is a whole team in fewer than 40 lines', async () => {
  const example = exampleIn('docs/teams.md');
  expect(exampleIn('README.md')).toBe(example);
  expect(example.split('\n').length).toBeLessThan(40);
  const folder = mkdtempSync(join(tmpdir(), 'team-files-'));
  try {
    mkdirSync(join(folder, 'teams'));
    writeFileSync(join(folder, 'define-team.ts'), `export * from ${JSON.stringify(resolve('actors/define-team.ts'))};`);
    writeFileSync(join(folder, 'teams/release-team.ts'), example);
    const files = await readTeams(join(folder, 'teams'));
    const printed = renderTeams(files);
    expect(files.map(({ name, team }) => [name, team.id, team.run.kind])).toEqual([
      ['releaseTeam', 'release_team', 'iterative'],
    ]);
    expect(printed.get('schemas/teams.ts')).toContain(
      "release_team: { pattern: 'iterative', agents: ['drafter_agent',",
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
