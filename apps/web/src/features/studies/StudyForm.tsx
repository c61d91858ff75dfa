import { Radio, Skeleton, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { useQuery } from 'urql';
import { FormEnd } from '../../controls/FormEnd';
import { ParameterFields } from '../../controls/ParameterFields';
import { allFit, namesIn, type Parameters } from '../../controls/schema';
import { UserErrorFields } from '../../graphql/fragments';
import { graphql, type VariablesOf } from '../../graphql/graphql';
import { errorsByField, useChange } from '../../graphql/useChange';
import { links } from '../../lib/links';
import { useRefusal } from '../../session/viewer';
import { Panel } from '../../ui/Panel';
import { Stack } from '../../ui/Stack';
import { UserErrorList } from '../../ui/UserErrorList';
import { StudyCost } from './StudyCost';
import classes from './StudyForm.module.css';

const ChoicesQuery = graphql(`
  query StudyFormChoices {
    catalog {
      studyPresets {
        id
        title
        description
        parameters
        document
      }
    }
  }
`);

const StartStudy = graphql(
  `
  mutation StartStudy($input: RunStudyInput!) {
    runStudy(input: $input) {
      study {
        id
      }
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);
type Preset = NonNullable<VariablesOf<typeof StartStudy>['input']['preset']>;
/** No preset, but a document. */
const OWN = 'own' satisfies Preset;

const PAUSE_MS = 250;

/** Those parameters that decide how much there is to compute. */
const costly = ({ seed, seeds, sizePx }: Parameters) =>
  ({ seed, seeds, sizePx }) as Partial<Record<'seed' | 'seeds' | 'sizePx', number>>;

/** Asks for a study: one of the presets with what may be chosen of it, or a document, which may begin as a preset's. */
export function StudyForm() {
  const router = useRouter();
  const [{ data, error }] = useQuery({ query: ChoicesQuery });
  const [chosen, setPreset] = useState<Preset | null>(null);
  const [name, setName] = useState('');
  const [parameters, setParameters] = useState<Parameters>({});
  const [document, setDocument] = useState('');
  const { run, busy, errors } = useChange(StartStudy);
  const refusal = useRefusal();
  const presets = data?.catalog.studyPresets ?? [];
  const preset = presets.find(({ id }) => id === chosen) ?? presets[0];
  const own = chosen === OWN;
  const fits = own ? document.trim() !== '' : preset !== undefined && allFit(preset.parameters, parameters);
  const [settled] = useDebouncedValue(parameters, PAUSE_MS);
  const [settledDocument] = useDebouncedValue(document, PAUSE_MS);
  if (error) return <UserErrorList errors={[error]} />;
  if (!preset) return <Skeleton height={320} />;
  const refusals = errorsByField(errors, ['document', 'preset', 'name', ...namesIn(preset.parameters)]);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (refusal || !fits) return;
    const input = own ? { document } : { preset: preset.id, name: name.trim() || null, ...parameters };
    const made = await run({ input });
    if (made?.runStudy.study) router.push(links.study(made.runStudy.study.id));
  };
  return (
    <form onSubmit={submit} noValidate aria-label="Run a study">
      <Stack>
        <Panel title="Which study">
          <Radio.Group
            aria-label="Which study"
            value={own ? OWN : preset.id}
            onChange={(value) => {
              // What was looked at last is a beginning.
              if (value === OWN) setDocument((begun) => begun || preset.document);
              setPreset(value as Preset);
              setParameters({});
            }}
            error={refusals.preset}
          >
            <div className={classes.presets}>
              {presets.map(({ id, title, description }) => (
                <Radio key={id} value={id} label={title} description={description} />
              ))}
              <Radio
                value={OWN}
                label="Own document"
                description="Any models, attacks, sweeps and detectors, written down. It begins as the study that was chosen before."
              />
            </div>
          </Radio.Group>
        </Panel>
        {own ? (
          <Panel title="Document">
            <Textarea
              label="Of what it consists"
              description="YAML or JSON. A list where one value is expected makes a model for each, several lists one for each combination (docs/studies.md)."
              value={document}
              onChange={({ currentTarget }) => setDocument(currentTarget.value)}
              error={refusals.document}
              autosize
              minRows={12}
              maxRows={40}
              spellCheck={false}
              classNames={{ input: classes.document }}
            />
          </Panel>
        ) : (
          <Panel title="With what">
            <ParameterFields
              schema={preset.parameters}
              values={parameters}
              onChange={setParameters}
              errors={errors}
            >
              <TextInput
                label="Name"
                placeholder={preset.title}
                value={name}
                onChange={({ currentTarget }) => setName(currentTarget.value)}
                error={refusals.name}
              />
            </ParameterFields>
          </Panel>
        )}
        <FormEnd action="Run the study" fits={fits} busy={busy} errors={refusals.elsewhere}>
          {own
            ? fits && settledDocument === document && <StudyCost key={OWN} study={{ document }} />
            : fits &&
              settled === parameters && (
                <StudyCost key={preset.id} study={{ preset: preset.id, ...costly(settled) }} />
              )}
        </FormEnd>
      </Stack>
    </form>
  );
}
