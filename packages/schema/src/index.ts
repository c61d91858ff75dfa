// Before anything that decorates.
import 'reflect-metadata';

export * from './accounts.js';
export * from './attackInput.js';
export * from './connections.js';
export * from './enums.js';
export * from './estimates.js';
export * from './inputs.js';
export * from './payloads.js';
export * from './rateLimit.js';
export * from './savedViews.js';
export * from './types.js';
export * from './uploads.js';
