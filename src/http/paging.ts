/** Pages of a list: the query parameters they take, and the answer they make. */
import type { Rows } from '../store/project-state.ts';
import { decodeCursor, encodeCursor, PAGE_DEFAULT, PAGE_MAX } from './cursors.ts';
import type { Call, QueryParameter } from './route.ts';

export interface PageQuery {
  limit?: number;
  cursor?: string;
}

export const pageParameters: Readonly<Record<string, QueryParameter>> = {
  limit: {
    description: `Rows per page, ${PAGE_DEFAULT} by default.`,
    schema: { type: 'integer', minimum: 1, maximum: PAGE_MAX },
  },
  cursor: { description: '`next_cursor` of the page before.', schema: { type: 'string', maxLength: 1_000 } },
};

/** One page of what `read` gives, and the cursor of the next. */
export async function pageOf<T, R extends Rows<T>>(
  { request, query }: Call<PageQuery>,
  read: (after: string | undefined, limit: number) => Promise<R>,
): Promise<{ page: R; next_cursor: string | null }> {
  const url = new URL(request.url);
  url.searchParams.delete('limit');
  url.searchParams.delete('cursor');
  url.searchParams.sort();
  const listName = `${url.pathname}?${url.searchParams}`;
  const after = query.cursor === undefined ? undefined : decodeCursor(listName, query.cursor);
  const page = await read(after, query.limit ?? PAGE_DEFAULT);
  return { page, next_cursor: page.next === null ? null : encodeCursor(listName, page.next) };
}
