// Printed by `npm run generate` from the files in actors/teams. Change those, not this.
import type { TeamDefinition } from '../define-team.ts';
import { adminTeam } from './admin-team.ts';
import { analysisTeam } from './analysis-team.ts';
import { emailTeam } from './email-team.ts';
import { supportTeam } from './support-team.ts';
import { writingTeam } from './writing-team.ts';

export const teams: readonly TeamDefinition[] = [analysisTeam, adminTeam, emailTeam, writingTeam, supportTeam];
/** Where each of them is declared, in the same order. */
export const TEAM_FILES: readonly string[] = ['analysis-team.ts', 'admin-team.ts', 'email-team.ts', 'writing-team.ts', 'support-team.ts'];
