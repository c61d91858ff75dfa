// Before anything that decorates.
import 'reflect-metadata';

export * from './accounts.js';
export * from './attackInput.js';
export * from './catalog.js';
export * from './connections.js';
export * from './curation.js';
export * from './enums.js';
export * from './estimates.js';
export * from './explainInput.js';
export * from './filters.js';
export * from './jobInput.js';
export * from './largestRange.js';
export * from './modelParts.js';
export * from './pageArgs.js';
export * from './payloads.js';
export * from './probe.js';
export * from './rateLimit.js';
export * from './report.js';
export * from './savedViews.js';
export * from './server.js';
export * from './stored.js';
export * from './studyInput.js';
export * from './sweepInput.js';
export * from './trainingInput.js';
export * from './uploads.js';
export * from './values.js';
