/**
 * The first finding: how good the input is.
 *
 * Owns: the sentence about rows read, recorded, estimated and left out.
 */
import { at, type Contents, type Finding, numberAt, textAt } from './findings-reading.ts';
import { counted, plainNumber, quoted } from './numbers.ts';

interface Quality {
  /** null when nothing says how many. */
  read: number | null;
  given: number | null;
  inferred: number;
  ignored: number;
  warnings: number;
  file: string | null;
  unitAssumed: string | null;
}

/** @param input `InputSummary`, `InputReport`, or anything else */
export function inputSentence(contents: Contents, input: unknown): Finding {
  const quality = qualityOf(contents, input);
  const { read, given, inferred, ignored, warnings, file, unitAssumed } = quality;
  const from = file === null ? '' : ` from ${quoted(file)}`;
  const parts =
    read === null
      ? [`How many rows were read${from} is not known`]
      : [`${counted(read, 'row')} ${read === 1 ? 'was' : 'were'} read${from}`];
  if (read !== 0) parts.push(durationsOf(quality));
  if (ignored > 0) parts.push(`${counted(ignored, 'row')} left out`);
  if (unitAssumed !== null) parts.push(`the unit of bare numbers (${unitAssumed}) is assumed`);
  if (warnings > 0) parts.push(counted(warnings, 'warning'));
  return {
    sentence: `${parts.join('; ')}.`,
    figures: { rows_read: read, rows_given: given, rows_inferred: inferred, rows_ignored: ignored, warnings },
    source: input === undefined ? 'friction_analysis.total_rows' : 'input',
  };
}

function durationsOf({ read, given, inferred }: Quality): string {
  if (inferred === 0) return given === null ? 'no duration is estimated' : 'all durations are in the input';
  if (given === 0)
    return 'no duration is in the input: all hours below are estimates from the words of the texts, not measurements';
  if (given === null || read === null) return `${counted(inferred, 'duration')} estimated from the words of the texts`;
  const percent = plainNumber((given / read) * 100);
  return `${plainNumber(given)} of them with a duration (${percent} %), ${plainNumber(inferred)} estimated from their words`;
}

function qualityOf(contents: Contents, input: unknown): Quality {
  const inferred = Math.max(0, ...Object.values(contents).map((content) => numberAt(content, 'inferred', 'rows') ?? 0));
  const read = numberAt(input, 'rows', 'read') ?? numberAt(contents.friction_analysis, 'total_rows');
  const estimated = numberAt(input, 'rows', 'inferred') ?? inferred;
  const assumed = at(input, 'unit', 'assumed') === true;
  return {
    read,
    inferred: estimated,
    given: numberAt(input, 'rows', 'given') ?? (read === null ? null : Math.max(0, read - estimated)),
    ignored: ignoredOf(input),
    warnings: countOf(at(input, 'warnings')),
    file: textAt(input, 'file'),
    unitAssumed: assumed ? textAt(input, 'unit', 'unit') : null,
  };
}

/** A summary has their number, a report their number by reason. */
function ignoredOf(input: unknown): number {
  const ignored = at(input, 'rows', 'ignored');
  if (typeof ignored === 'number') return ignored;
  if (typeof ignored !== 'object' || ignored === null) return 0;
  return Object.values(ignored).reduce((sum: number, reason) => sum + (numberAt(reason, 'count') ?? 0), 0);
}

const countOf = (warnings: unknown): number =>
  typeof warnings === 'number' ? warnings : Array.isArray(warnings) ? warnings.length : 0;
