import { Button, FileButton, NativeSelect, Skeleton, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useRouter } from 'next/navigation';
import { type FormEvent, useMemo, useRef, useState } from 'react';
import { useQuery } from 'urql';
import { ActionButton } from '../../controls/ActionButton';
import { save } from '../../export/save';
import { duration } from '../../format/duration';
import { useChange } from '../../graphql/useChange';
import { links } from '../../lib/links';
import { FilterBar } from '../../ui/FilterBar';
import { Panel } from '../../ui/Panel';
import { Stack } from '../../ui/Stack';
import { UserErrorList } from '../../ui/UserErrorList';
import { useAddress } from '../../ui/useAddress';
import { StartStudy, StudyCost, useStudyCost } from '../studies/StudyCost';
import classes from './Composer.module.css';
import { type Catalog, ComposerChoices, type Composing, ComposingContext } from './composing';
import { DetectorsPicker } from './DetectorsPicker';
import { useDraft } from './draft';
import { GridSummary } from './GridSummary';
import { countGrid } from './grid';
import { ModelsPicker } from './ModelsPicker';
import { fileNameOf, refusalsOf } from './refusals';
import { StudyFields } from './StudyFields';
import { SweepsPicker } from './SweepsPicker';
import { append, put, remove, seen } from './studyText';

/** A large grid is much to look up. */
const pauseFor = (jobs: number) => (jobs > 500 ? 1_500 : 400);

/** A study's document by pickers or as a text, with what it comes to and costs. */
export function StudyComposer() {
  const [{ data, error }] = useQuery({ query: ComposerChoices });
  const { get } = useAddress();
  if (error) return <UserErrorList errors={[error]} />;
  if (!data) return <Skeleton height={420} />;
  const { catalog } = data;
  const preset = catalog.studyPresets.find(({ id }) => id === get('from'));
  return (
    <FilledComposer
      key={preset?.id ?? ''}
      catalog={catalog}
      name={preset?.id ?? ''}
      start={preset?.document ?? blank(catalog)}
    />
  );
}

/** What a study without a preset begins with. */
function blank({ datasets, architectures }: Catalog): string {
  const dataset = datasets.find(({ installed, trainCount }) => installed && trainCount > 0) ?? datasets[0];
  return `title: A study of my own\nmodels:\n  - dataset: ${dataset?.id}\n    architecture: ${architectures[0]?.id}\n`;
}

/** Enter in a field runs nothing: a grid may take days. */
const stay = (event: FormEvent) => event.preventDefault();

interface FilledComposerProps {
  catalog: Catalog;
  /** Of the draft: the preset that it begins with. */
  name: string;
  start: string;
}

