import type { Express } from 'express';
import type { ServerParts } from '../graphql/context.js';
import { artifactFile } from '../store/artifacts.js';

/** Pictures by id alone: a file of the store, or one made now. Both never change. */
export function artifacts(app: Express, { inference }: ServerParts, dataFolder: string): void {
  app.get('/artifacts/:id', async (request, response) => {
    const { id } = request.params;
    response.set({
      'Cache-Control': 'private, max-age=31536000, immutable',
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    });
    const file = artifactFile(dataFolder, id);
    if (file) {
      response.type('png').sendFile(file, { cacheControl: false, dotfiles: 'allow' }, (error) => {
        if (error && !response.headersSent) notFound();
      });
      return;
    }
    const png = await inference.picture(id);
    if (png) response.type('png').send(png);
    else notFound();

    function notFound() {
      response
        .set('Cache-Control', 'no-store')
        .status(404)
        .type('json')
        .json({ error: { code: 'NOT_FOUND', message: 'There is no such picture.' } });
    }
  });
}
