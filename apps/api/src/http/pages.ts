import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RequestHandler, Response } from 'express';
import expressStaticGzip from 'express-static-gzip';
import { BASE_PATH_PLACEHOLDER } from '../basePath.js';

/** The exported pages. */
export const WEB_FOLDER = fileURLToPath(new URL('../../../web/out', import.meta.url));

const hashOf = (text: string | Buffer) => createHash('sha256').update(text).digest('base64');

/** @param basePath takes the place of the one that the pages were built with, wherever they name an address */
export function createPages(basePath: string) {
  const written = underBasePath(WEB_FOLDER, basePath);
  const inFolder = expressStaticGzip(WEB_FOLDER, {
    enableBrotli: true,
    orderPreference: ['br', 'gzip'],
    serveStatic: { setHeaders: cacheFor },
  });
  const policy = contentPolicy(written);

  /** @returns false where there is no such file */
  function send(name: string, response: Response): boolean {
    const body = written.get(name);
    if (!body) return false;
    cacheFor(response, name);
    response
      // Weak, because what is sent may be compressed or not.
      .set('ETag', `W/"${hashOf(body)}"`)
      .type(path.extname(name))
      .send(body);
    return true;
  }
  const serve: RequestHandler = (request, response, next) => {
    const reads = request.method === 'GET' || request.method === 'HEAD';
    const name = request.path.slice(1).replace(/(^|\/)$/, '$1index.html');
    if (reads && send(name, response)) return;
    // A path that is no text names no file.
    if (isText(request.path)) inFolder(request, response, next);
    else next();
  };
  /** What nothing else answered. */
  const notFound: RequestHandler = (_request, response) => {
    response.status(404);
    if (!send('404.html', response)) response.type('text').send('Not found.');
  };
  /** Nothing from elsewhere, no framing; the inline scripts of the exported pages are allowed by their hashes. */
  const securityHeaders: RequestHandler = (_request, response, next) => {
    response.set({
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
    });
    next();
  };
  return { serve, notFound, securityHeaders };
}

function isText(path: string): boolean {
  try {
    return decodeURIComponent(path) !== '';
  } catch {
    return false;
  }
}

/** Next names its assets by their content; pages are asked for again. */
function cacheFor(response: ServerResponse, file: string): void {
  const hashed = /(^|[\\/])_next[\\/]static[\\/]/.test(file);
  response.setHeader('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
}

/** The exported files that hold addresses, a few megabytes, by their paths in the folder. */
function underBasePath(folder: string, basePath: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const name of filesOf(folder)) {
    if (!/\.(html|txt|js|css|json|webmanifest)$/.test(name)) continue;
    const text = readFileSync(path.join(folder, name), 'utf8');
    if (text.includes(BASE_PATH_PLACEHOLDER) || name.endsWith('.html'))
      files.set(
        name.split(path.sep).join('/'),
        Buffer.from(text.replaceAll(BASE_PATH_PLACEHOLDER, basePath)),
      );
  }
  return files;
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      statSync(path.join(folder, name)).isFile(),
    );
  } catch {
    return [];
  }
}

const contentPolicy = (files: ReadonlyMap<string, Buffer>): string =>
  [
    "default-src 'self'",
    `script-src 'self' ${inlineScriptHashes(files).join(' ')}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    // GraphiQL’s stylesheet holds fonts, which browsers read at once, wanted or not.
    "font-src 'self' data:",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ');

function inlineScriptHashes(files: ReadonlyMap<string, Buffer>): string[] {
  const hashes = new Set<string>();
  for (const [name, body] of files) {
    if (!name.endsWith('.html')) continue;
    for (const [, script] of body.toString().matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g))
      hashes.add(`'sha256-${hashOf(script!)}'`);
  }
  return [...hashes];
}
