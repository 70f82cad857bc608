/** Shows a project's events as they happen. Owns: how a line of progress looks. */
import type { Client } from './client.ts';
import { follow, type LoggedEvent } from './event-feed.ts';
import { Progress, type ProgressLine } from './progress.ts';
import { plain, type Terminal } from './terminal.ts';

const LABEL_WIDTH = 10;

/** Resolves when the project is final. `stop` ends it earlier, after the event it says true to. */
export async function watch(
  client: Client,
  projectId: string,
  terminal: Terminal,
  stop: (row: LoggedEvent) => boolean = () => false,
): Promise<void> {
  const progress = new Progress();
  for await (const row of follow(client, projectId, (text) => terminal.complain(text))) {
    const line = progress.line(row.event);
    if (line) terminal.print(progressText(line, terminal));
    if (stop(row)) return;
  }
}

function progressText({ afterSeconds, label, style, text, next }: ProgressLine, terminal: Terminal): string {
  const at = `${afterSeconds.toFixed(3)} s`.padStart(10);
  const line = `${terminal.style('dim', at)}  ${terminal.style(style, label.padEnd(LABEL_WIDTH))}  ${plain(text)}`;
  return next === undefined ? line : `${line}\n${' '.repeat(10 + 2 + LABEL_WIDTH + 2)}devteam ${next}`;
}
