import {
  Checkbox,
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  Radio,
  SegmentedControl,
  Skeleton,
  Slider,
  Switch,
  Table,
  Tooltip,
} from '@mantine/core';
import { dark, light, type Palette } from './palette';

// Controls are drawn in ink; colour is kept for data.
const ink: MantineColorsTuple = [
  '#f4f4f2',
  '#e8e8e5',
  '#d3d4d2',
  '#b4b6b8',
  '#92969c',
  '#666a71',
  '#474b51',
  '#2f3236',
  '#212427',
  '#131517',
];

// Mantine takes its light wells, tracks and borders from these.
const greys: MantineColorsTuple = [
  light.ground,
  light.sunken,
  light.line,
  '#d4d4cd',
  light.lineStrong,
  '#a5a69f',
  '#858780',
  light.inkFaint,
  light.inkSoft,
  light.ink,
];

// Mantine takes its dark surfaces and borders from these.
const darkShades: MantineColorsTuple = [
  dark.ink,
  dark.inkSoft,
  dark.inkFaint,
  '#6d7278',
  dark.lineStrong,
  dark.line,
  '#1e2124',
  dark.surface,
  dark.ground,
  dark.sunken,
];

const sans =
  "var(--font-plex), ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

export const theme = createTheme({
  colors: { ink, gray: greys, dark: darkShades },
  primaryColor: 'ink',
  primaryShade: { light: 8, dark: 1 },
  variantColorResolver: (input) =>
    input.variant === 'filled'
      ? { background: 'var(--ink)', hover: 'var(--ink-soft)', color: 'var(--surface)', border: 'none' }
      : defaultVariantColorsResolver(input),
  fontFamily: sans,
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace",
  headings: { fontFamily: sans, fontWeight: '600' },
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // White on ink, as Mantine has it, is not seen where ink is light.
    Checkbox: Checkbox.extend({ defaultProps: { iconColor: 'var(--surface)' } }),
    Radio: Radio.extend({ defaultProps: { iconColor: 'var(--surface)' } }),
    Slider: Slider.extend({
      styles: {
        thumb: { background: 'var(--surface)', borderColor: 'var(--ink)' },
        markLabel: { color: 'var(--ink-faint)' },
      },
    }),
    SegmentedControl: SegmentedControl.extend({
      styles: { root: { background: 'var(--sunken)', boxShadow: 'inset 0 0 0 1px var(--line)' } },
    }),
    Switch: Switch.extend({ defaultProps: { withThumbIndicator: false } }),
    Tooltip: Tooltip.extend({
      defaultProps: {
        events: { hover: true, focus: true, touch: true },
        multiline: true,
        maw: 320,
        openDelay: 120,
        withArrow: true,
      },
    }),
    Table: Table.extend({ defaultProps: { verticalSpacing: 7, horizontalSpacing: 12 } }),
    Skeleton: Skeleton.extend({ defaultProps: { radius: 'sm' } }),
  },
});

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const variables = (palette: Palette) => ({
  ...Object.fromEntries(Object.entries(palette).map(([name, colour]) => [`--${kebab(name)}`, colour])),
  '--mantine-color-body': palette.ground,
  '--mantine-color-text': palette.ink,
  '--mantine-color-dimmed': palette.inkFaint,
  '--mantine-color-placeholder': palette.inkFaint,
  '--mantine-color-error': palette.bad,
  '--mantine-color-default': palette.surface,
  '--mantine-color-default-hover': palette.sunken,
  '--mantine-color-default-border': palette.lineStrong,
  '--mantine-color-anchor': palette.link,
});

/** The palette as CSS variables, so that stylesheets and charts draw from one list. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: variables(light),
  dark: variables(dark),
});
