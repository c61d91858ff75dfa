/** Addresses of pages; ids go in the query, because the pages are files. */
export const links = {
  model: (id: string) => `/model/?${new URLSearchParams({ id })}`,
  sweep: (id: string, at: { point?: string; outcome?: string } = {}) =>
    `/sweep/?${new URLSearchParams({ id, ...at })}`,
  jobs: '/jobs/',
} as const;
