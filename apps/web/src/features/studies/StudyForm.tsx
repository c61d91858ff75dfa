import { Radio, Skeleton, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { useQuery } from 'urql';
import { FormEnd } from '../../controls/FormEnd';
import { ParameterFields } from '../../controls/ParameterFields';
import { allFit, namesIn, type Parameters } from '../../controls/schema';
import { graphql, type VariablesOf } from '../../graphql/graphql';
import { errorsByField, useChange } from '../../graphql/useChange';
import { links } from '../../lib/links';
import { useRefusal } from '../../session/viewer';
import { InternalLink } from '../../ui/InternalLink';
import { Panel } from '../../ui/Panel';
import { Stack } from '../../ui/Stack';
import { UserErrorList } from '../../ui/UserErrorList';
import { StartStudy, StudyCost, useStudyCost } from './StudyCost';
import classes from './StudyForm.module.css';

const ChoicesQuery = graphql(`
  query StudyFormChoices {
    catalog {
      studyPresets {
        id
        title
        description
        parameters
      }
    }
  }
`);

type Preset = NonNullable<VariablesOf<typeof StartStudy>['input']['preset']>;

const PAUSE_MS = 250;

/** Those parameters that decide how much there is to compute. */
const costly = ({ seed, seeds, sizePx }: Parameters) =>
  ({ seed, seeds, sizePx }) as Partial<Record<'seed' | 'seeds' | 'sizePx', number>>;

/** Asks for one of the presets, with what may be chosen of it. */
export function StudyForm() {
  const router = useRouter();
  const [{ data, error }] = useQuery({ query: ChoicesQuery });
  const [chosen, setPreset] = useState<Preset | null>(null);
  const [name, setName] = useState('');
  const [parameters, setParameters] = useState<Parameters>({});
  const { run, busy, errors } = useChange(StartStudy);
  const refusal = useRefusal();
  const presets = data?.catalog.studyPresets ?? [];
  const preset = presets.find(({ id }) => id === chosen) ?? presets[0];
  const fits = preset !== undefined && allFit(preset.parameters, parameters);
  const [settled] = useDebouncedValue(parameters, PAUSE_MS);
  const cost = useStudyCost(
    { preset: preset?.id ?? null, ...costly(settled) },
    !fits || settled !== parameters,
  );
  if (error) return <UserErrorList errors={[error]} />;
  if (!preset) return <Skeleton height={320} />;
  const refusals = errorsByField(errors, ['preset', 'name', ...namesIn(preset.parameters)]);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (refusal || !fits) return;
    const made = await run({ input: { preset: preset.id, name: name.trim() || null, ...parameters } });
    if (made?.runStudy.study) router.push(links.study(made.runStudy.study.id));
  };
  return (
    <form onSubmit={submit} noValidate aria-label="Run a study">
      <Stack>
        <Panel title="Which study">
          <Radio.Group
            aria-label="Which study"
            value={preset.id}
            onChange={(value) => {
              setPreset(value as Preset);
              setParameters({});
            }}
            error={refusals.preset}
          >
            <div className={classes.presets}>
              {presets.map(({ id, title, description }) => (
                <Radio key={id} value={id} label={title} description={description} />
              ))}
            </div>
          </Radio.Group>
          <p className={classes.compose}>
            Not quite it?{' '}
            <InternalLink href={links.new('compose', preset.id)}>Compose your own from it</InternalLink>: any
            models, attacks, sweeps and detectors.
          </p>
        </Panel>
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
        <FormEnd action="Run the study" fits={fits} busy={busy} errors={refusals.elsewhere}>
          {fits && <StudyCost key={preset.id} cost={cost} stale={settled !== parameters} />}
        </FormEnd>
      </Stack>
    </form>
  );
}
