import { ActionIcon, Button, Checkbox, Popover } from '@mantine/core';
import { BackIcon, ForwardIcon } from '../../ui/icons';
import { useAddress } from '../../ui/useAddress';
import classes from './ColumnChooser.module.css';
import { modelColumns } from './modelColumns';
import { type ColumnName, columnNames, columnsText, parseColumns } from './modelList';

/** Which columns a list of models has, and in which order; kept in the address, and so in saved views. */
export function ColumnChooser() {
  const { get, change } = useAddress();
  const shown = parseColumns(get('cols'));
  const show = (columns: readonly ColumnName[]) => change({ cols: columnsText(columns) }, 'replace');
  const move = (from: number, to: number) => {
    const next = [...shown];
    next.splice(to, 0, ...next.splice(from, 1));
    show(next);
  };
  const others = columnNames.filter((name) => !shown.includes(name));
  return (
    <Popover trapFocus position="bottom-end" width={250}>
      <Popover.Target>
        <Button variant="default">Columns</Button>
      </Popover.Target>
      <Popover.Dropdown>
        <ul className={classes.columns} aria-label="Columns to show">
          {[...shown, ...others].map((name) => {
            const { title } = modelColumns[name];
            const place = shown.indexOf(name);
            return (
              <li key={name}>
                <Checkbox
                  size="xs"
                  label={title}
                  checked={place >= 0}
                  disabled={name === 'name'}
                  onChange={() => show(place >= 0 ? shown.filter((one) => one !== name) : [...shown, name])}
                />
                {place > 0 && (
                  <ActionIcon.Group>
                    <ActionIcon
                      variant="subtle"
                      size="sm"
                      aria-label={`${title}: further left`}
                      disabled={place === 1}
                      onClick={() => move(place, place - 1)}
                    >
                      <BackIcon />
                    </ActionIcon>
                    <ActionIcon
                      variant="subtle"
                      size="sm"
                      aria-label={`${title}: further right`}
                      disabled={place === shown.length - 1}
                      onClick={() => move(place, place + 1)}
                    >
                      <ForwardIcon />
                    </ActionIcon>
                  </ActionIcon.Group>
                )}
              </li>
            );
          })}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}
