import { request } from 'node:http';

/**
 * One HTTP request as it is: fetch tidies addresses up and keeps some headers to itself.
 * @param {string} url of the server
 * @param {string} address path and query, sent unchanged
 * @param {{ method?: string, headers?: Record<string, string>, body?: string }} [options]
 * @returns {Promise<{ status: number, headers: Record<string, string | undefined>, text: string }>}
 */
export function raw(url, address, { method = 'GET', headers = {}, body = '' } = {}) {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path: address, method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** No stack, path, statement or module name in what a client sees. */
export const INSIDE =
  /node_modules|\.(js|ts):\d+|\bat \S+ \(|SQLITE|select .* from|\/(work|home|root|tmp|usr|var|opt)\//i;
