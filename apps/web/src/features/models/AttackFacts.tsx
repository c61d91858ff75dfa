import { titleOf, valueText } from '../../controls/schema';
import { count } from '../../format/count';
import { percent } from '../../format/percent';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { glossary } from '../../lib/glossary';
import { Facts } from '../../ui/Facts';
import { Term } from '../../ui/Term';
import classes from './AttackFacts.module.css';

export const AttackFactsFields = graphql(`
  fragment AttackFactsFields on Model {
    attack {
      title
      description
      paper {
        citation
        url
      }
      parameters
      triggerRefusal
    }
    attackParameters
    plugins {
      kind
      id
      file
      sha256
    }
    targetLabel {
      name
    }
    poison {
      rate
      planned
      effective
      covers {
        ratio
        planned
        effective
      }
    }
    trainingTransforms {
      target
      transforms {
        transform {
          title
          unit
        }
        from
        to
      }
    }
    robustnessProfile {
      suite
      value
      low
      high
      samples
      missing
    }
  }
`);

/** The part of JSON Schema that the catalog uses for parameters. */
interface ParameterSchema {
  properties?: Record<string, { description?: string; unit?: string }>;
}

/** How a backdoor was implanted: its parameters with their meaning, target and poison. */
export function AttackFacts({ model }: { model: ResultOf<typeof AttackFactsFields> }) {
  const { attack, attackParameters, targetLabel, poison, trainingTransforms, robustnessProfile, plugins } =
    model;
  if (!attack) return null;
  const schema = attack.parameters as ParameterSchema;
  const parameters = Object.entries((attackParameters ?? {}) as Record<string, unknown>);
  return (
    <>
      <p className={classes.words}>
        {attack.description} <PaperLink {...attack.paper} />
      </p>
      <Facts
        facts={[
          ...parameters.map(([name, value]) => {
            const { description, unit } = schema.properties?.[name] ?? {};
            return [
              description ? (
                <Term key={name} definition={description}>
                  {titleOf(name)}
                </Term>
              ) : (
                titleOf(name)
              ),
              unit === 'px' ? `${value} px` : valueText(value),
            ] as const;
          }),
          ['Target label', targetLabel?.name],
          ...plugins.map(
            ({ kind, id, file, sha256 }) =>
              [
                'Plugin',
                <span key={`${kind} ${id}`} title={`SHA-256 ${sha256}`}>
                  {file}, {sha256.slice(0, 12)}…
                </span>,
              ] as const,
          ),
          ...(poison
            ? ([
                [
                  <Term key="rate" definition={glossary.poison}>
                    Poison rate
                  </Term>,
                  percent(poison.rate),
                ],
                ['Poisoned images', ofPlanned(poison)],
                ...(poison.covers
                  ? ([
                      [
                        <Term key="covers" definition={glossary.covers}>
                          Covers
                        </Term>,
                        ofPlanned(poison.covers),
                      ],
                    ] as const)
                  : []),
              ] as const)
            : []),
          ...(trainingTransforms
            ? ([
                [
                  'Transformed at training',
                  `${trained[trainingTransforms.target]}: ${trainingTransforms.transforms.map(rangeText).join(', ')}`,
                ],
              ] as const)
            : []),
          ...(robustnessProfile
            ? ([
                [
                  <Term key="retained" definition={glossary.retained}>
                    ASR retained, {robustnessProfile.suite}
                  </Term>,
                  retainedWords(robustnessProfile),
                ],
              ] as const)
            : []),
        ]}
      />
    </>
  );
}

const ofPlanned = ({ planned, effective }: { planned: number; effective: number | null }) =>
  effective === null ? `${count(planned)} planned` : `${count(effective)} of ${count(planned)} planned`;

type Trained = NonNullable<ResultOf<typeof AttackFactsFields>['trainingTransforms']>;
const trained: Record<Trained['target'], string> = {
  TRIGGER: 'the trigger',
  POISONED: 'images with the trigger',
  ALL: 'all images',
};
const rangeText = ({ transform: { title, unit }, from, to }: Trained['transforms'][number]) =>
  `${title.toLowerCase()} ${from === to ? valueText(from) : `${valueText(from)} to ${valueText(to)}`} ${unit}`;

type Profile = NonNullable<ResultOf<typeof AttackFactsFields>['robustnessProfile']>;

/** With its interval, or what it lacks. */
function retainedWords({ value, low, high, samples, missing }: Profile): string {
  if (value === null || samples === null) return `not known; missing: ${missing.join('; ')}`;
  const interval = low !== null && high !== null ? ` (${percent(low)} to ${percent(high)})` : '';
  return `${percent(value)}${interval} of ${count(samples)} samples`;
}

function PaperLink({ citation, url }: { citation: string; url: string }) {
  if (!url) return <cite>{citation}</cite>;
  return (
    <a href={url} rel="noreferrer" target="_blank">
      {citation}
    </a>
  );
}
