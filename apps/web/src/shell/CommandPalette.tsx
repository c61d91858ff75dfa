import { Combobox, Modal, TextInput, useCombobox, useMantineColorScheme } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useQuery } from 'urql';
import { useSignOut } from '../features/accounts/AccountMenu';
import { graphql } from '../graphql/graphql';
import { links } from '../lib/links';
import { useViewer } from '../session/viewer';
import classes from './CommandPalette.module.css';
import { places } from './places';

const FoundQuery = graphql(`
  query Found($search: String!) {
    models(first: 8, filter: { search: $search }) {
      nodes {
        id
        name
        attack {
          title
        }
        dataset {
          title
        }
        architecture {
          title
        }
      }
    }
    studies(first: 5, filter: { search: $search }) {
      nodes {
        id
        name
        seed
      }
    }
  }
`);

interface Command {
  id: string;
  group: string;
  title: string;
  note?: string;
  run: () => void;
}

/** Long enough that typing a word asks once. */
const PAUSE_MS = 150;

interface CommandPaletteProps {
  onClose: () => void;
  onShortcuts: () => void;
}

/** Goes to any page, model or study by a few letters of its name, and does what can be done from everywhere. */
export function CommandPalette({ onClose, onShortcuts }: CommandPaletteProps) {
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), PAUSE_MS);
  const commands = [
    ...useCommands(onShortcuts).filter((command) => matches(command, text)),
    ...useFound(search),
  ];
  const combobox = useCombobox({ opened: true, onDropdownClose: onClose });
  const run = (id: string) => {
    const command = commands.find((one) => one.id === id);
    onClose();
    command?.run();
  };
  const groups = [...new Set(commands.map(({ group }) => group))];
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      size="lg"
      yOffset="12vh"
      aria-label="Search and commands"
      transitionProps={{ duration: 0 }}
    >
      <Combobox store={combobox} onOptionSubmit={run}>
        <Combobox.EventsTarget>
          <TextInput
            data-autofocus
            size="md"
            variant="unstyled"
            classNames={{ input: classes.input }}
            placeholder="A page, a model, a study, a command"
            aria-label="Search and commands"
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              combobox.updateSelectedOptionIndex();
            }}
          />
        </Combobox.EventsTarget>
        <Combobox.Options className={classes.options} aria-label="What was found">
          {groups.map((group) => (
            <Combobox.Group key={group} label={group}>
              {commands
                .filter((command) => command.group === group)
                .map(({ id, title, note }) => (
                  <Combobox.Option key={id} value={id} className={classes.option}>
                    <span>{title}</span>
                    {note && <span className={classes.note}>{note}</span>}
                  </Combobox.Option>
                ))}
            </Combobox.Group>
          ))}
          {commands.length === 0 && (
            <Combobox.Empty>
              Nothing has “{text}” in its name. Notes of models are searched too.
            </Combobox.Empty>
          )}
        </Combobox.Options>
      </Combobox>
    </Modal>
  );
}

/** Every word that was typed is in what is shown. */
const matches = ({ title, note = '' }: Command, text: string) =>
  text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => `${title} ${note}`.toLowerCase().includes(word));

function useCommands(onShortcuts: () => void): Command[] {
  const router = useRouter();
  const { signedInBy } = useViewer();
  const { signOut } = useSignOut();
  const { setColorScheme } = useMantineColorScheme();
  const action = (title: string, run: () => void, note?: string): Command => ({
    id: `do ${title}`,
    group: 'Commands',
    title,
    note,
    run,
  });
  return [
    ...places.map(
      ({ href, title, key }): Command => ({
        id: `go ${href}`,
        group: 'Pages',
        title,
        note: `g ${key}`,
        run: () => router.push(href),
      }),
    ),
    action('Train a benign model', () => router.push(links.new('train'))),
    action('Implant a backdoor', () => router.push(links.new('implant'))),
    action('Run a sweep', () => router.push(links.new('sweep'))),
    action('Run a study', () => router.push(links.new('study'))),
    action('Compose a study', () => router.push(links.new('compose'))),
    action('Models in the trash', () => router.push('/models/?trash=1')),
    action('Light colours', () => setColorScheme('light')),
    action('Dark colours', () => setColorScheme('dark')),
    action('Colours of the system', () => setColorScheme('auto')),
    action('Keyboard shortcuts', onShortcuts, '?'),
    ...(signedInBy === 'SESSION' ? [action('Sign out', signOut)] : []),
  ];
}

function useFound(search: string): Command[] {
  const router = useRouter();
  const [{ data }] = useQuery({ query: FoundQuery, variables: { search }, pause: search === '' });
  if (!data || search === '') return [];
  return [
    ...data.models.nodes.map(({ id, name, attack, dataset, architecture }) => ({
      id,
      group: 'Models',
      title: name,
      note: `${attack?.title ?? 'benign'}, ${architecture.title} on ${dataset.title}`,
      run: () => router.push(links.model(id)),
    })),
    ...data.studies.nodes.map(({ id, name, seed }) => ({
      id,
      group: 'Studies',
      title: name,
      note: `seed ${seed}`,
      run: () => router.push(links.study(id)),
    })),
  ];
}
