// Files that are made to do harm, each with what must become of it.
import { EXPRESSIONS } from './expressions.ts';
import type { HostileFile } from './hostile-file.ts';
import { MARKUP } from './markup.ts';
import { TEXTS } from './texts.ts';
import { WORKBOOKS } from './workbooks.ts';

export const CORPUS: readonly HostileFile[] = [...TEXTS, ...EXPRESSIONS, ...MARKUP, ...WORKBOOKS];
