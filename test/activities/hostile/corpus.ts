// Files that are made to do harm, each with what must become of it.
import { EXPRESSIONS } from './expressions.ts';
import type { HostileFile } from './hostile-file.ts';
import { MARKUP } from './markup.ts';
import { TEXTS } from './texts.ts';
import { WORKBOOKS } from './workbooks.ts';

/** Like others, but dearer. */
const MEASURED_ONLY = new Set([
  '100,000 different texts and a case',
  '65,000 rows of 20 numbers in an old workbook',
  'a flood of numbers in a binary workbook',
  'a flood of filled cells',
  'a million different shared strings',
  '90,000 short runs as Date',
  '90,000 short runs as Task',
  '100,000 equal rows',
]);

export const CORPUS: readonly HostileFile[] = [...TEXTS, ...EXPRESSIONS, ...MARKUP, ...WORKBOOKS].map((file) =>
  MEASURED_ONLY.has(file.name) ? { ...file, isMeasuredOnly: true } : file,
);
