import {
  attacks,
  detectors,
  ERROR_CODES,
  networks,
  studyPresets,
  transforms,
} from '@trojanscope/core/definitions';
import { registerEnumType } from 'type-graphql';
import { z } from 'zod';

/** What registered enums say of their values: type-graphql looks at it when the schema is built. */
const known = new Map<object, Record<string, { description: string }>>();

const idEnum = <T extends string>(
  name: string,
  description: string,
  list: Record<T, { title: string; description: string }>,
): { [K in T]: K } => {
  const ids = Object.keys(list) as T[];
  // GraphQL's names have no hyphens.
  const nameOf = (id: T) => id.replaceAll('-', '_');
  const values = Object.fromEntries(ids.map((id) => [nameOf(id), id])) as { [K in T]: K };
  const valuesConfig = Object.fromEntries(
    ids.map((id) => [nameOf(id), { description: `${list[id].title}. ${list[id].description}` }]),
  );
  registerEnumType(values, { name, description, valuesConfig: valuesConfig as never });
  known.set(values, valuesConfig);
  return values;
};

/**
 * Lets results name definitions that are not here any longer: plugins’. Call it before the schema is built.
 * @param describe what the schema says of one
 */
export function admitAbsent(values: object, ids: readonly string[], describe: (id: string) => string): void {
  for (const id of ids) {
    if (Object.hasOwn(values, id)) continue;
    Object.assign(values, { [id]: id });
    known.get(values)![id] = { description: describe(id) };
  }
}

export const ArchitectureId = idEnum('ArchitectureId', 'A network architecture.', networks);
export const AttackId = idEnum('AttackId', 'A method of implanting a backdoor.', attacks);
export const TransformId = idEnum('TransformId', 'A transformation of trigger or image.', transforms);
export const DetectorId = idEnum(
  'DetectorId',
  'A method that tells trojaned images from clean ones.',
  detectors,
);
export const StudyPresetId = idEnum('StudyPresetId', 'A study that is ready to run.', {
  ...studyPresets,
  own: { title: 'None', description: 'The study has a document of its own. Nothing to be asked for.' },
});

const wordEnum = <T extends string>(
  name: string,
  description: string,
  words: Record<T, string>,
): { [K in T]: K } => {
  const values = Object.fromEntries(Object.keys(words).map((word) => [word, word])) as { [K in T]: K };
  registerEnumType(values, {
    name,
    description,
    valuesConfig: Object.fromEntries(
      Object.entries<string>(words).map(([word, text]) => [word, { description: text }]),
    ) as never,
  });
  return values;
};

export const TransformTarget = wordEnum('TransformTarget', 'What a sweep transforms.', {
  TRIGGER: 'The trigger, before it is put on the image.',
  IMAGE: 'The finished image, trigger included.',
});
export const TrainingTarget = wordEnum('TrainingTarget', 'What is transformed at random at training.', {
  TRIGGER: 'The trigger, before it is put on the image.',
  POISONED: 'Every image that has the trigger, covers too.',
  ALL: 'All training images, clean ones too.',
});
export const JobStatus = wordEnum('JobStatus', 'Where a piece of work stands.', {
  QUEUED: 'Waiting for its turn, or for the work it builds on.',
  RUNNING: 'A worker is at it.',
  SUCCEEDED: 'Done.',
  FAILED: 'Ended by an error, which the job tells. It can be retried.',
  CANCELLED: 'Stopped by somebody. What was done is kept; a retry goes on from there.',
});

/** THE LIST of kinds of jobs, each with what one of them is. */
export const JOB_KINDS = {
  model: 'a training, benign or trojaned',
  sweep: 'a sweep',
  detect: 'a detector tried on a model',
  explain: 'explanations',
  largestRange: 'a search for how far clean images can be transformed',
  measure: 'a measurement of how fast this machine is',
  importModel: 'the import of a model',
  importDataset: 'the import of a data set',
} as const;
export type JobKind = keyof typeof JOB_KINDS;
export const jobKinds = z.array(z.enum(Object.keys(JOB_KINDS) as [JobKind, ...JobKind[]]));

