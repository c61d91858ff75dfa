import { Checkbox, FileInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { ActionButton } from '../../controls/ActionButton';
import { UserErrorFields } from '../../graphql/fragments';
import { graphql } from '../../graphql/graphql';
import { errorsByField, useChange } from '../../graphql/useChange';
import { links } from '../../lib/links';
import { useRefusal } from '../../session/viewer';
import { InternalLink } from '../../ui/InternalLink';
import classes from './Import.module.css';
import { ImportProgress } from './ImportProgress';
import { useUpload } from './useUpload';

const ImportDatasetMutation = graphql(
  `
  mutation ImportDataset($input: ImportDatasetInput!) {
    importDataset(input: $input) {
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

/** Takes a data set in: a zip archive with a folder of images for each class. */
export function ImportDataset() {
  const [file, setFile] = useState<File | null>(null);
  const [id, setId] = useState('');
  const [skipUnreadable, setSkipUnreadable] = useState(false);
  const [jobId, setJobId] = useState<string | null>(null);
  const { send, sending, errors } = useUpload('DATASET');
  const started = useChange(ImportDatasetMutation);
  const refusals = errorsByField(started.errors, ['datasetId', 'skipUnreadable']);
  const refusal = useRefusal();
  const choose = (chosen: File | null) => {
    setFile(chosen);
    if (chosen && id === '') setId(idOf(chosen.name));
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!file || refusal) return;
    setJobId(null);
    const uploadId = await send(file);
    const made = uploadId && (await started.run({ input: { uploadId, datasetId: id, skipUnreadable } }));
    if (made) setJobId(made.importDataset.job?.id ?? null);
  };
  return (
    <form onSubmit={submit} className={classes.form} aria-label="Import a data set">
      <p className={classes.words}>
        A zip archive of at most 1 GiB with a folder of images (PNG, JPEG, WebP, TIFF, GIF, BMP, PPM) for each
        class and a <code>manifest.json</code> such as{' '}
        <code>{'{"title": "Pets", "size": 64, "split": {"testShare": 0.2, "seed": 1}}'}</code>
      </p>
      <div className={classes.fields}>
        <FileInput
          label="Archive"
          placeholder="Choose a zip archive"
          accept=".zip,application/zip"
          required
          clearable
          value={file}
          onChange={choose}
        />
        <TextInput
          label="Id from now on"
          description="Small letters, digits and hyphens"
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          required
          value={id}
          onChange={({ currentTarget }) => setId(currentTarget.value)}
          error={refusals.datasetId}
        />
        <ActionButton
          type="submit"
          loading={sending !== null || started.busy}
          refusal={file ? null : 'Choose an archive first.'}
        >
          Import
        </ActionButton>
      </div>
      <Checkbox
        label="Leave out files that cannot be read"
        description="They are listed with the data set"
        checked={skipUnreadable}
        onChange={({ currentTarget }) => setSkipUnreadable(currentTarget.checked)}
        error={refusals.skipUnreadable}
      />
      <ImportProgress
        sending={sending}
        errors={[...errors, ...refusals.elsewhere]}
        jobId={jobId}
        done={
          <p className={classes.words}>
            It is here: <InternalLink href={links.dataset(id)}>look at it</InternalLink>, or, if it has images
            to train on, <InternalLink href={links.new('train')}>train on it</InternalLink>.
          </p>
        }
      />
    </form>
  );
}

/** `My Pets.zip` as `my-pets`. */
const idOf = (name: string) =>
  name
    .replace(/\.zip$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 40);
