/** What a study comes to, for people: sections of text, tables and drawings, as HTML or Markdown. */
export { type Block, base64Of, fileOf, type Section } from './document.js';
export { toHtml } from './html.js';
export { toMarkdown } from './markdown.js';
export { reportOf, type StudyReport } from './report.js';
export { benchmarkSchema } from './speed.js';
export { drawStrip } from './strip.js';
export type { ReportTable } from './tables.js';
