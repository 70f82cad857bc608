/**
 * Row sets that a thread has read, for the workers in it: an analysis reads the same rows five times.
 *
 * Owns: which sets are kept, and that one is read at a time. Keeps I9: by bytes, the longest unused goes first. What is
 * too large to be kept, or has gone, is found again for as long as somebody works with it.
 */
import PQueue from 'p-queue';
import type { Row, RowsRef } from '../../schemas/types.ts';
import type { ProjectFiles } from './project-files.ts';

/** Of JSON lines; parsed, they take about twice as much. A thread's heap has 512 MB by default. */
const KEPT_BYTES = 48 * 1024 * 1024;

export interface RowSource {
  /** The rows that a reference of the project names. Not to be changed: others work with them. @throws {Fault} as `ProjectFiles.readRows` */
  load(projectId: string, ref: RowsRef): Promise<readonly Row[]>;
}

interface Kept {
  rows: readonly Row[];
  bytes: number;
}

export function createRowCache(files: Pick<ProjectFiles, 'readRows'>, keptBytes = KEPT_BYTES): RowSource {
  /** The last used one last. */
  const kept = new Map<string, Kept>();
  let bytes = 0;
  const known = new Map<string, WeakRef<readonly Row[]>>();
  const forgotten = new FinalizationRegistry<string>((key) => {
    if (known.get(key)?.deref() === undefined) known.delete(key);
  });
  // Two large sets at once could be more than the heap holds.
  const reading = new PQueue({ concurrency: 1 });

  function keep(key: string, set: Kept): readonly Row[] {
    bytes -= kept.get(key)?.bytes ?? 0;
    kept.delete(key);
    if (set.bytes > keptBytes) return set.rows;
    kept.set(key, set);
    bytes += set.bytes;
    for (const [oldest, old] of kept) {
      if (bytes <= keptBytes) break;
      kept.delete(oldest);
      bytes -= old.bytes;
    }
    return set.rows;
  }

  return {
    load(projectId, ref) {
      const { artifact_id, sha256, count, bytes: size } = ref;
      const key = `${projectId} ${artifact_id} ${sha256} ${count} ${size}`.toLowerCase();
      const find = (): readonly Row[] | undefined => {
        const rows = kept.get(key)?.rows ?? known.get(key)?.deref();
        return rows && keep(key, { rows, bytes: ref.bytes });
      };
      const found = find();
      if (found) return Promise.resolve(found);
      return reading.add(async () => {
        const meanwhile = find();
        if (meanwhile) return meanwhile;
        const rows = await files.readRows(projectId, ref);
        known.set(key, new WeakRef(rows));
        forgotten.register(rows, key);
        return keep(key, { rows, bytes: ref.bytes });
      });
    },
  };
}