function FilledComposer({ catalog, name, start }: FilledComposerProps) {
  const router = useRouter();
  const { get } = useAddress();
  const { text, setText } = useDraft(name, start);
  const { values, blind } = useMemo(() => seen(text), [text]);
  const grid = useMemo(() => values && countGrid(values, catalog), [values, catalog]);
  const [settled] = useDebouncedValue(text, pauseFor(grid?.jobs ?? 0));
  const cost = useStudyCost({ document: settled }, settled.trim() === '');
  const { run, busy, errors } = useChange(StartStudy);
  const [asked, setAsked] = useState('');
  // What was refused is so until the text is another.
  const current = settled === text;
  const refusals = refusalsOf([...(current ? cost.refusals : []), ...(asked === text ? errors : [])], values);
  const asText = get('view') === 'text' || values === null;
  const fits = text.trim() !== '' && (!current || cost.refusals.length === 0);

  const composing: Composing | null = values && {
    ...{ catalog, values, refusals },
    put: (path, value) => setText((before) => put(before, path, value)),
    append: (path, element) => setText((before) => append(before, path, element)),
    remove: (path, keep) => setText((before) => remove(before, path, keep)),
  };
  const runIt = async () => {
    setAsked(text);
    const study = (await run({ input: { document: text } }))?.runStudy.study;
    if (study) router.push(links.study(study.id));
  };
  return (
    <form onSubmit={stay} noValidate aria-label="Compose a study" className={classes.composer}>
      <Beginning {...{ catalog, name, start, text, setText, asText }} />
      {asText || !composing ? (
        <DocumentText {...{ text, setText, refusals, blind }} />
      ) : (
        <ComposingContext value={composing}>
          <div>
            <Stack>
              <p className={classes.hint}>
                Several values, with commas between them, make a model for each; several lists one for each
                combination.
              </p>
              <StudyFields />
              <ModelsPicker />
              <SweepsPicker />
              <DetectorsPicker />
            </Stack>
            {/* Where the total is below them. */}
            <p className={classes.brief} aria-hidden>
              {grid?.words}
              {cost.estimate?.seconds != null && <strong> About {duration(cost.estimate.seconds)}.</strong>}
            </p>
          </div>
        </ComposingContext>
      )}
      <aside className={classes.total}>
        <Panel title="What it comes to">
          {grid && <GridSummary grid={grid} />}
          <UserErrorList errors={refusals.map(({ full }) => ({ message: full }))} />
          <StudyCost cost={cost} stale={!current} silent />
          <div className={classes.buttons}>
            <ActionButton
              onClick={runIt}
              variant="filled"
              loading={busy}
              refusal={fits ? null : 'Fix the marked fields first.'}
            >
              Run the study
            </ActionButton>
            <Button
              variant="default"
              onClick={() => save(fileNameOf(values?.title), new Blob([text], { type: 'application/yaml' }))}
            >
              Export YAML
            </Button>
          </div>
        </Panel>
      </aside>
    </form>
  );
}

interface BeginningProps extends FilledComposerProps {
  text: string;
  setText: (text: string) => void;
  asText: boolean;
}

/** What the document begins as, and how it is edited. */
function Beginning({ catalog, name, start, text, setText, asText }: BeginningProps) {
  const { change } = useAddress();
  const reset = useRef<() => void>(null);
  return (
    <div className={classes.bar}>
      <NativeSelect
        label="Start from"
        value={name}
        onChange={({ currentTarget }) => change({ from: currentTarget.value || null })}
        data={[
          { value: '', label: 'An empty document' },
          ...catalog.studyPresets.map(({ id, title }) => ({ value: id, label: title })),
        ]}
      />
      <FileButton
        resetRef={reset}
        accept=".yaml,.yml,.json"
        onChange={async (file) => {
          if (file) setText(await file.text());
          // The same file may be chosen once more, when it is another.
          reset.current?.();
        }}
      >
        {(props) => (
          <Button variant="default" {...props}>
            Open a file
          </Button>
        )}
      </FileButton>
      {text !== start && (
        <Button variant="subtle" onClick={() => setText(start)}>
          Start over
        </Button>
      )}
      <FilterBar
        legend="How it is edited"
        options={[
          { value: 'pickers', label: 'Pickers' },
          { value: 'text', label: 'Text' },
        ]}
        value={asText ? 'text' : 'pickers'}
        onChange={(view) => change({ view: view === 'text' ? 'text' : null }, 'replace')}
      />
    </div>
  );
}

interface DocumentTextProps {
  text: string;
  setText: (text: string) => void;
  refusals: ReturnType<typeof refusalsOf>;
  blind: string | null;
}

/** The document as it is written. */
function DocumentText({ text, setText, refusals, blind }: DocumentTextProps) {
  return (
    <Panel title="Document">
      <Textarea
        label="Of what it consists"
        description="YAML or JSON. A list where one value is expected makes a model for each, several lists one for each combination (docs/studies.md)."
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        error={refusals.map(({ full }) => full).join(' ') || undefined}
        autosize
        minRows={12}
        maxRows={40}
        spellCheck={false}
        classNames={{ input: classes.document! }}
      />
      {blind && <p className={classes.about}>{blind} Pickers are back once they can read it.</p>}
    </Panel>
  );
}
