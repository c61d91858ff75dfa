import { useCallback, useMemo, useState } from 'react';
import { ChartFrame } from '../../charts/ChartFrame';
import { ChartOver } from '../../charts/ChartOver';
import { ChartSurface, nearestOf } from '../../charts/ChartSurface';
import { ChartTooltip } from '../../charts/ChartTooltip';
import { type Figure, position } from '../../charts/chart';
import { percent, percentagePoints } from '../../format/percent';
import type { Rate } from '../../graphql/fragments';
import { SeriesLegend } from '../curves/SeriesLegend';
import classes from './PurifiersFigure.module.css';
import { imagesOf, type PurifiedModel, type Purifier } from './purifiers';
import { purifiersChart } from './purifiersChart';

interface Place {
  model: PurifiedModel;
  purifier: Purifier;
}

interface PurifiersFigureProps {
  models: readonly PurifiedModel[];
  /** Opens the list of a model's purifiers. */
  onOpen: (modelId: string) => void;
}

/** What purifiers leave of ASR and clean accuracy, models over one another, to read off. */
export function PurifiersFigure({ models, onOpen }: PurifiersFigureProps) {
  const [looked, look] = useState<Place | null>(null);
  const draw = useCallback<Parameters<typeof ChartFrame>[0]['draw']>(
    (size, palette) => purifiersChart(models, size, palette),
    [models],
  );
  const places = useMemo(
    () => models.flatMap((model) => model.purifiers.map((purifier) => ({ model, purifier }))),
    [models],
  );
  const label = `ASR against clean accuracy of ${places.length} purifiers of ${models.length} ${models.length === 1 ? 'model' : 'models'}`;
  return (
    <>
      <ChartFrame label={label} height={HEIGHT} draw={draw}>
        {(figure, { width }) => (
          <>
            {looked && <Ring {...looked} figure={figure} />}
            <ChartSurface<Place>
              label={label}
              opens="the list of one model’s"
              first={places[0]}
              looked={looked ?? undefined}
              nearest={(x, y) =>
                nearestOf(places, ({ purifier }) =>
                  Math.hypot(xOf(figure, purifier) - x, yOf(figure, purifier) - y),
                )
              }
              next={(from, along, up) => neighbour(places, models, from, along, up)}
              readAloud={readAloud}
              onLook={look}
              onOpen={({ model }) => onOpen(model.id)}
            />
            {looked && (
              <ChartTooltip
                left={xOf(figure, looked.purifier)}
                width={width}
                // Not over the neighbours of what it is about.
                top={yOf(figure, looked.purifier) < HEIGHT / 2 ? HEIGHT / 2 + 10 : 10}
              >
                <Facts {...looked} />
              </ChartTooltip>
            )}
          </>
        )}
      </ChartFrame>
      <SeriesLegend
        entries={models.map(({ id, name, style }) => ({ id, name, style }))}
        note="filled: the front, better than which none is in both"
      />
    </>
  );
}

const HEIGHT = 400;

const xOf = (figure: Figure, { cleanAccuracy }: Purifier) => position(figure, 'x', cleanAccuracy.value);
const yOf = (figure: Figure, { asr }: Purifier) => position(figure, 'y', asr.value);

function Ring({ model: { style }, purifier, figure }: Place & { figure: Figure }) {
  return (
    <ChartOver colour={style.colour}>
      <circle className={classes.ring} cx={xOf(figure, purifier)} cy={yOf(figure, purifier)} r={8} />
    </ChartOver>
  );
}

function Facts({ model, purifier }: Place) {
  const { text, asr, cleanAccuracy, benignAccuracy, cost } = purifier;
  const images = imagesOf(purifier);
  const withInterval = ({ value, low, high }: Rate) =>
    `${percent(value, images)} (${percent(low, images)} – ${percent(high, images)})`;
  return (
    <>
      <header>{text}</header>
      <table>
        <tbody>
          <tr>
            <th scope="row">model</th>
            <td>{model.name}</td>
          </tr>
          <tr>
            <th scope="row">ASR</th>
            <td>{withInterval(asr)}</td>
          </tr>
          <tr>
            <th scope="row">clean accuracy</th>
            <td>{withInterval(cleanAccuracy)}</td>
          </tr>
          <tr>
            <th scope="row">costs</th>
            <td>{percentagePoints(cost)}</td>
          </tr>
          <tr>
            <th scope="row">benign model</th>
            <td>{benignAccuracy ? withInterval(benignAccuracy) : 'none'}</td>
          </tr>
        </tbody>
      </table>
      <footer>{[standing(purifier), 'a click lists all of the model'].filter(Boolean).join('; ')}</footer>
    </>
  );
}

/** How it stands among the others, in words. */
export const standing = ({ deployed, onFront }: Purifier): string | null => {
  if (deployed) return 'what one would deploy';
  return onFront ? 'on the front' : null;
};

/** Along a model's purifiers by rising clean accuracy, or to the one of the next model that is nearest in it. */
function neighbour(
  places: readonly Place[],
  models: readonly PurifiedModel[],
  from: Place,
  along: number,
  up: number,
): Place | undefined {
  const ofModel = (model: PurifiedModel | undefined) => places.filter((place) => place.model === model);
  const own = ofModel(from.model);
  if (along !== 0) return own[own.findIndex(({ purifier }) => purifier === from.purifier) - along];
  const accuracy = ({ purifier }: Place) => purifier.cleanAccuracy.value;
  return nearestOf(ofModel(models[models.indexOf(from.model) - up]), (place) =>
    Math.abs(accuracy(place) - accuracy(from)),
  );
}

const readAloud = ({ model, purifier }: Place) => {
  const { text, asr, cleanAccuracy } = purifier;
  const images = imagesOf(purifier);
  const rates = `ASR ${percent(asr.value, images)}, clean accuracy ${percent(cleanAccuracy.value, images)}`;
  return [`${model.name}, ${text}: ${rates}`, standing(purifier)].filter(Boolean).join(', ');
};
