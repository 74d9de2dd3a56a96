import pulumi from '@pulumi/pulumi';
import { expect, it, vi } from 'vitest';
import { checkOwner, ownLabel } from '../../infra/components/repository-owner.ts';
import { recordResources } from '../support/recording-mocks.ts';

const PLACE = { part: 'all', repositoryId: 'images', location: 'europe-west4' } as const;
type Part = 'all' | 'daily' | 'access';
const OWN = 'organization_kubernetes-ci-images_test';

async function check(respond: () => Record<string, unknown>, part: Part = 'all'): Promise<void> {
  const calls = { 'gcp:artifactregistry/getRepository:getRepository': respond };
  await recordResources({}, { calls });
  await checkOwner({ ...PLACE, part });
}

/** As gRPC hands the plug-in's message on. */
const failWith = (details: string) => () => {
  throw Object.assign(new Error(details), { details });
};

it('refuses the repository of another stack, with both names and the way out', async () => {
  const checked = check(() => ({ effectiveLabels: { owner: 'acme_images_prod' } }));
  await expect(checked).rejects.toThrow(`stack acme_images_prod, and this is ${OWN}`);
  await expect(checked).rejects.toThrow(
    'gcloud artifacts repositories update images --location=europe-west4 --remove-labels=owner',
  );
  await expect(checked).rejects.toSatisfy((error: Error) => pulumi.RunError.isInstance(error));
});

it.each([
  ['that is its own', () => ({ effectiveLabels: { owner: OWN } })],
  ['that has no owner yet', () => ({ effectiveLabels: { team: 'ci' } })],
  ['that is not there', failWith('projects/p/locations/l/repositories/images not found')],
  ['of an API that is not enabled', failWith('googleapi: Error 403: SERVICE_DISABLED')],
])('accepts a repository %s without a word', async (_, respond) => {
  const warn = vi.spyOn(pulumi.log, 'warn');
  await check(respond);
  expect(warn).not.toHaveBeenCalled();
});

const labels = (more: Record<string, string>) => () => ({ effectiveLabels: more });
const missing = failWith('projects/p/locations/l/repositories/images not found');

it.each<[string, Part, () => Record<string, unknown>, RegExp | undefined]>([
  ['of a stack with all parts', 'daily', labels({ owner: OWN }), /would be deleted[^]*part=daily$/],
  ['without an owner', 'daily', labels({}), /would be deleted/],
  ['of another stack', 'daily', labels({ owner: 'x', part: 'daily' }), /belongs to the stack x/],
  ['that may be any', 'daily', failWith('503'), /could not be looked up: .*503/],
  ['that is its own', 'daily', labels({ owner: OWN, part: 'daily' }), undefined],
  ['that is not there', 'daily', missing, undefined],
  ['that it declares', 'access', labels({ owner: OWN, part: 'daily' }), /would lose what it has/],
  ['that may be any', 'access', failWith('503'), /could not be looked up/],
  ['of another stack', 'access', labels({ owner: 'x', part: 'daily' }), undefined],
  ['without an owner', 'access', labels({}), undefined],
])(
  'a repository %s stops a stack with part %s where it would delete',
  async (_, part, respond, error) => {
    const checked = check(respond, part);
    if (error === undefined) await checked;
    else await expect(checked).rejects.toThrow(error);
  },
);

it('warns where Google does not respond: the resources report it', async () => {
  const warn = vi.spyOn(pulumi.log, 'warn').mockResolvedValue();
  await check(failWith('503'));
  expect(warn).toHaveBeenCalledWith(
    expect.stringMatching(/images is could not be looked up: .*503/),
  );
});

it('tells two stacks apart whose names are the same where a label ends', () => {
  const stack = vi.spyOn(pulumi, 'getStack');
  const [one, other] = ['one', 'other'].map((end) => {
    stack.mockReturnValueOnce(`${'a-team-'.repeat(10)}${end}`);
    return ownLabel();
  });
  stack.mockRestore();
  expect(one).toMatch(/^organization_.{50}$/);
  expect(other).not.toBe(one);
});
