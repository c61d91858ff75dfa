import type { ReactNode } from 'react';
import classes from './Markdown.module.css';

/**
 * Notes as people write them: headings, lists, quotes, code, emphasis and links. Everything becomes an element of React's,
 * so that nothing in it can be more than text.
 */
export function Markdown({ text }: { text: string }) {
  return <div className={classes.text}>{blocks(text.split(/\r?\n/))}</div>;
}

const LIST = /^\s*(?:[-*+]|\d+[.)])\s+/;

function blocks(lines: readonly string[]): ReactNode[] {
  const parts: ReactNode[] = [];
  let at = 0;
  const take = (belongs: (line: string) => boolean): string[] => {
    const from = at;
    while (at < lines.length && belongs(lines[at]!)) at++;
    return lines.slice(from, at);
  };
  while (at < lines.length) {
    const line = lines[at]!;
    const key = parts.length;
    if (line.trim() === '') at++;
    else if (line.startsWith('```')) {
      at++;
      const code = take((one) => !one.startsWith('```'));
      at++;
      parts.push(<pre key={key}>{code.join('\n')}</pre>);
    } else if (/^#{1,6}\s/.test(line)) {
      at++;
      parts.push(<h3 key={key}>{inline(line.replace(/^#+\s+/, ''))}</h3>);
    } else if (line.startsWith('>')) {
      const quoted = take((one) => one.startsWith('>')).map((one) => one.replace(/^>\s?/, ''));
      parts.push(<blockquote key={key}>{blocks(quoted)}</blockquote>);
    } else if (LIST.test(line)) {
      const List = /^\s*\d/.test(line) ? 'ol' : 'ul';
      const items = take((one) => LIST.test(one));
      parts.push(
        <List key={key}>
          {items.map((item, i) => (
            <li key={i}>{inline(item.replace(LIST, ''))}</li>
          ))}
        </List>,
      );
    } else {
      const words = take((one) => one.trim() !== '' && !LIST.test(one) && !/^(#{1,6}\s|>|```)/.test(one));
      parts.push(<p key={key}>{inline(words.join('\n'))}</p>);
    }
  }
  return parts;
}

const INLINE =
  /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\((https?:\/\/[^\s)]+|\/[^\s)]*)\)|(https?:\/\/[^\s<>)]+)/g;

function inline(text: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, strong, emphasis, title, address, bare] = match;
    parts.push(text.slice(from, match.index));
    from = match.index + whole.length;
    const key = parts.length;
    if (code) parts.push(<code key={key}>{code}</code>);
    else if (strong) parts.push(<strong key={key}>{strong}</strong>);
    else if (emphasis) parts.push(<em key={key}>{emphasis}</em>);
    else
      parts.push(
        <a key={key} href={address ?? bare} rel="noreferrer">
          {title ?? bare}
        </a>,
      );
  }
  return [...parts, text.slice(from)];
}
