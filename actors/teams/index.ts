// Printed by `npm run generate` from the files in actors/teams. Change those, not this.
import type { TeamDefinition } from '../define-team.ts';
import { adminTeam } from './admin-team.ts';
import { analysisTeam } from './analysis-team.ts';
import { emailTeam } from './email-team.ts';
import { supportTeam } from './support-team.ts';
import { writingTeam } from './writing-team.ts';

export const teams: readonly TeamDefinition[] = [analysisTeam, adminTeam, emailTeam, writingTeam, supportTeam];
