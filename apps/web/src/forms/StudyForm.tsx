import { NumberInput, Radio, Skeleton, TextInput } from '@mantine/core';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { useQuery } from 'urql';
import { ActionButton } from '../components/ActionButton';
import { Panel } from '../components/Panel';
import { Stack } from '../components/Stack';
import { UserErrorList } from '../components/UserErrorList';
import { UserErrorFields } from '../graphql/fragments';
import { graphql, type VariablesOf } from '../graphql/graphql';
import { PresetsQuery } from '../graphql/presets';
import { useChange } from '../graphql/useChange';
import { useRefusal } from '../graphql/viewer';
import { links } from '../words/links';
import { EstimateLine } from './EstimateLine';
import { errorsByField } from './errorsByField';
import classes from './StudyForm.module.css';

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
type Preset = VariablesOf<typeof StartStudy>['input']['preset'];

const EstimateQuery = graphql(`
  query StudyEstimate($preset: StudyPresetId!) {
    estimateStudy(preset: $preset) {
      seconds
      basis
    }
  }
`);

const FIELDS = [
  'preset',
  'name',
  'seed',
  'seeds',
  'sizePx',
  'styleFolder',
  'generatorFile',
  'pictureFile',
] as const;

/** Asks for a study: one of the presets, with what may be chosen of it. */
export function StudyForm() {
  const router = useRouter();
  const [{ data, error }] = useQuery({ query: PresetsQuery });
  const [chosen, setPreset] = useState<Preset | null>(null);
  const [text, setText] = useState({ name: '', styleFolder: '', generatorFile: '', pictureFile: '' });
  const [numbers, setNumbers] = useState<Record<'seed' | 'seeds' | 'sizePx', number | string>>({
    seed: 1,
    seeds: 1,
    sizePx: '',
  });
  const { run, busy, errors } = useChange(StartStudy);
  const refusal = useRefusal();
  const presets = data?.catalog.studyPresets ?? [];
  const preset = chosen ?? presets[0]?.id ?? null;
  const [{ data: estimate }] = useQuery({
    query: EstimateQuery,
    variables: { preset: preset ?? 'smoke' },
    pause: preset === null,
  });
  if (error) return <UserErrorList errors={[error]} />;
  if (!data || !preset) return <Skeleton height={320} />;
  const refusals = errorsByField(errors, FIELDS);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (refusal) return;
    const { sizePx, seed, seeds } = numbers;
    const made = await run({
      input: {
        preset,
        seed: Number(seed),
        seeds: Number(seeds),
        sizePx: sizePx === '' ? null : Number(sizePx),
        name: text.name.trim() || null,
        styleFolder: text.styleFolder || null,
        generatorFile: text.generatorFile || null,
        pictureFile: text.pictureFile || null,
      },
    });
    if (made?.runStudy.study) router.push(links.study(made.runStudy.study.id));
  };
  const number = (name: keyof typeof numbers, label: string, more: object = {}) => (
    <NumberInput
      label={label}
      value={numbers[name]}
      onChange={(value) => setNumbers({ ...numbers, [name]: value })}
      allowDecimal={false}
      error={refusals[name]}
      {...more}
    />
  );
  const words = (name: keyof typeof text, label: string, description?: string) => (
    <TextInput
      label={label}
      description={description}
      value={text[name]}
      onChange={({ currentTarget }) => setText({ ...text, [name]: currentTarget.value })}
      error={refusals[name]}
    />
  );
  return (
    <form onSubmit={submit} aria-label="Run a study">
      <Stack>
        <Panel title="Which study">
          <Radio.Group
            aria-label="Which study"
            value={preset}
            onChange={(value) => setPreset(value as Preset)}
            error={refusals.preset}
          >
            <div className={classes.presets}>
              {presets.map(({ id, title, description }) => (
                <Radio key={id} value={id} label={title} description={description} />
              ))}
            </div>
          </Radio.Group>
        </Panel>
        <Panel title="With what">
          <div className={classes.fields}>
            {number('seed', 'Seed')}
            {number('seeds', 'Seeds', {
              description: 'The whole study runs for each, from the seed on; 1 to 20',
            })}
            {number('sizePx', 'Side of GTSRB’s images (px)', { placeholder: '96' })}
            {words('name', 'Name')}
            {words(
              'styleFolder',
              'Paintings for DFST’s style',
              'A folder on the server; our own sunsets when left out',
            )}
            {words(
              'generatorFile',
              'Generator for DFST',
              'A file on the server, trained on such paintings before',
            )}
            {words('pictureFile', 'Picture to reflect', 'A file on the server; an apple when left out')}
          </div>
        </Panel>
        <div className={classes.end}>
          <UserErrorList errors={refusals.elsewhere} />
          <EstimateLine estimate={estimate?.estimateStudy} />
          <ActionButton type="submit" variant="filled" loading={busy}>
            Run the study
          </ActionButton>
        </div>
      </Stack>
    </form>
  );
}
