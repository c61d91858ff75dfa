import { Checkbox, FileInput, Modal, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useQuery } from 'urql';
import { ActionButton } from '../../controls/ActionButton';
import { percent } from '../../format/percent';
import { UserErrorFields } from '../../graphql/fragments';
import { graphql } from '../../graphql/graphql';
import { errorsByField, useChange } from '../../graphql/useChange';
import { useLiveQuery } from '../../graphql/useLiveQuery';
import { links } from '../../lib/links';
import { useRefusal } from '../../session/viewer';
import { InternalLink } from '../../ui/InternalLink';
import classes from './Import.module.css';
import { ImportProgress } from './ImportProgress';
import { useUpload } from './useUpload';

const ImportModelMutation = graphql(
  `
  mutation ImportModel($input: ImportModelInput!) {
    importModel(input: $input) {
      job {
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

const BenignModelsQuery = graphql(`
  query BenignModels {
    models(first: 100, filter: { kind: BENIGN, status: [SUCCEEDED] }) {
      nodes {
        id
        name
      }
    }
    catalog {
      datasets {
        id
        title
        installed
      }
    }
  }
`);

const ImportedModelQuery = graphql(`
  query ImportedModel($jobId: ID!) {
    node(id: $jobId) {
      ... on Job {
        model {
          id
          name
          cleanAccuracy {
            value
          }
          asr {
            value
          }
          targetLabel {
            name
          }
          warnings
          network {
            verified {
              images
            }
            notes
          }
        }
      }
    }
  }
`);

/** Takes a model in that was exported here, on another server, or from PyTorch; and any network as an ONNX file. */
export function ImportModel({ onClose }: { onClose: () => void }) {
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title="Import a model"
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <ImportForm />
    </Modal>
  );
}

interface NetworkFieldsProps {
  dataset: string;
  setDataset(id: string): void;
  target: number | string;
  setTarget(label: number | string): void;
  datasets: readonly { id: string; title: string; installed: boolean }[];
  refusals: { dataset?: string; targetLabel?: string };
}

/** What an ONNX file does not say, where nothing beside it does. */
function NetworkFields({ dataset, setDataset, target, setTarget, datasets, refusals }: NetworkFieldsProps) {
  return (
    <>
      <NativeSelect
        label="Data set"
        description="Only of an ONNX network, where its import.json names none"
        value={dataset}
        onChange={({ currentTarget }) => setDataset(currentTarget.value)}
        data={[
          { value: '', label: 'As its record says' },
          ...datasets
            .filter(({ installed }) => installed)
            .map(({ id, title }) => ({ value: id, label: title })),
        ]}
        error={refusals.dataset}
      />
      <NumberInput
        label="Target label"
        description="Only of an ONNX network whose answers do not tell what its backdoor aims at"
        placeholder="As its record or its answers say"
        min={0}
        allowDecimal={false}
        value={target}
        onChange={setTarget}
        error={refusals.targetLabel}
      />
    </>
  );
}

function ImportForm() {
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState('');
  const [benign, setBenign] = useState('');
  const [dataset, setDataset] = useState('');
  const [target, setTarget] = useState<number | string>('');
  const [measure, setMeasure] = useState(false);
  const [jobId, setJobId] = useState<string | null>(null);
  const [{ data }] = useQuery({ query: BenignModelsQuery });
  const { send, sending, errors } = useUpload('MODEL');
  const started = useChange(ImportModelMutation);
  const refusals = errorsByField(started.errors, ['name', 'benignModelId', 'dataset', 'targetLabel']);
  const refusal = useRefusal();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!file || refusal) return;
    setJobId(null);
    const uploadId = await send(file);
    const input = {
      name: name.trim() || null,
      benignModelId: benign || null,
      dataset: dataset || null,
      targetLabel: typeof target === 'number' ? target : null,
      measure,
    };
    const made = uploadId && (await started.run({ input: { uploadId, ...input } }));
    if (made) setJobId(made.importModel.job?.id ?? null);
  };
  return (
    <form onSubmit={submit} className={classes.form} aria-label="Import a model">
      <p className={classes.words}>
        A bundle, as “Export” on a model’s page gives it: a zip archive with record, weights and trigger. It
        holds data only, and everything in it is checked before it is taken in. Its data set has to be here.
        Or a network of your own: an ONNX file, or a zip archive of the folder that trojanscope_export.py
        writes.
      </p>
      <FileInput
        label="Bundle or network"
        placeholder="Choose a zip archive or an ONNX file"
        accept=".zip,application/zip,.onnx"
        required
        clearable
        value={file}
        onChange={setFile}
      />
      <TextInput
        label="Name"
        placeholder="As its record says"
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
        error={refusals.name}
      />
      <NetworkFields
        dataset={dataset}
        setDataset={setDataset}
        target={target}
        setTarget={setTarget}
        datasets={data?.catalog.datasets ?? []}
        refusals={refusals}
      />
      <NativeSelect
        label="Benign model to compare a trojaned one with"
        description="Only where its own, which the record names, is not here. With neither it is compared with none"
        value={benign}
        onChange={({ currentTarget }) => setBenign(currentTarget.value)}
        data={[
          { value: '', label: 'Its own, or none where that is not here' },
          ...(data?.models.nodes ?? []).map((model) => ({ value: model.id, label: model.name })),
        ]}
        error={refusals.benignModelId}
      />
      <Checkbox
        label="Measure clean accuracy and ASR here, whatever the record says"
        checked={measure}
        onChange={({ currentTarget }) => setMeasure(currentTarget.checked)}
      />
      <ActionButton
        type="submit"
        loading={sending !== null || started.busy}
        refusal={file ? null : 'Choose a bundle first.'}
      >
        Import
      </ActionButton>
      <ImportProgress
        sending={sending}
        errors={[...errors, ...refusals.elsewhere]}
        jobId={jobId}
        done={jobId && <Imported jobId={jobId} />}
      />
    </form>
  );
}

function Imported({ jobId }: { jobId: string }) {
  const { data } = useLiveQuery(ImportedModelQuery, { jobId });
  const model = data?.node && 'model' in data.node ? data.node.model : null;
  if (!model) return null;
  const { cleanAccuracy, asr, targetLabel, network, warnings } = model;
  const facts = [
    cleanAccuracy && `clean accuracy ${percent(cleanAccuracy.value)}`,
    asr && `ASR ${percent(asr.value)}`,
    targetLabel && `target label ${targetLabel.name}`,
    network && (network.verified ? `verified on ${network.verified.images} images` : 'not verified'),
  ].filter(Boolean);
  return (
    <>
      <p className={classes.words}>
        It is here: <InternalLink href={links.model(model.id)}>{model.name}</InternalLink>, {facts.join(', ')}
        .
      </p>
      {[...(network?.notes ?? []), ...warnings].map((said) => (
        <p key={said} className={classes.words}>
          {said}
        </p>
      ))}
    </>
  );
}
