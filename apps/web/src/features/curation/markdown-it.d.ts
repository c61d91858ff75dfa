/** As much of it as notes need. */
declare module 'markdown-it' {
  interface Token {
    type: string;
    tag: string;
    children: Token[] | null;
    attrGet(name: string): string | null;
    attrSet(name: string, value: string): void;
  }
  export default class MarkdownIt {
    constructor(options: { html: boolean; linkify: boolean; breaks: boolean });
    disable(rule: string): this;
    validateLink: (url: string) => boolean;
    core: { ruler: { push(name: string, rule: (state: { tokens: Token[] }) => void): void } };
    render(text: string): string;
  }
}
