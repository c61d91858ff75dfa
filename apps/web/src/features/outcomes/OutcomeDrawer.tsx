import { ActionIcon, CloseButton, Drawer, Tooltip } from '@mantine/core';
import { useHotkeys, useWindowEvent } from '@mantine/hooks';
import { useRef } from 'react';
import { BackIcon, ForwardIcon } from '../../ui/icons';
import classes from './OutcomeDrawer.module.css';
import { OutcomeView } from './OutcomeView';

interface OutcomeDrawerProps {
  outcomeId: string | null;
  /** The outcomes to step through. */
  among: readonly { id: string }[];
  onOpen: (outcomeId: string) => void;
  onClose: () => void;
}

/** One sample beside the page it belongs to; the arrow keys step to its neighbours. */
export function OutcomeDrawer({ outcomeId, among, onOpen, onClose }: OutcomeDrawerProps) {
  const index = among.findIndex(({ id }) => id === outcomeId);
  const before = index > 0 ? among[index - 1] : undefined;
  const after = index >= 0 ? among[index + 1] : undefined;
  const step = (to: { id: string } | undefined) => () => outcomeId && to && onOpen(to.id);
  // A slider has the arrow keys for itself.
  const unlessSliding = (go: () => void) => (event: KeyboardEvent) =>
    (event.target as Element).getAttribute('role') !== 'slider' && go();
  useHotkeys([
    ['ArrowLeft', unlessSliding(step(before))],
    ['ArrowRight', unlessSliding(step(after))],
  ]);
  const sheet = useRef<HTMLDivElement>(null);
  // Mantine's dialogs each listen to Escape for themselves; of two, one above the other, only the upper is to close. It may
  // have closed already, then the key came from it; or the key comes from nowhere, then it is still there.
  useWindowEvent(
    'keydown',
    ({ key, isComposing, target }) => {
      if (key !== 'Escape' || isComposing || outcomeId === null) return;
      const from = target instanceof Element ? target.closest('[role=dialog]') : null;
      const dialogs = [...document.querySelectorAll('[role=dialog]'), ...(from ? [from] : [])];
      if (dialogs.every((dialog) => dialog.contains(sheet.current))) onClose();
    },
    { capture: true },
  );
  return (
    <Drawer.Root
      opened={outcomeId !== null}
      onClose={onClose}
      closeOnEscape={false}
      position="right"
      size="min(860px, 100%)"
    >
      <Drawer.Overlay backgroundOpacity={0.25} />
      <Drawer.Content aria-label="Sample">
        <div ref={sheet} className={classes.sheet}>
          <div className={classes.head}>
            <h2 className={classes.title}>Sample</h2>
            <Tooltip label="Sample before (←)">
              <ActionIcon
                variant="subtle"
                disabled={!before}
                aria-label="Sample before"
                onClick={step(before)}
              >
                <BackIcon />
              </ActionIcon>
            </Tooltip>
            <Tooltip label="Next sample (→)">
              <ActionIcon variant="subtle" disabled={!after} aria-label="Next sample" onClick={step(after)}>
                <ForwardIcon />
              </ActionIcon>
            </Tooltip>
            <CloseButton className={classes.close} onClick={onClose} aria-label="Close" />
          </div>
          <Drawer.Body className={classes.body}>
            {outcomeId && <OutcomeView key={outcomeId} id={outcomeId} />}
          </Drawer.Body>
        </div>
      </Drawer.Content>
    </Drawer.Root>
  );
}
