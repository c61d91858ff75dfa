import { ActionIcon, Tooltip, useMantineColorScheme } from '@mantine/core';
import { MoonIcon, ScreenIcon, SunIcon } from './icons';

const schemes = {
  auto: { next: 'light', text: 'Colours follow the system. Switch to light', Icon: ScreenIcon },
  light: { next: 'dark', text: 'Light colours. Switch to dark', Icon: SunIcon },
  dark: { next: 'auto', text: 'Dark colours. Follow the system', Icon: MoonIcon },
} as const;

/** System, light, dark, and round again; remembered by the browser. */
export function ColorSchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { next, text, Icon } = schemes[colorScheme];
  return (
    <Tooltip label={text}>
      <ActionIcon variant="subtle" aria-label={text} onClick={() => setColorScheme(next)}>
        <Icon />
      </ActionIcon>
    </Tooltip>
  );
}
