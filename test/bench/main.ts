/**
 * `npm run bench`: what the platform does per second and what it costs, beside BullMQ.
 *
 * Owns: the command line. It measures and tells; nothing fails because something is slow.
 */
import { parseArgs } from 'node:util';
import { profileRun } from './profile-run.ts';

const { values } = parseArgs({
  options: {
    /** One run of analysis projects under the profilers, instead of the measurements. */
    profile: { type: 'boolean', default: false },
    projects: { type: 'string' },
    threads: { type: 'string', default: '1' },
    durability: { type: 'string', default: 'everysec' },
  },
});

if (values.durability !== 'always' && values.durability !== 'everysec') throw new Error('--durability always|everysec');
const projects = Number(values.projects ?? 1500);
console.log(await profileRun({ projects, threads: Number(values.threads), durability: values.durability }));
