import { InternalLink } from '../ui/InternalLink';
import classes from './Navigation.module.css';
import { placeGroups } from './places';

/** Where one can go. Pages of a single thing count as the list it is in. */
export function Navigation({ path }: { path: string }) {
  return (
    <nav aria-label="Main" className={classes.nav}>
      {placeGroups.map(({ title, places }) => (
        <div key={title} className={classes.group}>
          {title && <p className={classes.title}>{title}</p>}
          <ul className={classes.places}>
            {places.map(({ href, title }) => (
              <li key={href}>
                <InternalLink
                  href={href}
                  className={classes.place}
                  aria-current={href === (listOf[path] ?? path) ? 'page' : undefined}
                >
                  {title}
                </InternalLink>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

const listOf: Record<string, string> = {
  '/model/': '/models/',
  '/compare/': '/models/',
  '/sweep/': '/models/',
  '/study/': '/studies/',
  '/report/': '/studies/',
  '/job/': '/jobs/',
};
