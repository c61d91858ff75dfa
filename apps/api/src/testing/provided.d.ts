import 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of smokeStudy.mjs: the data folder of a finished smoke study of seed 1. Copy it, do not open it. */
    smoke: { data: string; studyId: string };
  }
}
