/** Colors as styles of HTML name them, as far as it takes to see that a text has the color of what is behind it. */

const NAMES: Readonly<Record<string, number>> = {
  ...{ white: 0xffffff, snow: 0xfffafa, black: 0, red: 0xff0000, green: 0x008000, blue: 0x0000ff, yellow: 0xffff00 },
  ...{ gray: 0x808080, grey: 0x808080, silver: 0xc0c0c0, navy: 0x000080, maroon: 0x800000, orange: 0xffa500 },
};

/** RGB; null for a color that is not known; undefined where there is none. */
export function colorOfCss(value: string | undefined): number | null | undefined {
  const text = value?.trim().toLowerCase();
  if (text === undefined || text === '' || isTransparent(text) || /^(?:inherit|initial|unset|none)$/.test(text)) {
    return undefined;
  }
  const hex = /^#?([0-9a-f]{6}|[0-9a-f]{3})$/.exec(text)?.[1];
  if (hex !== undefined) return Number.parseInt(hex.length === 3 ? hex.replace(/./g, '$&$&') : hex, 16);
  const rgb = /^rgba?\((\d{1,3})[,\s]+(\d{1,3})[,\s]+(\d{1,3})/.exec(text);
  if (rgb) return (Number(rgb[1]) << 16) | (Number(rgb[2]) << 8) | Number(rgb[3]);
  return Object.hasOwn(NAMES, text) ? (NAMES[text] as number) : null;
}

export function isTransparent(value: string | undefined): boolean {
  return value !== undefined && /^(?:transparent|rgba\([^)]*,\s*0(?:\.0+)?\))$/.test(value.trim().toLowerCase());
}
