'use client';

import { useHotkeys } from '@mantine/hooks';
import { usePathname } from 'next/navigation';
import { type ReactNode, useEffect, useState } from 'react';
import { BASE_PATH } from '../basePath';
import { AccountMenu } from '../features/accounts/AccountMenu';
import { SignIn } from '../features/accounts/SignIn';
import { ActivityProvider } from '../graphql/activity';
import { useWhoAsks } from '../session/viewer';
import { ColorSchemeToggle } from '../ui/ColorSchemeToggle';
import { InternalLink } from '../ui/InternalLink';
import { MenuIcon } from '../ui/icons';
import { LoadError } from '../ui/LoadError';
import { PageSkeleton } from '../ui/PageSkeleton';
import { Wordmark } from '../ui/Wordmark';
import { ConnectionBadge } from './ConnectionBadge';
import { DemoLine } from './DemoLine';
import { Navigation } from './Navigation';
import { places } from './places';
import { SearchButton } from './SearchButton';
import { ServerLine } from './ServerLine';
import classes from './Shell.module.css';

/** At the server's own address, past the proxy, pages have the same path as behind it. */
function goToBasePath(): void {
  const { pathname, search, hash } = location;
  if (!`${pathname}/`.startsWith(`${BASE_PATH}/`)) location.replace(BASE_PATH + pathname + search + hash);
}

/** What stands around every page, for those who are signed in or need not be. */
export function Shell({ children }: { children: ReactNode }) {
  useEffect(goToBasePath, []);
  const { answer, error, refresh } = useWhoAsks();
  if (answer && !answer.viewer) return <SignIn />;
  if (answer) {
    return (
      <ActivityProvider>
        <Frame ready>{children}</Frame>
      </ActivityProvider>
    );
  }
  return <Frame>{error ? <LoadError error={error} retry={refresh} /> : <PageSkeleton />}</Frame>;
}

function Frame({ ready = false, children }: { ready?: boolean; children: ReactNode }) {
  const path = usePathname();
  const [open, setOpen] = useState(false);
  // Another page closes the menu that led to it.
  useEffect(() => setOpen(false), [path]);
  useHotkeys([['Escape', () => setOpen(false)]]);
  const wide = path === places.find(({ title }) => title === 'API')?.href;
  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#content">
        Skip to content
      </a>
      <header className={classes.side} data-open={open || undefined}>
        <div className={classes.top}>
          <button
            type="button"
            className={classes.menu}
            aria-label="Menu"
            aria-expanded={open}
            aria-controls="navigation"
            onClick={() => setOpen(!open)}
          >
            <MenuIcon />
          </button>
          <InternalLink href="/" className={classes.home} aria-label="trojanscope, overview">
            <Wordmark />
          </InternalLink>
          {ready && (
            <div className={classes.state}>
              <ConnectionBadge />
            </div>
          )}
          {ready && <SearchButton />}
        </div>
        <div id="navigation" className={classes.drawer}>
          <Navigation path={path} />
          {ready && (
            <div className={classes.tools}>
              <AccountMenu />
              <ColorSchemeToggle />
            </div>
          )}
        </div>
      </header>
      <div className={classes.page}>
        {ready && !wide && <DemoLine />}
        <main id="content" className={classes.main} tabIndex={-1} data-wide={wide || undefined}>
          {children}
        </main>
        {!wide && <footer className={classes.footer}>{ready && <ServerLine />}</footer>}
      </div>
    </div>
  );
}
