import type { ReactNode } from 'react';
import type { TransformTarget } from '../../graphql/fragments';
import classes from './SmallMultiple.module.css';
import { TransformGlyph, type TransformId } from './TransformGlyph';

interface SmallMultipleProps {
  transform: TransformId;
  target: TransformTarget;
  title: ReactNode;
  /** At the end of its head. */
  aside: ReactNode;
  children: ReactNode;
}

/** One of several charts alike: what one transform of one target does. */
export function SmallMultiple({ transform, target, title, aside, children }: SmallMultipleProps) {
  return (
    <article className={classes.multiple}>
      <header className={classes.head}>
        <TransformGlyph transform={transform} target={target} />
        <h3>{title}</h3>
        {aside}
      </header>
      {children}
    </article>
  );
}
