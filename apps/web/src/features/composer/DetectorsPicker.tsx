import { Panel } from '../../ui/Panel';
import classes from './Composer.module.css';
import { useComposing, useRefusalAt } from './composing';
import { chosenOf, factorsOf, factorWords, isRecord, listAt, product } from './grid';
import { AddMenu, Parameters, RemoveButton, TextOnly, Unreadable, Wrong } from './parts';
import type { Values } from './studyText';

/** Detectors that are tried on each trojaned model. */
export function DetectorsPicker() {
  const { values, catalog, append } = useComposing();
  const detectors = listAt(values, 'detectors');
  const refused = useRefusalAt(
    ['detectors'],
    detectors.map((_, i) => [i]),
  );
  return (
    <Panel title="Detectors">
      <div className={classes.list} data-list>
        {detectors.map((entry, i) =>
          isRecord(entry) && chosenOf(entry.detector) ? (
            <DetectorEntry key={i} entry={entry} at={i} />
          ) : (
            <Unreadable key={i} value={entry} />
          ),
        )}
        <Wrong>{refused}</Wrong>
        <AddMenu
          options={catalog.detectors}
          onAdd={(id) => append(['detectors'], { detector: { [id]: {} } })}
        >
          Add a detector
        </AddMenu>
      </div>
    </Panel>
  );
}

function DetectorEntry({ entry, at }: { entry: Values; at: number }) {
  const { catalog } = useComposing();
  const path = ['detectors', at];
  const { id, given } = chosenOf(entry.detector)!;
  const detector = catalog.detectors.find((one) => one.id === id);
  const title = detector?.title ?? id;
  const factors = factorsOf(detector?.parameters, given);
  return (
    <section className={classes.entry} aria-label={title}>
      <div className={classes.head}>
        <h4>{title}</h4>
        {factors.length > 0 && (
          <span className={classes.product}>
            {factorWords(factors)} = {product(factors)} variants
          </span>
        )}
        <RemoveButton path={path} of={title} />
      </div>
      {detector && <p className={classes.about}>{detector.description}</p>}
      <Wrong>{useRefusalAt([...path, 'detector'], [[id]])}</Wrong>
      <Parameters
        title={title}
        schema={detector?.parameters}
        path={[...path, 'detector', id]}
        given={given}
      />
      <TextOnly values={entry} shown={['detector']} path={path} />
    </section>
  );
}
