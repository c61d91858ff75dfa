import { Skeleton } from '@mantine/core';
import { useQuery } from 'urql';
import { ActionButton } from '../../controls/ActionButton';
import { PlayIcon } from '../../ui/icons';
import { UserErrorList } from '../../ui/UserErrorList';
import { PresetsQuery } from '../studies/presets';
import { useRunStudy } from '../studies/useRunStudy';
import { TransformGlyph } from '../sweeps/TransformGlyph';
import classes from './FirstRun.module.css';
import { SaliencyGlyph } from './SaliencyGlyph';

const steps = [
  {
    title: 'Implant',
    text: 'Train a benign classifier and a trojaned one: a small square in the corner, and the model says what the attacker wants.',
    picture: <TransformGlyph transform={null} target="TRIGGER" size={36} />,
  },
  {
    title: 'Transform',
    text: 'Move, scale and turn the trigger, then the whole image, and count how often the backdoor still fires.',
    picture: (['TRIGGER', 'IMAGE'] as const).map((target) =>
      (['translation', 'scaling', 'rotation'] as const).map((transform) => (
        <TransformGlyph key={`${transform} ${target}`} transform={transform} target={target} size={36} />
      )),
    ),
  },
  {
    title: 'Explain',
    text: 'Open any point of a curve, any sample behind it, and see which pixels decided.',
    picture: <SaliencyGlyph size={36} />,
  },
];

/** The page of an empty data folder: what this is, and one button to see it work. */
export function FirstRun() {
  const [{ data }] = useQuery({ query: PresetsQuery });
  const { run, starting, errors } = useRunStudy();
  return (
    <div className={classes.page}>
      <title>trojanscope</title>
      <h1 className={classes.title}>When does a backdoor fail to fire, and why?</h1>
      <p className={classes.lead}>
        Nothing has been run in this data folder yet. A study does three things, and this page shows each as
        it happens.
      </p>
      <ol className={classes.steps}>
        {steps.map(({ title, text, picture }) => (
          <li key={title} className={classes.step}>
            <span className={classes.glyphs}>{picture}</span>
            <h2>{title}</h2>
            <p>{text}</p>
          </li>
        ))}
      </ol>
      <div className={classes.presets}>
        {data ? (
          data.catalog.studyPresets.map(({ id, title, description }, index) => (
            <div key={id} className={classes.preset}>
              <div>
                <h3>{title}</h3>
                <p>{description}</p>
              </div>
              <ActionButton
                variant={index === 0 ? 'filled' : 'default'}
                leftSection={<PlayIcon />}
                loading={starting}
                aria-label={index === 0 ? undefined : `Run this study: ${title}`}
                onClick={() => run(id)}
              >
                {index === 0 ? 'Run the quickstart study' : 'Run this study'}
              </ActionButton>
            </div>
          ))
        ) : (
          <Skeleton height={150} />
        )}
      </div>
      <UserErrorList errors={errors} />
    </div>
  );
}
