import { z } from 'zod';
import type { HttpResponse } from '../http/fetch-with-retry.ts';
import type { ResponseRemedy } from '../http/response-remedy.ts';

/** How a kind of server words its errors. */
export interface Responder {
  readonly name: string;
  /** The message in the JSON of an error. */
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

export const REGISTRY: Responder = {
  name: 'the registry',
  messageOf: (body) => {
    const [first] = ErrorBody.safeParse(body).data ?? [];
    return first && [first.code, first.message].filter(Boolean).join(': ');
  },
  remedies: [
    { status: /401/, remedy: 'log in with `gcloud auth configure-docker` or `docker login`' },
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
    {
      status: /403/,
      remedy: 'grant the account that is logged in what it lacks, and check the repository',
    },
    {
      status: /404/,
      remedy:
        'check the name of the repository, and create it where the registry does not by itself',
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
    { status: /3../, remedy: 'write the address that the registry has now' },
    { status: /./, remedy: 'have the operator of the registry look at what it says there' },
  ],
};

/**
 * Who responded: the registry, or a server that it redirects to. `hasAccount` says whether the registry got an account.
 * Docker Hub and others answer 401 for a repository that is not there, too.
 */
export function responder({ origin }: HttpResponse, registry: URL, hasAccount: boolean): Responder {
  if (origin !== registry.origin) {
    return {
      ...REGISTRY,
      name: `${origin}, where the registry redirects to,`,
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
  const login = hasAccount
    ? 'let the account read it, or log in with `docker login` as another one'
    : 'log in with `gcloud auth configure-docker` or `docker login`';
  const remedy = `the repository is not there, or needs a login: check its name; if it is right, ${login}`;
  return { ...REGISTRY, remedies: [{ status: /401/, remedy }, ...REGISTRY.remedies] };
}
