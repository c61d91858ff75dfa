import { Button, Menu } from '@mantine/core';
import { useQuery } from 'urql';
import { ActionButton } from '../../controls/ActionButton';
import { useRefusal } from '../../session/viewer';
import { PlayIcon } from '../../ui/icons';
import { UserErrorList } from '../../ui/UserErrorList';
import { PresetsQuery } from './presets';
import classes from './RunStudyMenu.module.css';
import { useRunStudy } from './useRunStudy';

/** A button that offers the studies that are ready to run. */
export function RunStudyMenu() {
  const [{ data }] = useQuery({ query: PresetsQuery });
  const { run, starting, errors } = useRunStudy();
  if (useRefusal()) return <ActionButton leftSection={<PlayIcon />}>Run a study</ActionButton>;
  return (
    <div className={classes.menu}>
      <Menu position="bottom-end" width={340}>
        <Menu.Target>
          <Button variant="default" leftSection={<PlayIcon />} loading={starting}>
            Run a study
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {data?.catalog.studyPresets.map(({ id, title, description }) => (
            <Menu.Item key={id} onClick={() => run(id)}>
              <span className={classes.title}>{title}</span>
              <span className={classes.description}>{description}</span>
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <UserErrorList errors={errors} />
    </div>
  );
}
