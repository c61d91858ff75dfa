import { Button, Modal, NumberInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { ActionButton } from '../../controls/ActionButton';
import { counted } from '../../format/count';
import { UserErrorFields } from '../../graphql/fragments';
import { graphql } from '../../graphql/graphql';
import { errorsByField, useChange } from '../../graphql/useChange';
import { UserErrorList } from '../../ui/UserErrorList';
import classes from './EmptyTrash.module.css';

const PurgeTrash = graphql(
  `
  mutation PurgeTrash($input: PurgeTrashInput!) {
    purgeTrash(input: $input) {
      purged {
        ids
      }
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);

/** To be typed, so that nobody does it by a slip of the hand. */
const WORDS = 'delete for good';

/** Deletes what is in the trash, after a question that takes a moment. */
export function EmptyTrash() {
  const [opened, setOpened] = useState(false);
  const [gone, setGone] = useState<number | null>(null);
  return (
    <>
      {gone !== null && <span role="status">{counted(gone, 'thing')} deleted for good.</span>}
      <ActionButton least="ADMIN" onClick={() => setOpened(true)}>
        Empty the trash
      </ActionButton>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title="Empty the trash"
        centered
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Question
          onDone={(count) => {
            setGone(count);
            setOpened(false);
          }}
        />
      </Modal>
    </>
  );
}

function Question({ onDone }: { onDone: (count: number) => void }) {
  const [days, setDays] = useState<number | string>(30);
  const [typed, setTyped] = useState('');
  const { run, busy, errors } = useChange(PurgeTrash);
  const refusals = errorsByField(errors, ['olderThanDays']);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const made = await run({ input: { olderThanDays: Number(days) } });
    if (made?.purgeTrash.purged) onDone(made.purgeTrash.purged.ids.length);
  };
  return (
    <form onSubmit={submit} className={classes.form}>
      <p>
        Models, sweeps and studies in the trash go for good, with their points, samples, saliency maps and
        files. A benign model stays as long as another is compared with it.
      </p>
      <NumberInput
        label="In the trash for at least (days)"
        description="0 for all that is there"
        min={0}
        allowDecimal={false}
        value={days}
        onChange={setDays}
        error={refusals.olderThanDays}
      />
      <TextInput
        label={`Type “${WORDS}”`}
        autoComplete="off"
        value={typed}
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
      />
      <UserErrorList errors={refusals.elsewhere} />
      <Button
        type="submit"
        color="red"
        loading={busy}
        disabled={typed.trim().toLowerCase() !== WORDS || days === ''}
      >
        Delete
      </Button>
    </form>
  );
}
