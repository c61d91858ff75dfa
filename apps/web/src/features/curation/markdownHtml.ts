import MarkdownIt from 'markdown-it';
import { BASE_PATH } from '../../basePath';

/** Without HTML of the writer's own: what looks like it stays text. */
const markdown = new MarkdownIt({ html: false, linkify: true, breaks: true });
// A picture would be fetched from wherever the writer says.
markdown.disable('image');
/** The web, and pages of this server. */
markdown.validateLink = (url) => /^(https?:\/\/|\/(?!\/))/i.test(url);
markdown.core.ruler.push('notes', ({ tokens }) => {
  // Notes stand below the titles of page and panel.
  for (const token of tokens) if (token.type.startsWith('heading_')) token.tag = 'h3';
  const links = tokens.flatMap(({ children }) => children ?? []).filter(({ type }) => type === 'link_open');
  for (const link of links) {
    link.attrSet('rel', 'noreferrer');
    const address = String(link.attrGet('href'));
    if (address.startsWith('/') && !address.startsWith(`${BASE_PATH}/`))
      link.attrSet('href', BASE_PATH + address);
  }
});

export const markdownHtml = (text: string): string => markdown.render(text);
