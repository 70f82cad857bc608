/** Every command, in the order of the help. */
import type { Command } from '../command.ts';
import { deadLetterCommands } from './dead-letters.ts';
import { inboxCommands } from './inbox.ts';
import { keyCommand } from './key.ts';
import { operationsCommands } from './operations.ts';
import { createCommand } from './project-create.ts';
import { eventsCommand } from './project-events.ts';
import { projectCommands } from './projects.ts';
import { teamCommands } from './teams.ts';

export const commands: readonly Command[] = [
  createCommand,
  eventsCommand,
  ...projectCommands,
  ...inboxCommands,
  ...teamCommands,
  ...deadLetterCommands,
  ...operationsCommands,
  keyCommand,
];
