/**
 * Serves the web page on this machine and passes its questions on to the inspection API of a controller, which may be
 * in a Pod: browsers can reach neither a unix socket nor the Kubernetes API.
 */
import { type ClientRequest, request, type RequestListener, type ServerResponse } from 'node:http';
import type { InspectionTarget } from '../client/client.ts';
import { requestObstacle } from './guard.ts';
import { webPage } from './page.ts';
import { ANSWER_HEADERS, refuse } from './send.ts';

/** Maximum number of questions that are passed on at the same time. The controller has a limit of its own. */
const MOST_OPEN = 24;

/** `messageOf` says what to do about an error of the connection to the controller. */
export function createRelay(target: InspectionTarget, messageOf: (error: Error) => string): RequestListener {
  const page = webPage();
  const where = typeof target === 'string' ? { socketPath: target } : { createConnection: target };
  let open = 0;

  function passOn(path: string, response: ServerResponse): void {
    // The target answers requests for a name of its own machine, and none from browsers.
    const asked: ClientRequest = request({ ...where, path, headers: { host: 'localhost' } });
    asked.on('response', (answer) => {
      const { 'content-type': type, 'content-length': length, 'retry-after': retry } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, {
        ...ANSWER_HEADERS,
        ...(type !== undefined && { 'content-type': type }),
        ...(length !== undefined && { 'content-length': length }),
        ...(retry !== undefined && { 'retry-after': retry }),
      });
      // Sends the headers of a stream before its first event.
      response.flushHeaders();
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    asked.on('error', (error) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 502, 'failed', messageOf(error));
    });
    open += 1;
    response.on('close', () => {
      open -= 1;
      asked.destroy();
    });
    asked.end();
  }

  return (incoming, response) => {
    const refused = requestObstacle(incoming, true);
    if (refused !== undefined) return refuse(response, ...refused);
    const { url = '' } = incoming;
    const [path = ''] = url.split('?');
    if (page.has(path)) return page.serve(path, response);
    if (!/^\/v1\/[a-z]+$/.test(path)) return refuse(response, 404, 'path', 'there is no such path');
    if (open >= MOST_OPEN) return refuse(response, 503, 'busy', `${MOST_OPEN} questions are open; close other pages`);
    return passOn(url, response);
  };
}
