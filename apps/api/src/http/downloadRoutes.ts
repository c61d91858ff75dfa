import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  type DetectorId,
  detectors,
  TRANSFORM_TARGETS,
  TrojanscopeError,
  transforms,
} from '@trojanscope/core';
import { reportOf, toHtml } from '@trojanscope/report';
import type { Express, Request, Response } from 'express';
import { z } from 'zod';
import { exportModel } from '../bundles/exportModel.js';
import {
  imagesOfDetection,
  measuresOfDetections,
  outcomesOfPoint,
  outcomesOfSweep,
  pointsOfCurves,
  type Table,
} from '../downloads/rows.js';
import type { ServerParts } from '../graphql/context.js';
import { resultsOfStudy } from '../studies/results.js';
import { FORMATS, type Format } from '../tables/format.js';

/** An id, or several with commas between. */
const ids = z
  .string()
  .max(30_000)
  .transform((text) => text.split(',').filter((id) => id !== ''))
  .optional();
const curvesSchema = z.strictObject({
  modelIds: ids,
  sweepIds: ids,
  transform: z.enum(Object.keys(transforms) as [keyof typeof transforms]).optional(),
  target: z.enum(TRANSFORM_TARGETS).optional(),
});

const detectionsSchema = z.strictObject({
  modelIds: ids,
  detector: z.enum(Object.keys(detectors) as [DetectorId]).optional(),
  newest: z
    .enum(['true', 'false'])
    .transform((word) => word === 'true')
    .optional(),
});

/**
 * Whole tables as files, streamed: `/downloads/sweeps/<id>/outcomes.csv`, `/downloads/points/<id>/outcomes.csv`,
 * `/downloads/curves.ndjson?modelIds=…`, `/downloads/detections/<id>/images.csv`, `/downloads/detections.csv?detector=…`;
 * a report as one page: `/downloads/studies/<id>/report.html`; a model’s bundle: `/downloads/models/<id>.zip`.
 */
export function downloads(app: Express, { db, blobs }: Pick<ServerParts, 'db' | 'blobs'>): void {
  app.get('/downloads/studies/:studyId/report.html', async (request, response) => {
    const { studyId } = request.params;
    const { title, sections } = reportOf(await resultsOfStudy(db, blobs, studyId));
    sendAs(response, 'text/html; charset=utf-8', `report-${studyId}.html`);
    response.send(toHtml(title, sections));
  });
  app.get('/downloads/models/:modelId.zip', async (request, response) => {
    const { modelId } = request.params;
    const folder = await mkdtemp(path.join(tmpdir(), 'trojanscope-export-'));
    try {
      // Written as a whole first, so that nothing damaged is half sent.
      const file = path.join(folder, `${modelId}.zip`);
      await exportModel(db, blobs, modelId, file);
      response.set({
        'Content-Type': 'application/zip',
        'Content-Disposition': `attachment; filename="${modelId}.zip"`,
        'Cache-Control': 'no-store',
      });
      await pipeline(createReadStream(file), response);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
  app.get('/downloads/sweeps/:sweepId/outcomes.:format', (request, response) =>
    send(request, response, `outcomes-${request.params.sweepId}`, () =>
      outcomesOfSweep(db, request.params.sweepId),
    ),
  );
  app.get('/downloads/points/:pointId/outcomes.:format', (request, response) =>
    send(request, response, `outcomes-${request.params.pointId}`, () =>
      outcomesOfPoint(db, request.params.pointId),
    ),
  );
  app.get('/downloads/curves.:format', (request, response) =>
    send(request, response, 'curves', () => pointsOfCurves(db, asked(curvesSchema, request))),
  );
  app.get('/downloads/detections/:detectionId/images.:format', (request, response) =>
    send(request, response, `images-${request.params.detectionId}`, () =>
      imagesOfDetection(db, request.params.detectionId),
    ),
  );
  app.get('/downloads/detections.:format', (request, response) =>
    send(request, response, 'detections', () => measuresOfDetections(db, asked(detectionsSchema, request))),
  );
}

/** What is asked behind the address. @throws TrojanscopeError BAD_USER_INPUT */
function asked<T extends z.ZodType>(schema: T, { query }: Pick<Request, 'query'>): z.output<T> {
  const { data, error } = schema.safeParse(query);
  if (!error) return data;
  const { path: at, message } = error.issues[0]!;
  throw new TrojanscopeError('BAD_USER_INPUT', `${[...at, message].join(': ')}.`, at as string[]);
}

async function send(
  request: Request<{ format: string }>,
  response: Response,
  name: string,
  open: () => Promise<Table>,
): Promise<void> {
  const { format } = request.params;
  if (!Object.hasOwn(FORMATS, format))
    throw new TrojanscopeError(
      'NOT_FOUND',
      `Expected a download as ${Object.keys(FORMATS).join(' or ')}, got ${format.slice(0, 20)}.`,
    );
  const { type, write } = FORMATS[format as Format];
  const { columns, rows } = await open();
  sendAs(response, type, `${name}.${format}`);
  await pipeline(Readable.from(write(columns, rows)), response);
}

/** A file to keep, not a page of this server's. */
const sendAs = (response: Response, type: string, name: string) =>
  response.set({
    'Content-Type': type,
    'Content-Disposition': `attachment; filename="${name}"`,
    'Content-Security-Policy': 'sandbox',
    'Cache-Control': 'no-store',
  });
