import { Button, Popover, TagsInput } from '@mantine/core';
import { useState } from 'react';
import { ActionButton } from '../../controls/ActionButton';
import { counted } from '../../format/count';
import { links, MOST_COMPARED } from '../../lib/links';
import { PageLink } from '../../ui/PageLink';
import { UserErrorList } from '../../ui/UserErrorList';
import { useCuration } from '../curation/useCuration';
import classes from './ChosenModels.module.css';
import type { ModelOfRow } from './modelColumns';

interface ChosenModelsProps {
  chosen: ReadonlySet<string>;
  /** Those of them that this page of the list shows are known better. */
  shown: readonly ModelOfRow[];
  trash: boolean;
  onClear: () => void;
}

/** What can be done with the models that are chosen, and how to take it back. */
export function ChosenModels({ chosen, shown, trash, onClear }: ChosenModelsProps) {
  const { annotate, setLock, moveToTrash, restore, busy, errors } = useCuration();
  const [thrown, setThrown] = useState<readonly string[]>([]);
  const ids = [...chosen];
  const locked = shown.some((model) => chosen.has(model.id) && model.locked);
  if (ids.length === 0) {
    if (thrown.length === 0) return null;
    return (
      <div className={classes.bar} role="status">
        {counted(thrown.length, 'model')} moved to the trash.
        <ActionButton size="xs" loading={busy} onClick={async () => (await restore(thrown)) && setThrown([])}>
          Undo
        </ActionButton>
        <UserErrorList errors={errors} />
      </div>
    );
  }
  return (
    <section className={classes.bar} aria-label="Chosen models">
      <strong>{counted(ids.length, 'model')} chosen</strong>
      {trash ? (
        <ActionButton size="xs" loading={busy} onClick={async () => (await restore(ids)) && onClear()}>
          Restore
        </ActionButton>
      ) : (
        <>
          {ids.length > 1 && (
            <PageLink size="xs" href={links.compare(ids.slice(0, MOST_COMPARED))}>
              {ids.length > MOST_COMPARED ? `Compare the first ${MOST_COMPARED}` : 'Compare'}
            </PageLink>
          )}
          <TagEditor
            busy={busy}
            onApply={(addTags, removeTags) => annotate(ids, { addTags, removeTags })}
            present={[...new Set(shown.flatMap((model) => (chosen.has(model.id) ? model.tags : [])))]}
          />
          <ActionButton size="xs" loading={busy} onClick={() => setLock(ids, !locked)}>
            {locked ? 'Unlock' : 'Lock'}
          </ActionButton>
          <ActionButton
            size="xs"
            loading={busy}
            refusal={locked ? 'One of them is locked. Unlock it first.' : null}
            onClick={async () => {
              if (!(await moveToTrash(ids))) return;
              setThrown(ids);
              onClear();
            }}
          >
            Move to the trash
          </ActionButton>
        </>
      )}
      <Button size="xs" variant="subtle" onClick={onClear}>
        Choose none
      </Button>
      <UserErrorList errors={errors} />
    </section>
  );
}

interface TagEditorProps {
  present: readonly string[];
  busy: boolean;
  onApply: (add: string[], remove: string[]) => Promise<boolean>;
}

/** Adds tags to all that are chosen and takes tags away that any of them has. */
function TagEditor({ present, busy, onApply }: TagEditorProps) {
  const [opened, setOpened] = useState(false);
  const [tags, setTags] = useState<string[]>([]);
  const open = () => {
    setTags([...present]);
    setOpened(true);
  };
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus width={280} position="top">
      <Popover.Target>
        <span>
          <ActionButton size="xs" onClick={opened ? () => setOpened(false) : open}>
            Tags
          </ActionButton>
        </span>
      </Popover.Target>
      <Popover.Dropdown>
        <TagsInput
          label="Tags of all chosen"
          description="Enter ends a tag"
          value={tags}
          onChange={setTags}
          acceptValueOnBlur
        />
        <Button
          mt="sm"
          size="xs"
          loading={busy}
          onClick={async () => {
            const removed = present.filter((tag) => !tags.includes(tag));
            if (await onApply(tags, removed)) setOpened(false);
          }}
        >
          Apply
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}
