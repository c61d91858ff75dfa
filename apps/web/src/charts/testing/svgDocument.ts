/** As much of a document as Plot needs to draw into, without a browser. */
class Element {
  readonly nodeName: string;
  readonly attributes = new Map<string, string>();
  readonly styles = new Map<string, string>();
  children: (Element | string)[] = [];
  parentNode: Element | null = null;
  readonly style = {
    setProperty: (name: string, value: string) => this.styles.set(name, value),
    removeProperty: (name: string) => this.styles.delete(name),
  };

  constructor(
    readonly ownerDocument: object,
    readonly namespaceURI: string,
    readonly tagName: string,
  ) {
    this.nodeName = tagName;
  }

  setAttribute(name: string, value: unknown) {
    this.attributes.set(name, String(value));
  }
  setAttributeNS(_namespace: string, name: string, value: unknown) {
    this.setAttribute(name, value);
  }
  getAttribute(name: string) {
    return this.attributes.get(name) ?? null;
  }
  removeAttribute(name: string) {
    this.attributes.delete(name);
  }
  append(...children: (Element | string)[]) {
    for (const child of children) this.insertBefore(child, null);
  }
  appendChild<Child extends Element | string>(child: Child): Child {
    return this.insertBefore(child, null);
  }
  insertBefore<Child extends Element | string>(child: Child, before: Element | string | null): Child {
    if (child instanceof Element) {
      child.parentNode?.removeChild(child);
      child.parentNode = this;
    }
    const place = before === null ? this.children.length : this.children.indexOf(before);
    this.children.splice(place, 0, child);
    return child;
  }
  removeChild(child: Element | string) {
    this.children.splice(this.children.indexOf(child), 1);
  }
  get firstChild(): Element | string | null {
    return this.children[0] ?? null;
  }
  get childNodes(): (Element | string)[] {
    return this.children;
  }
  set textContent(text: string) {
    this.children = text === '' ? [] : [text];
  }
  querySelector() {
    return null;
  }
  querySelectorAll() {
    return [];
  }
  addEventListener() {}
}

/** A document for a chart under test. */
export function svgDocument(): Document {
  const document = {
    createElementNS: (namespace: string, name: string) => new Element(document, namespace, name),
    createElement: (name: string) => new Element(document, 'http://www.w3.org/1999/xhtml', name),
    createTextNode: (text: string) => text,
    documentElement: {} as Element,
    defaultView: {},
  };
  document.documentElement = new Element(document, 'http://www.w3.org/1999/xhtml', 'html');
  return document as unknown as Document;
}

const asElement = (figure: unknown) => figure as Element;

/** A figure as text, one element a line. */
export function markup(figure: unknown, indent = ''): string {
  const { tagName, attributes, styles, children } = asElement(figure);
  if (tagName === 'style') return '';
  const style = [...styles].map(([name, value]) => `${name}: ${value}`).join('; ');
  const words = [...attributes, ...(style ? [['style', style]] : [])].map(
    ([name, value]) => ` ${name}="${value}"`,
  );
  const inside = children
    .map((child) => (typeof child === 'string' ? `${indent}  ${child}\n` : markup(child, `${indent}  `)))
    .join('');
  return `${indent}<${tagName}${words.join('')}>\n${inside}`;
}

/** The elements of one kind, in the order they are drawn. */
export function all(figure: unknown, tagName: string): Record<string, string>[] {
  return asElement(figure).children.flatMap((child) => {
    if (typeof child === 'string') return [];
    const own = child.tagName === tagName ? [Object.fromEntries(child.attributes)] : [];
    return [...own, ...all(child, tagName)];
  });
}
