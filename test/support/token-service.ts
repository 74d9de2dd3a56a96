import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { googleCredentials, PROGRAMS } from '../../infra/pipeline/prepare-environment.ts';
import { known } from './fixtures.ts';

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

export const IDENTITY = 'eyJ.the-identity.token';

/** How the exchange of an identity token is answered. */
export const FEDERATED = {
  access_token: 'federated',
  issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  token_type: 'Bearer',
  expires_in: 3600,
};

/** The environment of a pipeline's job whose logins lead to the token services at `origin`. */
export function loggedInJob(origin: string, folder: string) {
  const identity = {
    GOOGLE_WORKLOAD_IDENTITY_PROVIDER:
      'projects/1/locations/global/workloadIdentityPools/ci/providers/gitlab',
    GOOGLE_SERVICE_ACCOUNT: 'image-publisher@p.iam.gserviceaccount.com',
    GOOGLE_ID_TOKEN: IDENTITY,
  };
  const credentials = JSON.stringify(known(googleCredentials(identity)));
  const file = join(folder, 'credentials.json');
  const hosts = /https:\/\/(?:sts|iamcredentials)[^/]*/g;
  writeFileSync(file, credentials.replaceAll(hosts, origin));
  return {
    ...identity,
    GOOGLE_APPLICATION_CREDENTIALS: file,
    GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES: '1',
    PATH: `${PROGRAMS}:${process.env['PATH'] ?? ''}`,
  };
}

/**
 * Starts what exchanges a pipeline's identity token for one that may become a service account, and that one for the
 * access token of the account ("Workload identity federation"), which lives for some milliseconds.
 */
export async function startTokenService(life: number): Promise<TokenService> {
  const ends = new Map<string, number>();
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
    response.end(JSON.stringify(isExchange ? FEDERATED : issue()));
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
