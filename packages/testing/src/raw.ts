import { request } from 'node:http';

/**
 * One HTTP request as it is: fetch tidies addresses up and keeps some headers to itself.
 * @param url of the server
 * @param address path and query, sent unchanged
 */
export function raw(
  url: string,
  address: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; headers: Record<string, string | undefined>; text: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path: address, method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => {
        const headers = response.headers as Record<string, string | undefined>;
        resolve({ status: response.statusCode!, headers, text });
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** No stack, path, statement or module name in what a client sees. */
export const INSIDE =
  /node_modules|\.(js|ts):\d+|\bat \S+ \(|SQLITE|select .* from|\/(work|home|root|tmp|usr|var|opt)\//i;
