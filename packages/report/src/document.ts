/** A document that can be shown anywhere: sections of text, tables and pictures. */
export interface Section {
  title: string;
  blocks: readonly Block[];
}
export type Block =
  | { kind: 'TEXT'; text: string }
  | {
      kind: 'TABLE';
      caption: string;
      columns: readonly string[];
      /** A cell may have several lines. */
      rows: readonly (readonly string[])[];
    }
  | {
      kind: 'PICTURE';
      caption: string;
      /** Of a file, without its ending. */
      name: string;
      type: 'image/svg+xml' | 'image/png';
      /** The SVG itself; a PNG in base64. */
      content: string;
    };
export type Picture = Extract<Block, { kind: 'PICTURE' }>;

export const fileOf = ({ name, type }: Picture) => `${name}.${type === 'image/png' ? 'png' : 'svg'}`;
export const base64Of = ({ type, content }: Picture) =>
  type === 'image/png' ? content : Buffer.from(content).toString('base64');
