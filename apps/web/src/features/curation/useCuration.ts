import { UserErrorFields } from '../../graphql/fragments';
import { graphql } from '../../graphql/graphql';
import { useChange } from '../../graphql/useChange';

const Annotate = graphql(
  `
  mutation Annotate($input: AnnotateInput!) {
    annotate(input: $input) {
      items {
        id
        notes
        tags
      }
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);

const SetLock = graphql(
  `
  mutation SetLock($input: SetLockInput!) {
    setLock(input: $input) {
      items {
        id
        locked
      }
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);

const DeleteItems = graphql(
  `
  mutation DeleteItems($input: DeleteItemsInput!) {
    deleteItems(input: $input) {
      items {
        id
        deletedAt
      }
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);

const RestoreItems = graphql(
  `
  mutation RestoreItems($input: RestoreItemsInput!) {
    restoreItems(input: $input) {
      items {
        id
        deletedAt
      }
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);

/** At most so many things in one request. */
const AT_ONCE = 100;

/** What people do to keep models, sweeps and studies in order. */
export function useCuration() {
  const annotated = useChange(Annotate);
  const locked = useChange(SetLock);
  const deleted = useChange(DeleteItems);
  const restored = useChange(RestoreItems);
  const all = [annotated, locked, deleted, restored];
  /** Whether it was done for all of them. */
  const inParts = async (ids: readonly string[], change: (part: string[]) => Promise<unknown>) => {
    for (let from = 0; from < ids.length; from += AT_ONCE)
      if (!(await change(ids.slice(from, from + AT_ONCE)))) return false;
    return true;
  };
  return {
    annotate: (
      ids: readonly string[],
      what: { name?: string; notes?: string; addTags?: string[]; removeTags?: string[] },
    ) => inParts(ids, (part) => annotated.run({ input: { ids: part, ...what } })),
    setLock: (ids: readonly string[], lock: boolean) =>
      inParts(ids, (part) => locked.run({ input: { ids: part, locked: lock } })),
    moveToTrash: (ids: readonly string[]) => inParts(ids, (part) => deleted.run({ input: { ids: part } })),
    restore: (ids: readonly string[]) => inParts(ids, (part) => restored.run({ input: { ids: part } })),
    busy: all.some(({ busy }) => busy),
    errors: all.flatMap(({ errors }) => errors),
  };
}
