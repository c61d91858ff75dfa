import { picturesSvg, type SheetPicture } from '../../export/sheet';
import { type Column, type Table, tableOf } from '../../export/table';
import { percent } from '../../format/percent';
import type { Image } from '../../graphql/fragments';
import { outcomeKinds } from '../../lib/outcomeKinds';
import { transformValue } from '../../lib/sweep';
import type { StripOutcome } from './SampleStrip';

/** One sample under one transform: clean, at every value, and through every model at one of them. */
interface SampleStory {
  id: string;
  trueLabel: { name: string };
  cleanPrediction: { name: string };
  sample: { index: number; image: Image };
  acrossValues: readonly StripOutcome[];
  acrossModels: readonly StripOutcome[];
}

const outcomesOf = ({ id, acrossValues, acrossModels }: SampleStory) => [
  ...acrossValues,
  ...acrossModels.filter((other) => other.id !== id),
];

const columns: readonly Column<StripOutcome>[] = [
  { title: 'model', value: ({ point }) => point.sweep.model.name },
  { title: 'value', value: ({ point }) => point.value },
  { title: 'outcome', value: ({ kind }) => outcomeKinds[kind].title },
  { title: 'predicted', value: ({ predicted }) => predicted.name },
  {
    title: 'confidence',
    value: ({ confidence }) => confidence,
    text: ({ confidence }) => percent(confidence),
  },
];

export const sampleTable = (story: SampleStory): Table => tableOf(outcomesOf(story), columns);

/** The clean image, then what models saw of it, each with the answer. @param unit of the transform's values */
export function samplePicture(title: string, unit: string, story: SampleStory): Promise<SVGSVGElement> {
  const { id, trueLabel, cleanPrediction, sample, acrossValues, acrossModels } = story;
  const clean: SheetPicture = {
    ...sample.image,
    caption: [`clean: ${trueLabel.name}`, `→ ${cleanPrediction.name}`, ''],
  };
  const seen = ({ image, predicted, confidence }: StripOutcome, word: string): SheetPicture => ({
    ...image,
    caption: [word, `→ ${predicted.name}`, percent(confidence)],
  });
  return picturesSvg(
    title,
    [
      clean,
      ...acrossValues.map((one) => seen(one, transformValue(one.point.value, unit))),
      ...acrossModels.filter((one) => one.id !== id).map((one) => seen(one, one.point.sweep.model.name)),
    ],
    1 + acrossValues.length,
    document,
  );
}
