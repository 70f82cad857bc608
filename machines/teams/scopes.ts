/**
 * Who sees what of a run's context while it is going on.
 *
 * Owns: scopes. What a branch, a round of a loop or a sub-team writes stays in its scope until it has ended; then it is
 * taken over as a whole, in the order of the plan, whatever the order of arrival.
 */
import { type Memory, updateContext } from './memory.ts';
import { type Path, parentPath, upwards } from './places.ts';
import type { Scope } from './run-state.ts';

/** The parts of a run that scopes are made of. */
export interface Scoped {
  memory: Memory;
  input: Readonly<Record<string, unknown>>;
  scopes: Readonly<Record<Path, Scope>>;
}

type Values = Readonly<Record<string, unknown>>;

/** The scope that a node writes into; null = the run's own context. */
const scopeOf = ({ scopes }: Scoped, path: Path): Path | null => upwards(path).find((at) => at in scopes) ?? null;

/** The context as a node sees it. */
export function view(run: Scoped, path: Path): Values {
  const at = scopeOf(run, path);
  if (at === null) return run.memory.context;
  const { inherits, writes } = run.scopes[at] as Scope;
  return { ...(inherits ? view(run, parentPath(at)) : run.input), ...writes };
}

export function write<Run extends Scoped>(run: Run, path: Path, patch: Values): Run {
  const at = scopeOf(run, path);
  if (at === null) return { ...run, memory: updateContext(run.memory, patch) };
  const scope = run.scopes[at] as Scope;
  return { ...run, scopes: { ...run.scopes, [at]: { ...scope, writes: { ...scope.writes, ...patch } } } };
}

export function open<Run extends Scoped>(run: Run, path: Path, inherits: boolean): Run {
  return { ...run, scopes: { ...run.scopes, [path]: { inherits, writes: {} } } };
}

/** What was written in the scope, {} if there is none. */
export const writesOf = ({ scopes }: Scoped, path: Path): Values => scopes[path]?.writes ?? {};

/** Closes the scopes, and takes over what was written in those of `kept`, in that order. */
export function close<Run extends Scoped>(run: Run, around: Path, closed: readonly Path[], kept: readonly Path[]): Run {
  const writes = kept.map((path) => writesOf(run, path));
  return write(
    without(run, (path) => closed.includes(path)),
    around,
    Object.assign({}, ...writes),
  );
}

/** Closes all scopes below a node that has failed: nobody takes them over. */
export const abandon = <Run extends Scoped>(run: Run, path: Path): Run =>
  without(run, (at) => at !== path && upwards(at).includes(path));

function without<Run extends Scoped>(run: Run, isClosed: (path: Path) => boolean): Run {
  return { ...run, scopes: Object.fromEntries(Object.entries(run.scopes).filter(([path]) => !isClosed(path))) };
}
