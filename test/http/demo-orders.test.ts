/** `npm run demo:orders` from its first line to its last, as somebody sees it who has just cloned. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const DEMO = join(import.meta.dirname, '../../scripts/demo-orders.ts');
const WITHIN_MS = 90_000;

it('shows an order from the mail to the CSV, and the same mail again, and ends', { timeout: WITHIN_MS }, async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [DEMO], { timeout: WITHIN_MS });
  expect(stderr).toBe('');
  expect(stdout).toContain('No language model is asked.');
  expect(stdout).toMatch(/logo\.png .* skipped: inline image/);
  expect(stdout).toMatch(/po_number +PO-2026-1187 +PO-2026-1187\.xlsx, Order!B6 +deterministic +95 %/);
  expect(stdout).toMatch(/delivery\.date +2027-03-15 +PO-2026-1187 delivery\.pdf, page 1/);
  expect(stdout).toMatch(/contact\.phone +\+44 117 496 0184 +body\.txt, line 14/);
  expect(stdout).toMatch(/missing +sku +line 6 has no sku/);
  expect(stdout).toMatch(/error +line_total_mismatch +line 4/);
  expect(stdout).toMatch(/warning +quantity_outlier +line 5/);
  expect(stdout).toMatch(/warning +not_in_source .*"SB-2508"/);
  expect(stdout).toContain('400 The order lacks what approval needs.');
  expect(stdout).toMatch(/Decided +by mia/);
  expect(stdout).toMatch(/lines\[5\]\.qty +600 +60/);
  expect(stdout).toContain('\n  5,GL-M100,"Nitrile gloves, powder-free, size M",60,box,7.9\n');
  expect(stdout).toContain('6,MSB-2508,"Stirring bar PTFE, 25 x 8 mm",30,ea,2.4');
  const [, first] = /duplicate_order .* order ([0-9a-f-]{36})/.exec(stdout) ?? [];
  expect(stdout).toMatch(new RegExp(`REJECTED[^\\n]*\\n +${first} +EXPORTED`));
  // Nothing of it is made up by the test provider.
  expect(stdout).not.toContain('[test]');
  expect(stdout).toMatch(/\nNext\n[\s\S]*curl localhost:8080\/orders\/inbox/);
});
