'use client';

import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { ColorSchemeToggle } from './ColorSchemeToggle';
import { ConnectionBadge } from './ConnectionBadge';
import { Hydrated } from './Hydrated';
import { InternalLink } from './InternalLink';
import { ServerLine } from './ServerLine';
import classes from './Shell.module.css';
import { Wordmark } from './Wordmark';

const places = [
  { href: '/', title: 'Overview' },
  { href: '/jobs/', title: 'Jobs' },
  { href: '/graphiql/', title: 'GraphiQL' },
];

/** What stands around every page. */
export function Shell({ children }: { children: ReactNode }) {
  const path = usePathname();
  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#content">
        Skip to content
      </a>
      <header className={classes.header}>
        <InternalLink href="/" className={classes.home} aria-label="trojanscope, overview">
          <Wordmark />
        </InternalLink>
        <nav aria-label="Main" className={classes.nav}>
          {places.map(({ href, title }) => (
            <InternalLink
              key={href}
              href={href}
              className={classes.place}
              aria-current={path === href ? 'page' : undefined}
            >
              {title}
            </InternalLink>
          ))}
        </nav>
        <div className={classes.tools}>
          <Hydrated fallback={null}>
            <ConnectionBadge />
            <ColorSchemeToggle />
          </Hydrated>
        </div>
      </header>
      <main
        id="content"
        className={classes.main}
        tabIndex={-1}
        data-wide={path === '/graphiql/' || undefined}
      >
        {children}
      </main>
      {path !== '/graphiql/' && (
        <footer className={classes.footer}>
          <Hydrated fallback={null}>
            <ServerLine />
          </Hydrated>
        </footer>
      )}
    </div>
  );
}
