import { graphql, type ResultOf } from '../../graphql/graphql';
import { type SeriesStyle, seriesStyles } from '../../theme/series';

/** What tells whether two models are the same but for chance. */
export const SeedFields = graphql(`
  fragment SeedFields on Model {
    id
    name
    width
    dataset {
      id
    }
    architecture {
      id
    }
    attack {
      id
    }
    attackParameters
    targetLabel {
      index
    }
    poison {
      rate
    }
    training {
      recipe
    }
    provenance {
      seed
      start
    }
  }
`);
type SeededModel = ResultOf<typeof SeedFields>;

export interface SeedGroup {
  /** Of the models, the lowest seed first. */
  ids: string[];
  /** What they are called together. */
  name: string;
}

/** Models that differ in nothing but their seed, two or more together. */
export function seedGroupsOf(models: readonly SeededModel[]): SeedGroup[] {
  const alike = new Map<string, SeededModel[]>();
  for (const model of models) {
    const { id: _, name: __, provenance, ...rest } = model;
    const key = JSON.stringify([rest, provenance.start]);
    alike.set(key, [...(alike.get(key) ?? []), model]);
  }
  return [...alike.values()].flatMap((group) => {
    const seeds = new Set(group.map(({ provenance }) => provenance.seed));
    if (seeds.size < 2) return [];
    const sorted = [...group].sort((a, b) => a.provenance.seed - b.provenance.seed);
    const name = sorted[0]!.name.replace(/, seed \d+$/, '');
    const over = seeds.size === group.length ? 'seeds' : `models of ${seeds.size} seeds`;
    return { ids: sorted.map(({ id }) => id), name: `${name}: mean of ${group.length} ${over}` };
  });
}

/** How the lines of all panels are called and drawn. */
export interface Overlay {
  /** Of each model. */
  names: ReadonlyMap<string, string>;
  styles: ReadonlyMap<string, SeriesStyle>;
  /** What the legend says, by a model that has the line's style: a model's name, or that of several seeds together. */
  lines: ReadonlyMap<string, string>;
}

/** Each model has a style of its own, or that of its seeds together. @param models of those ids, as far as they are known */
export function overlayOf(
  ids: readonly string[],
  models: readonly { id: string; name: string }[],
  groups: readonly SeedGroup[],
): Overlay {
  const groupOf = new Map(groups.flatMap((group) => group.ids.map((id) => [id, group])));
  const lineOf = (id: string) => groupOf.get(id)?.ids[0] ?? id;
  const styles = seriesStyles(ids.map(lineOf));
  return {
    names: new Map(models.map(({ id, name }) => [id, name])),
    styles: new Map(ids.map((id) => [id, styles.get(lineOf(id))!])),
    lines: new Map(models.map(({ id, name }) => [lineOf(id), groupOf.get(id)?.name ?? name])),
  };
}
