import { fullTitleOf, valueText } from '../../controls/schema';
import { duration } from '../../format/duration';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { Facts } from '../../ui/Facts';
import classes from './ProvenanceFacts.module.css';

export const ProvenanceFactsFields = graphql(`
  fragment ProvenanceFactsFields on Model {
    provenance {
      trainedHere
      seed
      version
      engine
      weightsSha256
      start
      baseSha256
    }
    normalization {
      mean
      std
    }
    width
    height
    training {
      recipe
      batchSizeUsed
      durationSeconds
    }
  }
`);

/** What it takes to make a model again. */
export function ProvenanceFacts({ model }: { model: ResultOf<typeof ProvenanceFactsFields> }) {
  const { provenance, training, normalization } = model;
  const recipe = Object.entries((training.recipe ?? {}) as Record<string, unknown>);
  const unknown = 'known after training';
  // Of others nobody here knows how.
  const ours = provenance.trainedHere;
  return (
    <Facts
      facts={[
        ...(ours ? [['Seed', provenance.seed] as const] : []),
        ['Images', `${model.width}×${model.height} px`],
        [
          'Normalised by',
          normalization
            ? `mean ${normalization.mean.join(', ')}, standard deviation ${normalization.std.join(', ')}`
            : 'nothing: values from 0 to 1',
        ],
        ...(ours
          ? [
              [
                'Started from',
                provenance.start === 'SCRATCH'
                  ? 'random weights'
                  : `another model${provenance.baseSha256 ? `, ${provenance.baseSha256.slice(0, 12)}…` : ''}`,
              ] as const,
            ]
          : []),
        ...recipe.map(
          ([name, value]) =>
            [
              fullTitleOf(name),
              name === 'batchSize' && value !== training.batchSizeUsed
                ? `${training.batchSizeUsed} of ${valueText(value)}: no more images to train on`
                : valueText(value),
            ] as const,
        ),
        ...(ours
          ? [
              [
                'Training took',
                training.durationSeconds === null ? unknown : duration(training.durationSeconds),
              ] as const,
            ]
          : []),
        ['trojanscope', provenance.version ?? unknown],
        ['Engine', provenance.engine ?? unknown],
        [
          'Weights, SHA-256',
          provenance.weightsSha256 ? (
            <code key="hash" className={classes.hash}>
              {provenance.weightsSha256}
            </code>
          ) : (
            unknown
          ),
        ],
      ]}
    />
  );
}
