import { type Block, fileOf, type Section } from './document.js';

/** A document as Markdown; its pictures are files in a folder beside it. */
export function toMarkdown(title: string, sections: readonly Section[], folder: string): string {
  const parts = sections.flatMap((section) => [
    `## ${section.title}`,
    ...section.blocks.map((block) => blockOf(block, folder)),
  ]);
  return `${[`# ${title}`, ...parts].join('\n\n')}\n`;
}

function blockOf(block: Block, folder: string): string {
  if (block.kind === 'TEXT') return block.text;
  if (block.kind === 'PICTURE')
    return `![${block.caption.replaceAll(/[[\]]/g, '')}](${folder}/${fileOf(block)})\n\n*${block.caption}*`;
  const { caption, columns, rows } = block;
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', '<br>')).join(' | ')} |`;
  return [
    `*${caption}*`,
    '',
    line(columns),
    `|${columns.map(() => '---').join('|')}|`,
    ...rows.map(line),
  ].join('\n');
}
