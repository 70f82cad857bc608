/**
 * Whether the members of a team, and what the team says of them, make sense.
 *
 * Owns: the checks of `agents`, `iterate` and `artifacts`. Does not own the checks of the tree of patterns.
 */
import { type Flaw, type Team, tasksOf } from './team.ts';

/** Members of a task's payload that are the run's own. */
const RESERVED = new Set(['mode', 'text', 'text_truncated', 'feedback', 'results']);

export function checkMembers(team: Team): Flaw[] {
  return [...checkAgents(team), ...checkIterate(team), ...checkArtifacts(team)];
}

function checkAgents({ members }: Team): Flaw[] {
  return Object.entries(members).flatMap(([agent, { cap, extras, writes }]) => {
    const path = `/agents/${agent}`;
    const flaws: Flaw[] = [];
    if (!Number.isInteger(cap) || cap < 1) {
      flaws.push({ path: `${path}/cap`, message: `must be a whole number from 1, is ${cap}` });
    }
    if (Object.keys(writes).length === 0) flaws.push({ path: `${path}/writes`, message: 'must name a key' });
    for (const [index, { key }] of extras.entries()) {
      if (RESERVED.has(key)) flaws.push({ path: `${path}/extras/${index}`, message: `${key} is the run's own` });
    }
    return flaws;
  });
}

function checkIterate({ members, run, iterate }: Team): Flaw[] {
  if (!iterate) return [];
  const flaws: Flaw[] = [];
  for (const [who, agent] of Object.entries(iterate)) {
    if (!(agent in members)) flaws.push({ path: `/iterate/${who}`, message: `${agent} is not declared in agents` });
  }
  if (iterate.worker in members && !tasksOf(run).some(({ agent }) => agent === iterate.worker)) {
    flaws.push({ path: '/iterate/worker', message: `${iterate.worker} has no task in run` });
  }
  return flaws;
}

function checkArtifacts({ members, artifacts }: Team): Flaw[] {
  const written = new Set(Object.values(members).flatMap(({ writes }) => Object.keys(writes)));
  return artifacts.flatMap((key, index) =>
    written.has(key) ? [] : [{ path: `/artifacts/${index}`, message: `nobody writes ${key}` }],
  );
}
