import { Tooltip } from '@mantine/core';
import type { ConnectionState } from '../graphql/connection';
import classes from './ConnectionBadge.module.css';
import { useConnectionState } from './useConnectionState';

const words: Record<ConnectionState, { text: string; meaning: string }> = {
  connecting: { text: 'connecting', meaning: 'Opening the line to the server.' },
  live: { text: 'live', meaning: 'Changes on the server show up here by themselves.' },
  lost: {
    text: 'connection lost, retrying',
    meaning: 'What you see may be old. It catches up as soon as the server answers again.',
  },
};

/** Whether what the page shows is what the server knows. */
export function ConnectionBadge() {
  const state = useConnectionState();
  const { text, meaning } = words[state];
  return (
    <Tooltip label={meaning}>
      <span className={classes.badge} data-state={state} role="status">
        <span className={classes.dot} aria-hidden />
        <span className={classes.text}>{text}</span>
      </span>
    </Tooltip>
  );
}
