import { z } from 'zod';
import { STARTS } from '../architectures/architecture.js';
import { type ArchitectureId, architectures, IMPORTED } from '../architectures/index.js';
import { normalizationSchema } from '../architectures/normalization.js';
import { type AttackId, attackOf, attacks } from '../attacks/index.js';
import { PLUGIN_KINDS, type PluginKind, type PluginNote, requirePlugins } from '../lib/plugins.js';
import type { OnnxReading } from '../onnx/reading.js';
import { coverRatioSchema } from '../requests.js';
import { recipeSchema } from '../training/recipe.js';
import { trainingTransformsSchema } from '../transforms/randomly.js';
import { type BackdoorSpec, BUNDLE_FORMAT, type ModelRecord, type ModelSpec } from './model.js';

/** A line of text for people, without control characters. */
const text = (maximum: number) =>
  z
    .string()
    .max(maximum)
    .regex(/^\P{C}*$/u, 'expected text without control characters');
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 of 64 hexadecimal digits');
const keysOf = <K extends string>(list: Record<K, unknown>) =>
  z.enum(Object.keys(list) as [K, ...K[]], {
    error: ({ input }) =>
      typeof input === 'string'
        ? `expected one of ${Object.keys(list).join(', ')}; got ${JSON.stringify(input)}. A plugin’s is there where it is started with --plugins`
        : undefined,
  });
const count = z
  .strictObject({ hits: z.int().min(0), total: z.int().min(1) })
  .refine(({ hits, total }) => hits <= total, 'expected no more hits than trials');

const planned = z.strictObject({ planned: z.int().min(0), effective: z.int().min(0) });

/** In place of the recipe of a model that trojanscope did not train: what is known of its training. */
const foreignRecipeSchema = z.strictObject({ trainedElsewhere: text(300) });
export type ForeignRecipe = z.output<typeof foreignRecipeSchema>;

/** Either recipe, told apart before it is parsed, so that a refusal names the value at fault. */
const recipe = z.record(z.string(), z.unknown()).transform((value, context) => {
  const schema = 'trainedElsewhere' in value ? foreignRecipeSchema : recipeSchema;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const { path, message } of result.error.issues) {
    context.issues.push({ code: 'custom', path, message, input: value });
  }
  return z.NEVER;
});

/** A plugin's definition that a model is made with: it has to be here, and the same. */
const plugins = z
  .array(
    z.strictObject({
      kind: z.enum(Object.keys(PLUGIN_KINDS) as [PluginKind, ...PluginKind[]]),
      id: text(40),
      title: text(100),
      file: text(255),
      sha256,
      values: z
        .strictObject({
          valueName: text(40),
          unit: text(20),
          minimum: z.number(),
          maximum: z.number(),
          identity: z.number(),
          defaultValues: z.array(z.number()).max(100),
        })
        .optional(),
    }) satisfies z.ZodType<PluginNote>,
  )
  .min(1)
  .max(20)
  .superRefine((notes, context) => {
    try {
      requirePlugins(notes);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
    }
  });

/** Parameters by the attack's own schema. Asked only where `attack` is one of ours. */
const backdoor = z
  .strictObject({
    attack: keysOf<AttackId>(attacks),
    parameters: z.record(z.string(), z.unknown()),
    targetLabel: z.int().min(0),
    // Not known of a model that was poisoned elsewhere.
    poisonRate: z.number().gt(0).max(1).optional(),
    coverRatio: coverRatioSchema.optional(),
    trainingTransforms: trainingTransformsSchema.required().optional(),
    plugins: plugins.optional(),
  } satisfies Record<keyof BackdoorSpec, z.ZodType>)
  .transform((value, context) => {
    const result = attackOf(value.attack).parameters.safeParse(value.parameters);
    if (result.success) return { ...value, parameters: result.data as Record<string, unknown> };
    for (const { path, message } of result.error.issues) {
      context.issues.push({ code: 'custom', path: ['parameters', ...path], message, input: value });
    }
    return z.NEVER;
  });

/** How an imported network is asked. */
const onnx = z.strictObject({
  output: z.int().min(0).max(1_000).optional(),
  probabilities: z.literal(true).optional(),
  crop: z.int().min(1).max(512).optional(),
  bgr: z.literal(true).optional(),
  order: z.array(z.int().min(0)).min(1).max(1_000).optional(),
}) satisfies z.ZodType<OnnxReading>;

const specShape = {
  dataset: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'expected the id of a data set'),
  sizePx: z.int().min(1).max(512).optional(),
  architecture: z.enum([...(Object.keys(architectures) as ArchitectureId[]), IMPORTED]),
  onnx: onnx.optional(),
  normalization: normalizationSchema.optional(),
  recipe,
  // Models from before there was a choice have none.
  start: z.enum(STARTS).default('SCRATCH'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1),
  plugins: plugins.optional(),
  backdoor: backdoor.optional(),
} satisfies Record<keyof ModelSpec, z.ZodType>;
const spec = z
  .strictObject(specShape)
  .refine(({ architecture, onnx }) => architecture === IMPORTED || !onnx, {
    path: ['onnx'],
    message: 'expected none, because the network is one of our own',
  });

/** How a model came here from an archive. */
const imported = z.strictObject({
  /** Name of the file or folder. */
  from: text(255),
  at: z.iso.datetime(),
  /** Whether clean accuracy and ASR were measured here; else they are what the archive said. */
  measured: z.boolean(),
  /** Of the file that came, where what it holds was put in our order. */
  weightsSha256: sha256.optional(),
  /** What was: its outputs in that of the data set's classes, the channels that it takes in that of RGB. */
  rearranged: z.array(z.enum(['outputs', 'channels'])).optional(),
  /** What the import had to say of how well the model does here. */
  warnings: z.array(text(1_000)).max(10).optional(),
  /** Of an imported network: what else there was to say of what came, such as how its trigger was read. */
  notes: z.array(text(1_000)).max(10).optional(),
  /** SHA-256 of the files that held some of its weights. */
  externals: z.record(text(255), sha256).optional(),
  /** Of how many images its maker's own logits came out here, and of how many the gradients too. */
  verified: z.strictObject({ images: z.int().min(1), gradients: z.int().min(0) }).optional(),
});
export type ImportNote = z.output<typeof imported>;

const recordShape = {
  spec,
  poison: planned.extend({ covers: planned.optional() }).optional(),
  // Left out by who did not measure it here: it is measured at the import.
  clean: count.optional(),
  asr: count.optional(),
  base: z.strictObject({ spec, weightsSha256: sha256 }).optional(),
  durationSeconds: z.number().min(0).optional(),
  engine: text(300),
  version: text(100),
  weightsSha256: sha256,
  // In the order of the logits. Those of the data set, where it is left out.
  classNames: z.array(z.string().min(1).max(255)).min(1).max(1_000).optional(),
  imported: imported.optional(),
} satisfies Record<keyof ModelRecord | 'classNames' | 'imported', z.ZodType>;

/**
 * `model.json`: what `saveModel` writes, and nothing else. A model trained elsewhere has no measures and says by its
 * recipe that it was.
 */
export const bundleRecordSchema = z.strictObject({ format: z.literal(BUNDLE_FORMAT), ...recordShape });
export type BundleRecord = Omit<z.output<typeof bundleRecordSchema>, 'format'>;
