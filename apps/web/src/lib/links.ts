import { BASE_PATH } from '../basePath';

/** What the page New can start. */
export type NewKind = 'train' | 'implant' | 'sweep' | 'study' | 'compose';

/** More models side by side, nobody can read. */
export const MOST_COMPARED = 50;

/** Addresses of pages; ids go in the query, because the pages are files. Downloads are no pages: theirs are whole. */
export const links = {
  model: (id: string) => `/model/?${new URLSearchParams({ id })}`,
  models: '/models/',
  /** A model as a file to keep. */
  bundle: (id: string) => `${BASE_PATH}/downloads/models/${id}.zip`,
  /** @param ids of the models to compare, in the order of their columns */
  compare: (ids: readonly string[]) => `/compare/?${new URLSearchParams({ ids: ids.join(' ') })}`,
  /** Every sample of a point as CSV. */
  outcomesOfPoint: (id: string) => `${BASE_PATH}/downloads/points/${id}/outcomes.csv`,
  study: (id: string) => `/study/?${new URLSearchParams({ id })}`,
  sweep: (id: string, at: { point?: string; outcome?: string } = {}) =>
    `/sweep/?${new URLSearchParams({ id, ...at })}`,
  /** @param from the model whose settings fill the form, or that is swept, or the preset that a study begins as */
  new: (kind: NewKind, from?: string) => `/new/?${new URLSearchParams({ kind, ...(from && { from }) })}`,
  /** The same report as one file. */
  reportFile: (id: string) => `${BASE_PATH}/downloads/studies/${id}/report.html`,
  report: (id: string) => `/report/?${new URLSearchParams({ id })}`,
  curves: (modelIds: readonly string[]) => `/curves/?${new URLSearchParams({ models: modelIds.join(',') })}`,
  outcomes: (point: string, at: { outcome?: string } = {}) =>
    `/outcomes/?${new URLSearchParams({ point, ...at })}`,
  explanations: (at: { model?: string; outcomes?: string }) => `/explanations/?${new URLSearchParams(at)}`,
  probe: (at: { model?: string; sample?: string; transform?: string; target?: string; value?: string }) =>
    `/probe/?${new URLSearchParams(at)}`,
  /** @param at the model whose detections are shown; all without one */
  defences: (at: { model?: string } = {}) => `/defences/?${new URLSearchParams(at)}`,
  dataset: (id: string) => `/datasets/?${new URLSearchParams({ id })}`,
  /** Models that were trained on a data set. */
  modelsOn: (dataset: string) => `/models/?${new URLSearchParams({ data: dataset })}`,
  jobs: '/jobs/',
  job: (id: string) => `/job/?${new URLSearchParams({ id })}`,
  failedJobs: '/jobs/?status=FAILED',
  queuedJobs: '/jobs/?status=QUEUED',
  studies: '/studies/',
} as const;

/** The page of whatever has such an id; null where it has none of its own. */
export function pageOf(id: string): string | null {
  switch (id.slice(0, id.indexOf('_'))) {
    case 'mod':
      return links.model(id);
    case 'pnt':
      return links.outcomes(id);
    case 'swp':
      return links.sweep(id);
    case 'stu':
      return links.study(id);
    case 'job':
      return links.job(id);
    default:
      return null;
  }
}
