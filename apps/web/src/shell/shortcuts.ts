import { places } from './places';

/** What can be done with the keyboard, by where it works; keys of one shortcut are pressed one after another. */
export const shortcuts: readonly {
  where: string;
  keys: readonly { keys: readonly string[]; does: string }[];
}[] = [
  {
    where: 'Everywhere',
    keys: [
      { keys: ['Ctrl K'], does: 'Search and commands (⌘ K on a Mac)' },
      { keys: ['?'], does: 'These shortcuts' },
      { keys: ['Esc'], does: 'Close what is open' },
    ],
  },
  {
    where: 'Go to',
    keys: places.map(({ title, key }) => ({ keys: ['g', key], does: title })),
  },
  {
    where: 'Lists',
    keys: [
      { keys: ['/'], does: 'Search in the list' },
      { keys: ['j'], does: 'Next line' },
      { keys: ['k'], does: 'Line before' },
      { keys: ['x'], does: 'Choose the line' },
      { keys: ['Enter'], does: 'Open the line' },
    ],
  },
  {
    where: 'Curves and grids',
    keys: [
      { keys: ['←', '→'], does: 'Point or sample beside' },
      { keys: ['Enter'], does: 'Open it' },
    ],
  },
];
