/** Counts of what was found in rows, each with the first row. */
export class Tally<Kind extends string> {
  readonly #found = new Map<Kind, { count: number; first_row: number; factor: number | null }>();

  /** @param factor of the most striking row; the largest is kept */
  add(kind: Kind, row: number, factor: number | null = null): void {
    const found = this.#found.get(kind);
    if (!found) {
      this.#found.set(kind, { count: 1, first_row: row, factor });
      return;
    }
    found.count += 1;
    found.first_row = Math.min(found.first_row, row);
    if (factor !== null && factor > (found.factor ?? Number.NEGATIVE_INFINITY)) found.factor = factor;
  }

  get(kind: Kind): { count: number; first_row: number; factor: number | null } | undefined {
    return this.#found.get(kind);
  }

  entries(): [Kind, { count: number; first_row: number; factor: number | null }][] {
    return [...this.#found];
  }
}
