/** A request as people copy it. */
export interface Request {
  /** A GraphQL operation whose variables are scalars, enums or lists of them. */
  query: string;
  variables: Readonly<Record<string, unknown>>;
  /** Where it is sent: http://127.0.0.1:4000/graphql */
  address: string;
  /** Whether the server wants to know who asks. */
  signIn: boolean;
}

/** The languages a request is shown in; each runs as it stands. */
export const snippets = {
  graphql: { title: 'GraphQL', write: graphqlSnippet },
  curl: { title: 'curl', write: curlSnippet },
  python: { title: 'Python', write: pythonSnippet },
  typescript: { title: 'TypeScript', write: typescriptSnippet },
} as const;
export type Language = keyof typeof snippets;

/** What an access token is taken from, where one is needed. */
const TOKEN = 'TROJANSCOPE_TOKEN';

/** The operation alone, its variables as their own defaults: it runs in GraphiQL and anywhere else. */
function graphqlSnippet({ query, variables }: Request): string {
  const end = query.indexOf('{');
  const head = query
    .slice(0, end)
    .replace(/\$(\w+): ([\w[\]!]+)/g, (declared, name: string, type: string) => {
      const value = variables[name];
      return value === undefined || value === null ? declared : `${declared} = ${literal(value, type)}`;
    });
  return `${head}${query.slice(end)}\n`;
}

/** A value in GraphQL's own notation. Words of an enum go without quotes, text and ids with them. */
function literal(value: unknown, type: string): string {
  const bare = type.replace(/!$/, '');
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, bare.slice(1, -1))).join(', ')}]`;
  if (typeof value !== 'string') return String(value);
  return ['ID', 'String', 'DateTime'].includes(bare) ? JSON.stringify(value) : value;
}

function curlSnippet({ query, variables, address, signIn }: Request): string {
  const body = JSON.stringify({ query: query.replace(/\s*\n\s*/g, ' '), variables });
  const token = signIn ? ` -H "authorization: Bearer $${TOKEN}"` : '';
  return `curl -s ${address} -H 'content-type: application/json'${token} --data-binary @- <<'END'\n${body}\nEND\n`;
}

function pythonSnippet({ query, variables, address, signIn }: Request): string {
  const token = signIn ? `, "authorization": "Bearer " + os.environ["${TOKEN}"]` : '';
  return `import json${signIn ? ', os' : ''}, urllib.request

query = """
${query}
"""
variables = ${python(variables)}
request = urllib.request.Request(
    "${address}",
    json.dumps({"query": query, "variables": variables}).encode(),
    {"content-type": "application/json"${token}},
)
answer = json.load(urllib.request.urlopen(request))
print(json.dumps(answer["data"], indent=2))
`;
}

/** A value as Python writes it. */
function python(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`;
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([name, one]) => `${JSON.stringify(name)}: ${python(one)}`)
      .join(', ')}}`;
  return JSON.stringify(value);
}

function typescriptSnippet({ query, variables, address, signIn }: Request): string {
  const token = signIn ? `, authorization: \`Bearer \${process.env.${TOKEN}}\`` : '';
  return `const query = \`
${query}
\`;
const variables = ${JSON.stringify(variables)};
const response = await fetch('${address}', {
  method: 'POST',
  headers: { 'content-type': 'application/json'${token} },
  body: JSON.stringify({ query, variables }),
});
const { data } = await response.json();
console.log(JSON.stringify(data, null, 2));
`;
}
