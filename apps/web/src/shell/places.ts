export interface Place {
  href: string;
  title: string;
  /** Pressed after `g`. */
  key: string;
}

interface PlaceGroup {
  title: string | null;
  places: readonly Place[];
}

/** Where one can go, as the navigation groups it. */
export const placeGroups: readonly PlaceGroup[] = [
  {
    title: null,
    places: [
      { href: '/', title: 'Overview', key: 'o' },
      { href: '/models/', title: 'Models', key: 'm' },
    ],
  },
  {
    title: 'Evidence',
    places: [
      { href: '/curves/', title: 'Curves', key: 'c' },
      { href: '/outcomes/', title: 'Outcomes', key: 'u' },
      { href: '/explanations/', title: 'Explanations', key: 'e' },
      { href: '/defences/', title: 'Defences', key: 'f' },
      { href: '/probe/', title: 'Probe', key: 'p' },
    ],
  },
  {
    title: 'Work',
    places: [
      { href: '/new/', title: 'New', key: 'n' },
      { href: '/studies/', title: 'Studies', key: 's' },
      { href: '/jobs/', title: 'Jobs', key: 'j' },
      { href: '/datasets/', title: 'Data sets', key: 'd' },
    ],
  },
  {
    title: 'Server',
    places: [
      { href: '/settings/', title: 'Settings', key: ',' },
      { href: '/graphiql/', title: 'API', key: 'a' },
    ],
  },
];

export const places = placeGroups.flatMap(({ places }) => places);
