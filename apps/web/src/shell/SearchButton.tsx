import { useHotkeys } from '@mantine/hooks';
import dynamic from 'next/dynamic';
import { useRouter } from 'next/navigation';
import { useRef, useState } from 'react';
import { SearchIcon } from '../ui/icons';
import { places } from './places';
import classes from './SearchButton.module.css';

// Loaded when they are first asked for.
const CommandPalette = dynamic(() => import('./CommandPalette').then((module) => module.CommandPalette));
const Shortcuts = dynamic(() => import('./Shortcuts').then((module) => module.Shortcuts));

type Opened = 'palette' | 'shortcuts' | null;

/** Opens the command palette; holds the shortcuts that work on every page. */
export function SearchButton() {
  const [opened, setOpened] = useState<Opened>(null);
  useHotkeys([['mod+K', () => setOpened('palette')]], []);
  useHotkeys([['shift+?', () => setOpened('shortcuts')]]);
  useGoTo();
  const close = () => setOpened(null);
  return (
    <>
      <button
        type="button"
        className={classes.button}
        aria-keyshortcuts="Control+K Meta+K"
        onClick={() => setOpened('palette')}
      >
        <SearchIcon />
        <span className={classes.word}>Search</span>
        <kbd className={classes.key} aria-hidden>
          Ctrl K
        </kbd>
      </button>
      {opened === 'palette' && <CommandPalette onClose={close} onShortcuts={() => setOpened('shortcuts')} />}
      {opened === 'shortcuts' && <Shortcuts onClose={close} />}
    </>
  );
}

/** How long `g` waits for its second key. */
const PATIENCE_MS = 1_500;

/** `g` and a letter go to a page. */
function useGoTo() {
  const router = useRouter();
  const since = useRef(Number.NEGATIVE_INFINITY);
  useHotkeys([
    ['g', ({ timeStamp }) => (since.current = timeStamp)],
    ...places.map(({ href, key }): [string, (event: KeyboardEvent) => void] => [
      key,
      ({ timeStamp }) => {
        if (timeStamp - since.current > PATIENCE_MS) return;
        since.current = Number.NEGATIVE_INFINITY;
        router.push(href);
      },
    ]),
  ]);
}
