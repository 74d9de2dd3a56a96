import pulumi from '@pulumi/pulumi';
import { expect, it, vi } from 'vitest';
import { checkOwner } from '../../infra/components/repository-owner.ts';
import { recordResources } from '../support/recording-mocks.ts';

const PLACE = { repositoryId: 'images', location: 'europe-west4' };
const OWN = 'organization_kubernetes-ci-images_test';

async function check(respond: () => Record<string, unknown>): Promise<void> {
  const calls = { 'gcp:artifactregistry/getRepository:getRepository': respond };
  await recordResources({}, { calls });
  await checkOwner(PLACE);
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

it('warns where Google does not respond: the resources report it', async () => {
  const warn = vi.spyOn(pulumi.log, 'warn').mockResolvedValue();
  await check(failWith('503'));
  expect(warn).toHaveBeenCalledWith(
    expect.stringMatching(/images is could not be looked up: .*503/),
  );
});
