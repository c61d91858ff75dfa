import { Checkbox, FileInput, Modal, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useQuery } from 'urql';
import { ActionButton } from '../../controls/ActionButton';
import { errorsByField } from '../../controls/errorsByField';
import { UserErrorFields } from '../../graphql/fragments';
import { graphql } from '../../graphql/graphql';
import { useChange } from '../../graphql/useChange';
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
  }
`);

const ImportedModelQuery = graphql(`
  query ImportedModel($jobId: ID!) {
    node(id: $jobId) {
      ... on Job {
        model {
          id
          name
        }
      }
    }
  }
`);

/** Takes a model in that was exported here, on another server, or from PyTorch. */
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

function ImportForm() {
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState('');
  const [benign, setBenign] = useState('');
  const [measure, setMeasure] = useState(false);
  const [jobId, setJobId] = useState<string | null>(null);
  const [{ data }] = useQuery({ query: BenignModelsQuery });
  const { send, sending, errors } = useUpload('MODEL');
  const started = useChange(ImportModelMutation);
  const refusals = errorsByField(started.errors, ['name', 'benignModelId']);
  const refusal = useRefusal();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!file || refusal) return;
    setJobId(null);
    const uploadId = await send(file);
    const input = { name: name.trim() || null, benignModelId: benign || null, measure };
    const made = uploadId && (await started.run({ input: { uploadId, ...input } }));
    if (made) setJobId(made.importModel.job?.id ?? null);
  };
  return (
    <form onSubmit={submit} className={classes.form} aria-label="Import a model">
      <p className={classes.words}>
        A bundle, as “Export” on a model’s page gives it: a zip archive with record, weights and trigger. It
        holds data only, and everything in it is checked before it is taken in. Its data set has to be here.
      </p>
      <FileInput
        label="Bundle"
        placeholder="Choose a zip archive"
        accept=".zip,application/zip"
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
  return (
    <p className={classes.words}>
      It is here: <InternalLink href={links.model(model.id)}>{model.name}</InternalLink>.
    </p>
  );
}
