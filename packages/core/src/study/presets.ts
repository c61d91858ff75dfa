import { readFileSync } from 'node:fs';
import type { TransformId } from '../transforms/index.js';
import type { StudyDocument } from './document.js';
import { readStudyDocument } from './readDocument.js';

/** The configurations of the paper's Table 3, on trigger and image alike. */
export const TABLE_3 = [
  { transform: 'translation', value: 3 },
  { transform: 'scaling', value: 0.8 },
  { transform: 'rotation', value: 45 },
] as const satisfies { transform: TransformId; value: number }[];

/** THE LIST of study presets: documents in `studies/`. */
const PRESETS = ['quickstart', 'paper-mnist', 'paper', 'smoke', 'defences-mnist', 'defences-gtsrb'] as const;
export type StudyPresetId = (typeof PRESETS)[number];

/** A preset as it is written, to be copied and changed; without the line for editors, which holds where it lies. */
export const presetText = (id: StudyPresetId): string =>
  readFileSync(new URL(`../../studies/${id}.yaml`, import.meta.url), 'utf8').replace(
    /^# yaml-language-server:.*\n/,
    '',
  );

export const studyPresets = Object.fromEntries(
  PRESETS.map((id) => [id, readStudyDocument(presetText(id)).document]),
) as Record<StudyPresetId, StudyDocument>;
