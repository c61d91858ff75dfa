import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type Express, type RequestHandler, type Response } from 'express';

/** The exported pages. */
export const WEB_FOLDER = fileURLToPath(new URL('../../../web/out', import.meta.url));

export const pages = (): RequestHandler => express.static(WEB_FOLDER, { setHeaders: cacheFor });

/** What nothing else answered. */
export function pageNotFound(app: Express): void {
  app.use((_request, response) => {
    response.status(404).sendFile('404.html', { root: WEB_FOLDER }, (error) => {
      if (error && !response.headersSent) response.type('text').send('Not found.');
    });
  });
}

/** Next names its assets by their content; pages are asked for again. */
function cacheFor(response: Response, file: string): void {
  const hashed = file.includes(`${path.sep}_next${path.sep}static${path.sep}`);
  response.setHeader('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
}

/** Nothing from elsewhere, no framing; the inline scripts of the exported pages are allowed by their hashes. */
export function securityHeaders(): RequestHandler {
  const policy = [
    "default-src 'self'",
    `script-src 'self' ${inlineScriptHashes(WEB_FOLDER).join(' ')}`,
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
  return (_request, response, next) => {
    response.set({
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
    });
    next();
  };
}

function inlineScriptHashes(folder: string): string[] {
  const hashes = new Set<string>();
  for (const name of pagesOf(folder)) {
    const html = readFileSync(path.join(folder, name), 'utf8');
    for (const [, script] of html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)) {
      hashes.add(`'sha256-${createHash('sha256').update(script!).digest('base64')}'`);
    }
  }
  return [...hashes];
}

function pagesOf(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.html'),
    );
  } catch {
    return [];
  }
}
