import { fileURLToPath } from 'node:url';

/** Where a file of this package is after a build, whether asked from the build or from the sources. */
export const builtFile = (name: string): string => fileURLToPath(new URL(`../dist/${name}`, import.meta.url));
