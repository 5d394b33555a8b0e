/** An ApiClient over a real socket for tests, without retries or credentials. */
import { request } from 'undici';
import type { ApiClient, ApiRequest, ApiResponse } from '../../types/api.ts';

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** `url` is the URL of the server, without a path. */
export function apiClient(url: string): ApiClient {
  return {
    request: async (method, path, options: ApiRequest = {}): Promise<ApiResponse> => {
      const { query, body, contentType = 'application/json', timeoutMs = 10_000, signal } = options;
      const limit = AbortSignal.timeout(timeoutMs);
      const response = await request(`${url}${path}`, {
        method,
        signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
        headers: { 'content-type': contentType },
        ...(query !== undefined && { query }),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.statusCode, body: parsed(await response.body.text()) };
    },
  };
}

/** An ApiClient that can be interrupted: while `broken()` returns true, every request fails. */
export function breakable(api: ApiClient, broken: () => boolean): ApiClient {
  return {
    request: (...args) => (broken() ? Promise.reject(new Error('connection refused')) : api.request(...args)),
  };
}
