import { escapeXml } from './chart.js';
import { type Block, base64Of, type Section } from './document.js';

/** A document as one HTML file that needs nothing else: no script, no network. */
export function toHtml(title: string, sections: readonly Section[]): string {
  const contents = sections.map((section, i) => `<li><a href="#s${i}">${escapeXml(section.title)}</a></li>`);
  const body = sections.map(
    (section, i) =>
      `<section id="s${i}"><h2>${escapeXml(section.title)}</h2>\n${section.blocks.map(blockOf).join('\n')}</section>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(title)}</title><style>${STYLE}</style></head><body>
<h1>${escapeXml(title)}</h1>
<nav><ol>${contents.join('')}</ol></nav>
${body.join('\n')}
</body></html>
`;
}

function blockOf(block: Block): string {
  if (block.kind === 'TEXT') return `<p>${escapeXml(block.text)}</p>`;
  if (block.kind === 'PICTURE') {
    const caption = escapeXml(block.caption);
    return `<figure><img alt="${caption}" src="data:${block.type};base64,${base64Of(block)}"><figcaption>${caption}</figcaption></figure>`;
  }
  const cells = (tag: string, row: readonly string[]) =>
    `<tr>${row.map((cell) => `<${tag}>${linesOf(cell)}</${tag}>`).join('')}</tr>`;
  return `<div class="table"><table><caption>${escapeXml(block.caption)}</caption><thead>${cells('th', block.columns)}</thead><tbody>${block.rows.map((row) => cells('td', row)).join('\n')}</tbody></table></div>`;
}

const linesOf = (cell: string) =>
  cell.includes('\n')
    ? cell
        .split('\n')
        .map((line) => `<div>${escapeXml(line)}</div>`)
        .join('')
    : escapeXml(cell);

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; color: #1f2328; background: #fff; max-width: 1040px; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #e2e5ea }
.table { overflow-x: auto } table { border-collapse: collapse; margin: 1rem 0; font-size: 13px; font-variant-numeric: tabular-nums }
caption { text-align: left; color: #57606a; padding-bottom: .3rem }
td div { min-width: 30em; padding-left: 1.3em; text-indent: -1.3em } th, td { text-align: left; vertical-align: top; padding: .25rem .7rem .25rem 0; border-bottom: 1px solid #e2e5ea }
figure { display: inline-block; margin: .5rem .5rem 1rem 0; max-width: 100%; vertical-align: top }
img { max-width: 100% } figcaption { color: #57606a; font-size: 13px; max-width: 460px }`;
