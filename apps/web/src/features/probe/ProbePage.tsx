'use client';

import { ActionIcon, NumberInput, SegmentedControl, Select, Slider, Switch, Tooltip } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useQuery } from 'urql';
import type { PanelSource } from '../../export/panelSource';
import { picturesSvg } from '../../export/sheet';
import { tableOf } from '../../export/table';
import { count } from '../../format/count';
import { percent } from '../../format/percent';
import { TransformFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { glossary } from '../../lib/glossary';
import { links } from '../../lib/links';
import { outcomeKinds } from '../../lib/outcomeKinds';
import { transformValue } from '../../lib/sweep';
import { Columns } from '../../ui/Columns';
import controls from '../../ui/Controls.module.css';
import { InternalLink } from '../../ui/InternalLink';
import { BackIcon, ForwardIcon } from '../../ui/icons';
import { KindMark } from '../../ui/KindMark';
import { hydratedPage, Live } from '../../ui/livePage';
import { Notice } from '../../ui/Notice';
import { PageHead } from '../../ui/PageHead';
import { PageLink } from '../../ui/PageLink';
import { Panel } from '../../ui/Panel';
import { PixelImage } from '../../ui/PixelImage';
import { Stack } from '../../ui/Stack';
import { Term } from '../../ui/Term';
import { UnknownId } from '../../ui/UnknownId';
import { useAddress } from '../../ui/useAddress';
import { methodInput, SMOOTHGRAD, useExplainers } from '../explanations/ExplainControls';
import { ExplanationScore } from '../explanations/ExplanationScore';
import { SaliencyView } from '../explanations/SaliencyView';
import { PredictionBars } from './PredictionBars';
import { ProbeCurve, ProbeCurveQuery, type ProbeTarget, type ProbeTransform } from './ProbeCurve';
import classes from './ProbePage.module.css';
import { ExplainedProbeQuery, ProbeQuery, type ProbeResult, useProbe } from './useProbe';

const ProbeModelQuery = graphql(
  `
  query ProbeModel($id: ID!) {
    node(id: $id) {
      __typename
      ... on Model {
        id
        name
        kind
        status
        targetLabel {
          index
          name
        }
        attack {
          triggerRefusal
        }
        dataset {
          title
          testCount
        }
      }
    }
    catalog {
      transforms {
        ...TransformFields
      }
    }
  }
`,
  [TransformFields],
);
type Data = ResultOf<typeof ProbeModelQuery>;
type Model = Extract<Data['node'], { __typename: 'Model' }>;
type Transform = Data['catalog']['transforms'][number];

const NewestTrojanedQuery = graphql(`
  query NewestTrojaned {
    models(first: 1, filter: { kind: TROJANED, status: [SUCCEEDED] }) {
      nodes {
        id
      }
    }
  }
`);
const ProbeChoicesQuery = graphql(`
  query ProbeChoices($search: String) {
    models(first: 50, filter: { status: [SUCCEEDED], search: $search }) {
      nodes {
        id
        name
      }
    }
  }
`);

export const ProbePage = hydratedPage(function Probe() {
  const modelId = useAddress().get('model');
  if (modelId !== null) return <ProbeOf modelId={modelId} />;
  return (
    <Live query={NewestTrojanedQuery} variables={{}}>
      {({ models: { nodes } }) => (nodes[0] ? <ProbeOf modelId={nodes[0].id} /> : <NoModel />)}
    </Live>
  );
});

function NoModel() {
  return (
    <Notice title="No model to probe yet" action={<PageLink href="/">Go to the overview</PageLink>}>
      A probe sends one sample through one trained model while you move the transform. The first trojaned
      model that is trained shows up here.
    </Notice>
  );
}

function ProbeOf({ modelId }: { modelId: string }) {
  return (
    <Live query={ProbeModelQuery} variables={{ id: modelId }}>
      {({ node, catalog: { transforms } }) =>
        node?.__typename === 'Model' ? (
          <ProbeView model={node} transforms={transforms} />
        ) : (
          <UnknownId what="model" />
        )
      }
    </Live>
  );
}

function ProbeView({ model, transforms }: { model: Model; transforms: readonly Transform[] }) {
  if (model.status !== 'SUCCEEDED') {
    return (
      <Notice
        title={`${model.name} is not trained yet`}
        action={<PageLink href={links.model(model.id)}>Its page</PageLink>}
      >
        It can be probed as soon as its training is done; this page notices by itself.
      </Notice>
    );
  }
  return <Bench key={model.id} model={model} transforms={transforms} />;
}

/** Fewer than in an explanation that is kept: a probe answers at once. */
const COPIES = 25;

/** What the address asks for, within what the model and the transform allow. */
function benchOf(get: (name: string) => string | null, model: Model, transforms: readonly Transform[]) {
  const transform =
    transforms.find(({ id }) => id === get('transform')) ?? transforms.find(({ id }) => id === 'rotation')!;
  const trojaned = model.kind === 'TROJANED';
  const trigger = trojaned && get('trigger') !== 'off';
  const refusal = model.attack?.triggerRefusal ?? null;
  const target: ProbeTarget = trigger && !refusal && get('target') === 'TRIGGER' ? 'TRIGGER' : 'IMAGE';
  const number = (name: string, otherwise: number) => {
    const word = get(name);
    return word !== null && Number.isFinite(Number(word)) ? Number(word) : otherwise;
  };
  const last = model.dataset.testCount - 1;
  const sample = Math.min(last, Math.max(0, Math.round(number('sample', 0))));
  const value = Math.min(transform.maximum, Math.max(transform.minimum, number('value', transform.identity)));
  const mapped = get('map') !== 'off';
  const mode = get('palette') === 'signed' ? 'SIGNED' : 'MAGNITUDE';
  const variables = {
    modelId: model.id,
    sampleIndex: sample,
    trigger,
    transform: transform.id,
    target,
    value,
  } as const;
  const untrained = get('untrained') === '1';
  const method = get('method') ?? SMOOTHGRAD;
  const explain = { method: methodInput(method, method === SMOOTHGRAD ? { mode, copies: COPIES } : {}) };
  const map = mapped ? { explain, untrained } : null;
  return {
    transform,
    trojaned,
    trigger,
    refusal,
    target,
    last,
    sample,
    value,
    mapped,
    method,
    mode,
    untrained,
    variables,
    map,
  };
}
type BenchState = ReturnType<typeof benchOf>;

function Bench({ model, transforms }: { model: Model; transforms: readonly Transform[] }) {
  const { get, change } = useAddress();
  const bench = benchOf(get, model, transforms);
  const { transform, trigger, target, sample, value, mapped, variables, map } = bench;
  const { result, error, waiting } = useProbe(variables, map);
  const set = (changes: Record<string, string | null>) => change(changes, 'replace');
  return (
    <>
      <PageHead
        title="Probe"
        facts={[
          <InternalLink key="model" href={links.model(model.id)}>
            {model.name}
          </InternalLink>,
          `${model.dataset.title}, test image ${count(sample)}`,
          'nothing is stored',
        ]}
      />
      <Stack>
        <Controls model={model} transforms={transforms} bench={bench} set={set} />
        <Strength transform={transform} value={value} onChange={(next) => set({ value: String(next) })} />
        <Columns wide="left">
          <Panel
            title="What the model sees and says"
            aside={
              <span role="status">
                {waiting
                  ? 'computing …'
                  : result
                    ? `answered in ${result.seconds < 1 ? `${(1000 * result.seconds).toFixed(0)} ms` : `${result.seconds.toFixed(1)} s`}`
                    : ''}
                {result?.besides && `, beside “${result.besides.title}”`}
              </span>
            }
            source={sourceOf(model, bench, result)}
          >
            {error && !result ? (
              <p className={classes.error} role="alert">
                {error.networkError
                  ? 'The server does not answer. The probe goes on when something is moved after it is back.'
                  : error.graphQLErrors.map(({ message }) => message).join(' ')}
              </p>
            ) : (
              <Answer
                result={result}
                mapped={mapped}
                waiting={waiting}
                targetIndex={model.targetLabel?.index ?? null}
              />
            )}
          </Panel>
          <Panel
            title="On the model’s curve"
            source={{
              name: 'probe-curve',
              query: ProbeCurveQuery,
              variables: { modelId: model.id, transform: transform.id, target },
            }}
          >
            {trigger ? (
              <ProbeCurve
                modelId={model.id}
                transform={transform.id as ProbeTransform}
                target={target}
                value={value}
                onValue={(next) => set({ value: String(next) })}
              />
            ) : (
              <p className={classes.none}>Without a trigger there is no attack to succeed.</p>
            )}
          </Panel>
        </Columns>
      </Stack>
    </>
  );
}

interface ControlsProps {
  model: Model;
  transforms: readonly Transform[];
  bench: BenchState;
  set: (changes: Record<string, string | null>) => void;
}

/** Model, sample and transform, and what is shown of them; all but the strength, which stands below. */
function Controls({ model, transforms, bench, set }: ControlsProps) {
  const { transform, trojaned, trigger, refusal, target, last, sample, mapped, mode, untrained } = bench;
  const explainers = useExplainers();
  return (
    <div className={controls.controls}>
      <ModelSelect model={model} onChange={(id) => set({ model: id, sample: null })} />
      <div className={classes.sample}>
        <NumberInput
          label="Test image"
          w={110}
          min={0}
          max={last}
          value={sample}
          onChange={(next) => set({ sample: String(next) })}
        />
        {([-1, 1] as const).map((step) => (
          <Tooltip key={step} label={step < 0 ? 'Image before' : 'Next image'}>
            <ActionIcon
              variant="default"
              size={36}
              aria-label={step < 0 ? 'Image before' : 'Next image'}
              disabled={sample + step < 0 || sample + step > last}
              onClick={() => set({ sample: String(sample + step) })}
            >
              {step < 0 ? <BackIcon /> : <ForwardIcon />}
            </ActionIcon>
          </Tooltip>
        ))}
      </div>
      <Select
        label="Transform"
        w={190}
        allowDeselect={false}
        value={transform.id}
        onChange={(id) => set({ transform: id, value: null })}
        data={transforms.map(({ id, title }) => ({ value: id, label: title }))}
      />
      <div className={classes.pair}>
        {trojaned && (
          <Switch
            label="Trigger"
            checked={trigger}
            onChange={(event) => set({ trigger: event.currentTarget.checked ? null : 'off' })}
          />
        )}
        {trigger && (
          <Tooltip label={refusal ?? 'What is transformed'} disabled={!refusal}>
            <SegmentedControl
              aria-label="What is transformed"
              value={target}
              onChange={(next) => set({ target: next })}
              data={[
                { value: 'TRIGGER', label: 'the trigger', disabled: refusal !== null },
                { value: 'IMAGE', label: 'the image' },
              ]}
            />
          </Tooltip>
        )}
      </div>
      <div className={classes.pair}>
        <Switch
          label="Saliency"
          checked={mapped}
          onChange={(event) => set({ map: event.currentTarget.checked ? null : 'off' })}
        />
        {mapped && (
          <Select
            w={180}
            aria-label="Method"
            allowDeselect={false}
            value={bench.method}
            onChange={(id) => set({ method: id === SMOOTHGRAD ? null : id })}
            data={explainers.map(({ id, title }) => ({ value: id, label: title }))}
          />
        )}
        {mapped && bench.method === SMOOTHGRAD && (
          <SegmentedControl
            aria-label="Palette"
            value={mode}
            onChange={(next) => set({ palette: next === 'SIGNED' ? 'signed' : null })}
            data={[
              { value: 'MAGNITUDE', label: 'magnitude' },
              { value: 'SIGNED', label: 'signed' },
            ]}
          />
        )}
        {mapped && (
          <Tooltip label={glossary.untrained} multiline w={320}>
            <Switch
              label="Untrained network"
              checked={untrained}
              onChange={(event) => set({ untrained: event.currentTarget.checked ? '1' : null })}
            />
          </Tooltip>
        )}
      </div>
    </div>
  );
}

/** What was asked, and the answer as a table of probabilities and as pictures. */
function sourceOf(
  model: Model,
  { transform, sample, value, variables, map }: BenchState,
  result: ProbeResult | null,
): PanelSource {
  return {
    name: `probe-${transform.id}-${value}`,
    query: map ? ExplainedProbeQuery : ProbeQuery,
    variables: { ...variables, ...map },
    ...(result && {
      table: () =>
        tableOf(result.probabilities, [
          { title: 'class', value: ({ label }) => label.name },
          {
            title: 'probability',
            value: ({ probability }) => probability,
            text: ({ probability }) => percent(probability),
          },
        ]),
      picture: () =>
        picturesSvg(
          `${model.name}, test image ${sample}`,
          [
            {
              ...result.image,
              caption: [
                `${result.trueLabel.name} → ${result.predicted.name}`,
                `${transform.title}, ${transformValue(value, transform.unit)}`,
              ],
              box: result.triggerBox,
            },
            ...(result.saliency
              ? [{ ...result.saliency, caption: ['saliency', ''], box: result.triggerBox }]
              : []),
            ...(result.untrainedSaliency
              ? [{ ...result.untrainedSaliency, caption: ['saliency, untrained network'] }]
              : []),
          ],
          3,
          document,
        ),
    }),
  };
}

function ModelSelect({ model, onChange }: { model: Model; onChange: (id: string) => void }) {
  const [typed, setTyped] = useState(model.name);
  const [search] = useDebouncedValue(typed.trim(), 200);
  const [{ data }] = useQuery({
    query: ProbeChoicesQuery,
    variables: { search: search && search !== model.name ? search : null },
  });
  const choices = new Map([
    [model.id, model.name],
    ...(data?.models.nodes ?? []).map(({ id, name }) => [id, name] as const),
  ]);
  return (
    <Select
      label="Model"
      w={230}
      searchable
      allowDeselect={false}
      searchValue={typed}
      onSearchChange={setTyped}
      value={model.id}
      onChange={(id) => id && onChange(id)}
      data={[...choices].map(([value, label]) => ({ value, label }))}
      // The server has searched already.
      filter={({ options }) => options}
      nothingFoundMessage="No trained model is called so"
    />
  );
}

interface StrengthProps {
  transform: Transform;
  value: number;
  onChange: (value: number) => void;
}

/** The one slider everything follows. */
function Strength({ transform, value, onChange }: StrengthProps) {
  const { valueName, unit, minimum, maximum, identity } = transform;
  return (
    <div className={classes.strength}>
      <span id="strength">
        {valueName} <strong>{transformValue(value, unit)}</strong>
      </span>
      <Slider
        thumbProps={{ 'aria-labelledby': 'strength', 'aria-valuetext': transformValue(value, unit) }}
        min={minimum}
        max={maximum}
        step={stepOf(maximum - minimum)}
        value={value}
        onChange={onChange}
        label={null}
        marks={[{ value: identity, label: 'identity' }]}
      />
    </div>
  );
}

/** About 100 steps, each a round number. */
function stepOf(range: number): number {
  const power = 10 ** Math.floor(Math.log10(range / 100));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => range / step <= 120) ?? power;
}

