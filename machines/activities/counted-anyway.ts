/**
 * Rows that are counted although they may be no work: absences and rejected entries.
 *
 * Owns: knowing them by whole cells, and the sentences about them. Changes no figure.
 */
import type { ActivityRow } from './activity-row.ts';
import type { Column } from './columns/column.ts';
import { foldWords } from './headers/fold.ts';
import { type SheetRow, textOf } from './tables.ts';

const keyOf = (text: string): string => foldWords(text).join(' ');
const list = (lines: readonly string[]): ReadonlySet<string> => new Set(lines.join(', ').split(', ').map(keyOf));

const ABSENCES = list([
  'Vacation, Annual leave, Sick, Sick leave, Sick day, Sickness, Holiday, Holidays, Public holiday, Bank holiday, PTO',
  'Paid time off, Time off, Leave, Unpaid leave, Parental leave, Maternity leave, Paternity leave, Absence, Absent',
  'Urlaub, Resturlaub, Sonderurlaub, Krank, Krankheit, Krankmeldung, Feiertag, Abwesend, Abwesenheit, Elternzeit',
  'Überstundenabbau, Zeitausgleich, Freizeitausgleich, Gleittag, Congé, Congés, Congés payés, Congé maladie, RTT',
  'Maladie, Arrêt maladie, Férié, Jour férié, Vacaciones, Festivo, Baja, Baja médica, Enfermedad, Permiso, Ausencia',
  'Ferie, Malattia, Festività, Permesso, Assenza, Férias, Feriado, Doença, Atestado, Falta, Ausência, Verlof, Vakantie',
  'Ziek, Ziekte, Ziekteverlof, Feestdag, Urlop, Choroba, Zwolnienie lekarskie, L4, Święto, Nieobecność, Dovolená, Nemoc',
  'Nemocenská, Svátek, Nepřítomnost, 休暇, 有給, 有給休暇, 有休, 欠勤, 病欠, 祝日, 休日, 代休',
]);
const REJECTIONS = list([
  'Rejected, Declined, Denied, Deleted, Cancelled, Canceled, Void, Voided, Abgelehnt, Storniert, Gelöscht',
  'Zurückgewiesen, Refusé, Rejeté, Annulé, Supprimé, Rechazado, Anulado, Rifiutato, Respinto, Annullato, Rejeitado',
  'Recusado, Cancelado, Afgewezen, Geannuleerd, Odrzucone, Odrzucony, Anulowane, Zamítnuto, Zrušeno, 却下, 差戻し',
]);
const MAX_CELL_CHARACTERS = 40;
const MAX_SAMPLES = 3;

class Found {
  count = 0;
  #firstRow = 0;
  #minutes = 0;
  readonly #samples = new Set<string>();

  add(row: number, minutes: number, sample: string): void {
    if (this.count === 0) this.#firstRow = row;
    this.count += 1;
    this.#minutes += minutes;
    if (this.#samples.size < MAX_SAMPLES) this.#samples.add(JSON.stringify(sample));
  }

  /** @param singular and `plural` say what the rows do */
  sentence(singular: string, plural: string): string {
    const hours = `${Number((this.#minutes / 60).toFixed(2))} h`;
    const samples = [...this.#samples].join(', ');
    return this.count === 1
      ? `Row ${this.#firstRow} (${hours}) ${singular}: ${samples}; it is counted.`
      : `${this.count} rows (${hours}), first row ${this.#firstRow}, ${plural}: ${samples}; they are counted.`;
  }
}

export class CountedAnyway {
  readonly #absences = new Found();
  readonly #rejections = new Found();
  readonly #status: Column | null;

  /** @param status column that says what became of an entry */
  constructor(status: Column | null) {
    this.#status = status;
  }

  see(row: SheetRow, { text, category, estimated_minutes }: ActivityRow): void {
    const absence = [text, category].find((cell) => isOneOf(cell, ABSENCES));
    if (absence !== undefined) this.#absences.add(row.number, estimated_minutes, absence);
    const status = this.#status === null ? '' : textOf(row.cells[this.#status.index]).trim();
    if (isOneOf(status, REJECTIONS)) this.#rejections.add(row.number, estimated_minutes, status);
  }

  sentences(): string[] {
    const sentences: string[] = [];
    if (this.#absences.count > 0)
      sentences.push(this.#absences.sentence('looks like absence, not work', 'look like absence, not work'));
    if (this.#rejections.count > 0) {
      const by = `by "${this.#status?.name}"`;
      sentences.push(this.#rejections.sentence(`is no accepted entry ${by}`, `are no accepted entries ${by}`));
    }
    return sentences;
  }
}

const isOneOf = (cell: string, known: ReadonlySet<string>): boolean =>
  cell !== '' && cell.length <= MAX_CELL_CHARACTERS && known.has(keyOf(cell));
