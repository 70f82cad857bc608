/** What was read of a file, column by column. */
import type { ActivityInput } from '../../schemas/types.ts';
import { amount, type Column, facts, plain, plural, type Terminal, table } from './terminal.ts';

type Used = NonNullable<ActivityInput['columns'][keyof ActivityInput['columns']]>;

const HOW: Readonly<Record<Used['chosen_by'], string>> = {
  mapping: 'as you said',
  header: 'by its header',
  content: 'by what is in it',
};

export function inputText(input: ActivityInput, terminal: Terminal): string {
  const { rows, minutes, columns, warnings } = input;
  const used = Object.entries(columns).flatMap(([use, column]) => (column ? [{ use, ...column }] : []));
  const columnsOfTable: Column<Used & { use: string }>[] = [
    { title: 'READ AS', of: ({ use }) => use },
    { title: 'COLUMN', of: ({ header }) => header, flexible: true },
    { title: 'CHOSEN', of: ({ chosen_by }) => HOW[chosen_by] },
    { title: 'FILLED', of: ({ fill_percent }) => `${amount(fill_percent, 0)} %`, right: true },
  ];
  const left = Object.entries(rows.ignored as Record<string, { count: number }>);
  const about: (readonly [string, string])[] = [
    [
      'read',
      `${plural(rows.read, 'row')}${left.length > 0 ? `; left out: ${left.map(([reason, { count }]) => `${count} ${reason}`).join(', ')}` : ''}`,
    ],
    ['time', timeText(rows, minutes)],
  ];
  if (input.unit) about.push(['unit', unitText(input.unit)]);
  const file = [input.encoding, input.delimiter === null ? null : `delimiter ${JSON.stringify(input.delimiter)}`];
  const known = [...file, input.header_row === null ? 'no header' : `header in row ${input.header_row}`];
  about.push(['file', known.filter((part) => part !== null).join(', ')]);
  return [
    table(used, columnsOfTable, terminal),
    facts(about, terminal),
    ...warnings.map((warning) => `${terminal.style('yellow', 'warning')}  ${plain(warning)}`),
  ].join('\n');
}

function timeText(rows: ActivityInput['rows'], minutes: ActivityInput['minutes']): string {
  const given = `${amount(minutes.given / 60)} h stated in ${plural(rows.given, 'row')}`;
  if (rows.inferred === 0) return given;
  return `${given}, ${amount(minutes.inferred / 60)} h estimated for ${plural(rows.inferred, 'row')}`;
}

const unitText = ({ unit, by, assumed }: NonNullable<ActivityInput['unit']>): string =>
  assumed ? `${unit}, an assumption from the size of the numbers` : `${unit}, by ${by}`;
