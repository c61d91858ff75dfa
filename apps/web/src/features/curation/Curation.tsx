import { Button, Group, TagsInput, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { ActionButton } from '../../controls/ActionButton';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { errorsByField } from '../../graphql/useChange';
import { LockIcon } from '../../ui/icons';
import { Panel } from '../../ui/Panel';
import { UserErrorList } from '../../ui/UserErrorList';
import classes from './Curation.module.css';
import { Markdown } from './Markdown';
import { Tags } from './Tags';
import { useCuration } from './useCuration';

export const CurationFields = graphql(`
  fragment CurationFields on Curated {
    id
    notes
    tags
    locked
    deletedAt
  }
`);

interface CurationProps {
  item: ResultOf<typeof CurationFields> & { name?: string };
  what: 'model' | 'study' | 'sweep';
}

/** What people wrote on a thing, and how they keep it: notes, tags, lock, trash. */
export function Curation({ item, what }: CurationProps) {
  const [editing, setEditing] = useState(false);
  const { setLock, moveToTrash, restore, busy, errors } = useCuration();
  const { id, notes, tags, locked, deletedAt } = item;
  return (
    <Panel
      title="Notes"
      aside={
        <>
          <Tags tags={tags} />
          {locked && (
            <span className={classes.lock}>
              <LockIcon /> locked
            </span>
          )}
          <ActionButton size="compact-xs" onClick={() => setEditing(true)}>
            Edit
          </ActionButton>
          <ActionButton size="compact-xs" loading={busy} onClick={() => setLock([id], !locked)}>
            {locked ? 'Unlock' : 'Lock'}
          </ActionButton>
          {deletedAt ? (
            <ActionButton size="compact-xs" loading={busy} onClick={() => restore([id])}>
              Restore from the trash
            </ActionButton>
          ) : (
            <ActionButton
              size="compact-xs"
              loading={busy}
              refusal={locked ? `This ${what} is locked. Unlock it first.` : null}
              onClick={() => moveToTrash([id])}
            >
              Move to the trash
            </ActionButton>
          )}
        </>
      }
    >
      <UserErrorList errors={errors} />
      {deletedAt && (
        <p className={classes.trash}>
          This {what} is in the trash: out of every list and curve, with nothing lost.
        </p>
      )}
      {editing ? (
        <Editor item={item} what={what} onDone={() => setEditing(false)} />
      ) : notes ? (
        <Markdown text={notes} />
      ) : (
        <p className={classes.none}>Nobody has written anything yet.</p>
      )}
    </Panel>
  );
}

function Editor({ item, what, onDone }: CurationProps & { onDone: () => void }) {
  const { annotate, busy, errors } = useCuration();
  const [name, setName] = useState(item.name ?? '');
  const [notes, setNotes] = useState(item.notes);
  const [tags, setTags] = useState([...item.tags]);
  const refusals = errorsByField(errors, ['name', 'notes', 'addTags']);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const done = await annotate([item.id], {
      notes,
      addTags: tags.filter((tag) => !item.tags.includes(tag)),
      removeTags: item.tags.filter((tag) => !tags.includes(tag)),
      ...(item.name !== undefined && name !== item.name && { name }),
    });
    if (done) onDone();
  };
  return (
    <form onSubmit={submit} className={classes.form} aria-label={`Notes on this ${what}`}>
      {item.name !== undefined && (
        <TextInput
          label="Name"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={refusals.name}
        />
      )}
      <TagsInput
        label="Tags"
        description="Enter ends a tag"
        value={tags}
        onChange={setTags}
        acceptValueOnBlur
        error={refusals.addTags}
      />
      <Textarea
        label="Notes"
        description="Markdown"
        autosize
        minRows={4}
        maxRows={18}
        value={notes}
        onChange={(event) => setNotes(event.currentTarget.value)}
        error={refusals.notes}
      />
      <UserErrorList errors={refusals.elsewhere} />
      <Group gap="xs">
        <Button type="submit" loading={busy}>
          Save
        </Button>
        <Button variant="subtle" onClick={onDone}>
          Leave as it was
        </Button>
      </Group>
    </form>
  );
}