export const JobPriority = wordEnum(
  'JobPriority',
  'Which of one person’s queued jobs runs first. People still take turns.',
  {
    LOW: 'After their others.',
    NORMAL: 'In the order in which they were started.',
    HIGH: 'Before their others.',
    URGENT: 'Before everybody’s; for admins to say.',
  },
);
export const OutcomeKind = wordEnum('OutcomeKind', 'What the model made of one trojaned image.', {
  TARGET: 'The attack’s target label: the backdoor fired.',
  TRUTH: 'The true label: the backdoor did not fire.',
  OTHER: 'Neither: an error.',
});
export const Verdict = wordEnum('Verdict', 'What a study’s data makes of a statement.', {
  HELD: 'It holds in every comparison.',
  NOT_HELD: 'At least one comparison contradicts it.',
  UNDECIDED: 'The data does not suffice to say.',
});
export const ReportBlockKind = wordEnum('ReportBlockKind', 'What a piece of a report is.', {
  TEXT: 'A paragraph.',
  TABLE: 'A table with a caption.',
  PICTURE: 'A picture with a caption.',
});
export const Start = wordEnum('Start', 'What a model’s weights begin as.', {
  SCRATCH: 'Random numbers.',
  MODEL: 'The weights of another model: retraining.',
});
export const ModelKind = wordEnum('ModelKind', 'Whether a model has a backdoor.', {
  BENIGN: 'Trained on clean data.',
  TROJANED: 'Trained with a backdoor.',
});
export const Eligibility = wordEnum('Eligibility', 'Which samples a sweep may use.', {
  TRUE_LABEL: 'Samples whose true label is not the target.',
  BENIGN_PREDICTION:
    'Samples that the benign model does not take for the target (strict; paper section 3.1); not for a model that is compared with none.',
});
export const GradientMode = wordEnum('GradientMode', 'What SmoothGrad averages.', {
  MAGNITUDE: 'The squared gradient: how much a pixel matters.',
  SIGNED: 'The gradient itself: which way a pixel pulls.',
});
export const ExplainedClass = wordEnum('ExplainedClass', 'The class whose score is explained.', {
  PREDICTED: 'The label the model predicts.',
  TARGET: 'The attack’s target label.',
  TRUE: 'The sample’s true label.',
});
export const Direction = wordEnum('Direction', 'Which way a list is ordered.', {
  ASC: 'Smallest, first in the alphabet or oldest first.',
  DESC: 'Largest, last in the alphabet or newest first.',
});
export const ModelOrderField = wordEnum('ModelOrderField', 'What models are ordered by.', {
  CREATED_AT: 'When they were asked for.',
  NAME: 'Their name, capitals or not.',
  DATASET: 'The id of the data set they were trained on.',
  ARCHITECTURE: 'The id of their network.',
  ATTACK: 'The id of the attack; benign models come last.',
  CLEAN_ACCURACY: 'Accuracy on clean test images; models without one come last.',
  ASR: 'Attack success rate; models without one come last.',
});
export const JobOrderField = wordEnum('JobOrderField', 'What jobs are ordered by.', {
  CREATED_AT: 'When they were asked for.',
  FINISHED_AT: 'When they ended; those that have not come last.',
});
export const SweepOrderField = wordEnum('SweepOrderField', 'What sweeps are ordered by.', {
  CREATED_AT: 'When they were asked for.',
  SAMPLES: 'Samples at each value.',
});
export const OutcomeOrderField = wordEnum('OutcomeOrderField', 'What outcomes are ordered by.', {
  DRAWN: 'As the samples were drawn.',
  CONFIDENCE: 'How sure the model is of its answer.',
});
export const DetectionImageKind = wordEnum('DetectionImageKind', 'Which image a detector judged.', {
  CLEAN: 'A sample as it is.',
  TROJANED: 'The same sample with the trigger.',
  OTHER_CLEAN: 'A clean sample of another draw, for a control.',
});
export const DetectionPopulation = wordEnum('DetectionPopulation', 'Which images count.', {
  ALL: 'All of them.',
  FIRED_AND_RIGHT:
    'Trojaned ones that the trojaned model takes for the target, and clean ones that it classifies right.',
});
export const DetectionOrderField = wordEnum('DetectionOrderField', 'What detections are ordered by.', {
  CREATED_AT: 'When they were asked for.',
  AUROC: 'The area under the ROC curve over all images; those without one come last.',
});
export const DetectionImageOrderField = wordEnum(
  'DetectionImageOrderField',
  'What a detection’s images are ordered by.',
  { SCORE: 'Their score.', DRAWN: 'As the samples were drawn.' },
);
export const Role = wordEnum('Role', 'What an account may do. Each may do what those before it may.', {
  VIEWER: 'See everything but accounts and the audit log.',
  RUNNER: 'Also start work, and cancel and retry what it started itself.',
  ADMIN: 'Everything: the work of others, accounts, the audit log.',
});
export const TokenScope = wordEnum(
  'TokenScope',
  'What an access token may do, at most: never more than its owner.',
  {
    READ: 'What a viewer may.',
    RUN: 'What a runner may.',
    ALL: 'What its owner may, but for what only a person who is signed in may: passwords and access tokens.',
  },
);
export const UploadKind = wordEnum('UploadKind', 'What an uploaded archive holds.', {
  MODEL: 'A model bundle (docs/bundles.md).',
  DATASET:
    'A folder of images with its manifest.json, or the files of GTSRB, Fashion-MNIST or CIFAR-10 (docs/data.md).',
});
export const SignInMethod = wordEnum('SignInMethod', 'How it is known who asks.', {
  LOCAL: 'Accounts are off: anyone at this machine may do everything.',
  SESSION: 'Signed in with name and password; a cookie remembers it.',
  TOKEN: 'An access token.',
});
export const ErrorCode = wordEnum('ErrorCode', 'Why something was refused or failed.', ERROR_CODES);
