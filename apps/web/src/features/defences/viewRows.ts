import type { ResultOf } from '../../graphql/graphql';
import type { ViewsQuery } from './ViewsDrawer';

export type DetectionView = NonNullable<
  Extract<ResultOf<typeof ViewsQuery>['node'], { __typename: 'DetectionImage' }>['views']
>[number];

/** Views that stand together. */
export interface ViewRow<View> {
  /** What all of them are; null where they are of several kinds. */
  title: string | null;
  views: readonly View[];
}

/** So many of a kind in a row stand by themselves, as the severities of a corruption do. */
const LEAST_OF_A_KIND = 4;

/** Views in their order, those of a kind in rows of their own where they are many; the kind is that of the last step. */
export function viewRows<View extends Pick<DetectionView, 'steps'>>(views: readonly View[]): ViewRow<View>[] {
  const runs: { kind: string; views: View[] }[] = [];
  for (const view of views) {
    const last = runs.at(-1);
    const kind = kindOf(view);
    if (last?.kind === kind) last.views.push(view);
    else runs.push({ kind, views: [view] });
  }
  const rows: { title: string | null; views: View[] }[] = [];
  for (const { kind, views } of runs) {
    const before = rows.at(-1);
    if (views.length >= LEAST_OF_A_KIND) rows.push({ title: kind, views });
    else if (before?.title === null) before.views.push(...views);
    else rows.push({ title: null, views: [...views] });
  }
  return rows;
}

/** In words: an id as `shrinkPad` has its words apart. */
function kindOf({ steps }: Pick<DetectionView, 'steps'>): string {
  const last = steps.at(-1);
  if (!last) return 'As it is';
  const words = last.transform?.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words ? words[0]!.toUpperCase() + words.slice(1) : 'Other images laid over it';
}
