import { z } from 'zod';
import type { HttpResponse } from '../http/fetch-with-retry.ts';
import type { ResponseRemedy } from '../http/response-remedy.ts';
import { registryRefusals, type Visitor } from './login-remedies.ts';

/** How a kind of server words its errors. */
export interface Responder {
  readonly name: string;
  readonly messageOf: (body: unknown) => string | undefined;
  /** The last one fits every response. */
  readonly remedies: readonly ResponseRemedy[];
}

/** OCI distribution spec, "Error codes". Required by the spec, often not there in the wild. */
export const ErrorBody = z
  .object({
    errors: z.array(z.object({ code: z.string().default(''), message: z.string().default('') })),
  })
  .transform(({ errors }) => errors);

/** What Google says of a project, in all of its APIs. */
export const GOOGLE_PROJECT: readonly ResponseRemedy[] = [
  {
    status: /403/,
    says: /requires billing|billing account|BILLING_DISABLED/,
    remedy: 'link the project to an open billing account',
  },
  {
    status: /403/,
    says: /has not been used in project|SERVICE_DISABLED/,
    remedy: 'enable the API in the project (`gcloud services enable`), and wait a few minutes',
  },
  {
    status: /403/,
    says: /organization's policy|vpcServiceControls/,
    remedy: "have the organization's policy (VPC Service Controls) let this machine in",
  },
];

/** Remedies by the words of a registry. Registries differ in the status that they send with these. */
const SAID: readonly ResponseRemedy[] = [
  ...GOOGLE_PROJECT,
  {
    status: /4..|507/,
    says: /immutab/i,
    remedy:
      'the repository keeps its tags from moving: let this tag move, or take another repository',
  },
  {
    status: /4..|5../,
    says: /quota|no space left|insufficient storage|exceed the configured upper limit/i,
    remedy: 'the registry is full: have its operator make room, or raise the quota',
  },
];

const BY_STATUS: readonly ResponseRemedy[] = [
  {
    status: /404/,
    remedy: 'check the name of the repository, and create it where the registry does not by itself',
  },
  {
    status: /413/,
    remedy: 'have the operator raise the size that the registry, or a proxy before it, takes',
  },
  {
    status: /429/,
    says: /unauthenticated pull|by authenticating/i,
    remedy: 'try again later, or log in with `docker login`: an account may pull more',
  },
  { status: /429/, remedy: 'try again later' },
  {
    status: /507/,
    remedy: 'the registry is full: have its operator make room, or raise the quota',
  },
  {
    status: /5../,
    remedy: 'try again later; if it lasts, have the operator look at the log of the registry',
  },
  { status: /3../, remedy: 'have the operator of the registry correct its redirect' },
  { status: /./, remedy: 'have the operator of the registry look at what it says there' },
];

/** A registry, or its token service, which refuses a login as `refusals` say. */
export function registryResponder(name: string, refusals: readonly ResponseRemedy[]): Responder {
  return { name, messageOf, remedies: [...SAID, ...refusals, ...BY_STATUS] };
}

function messageOf(body: unknown): string | undefined {
  const [first] = ErrorBody.safeParse(body).data ?? [];
  return first && [first.code, first.message].filter(Boolean).join(': ');
}

/**
 * Who responded to a visitor of the registry at `registry`: that, or a server that it redirects to. `remedies` are those
 * of the request.
 */
export function responder(
  { origin, headers }: Pick<HttpResponse, 'origin' | 'headers'>,
  registry: URL,
  visitor: Visitor,
  remedies: readonly ResponseRemedy[] = [],
): Responder {
  if (origin === registry.origin) {
    const challenge = headers.get('www-authenticate') ?? '';
    return registryResponder('the registry', [
      ...remedies,
      ...registryRefusals(visitor, challenge),
    ]);
  }
  return {
    name: `${origin}, where the registry redirects to,`,
    messageOf,
    remedies: [
      {
        status: /401/,
        remedy: `tell the operator of ${registry.host}; no account was sent to ${origin}`,
      },
      {
        status: /403/,
        remedy: `let this machine reach ${origin}, as its proxy and firewall must`,
      },
      { status: /429|5../, remedy: 'try again later' },
      { status: /./, remedy: `tell the operator of ${registry.host}` },
    ],
  };
}
