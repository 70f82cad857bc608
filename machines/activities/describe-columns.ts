/** What a reading tells of the columns that it has used: header, how it was chosen, how full it is. */
import type { TextColumns } from './columns/choose-texts.ts';
import type { Column } from './columns/column.ts';
import type { ColumnReport, InputReport } from './input-report.ts';
import type { MappedUse } from './resolve-mapping.ts';
import { textOf } from './tables.ts';
import type { ChosenTime } from './time/choose-time.ts';
import type { TimedRow } from './time/time-source.ts';

export function columnReports(
  records: readonly TimedRow[],
  texts: TextColumns,
  { source, start, end, date }: ChosenTime,
  rate: Column | null,
  mapped: ReadonlyMap<MappedUse, readonly Column[]>,
  hasHeader: boolean,
): InputReport['columns'] {
  const report = (use: MappedUse | null, column: Column | null | undefined): ColumnReport | undefined => {
    if (!column) return undefined;
    const isMapped = use !== null && mapped.get(use)?.includes(column) === true;
    return {
      header: column.name,
      chosen_by: isMapped ? 'mapping' : hasHeader && column.roles.length > 0 ? 'header' : 'content',
      fill_percent: fillPercent(records, [column]),
    };
  };
  const reports: InputReport['columns'] = {};
  const put = (use: keyof InputReport['columns'], found: ColumnReport | undefined) => {
    if (found) reports[use] = found;
  };
  put('text', report('text', texts.text[0]));
  put('category', report('category', texts.category));
  if (source) {
    reports.duration = {
      header: source.header,
      chosen_by: source.chosenBy,
      fill_percent: fillPercent(records, source.columns),
    };
  }
  put('start', report('start', start?.time ?? start?.day));
  put('end', report('end', end?.time ?? end?.day));
  put('date', report('date', date?.day));
  const person = report('person', texts.person);
  if (person && texts.person && texts.personRest) {
    person.header = `${person.header} + ${texts.personRest.name}`;
    person.fill_percent = fillPercent(records, [texts.person, texts.personRest]);
  }
  put('person', person);
  put('project', report('project', texts.project));
  put('case', report(null, texts.case));
  put('rate', report('rate', rate));
  return reports;
}

/** Share of the records in which one of the columns is not empty. */
function fillPercent(records: readonly TimedRow[], columns: readonly Column[]): number {
  const filled = records.filter(({ row }) =>
    columns.some(({ index }) => textOf(row.cells[index]).trim() !== ''),
  ).length;
  return Number(((filled / Math.max(1, records.length)) * 100).toFixed(2));
}
