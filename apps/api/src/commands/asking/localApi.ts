import { TrojanscopeError, VERSION } from '@trojanscope/core';
import { GraphQLError, type GraphQLSchema, graphql } from 'graphql';
import { createAuth } from '../../auth/auth.js';
import { openDrivers, openQueue } from '../../drivers.js';
import { createLoaders } from '../../graphql/context.js';
import { formatError } from '../../graphql/errors.js';
import { createSchema } from '../../graphql/schema.js';
import { pictureOf } from '../../http/artifacts.js';
import { createInference } from '../../inference/inference.js';
import { configureLog } from '../../log.js';
import { NO_QUEUE } from '../../queue/jobQueue.js';
import { hasDatabase } from '../../store/dataFolder.js';
import { lockDataFolder } from '../../store/lock.js';
import { LOCAL } from '../../viewer.js';
import { type Api, askIt, refused, type Variables } from './api.js';

/**
 * A data folder, asked in this process with the schema, the rules and the jobs of a server.
 * @param change whether something is started; then the folder must be nobody else's
 * @throws TrojanscopeError NOT_FOUND where there is nothing to look at, CONFLICT where a server has the folder
 */
export async function openLocalApi(dataFolder: string, change: boolean): Promise<Api> {
  configureLog({ format: 'text', level: 'warn' });
  if (!change && !hasDatabase(dataFolder))
    throw new TrojanscopeError(
      'NOT_FOUND',
      `There is nothing in ${dataFolder} yet. Name another folder with --data, or a server with --server.`,
    );
  const lock = change ? lockDataFolder(dataFolder, askIt) : undefined;
  const drivers = await openDrivers(dataFolder).catch((error) => {
    lock?.release();
    throw error;
  });
  const inference = createInference(drivers.fork);
  const auth = createAuth({ on: false, publicUrl: null }, drivers.rateLimits);
  let schema: GraphQLSchema | undefined;
  let queue = NO_QUEUE;
  const parts = () => ({ ...drivers, queue, inference, version: VERSION, auth });

  return {
    server: null,
    async ask<Data>(source: string, variableValues: Variables = {}): Promise<Data> {
      schema ??= await createSchema();
      const contextValue = {
        ...parts(),
        load: createLoaders(parts()),
        viewer: LOCAL,
        http: null,
        caller: LOCAL.id,
      };
      const { data, errors } = await graphql({ schema, source, variableValues, contextValue });
      const [error] = errors ?? [];
      if (error instanceof GraphQLError) {
        const { message, extensions } = formatError(error.toJSON(), error);
        const { code, field } = (extensions ?? {}) as { code?: string; field?: (string | number)[] };
        throw refused({ code, field, message });
      }
      return data as Data;
    },
    async picture(address) {
      if (address.startsWith('data:')) return Buffer.from(address.slice(address.indexOf(',') + 1), 'base64');
      const png = await pictureOf(parts(), address.slice('/artifacts/'.length));
      if (!png) throw new TrojanscopeError('NOT_FOUND', `There is no picture ${address}.`);
      return png;
    },
    async work() {
      if (queue === NO_QUEUE) queue = await openQueue(drivers);
    },
    async close() {
      await queue.close();
      inference.close();
      await drivers.db.destroy();
      lock?.release();
    },
  };
}