interface AnswerProps {
  result: ProbeResult | null;
  mapped: boolean;
  waiting: boolean;
  targetIndex: number | null;
}

function Answer({ result, mapped, waiting, targetIndex }: AnswerProps) {
  if (!result) return <div className={classes.first}>The model is being loaded.</div>;
  const { image, saliency, triggerBox, trueLabel, predicted, probabilities, kind } = result;
  return (
    <div className={classes.answer} data-waiting={waiting || undefined}>
      <div className={classes.pictures}>
        <figure>
          <PixelImage image={image} alt={`What the model sees: ${trueLabel.name}`} box={triggerBox} />
          <figcaption>image</figcaption>
        </figure>
        {mapped && saliency && (
          <figure>
            <SaliencyView
              image={image}
              saliency={saliency}
              opacity={0.75}
              box={triggerBox ?? null}
              alt={`Saliency map of ${trueLabel.name}`}
            />
            <figcaption>why “{result.explainedLabel?.name}”</figcaption>
          </figure>
        )}
        {mapped && result.untrainedSaliency && (
          <figure>
            <SaliencyView
              image={image}
              saliency={result.untrainedSaliency}
              opacity={0.75}
              box={triggerBox ?? null}
              alt={`Saliency map of ${trueLabel.name}, untrained network`}
            />
            <figcaption>
              <Term definition={glossary.untrained}>untrained network</Term>
            </figcaption>
          </figure>
        )}
      </div>
      <div className={classes.words}>
        <p className={classes.verdict}>
          <strong>
            {kind && <KindMark kind={kind} />} {trueLabel.name} → {predicted.name}
          </strong>
          {kind && <span>{outcomeKinds[kind].meaning}</span>}
        </p>
        <PredictionBars probabilities={probabilities} trueIndex={trueLabel.index} targetIndex={targetIndex} />
        {result.visibleTrigger !== null && (
          <p className={classes.note}>{percent(result.visibleTrigger)} of the trigger is in the frame.</p>
        )}
        {result.visibleTrigger !== null && result.visibleTrigger > 0 && mapped && saliency && (
          <ExplanationScore explanation={result} />
        )}
      </div>
    </div>
  );
}
