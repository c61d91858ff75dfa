import { fileURLToPath } from 'node:url';
import type { NextConfig } from 'next';

// Nothing leaves the machine, the build's own statistics included.
process.env.NEXT_TELEMETRY_DISABLED = '1';

const BASE_PATH = '/__base_path__';

const config: NextConfig = {
  output: 'export',
  // The server puts its own in its place: apps/api/src/http/basePath.ts.
  basePath: BASE_PATH,
  env: { BASE_PATH },
  // `/sweep` is both a page and a folder of payloads; with the slash a static server never has to choose.
  trailingSlash: true,
  reactStrictMode: true,
  // `npm run types` checks them, and a test does: whoever starts a server need not wait for it.
  typescript: { ignoreBuildErrors: true },
  images: { unoptimized: true },
  turbopack: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    rules: {
      '**/graphiql/dist/style.css': {
        loaders: [fileURLToPath(new URL('withoutFonts.cjs', import.meta.url))],
        type: 'css',
      },
    },
  },
  experimental: {
    turbopackFileSystemCacheForBuild: false,
    optimizePackageImports: ['@mantine/core', '@mantine/hooks'],
  },
};

export default config;
