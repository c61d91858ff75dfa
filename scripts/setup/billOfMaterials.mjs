import { execFileSync } from 'node:child_process';

/**
 * Everything that the lock names, with versions, hashes and licences, by npm itself: CycloneDX 1.5. Asks nobody.
 * @param {string} folder
 * @returns {string} JSON
 */
export const billOfMaterials = (folder) =>
  execFileSync('npm', ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    shell: process.platform === 'win32',
  });
