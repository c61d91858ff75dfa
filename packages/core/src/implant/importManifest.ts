import { z } from 'zod';
import { type AttackId, attackOf, attacks } from '../attacks/index.js';

/** Of `import.json`. */
export const IMPORT_FORMAT = 'trojanscope-import/1';

const text = (maximum: number) =>
  z
    .string()
    .max(maximum)
    .regex(/^\P{C}*$/u, 'expected text without control characters');
const share = z.number().min(0).max(1);
const perChannel = z.array(z.number().min(-10_000).max(10_000)).min(1).max(3);
const positive = z.array(z.number().min(1e-6).max(10_000)).min(1).max(3);
const imported = (Object.keys(attacks) as AttackId[]).filter((id) => attackOf(id).imported);

/** What images a network takes. What is left out is by the file, or by the data set. */
const input = z.strictObject({
  height: z.int().min(1).max(512).optional(),
  width: z.int().min(1).max(512).optional(),
  /** Of images of that size it sees the square of so many px in the middle: torchvision's CenterCrop. */
  crop: z.int().min(1).max(512).optional(),
  channels: z.enum(['rgb', 'bgr', 'grey']).optional(),
  /** What white is before it is normalised. */
  white: z.union([z.literal(1), z.literal(255)]).default(1),
  mean: perChannel.optional(),
  std: positive.optional(),
});

/** What an ONNX file does not say of its network, as `python/trojanscope_export.py` writes it; all of it may be left out. */
export const importManifest = z.strictObject({
  format: z.literal(IMPORT_FORMAT),
  title: text(120).optional(),
  dataset: text(40).optional(),
  /** In the order of the outputs. Those of the data set, where they are left out. */
  classNames: z.array(z.string().min(1).max(255)).min(1).max(1_000).optional(),
  input: input.default({ white: 1 }),
  /** Which of the file's outputs answers, by its place. */
  outputIndex: z.int().min(0).max(1_000).optional(),
  output: z.enum(['logits', 'probabilities']).optional(),
  /** Clean accuracy by its maker's measure. */
  accuracy: share.optional(),
  exporter: text(200).optional(),
  trigger: z
    .strictObject({
      kind: z.enum(imported as [AttackId, ...AttackId[]]),
      /** Of the attack, names of files among them. */
      parameters: z.record(z.string(), z.unknown()).default({}),
      /** By the number of its output. */
      targetLabel: z.int().min(0).optional(),
      poisonRate: z.number().gt(0).max(1).optional(),
      asr: share.optional(),
    })
    .optional(),
});
export type ImportManifest = z.output<typeof importManifest>;
