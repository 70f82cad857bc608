/** The sentences about what was skipped, left out and not found in a file. */
import type { InputReport, ReadingQuestion } from './input-report.ts';
import type { FoundTable } from './table/find-table.ts';
import type { ChosenTime } from './time/choose-time.ts';
import type { Warnings } from './warnings.ts';

export function sayWhatIsMissing(
  { rows, sheets, header_row, columns }: InputReport,
  { above }: FoundTable,
  { source }: ChosenTime,
  question: ReadingQuestion | null,
  warnings: Warnings,
): void {
  if (question?.about === 'activities') {
    warnings.add(
      'Nothing in this file says that it is a list of activities; no time and no cost is computed from it.',
      'first',
    );
  } else if (rows.inferred > 0) {
    const which = rows.inferred === rows.read ? 'No row has' : `${rows.inferred} of ${rows.read} rows do not have`;
    const why =
      source === null
        ? 'no column says how long something took'
        : `"${source.header}" is empty or cannot be read there`;
    warnings.add(
      `${which} a time in the file (${why}); their minutes are estimates from the length of the text.`,
      'first',
    );
  }
  if (columns.text === undefined) {
    warnings.add('No column says what was done; the rows have their times, and no text.');
  }
  if (columns.text?.chosen_by === 'content' && header_row !== null) {
    warnings.add(
      `No header says what was done; "${columns.text.header}" is read as the text. If that is wrong, name the column in the mapping, as in text=…`,
    );
  }
  if (source?.isEstimate === true) {
    warnings.add(`"${source.header}" holds planned time; the file has no time that was really spent.`);
  }
  if (header_row === null) {
    const found = Object.entries(columns).map(([use, { header }]) => `${use} in ${header}`);
    warnings.add(`The file has no header; the columns were told from what is in them: ${found.join(', ')}.`);
  } else if (above.length > 0) {
    warnings.add(
      `The header was found in row ${header_row}; ${above.length === 1 ? 'a row above it was' : `${above.length} rows above it were`} skipped.`,
    );
  }
  const read = sheets.filter((sheet) => sheet.read);
  if (read.length > 1) warnings.add(`${read.length} sheets have the same header and are read together.`);
  for (const { name, rows: count, reason } of sheets.filter((sheet) => !sheet.read && sheet.rows > 0)) {
    warnings.add(`The sheet "${name}" with ${count} rows is not read: ${reason}.`);
  }
  const ignored = Object.entries(rows.ignored).filter(([reason]) => reason !== 'blank');
  for (const [reason, { count, first_row }] of ignored) {
    warnings.add(
      `${count === 1 ? `Row ${first_row} is` : `${count} rows, first row ${first_row}, are`} left out: ${reason}.`,
    );
  }
}
