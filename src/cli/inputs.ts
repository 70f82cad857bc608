/** Reads what a person gives by file or number. Owns: telling which option is wrong and why. */
import { readFile } from 'node:fs/promises';
import { UsageError } from './failures.ts';

/** Text of a file; `-` is stdin. @throws UsageError */
export async function readText(file: string, option: string): Promise<string> {
  try {
    return await readFile(file === '-' ? '/dev/stdin' : file, 'utf8');
  } catch (error) {
    throw new UsageError(`${option}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** @throws UsageError */
export async function readJson(file: string, option: string): Promise<unknown> {
  const text = await readText(file, option);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${option}: ${file} is not JSON: ${(error as Error).message}.`);
  }
}

/** @throws UsageError */
export function numberOption(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new UsageError(`${option}: expected a number of at least 0, not ${JSON.stringify(text)}.`);
}

/** `--limit`: how many rows of a list. @throws UsageError */
export function limitOption(text: string | undefined, fallback = 50): number {
  const value = numberOption('--limit', text) ?? fallback;
  if (Number.isInteger(value) && value >= 1) return value;
  throw new UsageError(`--limit: expected a whole number of at least 1, not ${JSON.stringify(text)}.`);
}
