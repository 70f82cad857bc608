/** How benchmarks print what they have measured. */

export interface TargetResult {
  figure: string;
  target: string;
  measured: string;
  reached: boolean;
}

type Cell = string | number;

export function table(title: string, head: readonly Cell[], rows: readonly (readonly Cell[])[]): string {
  const lines = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const format = (line: readonly string[]) =>
    `  ${line.map((cell, i) => cell.padEnd(widths[i] as number)).join('  ')}`.trimEnd();
  const [first = [], ...rest] = lines;
  return [title, format(first), `  ${widths.map((width) => '-'.repeat(width)).join('  ')}`, ...rest.map(format)].join(
    '\n',
  );
}

/** @param shared what else runs on the cores */
export function formatTargets(shared: string, results: readonly TargetResult[]): string {
  return table(
    `Targets (2 cores shared with ${shared})`,
    ['figure', 'target', 'measured', ''],
    results.map(({ figure, target, measured, reached }) => [
      figure,
      target,
      measured,
      reached ? 'reached' : 'not reached',
    ]),
  );
}
