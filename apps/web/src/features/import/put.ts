/**
 * Sends a file as the body of one request, and tells how far it is, which `fetch` cannot.
 * @param onProgress share that is sent, 0..1
 * @throws Error with what the server says, or that it does not answer
 */
export const put = (url: string, file: Blob, onProgress: (share: number) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => (request.status === 201 ? resolve() : reject(new Error(refusal(request))));
    request.onerror = () =>
      reject(new Error('The connection ended before the file was there. Nothing was imported; try again.'));
    request.open('PUT', url);
    request.send(file);
  });

function refusal({ status, responseText }: XMLHttpRequest): string {
  try {
    const { errors } = JSON.parse(responseText) as { errors: { message: string }[] };
    return errors.map(({ message }) => message).join(' ');
  } catch {
    return `The server answered ${status}. Nothing was imported.`;
  }
}
