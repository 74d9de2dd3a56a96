import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** Google's token services, whose access tokens end early. */
export interface TokenService {
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string;
  /** Tokens that were given so far, in order. */
  readonly given: readonly string[];
  /** Whether a token was given here, and has not ended. */
  isValid(token: string): boolean;
  close(): Promise<void>;
}

/**
 * Starts what exchanges a pipeline's identity token for one that may become a service account, and that one for the
 * access token of the account ("Workload identity federation"), which lives for some milliseconds.
 */
export async function startTokenService(life: number): Promise<TokenService> {
  const ends = new Map<string, number>();
  const federated = {
    access_token: 'federated',
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    token_type: 'Bearer',
    expires_in: 3600,
  };
  const issue = () => {
    const accessToken = `ya29.${ends.size + 1}`;
    const end = Date.now() + life;
    ends.set(accessToken, end);
    return { accessToken, expireTime: new Date(end).toISOString() };
  };
  const server = createServer((request, response) => {
    request.resume();
    const isExchange = request.url?.endsWith('/token') === true;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(isExchange ? federated : issue()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get given() {
      return [...ends.keys()];
    },
    isValid: (token) => (ends.get(token) ?? 0) > Date.now(),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
