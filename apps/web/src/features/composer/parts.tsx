import { Button, Menu } from '@mantine/core';
import { type MouseEvent, type ReactNode, useState } from 'react';
import { propertiesOf } from '../../controls/schema';
import classes from './Composer.module.css';
import { useComposing, useRefusalAt } from './composing';
import { SeveralField } from './SeveralField';
import type { Path, Values } from './studyText';

/** A button that offers what can be added. */
export function AddMenu({
  children,
  options,
  onAdd,
}: {
  children: ReactNode;
  options: readonly { id: string; title: string }[];
  onAdd: (id: string) => void;
}) {
  return (
    <Menu position="bottom-start" width={260}>
      <Menu.Target>
        <Button variant="default" size="xs" data-add>
          {children}
        </Button>
      </Menu.Target>
      <Menu.Dropdown className={classes.menu}>
        {options.map(({ id, title }) => (
          <Menu.Item key={id} onClick={() => onAdd(id)}>
            {title}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Takes an element of a list away; what has the focus then is the button that adds one. */
export function RemoveButton({ path, of, keep }: { path: Path; of: string; keep?: boolean }) {
  const { remove } = useComposing();
  const press = ({ currentTarget }: MouseEvent<HTMLButtonElement>) => {
    const add = currentTarget.closest('[data-list]')?.querySelector<HTMLElement>(':scope > [data-add]');
    remove(path, keep);
    add?.focus();
  };
  return (
    <Button variant="subtle" size="xs" onClick={press} aria-label={`Remove ${of}`}>
      Remove
    </Button>
  );
}

/** What a picker does not show stays as the text has it. */
export function TextOnly({ values, shown, path }: { values: Values; shown: readonly string[]; path: Path }) {
  const names = Object.keys(values).filter((name) => !shown.includes(name));
  const below = useRefusalAt(
    path,
    shown.map((name) => [name]),
  );
  const { refusals } = useComposing();
  // Of the whole document: what has no place in it is told elsewhere.
  const refused =
    path.length > 0 ? below : refusals.find((one) => names.includes(String(one.path[0])))?.message;
  return (
    <>
      {names.length > 0 && (
        <p className={classes.about}>
          Edited as text only:{' '}
          {names.map((name, i) => (
            <span key={name}>
              {i > 0 && ', '}
              <code>{name}</code>
            </span>
          ))}
          .
        </p>
      )}
      <Wrong>{refused}</Wrong>
    </>
  );
}

/** An element that is nothing a picker knows. */
export function Unreadable({ value }: { value: unknown }) {
  return (
    <p className={classes.about}>
      Edited as text only: <code>{JSON.stringify(value)?.slice(0, 120)}</code>
    </p>
  );
}

export function Wrong({ children }: { children: string | undefined }) {
  return children ? (
    <p className={classes.wrong} role="alert">
      {children}
    </p>
  ) : null;
}

interface FoldedProps {
  title: ReactNode;
  path: Path;
  /** Whether it is open at first. */
  open: boolean;
  children: () => ReactNode;
}

/** What most leave as it is: seen, and made, once it is opened, or where something in it is refused. */
export function Folded({ title, path, open: first, children }: FoldedProps) {
  const [open, setOpen] = useState(first);
  const refused = useRefusalAt(path) !== undefined;
  return (
    <details
      className={classes.folded}
      open={open || refused}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>{title}</summary>
      {(open || refused) && children()}
    </details>
  );
}

interface ParametersProps {
  /** What they are of. */
  title: string;
  schema: unknown;
  path: Path;
  given: Values;
}

/** Parameters of an attack or a detector, folded away where all are the paper's. */
export function Parameters({ title, schema, path, given }: ParametersProps) {
  const properties = propertiesOf(schema);
  const names = properties.map(([name]) => name);
  const said = Object.keys(given).length;
  if (names.length + said === 0) return null;
  const heading = (
    <>
      Parameters of {title}
      {said === 0 && <span className={classes.aside}>, as in the paper</span>}
    </>
  );
  return (
    <Folded title={heading} path={path} open={said > 0}>
      {() => (
        <>
          <div className={classes.fields}>
            {properties.map(([name, property]) => (
              <SeveralField key={name} schema={property} path={[...path, name]} value={given[name]} />
            ))}
          </div>
          <TextOnly values={given} shown={names} path={path} />
        </>
      )}
    </Folded>
  );
}
