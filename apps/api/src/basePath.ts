import type { RequestHandler } from 'express';

/** What the dashboard is built with in place of the base path: apps/web/next.config.ts. */
export const BASE_PATH_PLACEHOLDER = '/__base_path__';

/** Some proxies pass the base path on and some take it off: both reach the same. */
export const withoutBasePath = (url: string, basePath: string): string =>
  basePath && url.startsWith(basePath) && /^([/?]|$)/.test(url.slice(basePath.length))
    ? url.slice(basePath.length).replace(/^(?!\/)/, '/')
    : url;

/** From here on `url` is without the base path and `originalUrl`, by which redirects go, with it. */
export const underBasePath =
  (basePath: string): RequestHandler =>
  (request, response, next) => {
    // Without the slash, a page's own address is not below it.
    if (basePath && request.path === basePath) {
      response.redirect(308, `${basePath}/${request.url.slice(basePath.length)}`);
      return;
    }
    request.url = withoutBasePath(request.url, basePath);
    request.originalUrl = basePath + request.url;
    next();
  };
