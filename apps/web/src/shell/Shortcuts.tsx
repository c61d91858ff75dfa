import { Kbd, Modal } from '@mantine/core';
import classes from './Shortcuts.module.css';
import { shortcuts } from './shortcuts';

/** What the keyboard can do. */
export function Shortcuts({ onClose }: { onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Keyboard shortcuts" size="lg">
      <div className={classes.groups}>
        {shortcuts.map(({ where, keys }) => (
          <section key={where} aria-label={where}>
            <h3 className={classes.where}>{where}</h3>
            <dl className={classes.list}>
              {keys.map(({ keys, does }) => (
                <div key={does}>
                  <dt>
                    {keys.map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
