import type { TypedDocumentNode } from '@urql/core';
import type { Table } from './table';

/** Where what a panel shows came from, and as what it can be taken away. */
export interface PanelSource {
  /** What files are called, without their ending. */
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: any document; it is only printed and sent
  query: TypedDocumentNode<any, any>;
  variables: Readonly<Record<string, unknown>>;
  /** What the panel shows, row by row. */
  table?: () => Table;
  /** Where the server has all rows as CSV, if the panel shows a part of them at a time. */
  csv?: string;
  /** What it draws. */
  picture?: () => SVGSVGElement | Promise<SVGSVGElement>;
}
