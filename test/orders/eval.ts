/**
 * `npm run eval:orders`: how well orders are read that other programs have written.
 *
 * Owns: the command. Documents are made anew in each run and read as production reads them, without a model. The exit
 * code says whether all targets are reached.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { inventedValues, type Read } from './eval-invented.ts';
import { readSpecimen } from './eval-reading.ts';
import { figures, type Judged, missedTargets, worstDocuments } from './eval-report.ts';
import { scoreOf } from './eval-scoring.ts';
import { makeSpecimens } from './generator/specimens.ts';
import { FAMILIES, LANGUAGES, type Specimen } from './generator/truth.ts';

const USAGE = `npm run eval:orders -- [options]
  --seed N            another seed makes other orders (1)
  --count N           documents per producer, language and family (3)
  --format LIST       beginnings of producers: xlsx, xls, csv, txt, pdf, eml, pdf/chromium, … (all)
  --lang LIST         en, fr, de, es, it (all)
  --family LIST       a, b: two sets of layouts and wordings (both, apart)
  --dump DIR          keep the documents there, with their truths as JSON
  --worst N           how many bad documents to list (15)
  --faults N          how many faults of each (6)`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '3' },
    format: { type: 'string', default: 'xlsx,xls,csv,txt,pdf,eml' },
    lang: { type: 'string', default: LANGUAGES.join(',') },
    family: { type: 'string', default: FAMILIES.join(',') },
    dump: { type: 'string' },
    worst: { type: 'string', default: '15' },
    faults: { type: 'string', default: '6' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(USAGE);
else process.exitCode = await evaluate();

async function evaluate(): Promise<number> {
  const wanted = {
    seed: wholeNumber('seed', values.seed),
    count: wholeNumber('count', values.count),
    formats: values.format.split(','),
    languages: chosen('lang', LANGUAGES, values.lang),
    families: chosen('family', FAMILIES, values.family),
  };
  const specimens = await makeSpecimens(wanted, console.log);
  if (values.dump !== undefined) await dump(specimens, values.dump);
  const judged: Judged[] = [];
  for (const specimen of specimens) {
    const read = await readSpecimen(specimen);
    judged.push({
      specimen,
      score: scoreOf(read.reading, specimen),
      invented: inventedValues(read, specimen),
      remarks: remarksOf(read),
    });
  }
  console.log(`${judged.length} documents, seed ${wanted.seed}\n\n${figures(judged)}`);
  const worst = worstDocuments(judged, wholeNumber('worst', values.worst), wholeNumber('faults', values.faults));
  if (worst !== '') console.log(`\nWorst documents (--dump DIR keeps them)\n${worst}`);
  const missed = missedTargets(judged);
  console.log(
    missed.length === 0
      ? '\nAll targets are reached.'
      : `\nTargets missed:\n${missed.map((line) => `  ${line}`).join('\n')}`,
  );
  return missed.length === 0 && judged.length > 0 ? 0 : 1;
}

function remarksOf({ reading, documents }: Read): string[] {
  const unread = documents
    .filter(({ status }) => status !== 'parsed')
    .map(({ filename, status, reason }) => `${filename} is ${status}: ${reason}`);
  const missing = reading.missing_fields.filter(({ field }) => ['lines', 'sku', 'qty'].includes(field));
  return [...unread, ...missing.map(({ field, reason }) => `reader: ${field}: ${reason}`).slice(0, 2)];
}

async function dump(specimens: readonly Specimen[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { id, file, expected, features } of specimens) {
    await writeFile(join(folder, basename(file.filename)), file.bytes);
    await writeFile(join(folder, `${id}.truth.json`), JSON.stringify({ features, ...expected }, null, 2));
  }
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} is a whole number, not "${text}"\n${USAGE}`);
  return Number(text);
}

function chosen<T extends string>(name: string, possible: readonly T[], text: string): T[] {
  return text.split(',').map((one) => {
    const found = possible.find((value) => value === one);
    if (found === undefined) throw new Error(`--${name} is a list of ${possible.join(', ')}, not "${one}"\n${USAGE}`);
    return found;
  });
}
