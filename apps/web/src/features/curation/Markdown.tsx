'use client';

import { useEffect, useState } from 'react';
import classes from './Markdown.module.css';

/** Notes as people write them; as plain text until what reads Markdown is there. */
export function Markdown({ text }: { text: string }) {
  const [html, setHtml] = useState<string | null>(null);
  useEffect(() => {
    let wanted = true;
    void import('./markdownHtml').then(({ markdownHtml }) => wanted && setHtml(markdownHtml(text)));
    return () => {
      wanted = false;
    };
  }, [text]);
  if (html === null) return <div className={`${classes.text} ${classes.plain}`}>{text}</div>;
  // It contains no HTML of the notes' author.
  return <div className={classes.text} dangerouslySetInnerHTML={{ __html: html }} />;
}
