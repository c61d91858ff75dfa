import { useState } from 'react';

const keyOf = (name: string) => `trojanscope/study-document/${name}`;

/** A browser may refuse to keep anything. */
function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}

/** A text that outlives a reload of the page, in this tab. @param name of the draft @param start where there is none */
export function useDraft(name: string, start: string) {
  const [text, setText] = useState(() => attempt(() => sessionStorage.getItem(keyOf(name))) ?? start);
  return {
    text,
    setText: (next: string | ((before: string) => string)) =>
      setText((before) => {
        const changed = typeof next === 'string' ? next : next(before);
        attempt(() =>
          changed === start
            ? sessionStorage.removeItem(keyOf(name))
            : sessionStorage.setItem(keyOf(name), changed),
        );
        return changed;
      }),
  };
}
