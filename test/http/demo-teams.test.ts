/** @module-tag slow */
/** `npm run demo:teams` from its first line to its last, as somebody sees it who has just cloned. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const DEMO = join(import.meta.dirname, '../../scripts/demo-teams.ts');
const WITHIN_MS = 90_000;

it('shows three teams at work, says that no model is asked, and ends', { timeout: WITHIN_MS }, async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [DEMO], { timeout: WITHIN_MS });
  expect(stderr).toBe('');
  expect(stdout).toContain('No language model is asked.');
  for (const agent of ['support_context_agent', 'support_answer_agent', 'pattern_agent', 'report_agent']) {
    expect(stdout).toMatch(new RegExp(`done +\\w+ · ${agent} \\(\\d of \\d\\), \\d+ ms`));
  }
  expect(stdout).toContain('Hello Ms Kowalska,');
  expect(stdout).toContain('A page that the knowledge base does not hold: (no address)');
  expect(stdout).toContain('Card payments were down for 94 minutes');
  expect(stdout).toMatch(/team +email_team: matched keywords: email/);
  expect(stdout).toContain('Dear Ms Lindqvist,');
  // Nothing of it is made up by the test provider.
  expect(stdout).not.toContain('[test]');
  expect(stdout).toMatch(/\nNext\n[\s\S]*README\.md/);
});
