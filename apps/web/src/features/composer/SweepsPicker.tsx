import { NumberInput, SegmentedControl } from '@mantine/core';
import { counted } from '../../format/count';
import { transformValue } from '../../lib/sweep';
import { Panel } from '../../ui/Panel';
import classes from './Composer.module.css';
import { type Catalog, useComposing, useRefusalAt } from './composing';
import { isRecord, listAt, recordAt, targetsOf } from './grid';
import { untransformed } from './ModelsPicker';
import { AddMenu, RemoveButton, TextOnly, Unreadable, Wrong } from './parts';
import { SeveralField } from './SeveralField';
import type { Values } from './studyText';

type Transform = Catalog['transforms'][number];

/** Sweeps of each trojaned model. */
export function SweepsPicker() {
  const { values, catalog, append } = useComposing();
  const sweeps = listAt(values, 'sweeps');
  const refused = useRefusalAt(
    ['sweeps'],
    sweeps.map((_, i) => [i]),
  );
  const without = untransformed(values, catalog).map(({ title }) => title);
  return (
    <Panel title="Sweeps">
      <div className={classes.list} data-list>
        {without.length > 0 && sweeps.length > 0 && (
          <p className={classes.about}>
            Of {without.join(', ')} the image alone is transformed: there is no trigger apart from it.
          </p>
        )}
        {sweeps.map((entry, i) =>
          isRecord(entry) ? (
            <SweepEntry key={i} entry={entry} at={i} />
          ) : (
            <Unreadable key={i} value={entry} />
          ),
        )}
        <Wrong>{refused}</Wrong>
        <AddMenu options={catalog.transforms} onAdd={(transform) => append(['sweeps'], { transform })}>
          Add a transform
        </AddMenu>
      </div>
    </Panel>
  );
}

const OF_SWEEP = ['transform', 'target', 'values', 'range'];

function SweepEntry({ entry, at }: { entry: Values; at: number }) {
  const { catalog, put } = useComposing();
  const path = ['sweeps', at];
  const transform = catalog.transforms.find(({ id }) => id === entry.transform);
  const title = transform?.title ?? String(entry.transform);
  const targets = targetsOf(entry.target);
  const chosen = targets.length > 1 ? 'BOTH' : String(targets[0]);
  return (
    <section className={classes.entry} aria-label={title}>
      <div className={classes.head}>
        <h4>{title}</h4>
        <SegmentedControl
          size="xs"
          aria-label={`What ${title.toLowerCase()} transforms`}
          data={[
            { value: 'BOTH', label: 'Trigger and image' },
            { value: 'TRIGGER', label: 'Trigger' },
            { value: 'IMAGE', label: 'Image' },
          ]}
          value={chosen}
          onChange={(value) => put([...path, 'target'], value === 'BOTH' ? undefined : value)}
        />
        <RemoveButton path={path} of={title} />
      </div>
      {transform && <ValuesOf entry={entry} at={at} transform={transform} />}
      <TextOnly values={entry} shown={OF_SWEEP} path={path} />
      <Wrong>{useRefusalAt([...path, 'transform'])}</Wrong>
      <Wrong>{useRefusalAt([...path, 'target'])}</Wrong>
    </section>
  );
}

/** Its own values, some that are listed, or a range of them. */
function ValuesOf({ entry, at, transform }: { entry: Values; at: number; transform: Transform }) {
  const { put } = useComposing();
  const path = ['sweeps', at];
  const refused = useRefusalAt([...path, 'range']);
  const how = entry.range !== undefined ? 'RANGE' : entry.values !== undefined ? 'LIST' : 'OWN';
  const { defaultValues, unit, minimum, maximum, valueName } = transform;
  const choose = (next: string) => {
    if (next !== 'RANGE') put([...path, 'range'], undefined);
    if (next !== 'LIST') put([...path, 'values'], undefined);
    if (next === 'LIST') put([...path, 'values'], [...defaultValues]);
    if (next === 'RANGE') put([...path, 'range'], rangeFor(defaultValues));
  };
  const range = recordAt(entry, 'range');
  return (
    <div className={classes.values}>
      <SegmentedControl
        size="xs"
        aria-label={`Which values of ${transform.title.toLowerCase()}`}
        data={[
          { value: 'OWN', label: 'Usual values' },
          { value: 'LIST', label: 'These' },
          { value: 'RANGE', label: 'A range' },
        ]}
        value={how}
        onChange={choose}
      />
      {how === 'OWN' && (
        <p className={classes.about}>
          {valueName}: {defaultValues.map((value) => transformValue(value, unit)).join(', ')}
        </p>
      )}
      {how === 'LIST' && (
        <div className={classes.grow}>
          <SeveralField
            label={`Values (${unit})`}
            description={valueName}
            schema={{ type: 'number', minimum, maximum }}
            path={[...path, 'values']}
            value={entry.values}
            list
          />
        </div>
      )}
      {how === 'RANGE' &&
        (['from', 'to', 'step'] as const).map((end) => (
          <NumberInput
            key={end}
            className={classes.end}
            label={`${{ from: 'From', to: 'To', step: 'Step' }[end]} (${unit})`}
            value={(range[end] as number | undefined) ?? ''}
            onChange={(next) => put([...path, 'range', end], next === '' ? undefined : next)}
            hideControls
            clampBehavior="none"
          />
        ))}
      {how === 'RANGE' && <p className={classes.about}>{amountOf(range)}</p>}
      <Wrong>{refused}</Wrong>
    </div>
  );
}

/** A range over what a transform usually goes over, in four steps. */
function rangeFor(values: readonly number[]) {
  const [from, to] = [Math.min(...values), Math.max(...values)];
  return { from, to, step: Number(((to - from) / 4).toPrecision(3)) || 1 };
}

function amountOf({ from, to, step }: Values): string {
  const steps = Math.floor((Number(to) - Number(from)) / Number(step) + 1e-9);
  return Number.isFinite(steps) && steps >= 0 && Number(step) > 0 ? counted(steps + 1, 'value') : '';
}
