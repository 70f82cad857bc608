/** `devteam project report`: for reading in the terminal, or as a file for people. */
import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { type Command, command } from '../command.ts';
import { UsageError } from '../failures.ts';
import { limitOption } from '../inputs.ts';
import { projectPath, readDeliverables } from '../projects.ts';
import { reportText } from '../report.ts';

const FORMATS = ['html', 'csv', 'xlsx'];
/** Longest that writing the largest report may take. */
const ANSWER_WITHIN_MS = 60_000;

export const projectReportCommand: Command = command({
  path: 'project report',
  summary: 'Show what a project made, or write its report to a file',
  arguments: ['<project>'],
  options: {
    out: { type: 'string', value: 'path', about: 'Write the report to this file: .html, .csv or .xlsx' },
    format: { type: 'string', value: 'format', about: 'html, csv or xlsx, where the ending of --out does not tell' },
    force: { type: 'boolean', about: 'Replace a file that is there' },
    type: { type: 'string', value: 'type', about: 'Only this type of deliverables, as in cost_analysis' },
    limit: { type: 'string', value: 'number', about: 'At most so many deliverables, the newest; 50 by default' },
  },
  examples: [
    'project report 5491ea29-7156-40d7-8a1e-3c345ddc8069',
    'project report <project> --out report.html',
    'project report <project> --type cost_analysis --json',
  ],
  async run({ client, terminal, given: [id = ''], options, show }) {
    const { type, limit, out, format: wanted, force = false } = options;
    if (out === undefined) {
      if (wanted !== undefined || force) throw new UsageError('--format and --force need --out.');
      const deliverables = await readDeliverables(client, id, { type, most: limitOption(limit) });
      show({ deliverables }, () =>
        deliverables.length === 0 ? 'No deliverables yet.' : reportText(deliverables, terminal),
      );
      return 0;
    }
    if (type !== undefined || limit !== undefined) throw new UsageError('--type and --limit do not go with --out.');
    const format = formatOf(out, wanted);
    const init = { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) };
    const response = await client.open(`${projectPath(id)}/report`, { format }, init);
    const bytes = new Uint8Array(await response.arrayBuffer());
    await write(out, bytes, force);
    show({ file: out, format, bytes: bytes.length }, () => `Report written to ${out}`);
    return 0;
  },
});

/** @throws UsageError */
function formatOf(out: string, wanted: string | undefined): string {
  const format = (wanted ?? extname(out).slice(1)).toLowerCase();
  if (FORMATS.includes(format)) return format;
  throw new UsageError(`--out: ${out} ends in none of .html, .csv, .xlsx; say --format html, csv or xlsx.`);
}

/** @throws UsageError if there is such a file and it must not be replaced, or if it cannot be written */
async function write(out: string, bytes: Uint8Array, force: boolean): Promise<void> {
  try {
    await writeFile(out, bytes, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new UsageError(`--out: ${out} is there already; --force replaces it.`);
    throw new UsageError(`--out: ${out} cannot be written (${code}).`);
  }
}
