/**
 * What a team file adds to the rest of the code: the enumeration of teams, roles and groups, the schemas of its agents'
 * answers, and the list of actors.
 *
 * Owns: how these look. Does not own what a team is (`actors/define-team.ts`).
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TeamDefinition } from '../actors/define-team.ts';
import { patternOf } from '../machines/teams/team.ts';

export interface TeamFile {
  /** `review-team.ts` */
  file: string;
  /** Name that the file exports it under. */
  name: string;
  team: TeamDefinition;
}

/** These stand first, in this order; others follow by file name. */
const BUILT_IN = ['analysis-team.ts', 'admin-team.ts', 'email-team.ts', 'writing-team.ts', 'support-team.ts'];
const INDEX = 'index.ts';

const isTeam = (value: unknown): value is TeamDefinition =>
  typeof value === 'object' && value !== null && 'members' in value && 'run' in value && 'artifacts' in value;

/** The teams declared in a folder. @throws Error naming a file that declares none, more than one, or one under a name already taken */
export async function readTeams(directory: string): Promise<TeamFile[]> {
  const files = readdirSync(directory).filter((file) => file.endsWith('.ts') && file !== INDEX);
  const others = files.filter((file) => !BUILT_IN.includes(file)).sort();
  const teams: TeamFile[] = [];
  for (const file of [...BUILT_IN.filter((name) => files.includes(name)), ...others]) {
    const exported = (await import(pathToFileURL(join(directory, file)).href)) as Record<string, unknown>;
    const found = Object.entries(exported).filter(([, value]) => isTeam(value));
    const [[name, team] = []] = found as [string, TeamDefinition][];
    if (found.length !== 1 || !name || !team) {
      throw new Error(`actors/teams/${file}: must export one team made by defineTeam, and exports ${found.length}`);
    }
    const other = teams.find((earlier) => earlier.name === name);
    if (other) throw new Error(`actors/teams/${file}: exports ${name}, as actors/teams/${other.file} does`);
    teams.push({ file, name, team });
  }
  return teams;
}

const NOTE = '// Printed by `npm run generate` from the files in actors/teams. Change those, not this.';
const quoted = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ');
const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** Path → text of everything that follows from the teams. */
export function renderTeams(files: readonly TeamFile[]): Map<string, string> {
  const teams = files.map(({ team }) => team);
  const printed = new Map<string, string>();
  printed.set(
    'schemas/teams.ts',
    [
      NOTE,
      '',
      '/** Each team with the pattern it has of its own accord and its agents. */',
      'export const TEAMS = {',
      ...teams.map(
        (team) => `  ${team.id}: { pattern: '${patternOf(team)}', agents: [${quoted(Object.keys(team.members))}] },`,
      ),
      '} as const;',
      '',
    ].join('\n'),
  );
  printed.set(
    'schemas/objects/team_id.v1.schema.json',
    json({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: 'https://audit-flash-os/schemas/objects/team_id.v1.schema.json',
      title: 'team_id',
      description: 'Every team that exists.',
      enum: teams.map(({ id }) => id),
    }),
  );
  for (const { members } of teams) {
    for (const [agent, { purpose, output }] of Object.entries(members)) {
      const path = `schemas/agents/${agent}.v1.schema.json`;
      printed.set(
        path,
        json({
          $schema: 'https://json-schema.org/draft/2020-12/schema',
          $id: `https://audit-flash-os/${path}`,
          title: agent,
          description: purpose,
          ...output,
        }),
      );
    }
  }
  printed.set(
    'actors/teams/index.ts',
    [
      NOTE,
      "import type { TeamDefinition } from '../define-team.ts';",
      ...[...files]
        .sort((a, b) => (a.file < b.file ? -1 : 1))
        .map(({ file, name }) => `import { ${name} } from './${file}';`),
      '',
      `export const teams: readonly TeamDefinition[] = [${files.map(({ name }) => name).join(', ')}];`,
      '/** Where each of them is declared, in the same order. */',
      `export const TEAM_FILES: readonly string[] = [${quoted(files.map(({ file }) => file))}];`,
      '',
    ].join('\n'),
  );
  return printed;
}
