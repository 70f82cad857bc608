/** Counts of what was found in rows, each with the first row. */
export class Tally<Kind extends string> {
  readonly #found = new Map<Kind, { count: number; first_row: number; factor: number | null; sheet: string | null }>();

  /**
   * @param factor of the most striking row; the largest is kept
   * @param sheet name of the row's sheet, where several are read
   */
  add(kind: Kind, row: number, factor: number | null = null, sheet: string | null = null): void {
    const found = this.#found.get(kind);
    if (!found) {
      this.#found.set(kind, { count: 1, first_row: row, factor, sheet });
      return;
    }
    found.count += 1;
    if (row < found.first_row) {
      found.first_row = row;
      found.sheet = sheet;
    }
    if (factor !== null && factor > (found.factor ?? Number.NEGATIVE_INFINITY)) found.factor = factor;
  }

  get(kind: Kind): { count: number; first_row: number; factor: number | null; sheet: string | null } | undefined {
    return this.#found.get(kind);
  }

  entries(): [Kind, { count: number; first_row: number; factor: number | null; sheet: string | null }][] {
    return [...this.#found];
  }
}
