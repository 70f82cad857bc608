/** Shows a project's events as they happen. Owns: how a line of progress looks. */
import type { Client } from './client.ts';
import { follow, type LoggedEvent } from './event-feed.ts';
import { Progress, type ProgressLine } from './progress.ts';
import { plain, type Terminal } from './terminal.ts';

/** Resolves when the project is final. `seen` is awaited after each event has been shown. */
export async function watch(
  client: Client,
  projectId: string,
  terminal: Terminal,
  seen: (row: LoggedEvent) => Promise<void> = async () => {},
): Promise<void> {
  const progress = new Progress();
  for await (const row of follow(client, projectId, (text) => terminal.complain(text))) {
    const line = progress.line(row.event);
    if (line) terminal.print(progressText(line, terminal));
    await seen(row);
  }
}

const TIME_WIDTH = 10;
const LABEL_WIDTH = 10;
const INDENT = ' '.repeat(TIME_WIDTH + LABEL_WIDTH + 4);

export function progressText({ afterSeconds, label, style, text, next }: ProgressLine, terminal: Terminal): string {
  const at = `${afterSeconds.toFixed(3)} s`.padStart(TIME_WIDTH);
  const line = `${terminal.style('dim', at)}  ${terminal.style(style, label.padEnd(LABEL_WIDTH))}  ${plain(text)}`;
  return next === undefined ? line : `${line}\n${INDENT}devteam ${next}`;
}
