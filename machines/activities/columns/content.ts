/** Questions to the content of a column. */
import type { Column } from './column.ts';

/** Share of cells that are words: text, and what looks like a name, which titles do too. */
export const textLike = ({ profile: { share } }: Column): number => share.text + share.person;

/** Share of cells that can be a duration. */
export const timeLike = ({ profile: { share } }: Column): number => share.number + share.clock + share.duration;

export const momentLike = ({ profile: { share } }: Column): number => share.date + share.clock;

const CONSTANT_FROM = 4;

/** The same everywhere, in enough rows to be sure. */
export const isConstant = ({ profile }: Column): boolean => profile.sampled >= CONSTANT_FROM && profile.distinct === 1;

const PROSE_WORDS = 2;

/** What people write in their own words. */
export const isProse = (column: Column): boolean =>
  textLike(column) >= 0.5 && column.profile.meanWords >= PROSE_WORDS && !isConstant(column);
