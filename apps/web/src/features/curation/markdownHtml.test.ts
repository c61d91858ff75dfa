import { describe, expect, it, vi } from 'vitest';
import { markdownHtml } from './markdownHtml';

describe('notes in Markdown', () => {
  it('show what people write', () => {
    const shown = markdownHtml(
      '# Fails\n\nat **3 px**, see `swp_1`\n\n- one\n- two\n\n> so *Ann*\n\n```\na < b\n```',
    );
    for (const part of [
      '<h3>Fails</h3>',
      '<p>at <strong>3 px</strong>, see <code>swp_1</code></p>',
      '<li>one</li>',
      '<blockquote>\n<p>so <em>Ann</em></p>\n</blockquote>',
      '<pre><code>a &lt; b\n</code></pre>',
    ])
      expect(shown).toContain(part);
  });

  it('link to the web and to this server, and nowhere else', () => {
    expect(markdownHtml('[a](https://arxiv.org/abs/1706.03825) [b](/model/?id=1)')).toContain(
      '<a href="https://arxiv.org/abs/1706.03825" rel="noreferrer">a</a> <a href="/model/?id=1" rel="noreferrer">b</a>',
    );
    for (const address of ['javascript:alert(1)', 'data:text/html,x', '//elsewhere.example/', 'JaVaScRiPt:x'])
      expect(markdownHtml(`[a](${address}) <${address}>`)).not.toContain('<a');
  });

  it('fetch nothing', () => {
    expect(markdownHtml('![x](https://elsewhere.example/x.png)')).not.toContain('<img');
  });

  it('let nothing be more than text', () => {
    expect(markdownHtml('<img src=x onerror=alert(1)>')).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(markdownHtml('[x](https://a.example/" onclick="alert(1))')).not.toMatch(/<a[^>]*onclick/);
    expect(markdownHtml('```"><script>alert(1)</script>\n```')).not.toContain('<script>');
  });

  it('lead to pages of the server under its path', async () => {
    vi.stubEnv('BASE_PATH', '/lab');
    vi.resetModules();
    const under = await import('./markdownHtml');
    vi.unstubAllEnvs();
    const shown = under.markdownHtml('[a](/model/?id=1) [b](/lab/jobs/) [c](https://a.example/)');
    expect([...shown.matchAll(/href="([^"]+)"/g)].map(([, address]) => address)).toEqual([
      '/lab/model/?id=1',
      '/lab/jobs/',
      'https://a.example/',
    ]);
  });
});
