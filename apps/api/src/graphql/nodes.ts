import { typeOfId } from '../store/ids.js';
import { accessTokenById, auditEntryById, userById } from './accounts.js';
import type { Context } from './context.js';
import { viewById } from './savedViews.js';
import {
  explanationById,
  jobById,
  modelById,
  outcomeById,
  pointById,
  rangeById,
  studyById,
  sweepById,
} from './stored.js';
import { uploadById } from './uploads.js';

const finders = {
  Model: modelById,
  Sweep: sweepById,
  Point: pointById,
  Outcome: outcomeById,
  Explanation: explanationById,
  Job: jobById,
  Study: studyById,
  LargestRange: rangeById,
  Upload: uploadById,
  SavedView: viewById,
  User: userById,
  AccessToken: accessTokenById,
  AuditEntry: auditEntryById,
};

export async function nodeById(id: string, context: Context): Promise<object | null> {
  const type = typeOfId(id);
  const found = type && (await finders[type](id, context));
  return found ? { ...found, __typename: type } : null;
}
