import { TrojanscopeError } from '@trojanscope/core';
import type { Connection, PageArgs } from '@trojanscope/schema';
import type { List } from '../store/lists.js';

const MAXIMUM = 100;

/**
 * How many entries a page has.
 * @throws TrojanscopeError BAD_USER_INPUT for none or too many, for both or neither
 */
export function pageSize(first: number | null | undefined, last: number | null | undefined): number {
  const limit = last ?? first;
  if (limit == null || (first != null && last != null)) {
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      'Expected either `first` (with `after`) or `last` (with `before`).',
      ['first'],
    );
  }
  if (limit < 1 || limit > MAXIMUM) {
    const name = last != null ? 'last' : 'first';
    throw new TrojanscopeError('BAD_USER_INPUT', `${name}: expected 1 to ${MAXIMUM}; got ${limit}.`, [name]);
  }
  return limit;
}

/** A connection by keyset: pages stay where they are while entries are added. */
export async function paginate<T, Presented>(
  { first, after, last, before }: PageArgs,
  list: List<T>,
  present: (entry: T) => Presented,
): Promise<Connection<Presented>> {
  const backwards = last != null;
  const limit = pageSize(first, last);
  const [own, cursor, other, stray] = backwards
    ? ['before', before, 'after', after]
    : ['after', after, 'before', before];
  if (stray != null) {
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `${other} does not go with ${backwards ? 'last' : 'first'}; ${own} does.`,
      [other!],
    );
  }
  const bound = cursor == null ? undefined : decode(cursor);
  if (bound !== undefined && !list.isKey(bound)) {
    throw new TrojanscopeError('BAD_USER_INPUT', `“${cursor!.slice(0, 40)}” is no cursor of this list.`, [
      own!,
    ]);
  }
  const entries = await list.page({ limit: limit + 1, backwards, bound });
  const more = entries.length > limit;
  const shown = entries.slice(0, limit);
  if (backwards) shown.reverse();
  const edges = shown.map((entry) => ({ cursor: encode(list.keyOf(entry)), node: present(entry) }));
  return {
    nodes: edges.map(({ node }) => node),
    edges,
    get totalCount() {
      // All entries are counted only where somebody asks for it.
      return list.count();
    },
    pageInfo: {
      hasNextPage: backwards ? bound !== undefined : more,
      hasPreviousPage: backwards ? more : bound !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

export const MAXIMUM_PAGE_SIZE = MAXIMUM;

const encode = (key: string) => Buffer.from(key).toString('base64url');
const decode = (cursor: string) => Buffer.from(cursor, 'base64url').toString();
