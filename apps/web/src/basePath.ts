/**
 * Where on its host the server is, without a slash at its end; empty where it has the host to itself. The pages are built
 * without knowing it: the server writes it in (http/pages.ts). Next's links and router put it in front by themselves.
 */
export const BASE_PATH = process.env.BASE_PATH!;

export const GRAPHQL_ADDRESS = `${BASE_PATH}/graphql`;
