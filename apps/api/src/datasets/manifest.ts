import { normalName, parseStrictJson, TrojanscopeError } from '@trojanscope/core';
import { z } from 'zod';
import { damaged, type SourceFile } from '../archives/sourceFile.js';

const text = (longest: number) => z.string().trim().min(1).max(longest);

/** `manifest.json` of an image folder: what the folders themselves do not say. */
const manifestSchema = z.strictObject({
  title: text(100),
  description: text(2_000).default('Imported from a folder of images.'),
  source: z
    .strictObject({
      citation: text(2_000),
      url: z.union([z.literal(''), z.url({ protocol: /^https?$/ })]).default(''),
    })
    .default({ citation: 'A folder of images.', url: '' }),
  /** Side of the square that a network sees, in pixels. Images are kept at their own sizes. */
  size: z.int().min(8).max(512),
  channels: z.union([z.literal(1), z.literal(3)]).default(3),
  /** What to call the class of each folder; by default as the folder. */
  classNames: z.record(z.string().transform(normalName), text(100)).optional(),
  /**
   * Which class is 0, which is 1: 2 before 10 as people count, 10 before 2 by code point as torchvision's ImageFolder has
   * them, or as they are listed.
   */
  classOrder: z
    .union(
      [z.enum(['numeric', 'codepoint']), z.array(z.string().transform(normalName)).min(2).max(1_000)],
      'expected "numeric", "codepoint" or a list of the class folders',
    )
    .default('numeric'),
  split: z
    .union(
      [
        z.literal('folders'),
        z.strictObject({ testShare: z.number().gt(0).lt(1), seed: z.int().min(0).default(1) }),
      ],
      'expected "folders" or an object like {"testShare": 0.2, "seed": 1}',
    )
    .default('folders'),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** @throws TrojanscopeError DATA_MISSING, DATA_DAMAGED naming the field at fault */
export async function readManifest(folder: string, files: readonly SourceFile[]): Promise<Manifest> {
  const file = files.find(({ name }) => name === 'manifest.json');
  if (!file)
    throw new TrojanscopeError(
      'DATA_MISSING',
      `${folder}: expected a manifest.json (docs/data.md shows one), got none.`,
    );
  const bytes = await file.read();
  let content: unknown;
  try {
    content = parseStrictJson(bytes);
  } catch (error) {
    throw damaged(file.where, `expected JSON: ${(error as SyntaxError).message}.`);
  }
  const { data, error } = manifestSchema.safeParse(content);
  if (data) return data;
  const says = error.issues.map(({ path, message }) => [...path, message].join(': '));
  throw damaged(file.where, `${says.join('; ')}.`);
}
