import type { Express } from 'express';
import sharp from 'sharp';
import type { ServerParts } from '../graphql/context.js';
import { artifactKey, THUMBNAIL_PX } from '../store/artifacts.js';

/** Pictures by id alone: a file of the store, or one made now; small where `?thumbnail` is asked for. All never change. */
export function artifacts(app: Express, { inference, blobs }: ServerParts): void {
  app.get('/artifacts/:id', async (request, response) => {
    const png = await pictureOf({ inference, blobs }, request.params.id);
    if (!png) {
      response
        .set('Cache-Control', 'no-store')
        .status(404)
        .json({ error: { code: 'NOT_FOUND', message: 'There is no such picture.' } });
      return;
    }
    response.set({
      'Cache-Control': 'private, max-age=31536000, immutable',
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    });
    if (request.query.thumbnail === undefined) response.type('png').send(png);
    else response.type('webp').send(await thumbnail(png));
  });
}

/** The PNG behind a picture's id; undefined where there is none. */
export async function pictureOf(
  { inference, blobs }: Pick<ServerParts, 'inference' | 'blobs'>,
  id: string,
): Promise<Buffer | undefined> {
  const key = artifactKey(id);
  return key ? blobs.read(key).catch(() => undefined) : inference.picture(id);
}

/** At most THUMBNAIL_PX across and down; a photograph as WebP takes a tenth of its PNG. */
const thumbnail = (png: Buffer) =>
  sharp(png)
    .resize(THUMBNAIL_PX, THUMBNAIL_PX, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 85 })
    .toBuffer();
