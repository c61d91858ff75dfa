import { NativeSelect, Switch } from '@mantine/core';
import { ParameterFields } from '../../controls/ParameterFields';
import type { Parameters as Given } from '../../controls/schema';
import { counted } from '../../format/count';
import { Panel } from '../../ui/Panel';
import classes from './Composer.module.css';
import { begins, type Catalog, parameterOf, useComposing, useRefusalAt } from './composing';
import { chosenOf, factorsOfAttack, factorWords, isRecord, listAt, product } from './grid';
import { AddMenu, Folded, Parameters, RemoveButton, TextOnly, Unreadable, Wrong } from './parts';
import { SeveralField } from './SeveralField';
import { severalOf } from './several';
import type { Path, Values } from './studyText';

/** Data sets with networks: a benign model of each, and the attacks on it. */
export function ModelsPicker() {
  const { values, catalog, append } = useComposing();
  const models = listAt(values, 'models');
  const refused = useRefusalAt(
    ['models'],
    models.map((_, i) => [i]),
  );
  return (
    <Panel title="Models and attacks">
      <div className={classes.list} data-list>
        {models.map((entry, i) =>
          isRecord(entry) && isTrained(entry) ? (
            <ModelEntry key={i} entry={entry} at={i} />
          ) : (
            <OtherEntry key={i} entry={entry} at={i} />
          ),
        )}
        <Wrong>{refused}</Wrong>
        <AddMenu
          options={catalog.datasets.filter((one) => one.installed && one.trainCount > 0)}
          onAdd={(dataset) =>
            append(['models'], {
              dataset,
              architecture: architectureFor(dataset, models, catalog.architectures),
            })
          }
        >
          Add a data set
        </AddMenu>
      </div>
    </Panel>
  );
}

/** The first that this data set is not there with yet. */
const architectureFor = (
  dataset: string,
  models: readonly unknown[],
  architectures: readonly { id: string }[],
): string | undefined => {
  const taken = models.filter(isRecord).filter((one) => one.dataset === dataset);
  const free = architectures.find(({ id }) => taken.every(({ architecture }) => architecture !== id));
  return (free ?? architectures[0])?.id;
};

const isTrained = ({ dataset, architecture }: Values) =>
  typeof dataset === 'string' && typeof architecture === 'string';

/** What trains nothing that the pickers know, such as a model by its id. */
function OtherEntry({ entry, at }: { entry: unknown; at: number }) {
  const path = ['models', at];
  return (
    <section className={classes.model} aria-label={`Entry ${at + 1}`}>
      <div className={classes.head}>
        <Unreadable value={entry} />
        <RemoveButton path={path} of={`entry ${at + 1}`} keep />
      </div>
      <Wrong>{useRefusalAt(path)}</Wrong>
    </section>
  );
}

const OF_MODEL = ['dataset', 'architecture', 'sizePx', 'startFromBenign', 'recipe', 'attacks'];

function ModelEntry({ entry, at }: { entry: Values; at: number }) {
  const { catalog, put, append } = useComposing();
  const path = ['models', at];
  const dataset = catalog.datasets.find(({ id }) => id === entry.dataset);
  const architecture = catalog.architectures.find(({ id }) => id === entry.architecture);
  const title = `${architecture?.title ?? String(entry.architecture)} on ${dataset?.title ?? String(entry.dataset)}`;
  const attacks = listAt(entry, 'attacks');
  const retrains = entry.startFromBenign === true;
  const refused = useRefusalAt(
    [...path, 'attacks'],
    attacks.map((_, a) => [a]),
  );
  return (
    <section className={classes.model} aria-label={title}>
      <div className={classes.head}>
        <h3>{title}</h3>
        <RemoveButton path={path} of={title} keep />
      </div>
      <div className={classes.fields}>
        <NativeSelect
          label="Data set"
          value={String(entry.dataset)}
          onChange={({ currentTarget }) => put([...path, 'dataset'], currentTarget.value)}
          data={optionsOf(catalog.datasets, entry.dataset, ({ installed, trainCount }) => {
            if (!installed) return 'not imported';
            return trainCount === 0 ? 'test images alone' : null;
          })}
          error={useRefusalAt([...path, 'dataset'])}
        />
        <NativeSelect
          label="Network"
          value={String(entry.architecture)}
          onChange={({ currentTarget }) => put([...path, 'architecture'], currentTarget.value)}
          data={optionsOf(catalog.architectures, entry.architecture)}
          error={useRefusalAt([...path, 'architecture'])}
        />
        {(dataset?.resizable || entry.sizePx !== undefined) && (
          <SeveralField
            label="Image size (px)"
            schema={parameterOf(catalog.trainingParameters, 'sizePx', dataset?.width)}
            path={[...path, 'sizePx']}
            value={entry.sizePx}
          />
        )}
        <Switch
          label="Retrain the benign model"
          description="Trojaned models start from it instead of from random weights."
          checked={retrains}
          onChange={({ currentTarget }) =>
            put([...path, 'startFromBenign'], currentTarget.checked || undefined)
          }
          error={useRefusalAt([...path, 'startFromBenign'])}
        />
      </div>
      <Recipe
        title={retrains ? 'How the benign model is trained' : 'How its models are trained'}
        schema={architecture?.recipe}
        path={[...path, 'recipe']}
        given={entry.recipe}
      />
      <TextOnly values={entry} shown={OF_MODEL} path={path} />
      <div className={classes.list} data-list>
        <Wrong>{refused}</Wrong>
        {attacks.map((one, a) =>
          isRecord(one) && chosenOf(one.attack) ? (
            <AttackEntry key={a} entry={one} model={entry} path={[...path, 'attacks', a]} />
          ) : (
            <Unreadable key={a} value={one} />
          ),
        )}
        <AddMenu
          options={catalog.attacks}
          onAdd={(id) => append([...path, 'attacks'], { attack: { [id]: {} } })}
        >
          Add an attack
        </AddMenu>
      </div>
    </section>
  );
}

