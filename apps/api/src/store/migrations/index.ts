import type { Migration } from 'kysely';
import * as initial from './001-initial.js';
import * as triggerSteps from './002-trigger-steps.js';
import * as accounts from './003-accounts.js';
import * as curation from './004-curation.js';
import * as studies from './005-studies.js';
import * as sharedWork from './006-shared-work.js';
import * as paces from './007-paces.js';
import * as lists from './008-lists.js';
import * as jobLog from './009-job-log.js';
import * as scores from './013-scores.js';
import * as noBenign from './014-no-benign.js';
import * as cleanHere from './015-clean-here.js';
import * as detections from './016-detections.js';
import * as explainers from './017-explainers.js';
import * as studyDocuments from './018-study-documents.js';
import * as documentsOfPresets from './019-documents-of-presets.js';

/** In order. A released migration is never changed: a change is a new one. */
export const migrations: Record<string, Migration> = {
  '001-initial': initial,
  '002-trigger-steps': triggerSteps,
  '003-accounts': accounts,
  '004-curation': curation,
  '005-studies': studies,
  '006-shared-work': sharedWork,
  '007-paces': paces,
  '008-lists': lists,
  '009-job-log': jobLog,
  '013-scores': scores,
  '014-no-benign': noBenign,
  '015-clean-here': cleanHere,
  '016-detections': detections,
  '017-explainers': explainers,
  '018-study-documents': studyDocuments,
  '019-documents-of-presets': documentsOfPresets,
};
