import { Slider } from '@mantine/core';
import { useState } from 'react';
import type { Image } from '../../graphql/fragments';
import classes from './SwipeImage.module.css';
import { ZoomImage } from './Zoom';

interface Side {
  image: Image;
  /** What it is, in a word or two. */
  word: string;
}

/** Two pictures of the same place in one frame of a ZoomGroup: a slider moves the edge between them. */
export function SwipeImage({ left, right }: { left: Side; right: Side }) {
  const [edge, setEdge] = useState(50);
  return (
    <figure>
      <div className={classes.frame}>
        <ZoomImage image={left.image} alt={`Swiped: ${left.word}`} />
        <div className={classes.right} style={{ clipPath: `inset(0 0 0 ${edge}%)` }}>
          <ZoomImage image={right.image} alt={`Swiped: ${right.word}`} />
        </div>
        <div className={classes.edge} style={{ left: `${edge}%` }} aria-hidden />
      </div>
      <Slider
        size="xs"
        mt={6}
        min={0}
        max={100}
        value={edge}
        onChange={setEdge}
        label={null}
        thumbLabel="Swipe"
        thumbProps={{ 'aria-valuetext': `${edge} % ${left.word}, the rest ${right.word}` }}
      />
      <figcaption>
        {left.word}
        <span>{right.word}</span>
      </figcaption>
    </figure>
  );
}