const OF_ATTACK = ['attack', 'targetLabel', 'poisonRate', 'coverRatio', 'recipe'];

function AttackEntry({ entry, model, path }: { entry: Values; model: Values; path: Path }) {
  const { catalog, values } = useComposing();
  const { id, given } = chosenOf(entry.attack)!;
  const attack = catalog.attacks.find((one) => one.id === id);
  const dataset = catalog.datasets.find((one) => one.id === model.dataset);
  const architecture = catalog.architectures.find((one) => one.id === model.architecture);
  const factors = factorsOfAttack(entry, catalog);
  const title = attack?.title ?? id;
  const names = dataset?.classes.filter(({ index, name }) => String(index) !== name) ?? [];
  const label = {
    type: 'integer',
    minimum: 0,
    ...(dataset && { maximum: dataset.classes.length - 1 }),
    default: values.targetLabel ?? 0,
  };
  const named = severalOf(label, entry.targetLabel ?? label.default).flatMap(
    (one) => names.find(({ index }) => index === one)?.name ?? [],
  );
  const covers = Number(attack?.coverRatio) > 0 || entry.coverRatio !== undefined;
  return (
    <section className={classes.entry} aria-label={title}>
      <div className={classes.head}>
        <h4>{title}</h4>
        <span className={classes.product}>
          {factors.length > 0 && `${factorWords(factors)} = `}
          {counted(product(factors), 'model')}
        </span>
        <RemoveButton path={path} of={title} />
      </div>
      {attack && <p className={classes.about}>{attack.description}</p>}
      <Wrong>{useRefusalAt([...path, 'attack'], [[id]])}</Wrong>
      <div className={classes.fields}>
        <SeveralField
          schema={parameterOf(catalog.implantParameters, 'poisonRate', attack?.poisonRate)}
          path={[...path, 'poisonRate']}
          value={entry.poisonRate}
        />
        <SeveralField
          schema={label}
          path={[...path, 'targetLabel']}
          value={entry.targetLabel}
          description={`What the model says when the trigger is there${named.length > 0 ? `: ${named.join(', ')}` : ''}.`}
        />
        {covers && (
          <SeveralField
            schema={parameterOf(catalog.implantParameters, 'coverRatio', attack?.coverRatio)}
            path={[...path, 'coverRatio']}
            value={entry.coverRatio}
          />
        )}
      </div>
      <Parameters title={title} schema={attack?.parameters} path={[...path, 'attack', id]} given={given} />
      <Recipe
        title="How this one is trained"
        schema={model.startFromBenign === true ? architecture?.retrainingRecipe : architecture?.recipe}
        path={[...path, 'recipe']}
        given={entry.recipe}
      />
      <TextOnly values={entry} shown={OF_ATTACK} path={path} />
    </section>
  );
}

/** What differs from the network's own recipe. */
function Recipe({
  title,
  schema,
  path,
  given,
}: {
  title: string;
  schema: unknown;
  path: Path;
  given: unknown;
}) {
  const { put, refusals } = useComposing();
  const own = isRecord(given) ? (given as Given) : {};
  if (!schema) return null;
  return (
    <Folded title={title} path={path} open={Object.keys(own).length > 0}>
      {() => (
        <ParameterFields
          schema={schema}
          values={own}
          onChange={(next) => put(path, Object.keys(next).length > 0 ? next : undefined)}
          errors={refusals
            .filter((one) => begins(one.path, path))
            .map((one) => ({
              code: 'BAD_USER_INPUT' as const,
              message: one.message,
              field: one.path.map(String),
            }))}
        />
      )}
    </Folded>
  );
}

/** What a list offers; what the document names stands there even where it offers no such thing. */
function optionsOf<Option extends { id: string; title: string }>(
  list: readonly Option[],
  chosen: unknown,
  refusalOf: (one: Option) => string | null = () => null,
) {
  const options = list.map((one) => {
    const refusal = refusalOf(one);
    return {
      value: one.id,
      label: refusal ? `${one.title} (${refusal})` : one.title,
      disabled: refusal !== null && one.id !== chosen,
    };
  });
  return list.some(({ id }) => id === chosen)
    ? options
    : [{ value: String(chosen), label: `${String(chosen)} (unknown)`, disabled: false }, ...options];
}

/** Attacks of a document whose trigger cannot be transformed. */
export function untransformed(values: Values, { attacks }: Pick<Catalog, 'attacks'>) {
  const there = listAt(values, 'models')
    .filter(isRecord)
    .flatMap((model) => listAt(model, 'attacks'))
    .map((entry) => (isRecord(entry) ? chosenOf(entry.attack)?.id : undefined));
  return attacks.filter(({ id, transformsTrigger }) => !transformsTrigger && there.includes(id));
}
