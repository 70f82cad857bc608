/**
 * Draws orders and has them written by every producer that is there.
 *
 * Owns: what a document's dice are. The same seed gives the same orders; files that programs write may differ in their
 * bytes.
 */
import { compose } from './compose.ts';
import { diceOf } from './dice.ts';
import { makeOrder } from './order.ts';
import { type Draft, PRODUCERS, type Written } from './producers.ts';
import { isInstalled, PROGRAMS } from './programs.ts';
import { styleA } from './style-a.ts';
import { styleB } from './style-b.ts';
import type { Family, Language, Specimen } from './truth.ts';
export interface Wanted {
  seed: number;
  /** Documents per producer, language and family. */
  count: number;
  families: readonly Family[];
  languages: readonly Language[];
  /** Beginnings of producers: `xlsx`, `pdf/chromium`. */
  formats: readonly string[];
}

/** @param say is told which producers are left out, and why */
export async function makeSpecimens(wanted: Wanted, say: (line: string) => void): Promise<Specimen[]> {
  const specimens: Specimen[] = [];
  for (const [name, producer] of Object.entries(PRODUCERS)) {
    if (!wanted.formats.some((format) => name === format || name.startsWith(`${format}/`))) continue;
    if (producer.program !== null && !(await isInstalled(producer.program))) {
      say(`${name} skipped: ${producer.program} is not installed (apt-get install ${PROGRAMS[producer.program]})`);
      continue;
    }
    const drafts = wanted.families.flatMap((family) =>
      wanted.languages.flatMap((language) =>
        Array.from({ length: wanted.count }, (_, i) => draftOf(wanted.seed, family, name, language, i)),
      ),
    );
    const written = await producer.write(drafts);
    drafts.forEach(({ id, paper }, i) => {
      const { bytes, filename, visible, expected, features } = written[i] as Written;
      // What another order shares with this one gives nothing away.
      const traps = expected.traps.filter((trap) => !visible.includes(trap));
      const file = { filename: filename ?? `${id}.${producer.extension}`, bytes };
      const { family, language } = paper.order;
      specimens.push({
        id,
        producer: name,
        family,
        language,
        file,
        visible,
        expected: { ...expected, traps },
        features,
      });
    });
  }
  return specimens;
}

function draftOf(seed: number, family: Family, producer: string, language: Language, at: number): Draft {
  const id = [family, producer.replace('/', '-'), language, String(at).padStart(3, '0')].join('-');
  const dice = diceOf(seed, family, producer, language, String(at));
  const order = makeOrder(family, language, dice.fork('order'));
  const decoy = makeOrder(family, language, dice.fork('decoy'));
  const style = (family === 'a' ? styleA : styleB)(order, dice);
  return { id, dice, paper: compose(order, decoy, style, dice) };
}
