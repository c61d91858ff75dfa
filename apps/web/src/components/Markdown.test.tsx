import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { Markdown } from './Markdown';

const html = (text: string) => renderToStaticMarkup(<Markdown text={text} />);

describe('Markdown', () => {
  it('shows what people write', () => {
    const shown = html(
      '# Fails\n\nat **3 px**, see `swp_1`\n\n- one\n- two\n\n> so *Ann*\n\n```\na < b\n```',
    );
    for (const part of [
      '<h3>Fails</h3>',
      '<p>at <strong>3 px</strong>, see <code>swp_1</code></p>',
      '<ul><li>one</li><li>two</li></ul>',
      '<blockquote><p>so <em>Ann</em></p></blockquote>',
      '<pre>a &lt; b</pre>',
    ])
      expect(shown).toContain(part);
  });

  it('links to the web and to this server, and nowhere else', () => {
    expect(html('[a](https://arxiv.org/abs/1706.03825) [b](/model/?id=1)')).toMatch(
      /<a href="https:\/\/arxiv.org\/abs\/1706.03825" rel="noreferrer">a<\/a> <a href="\/model\/\?id=1"/,
    );
    expect(html('[a](javascript:alert(1)) [b](data:text/html,x)')).not.toContain('<a');
  });

  it('lets nothing be more than text', () => {
    expect(html('<img src=x onerror=alert(1)>')).toContain('&lt;img src=x onerror=alert(1)&gt;');
  });
});
