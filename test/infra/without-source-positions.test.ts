import pulumi from '@pulumi/pulumi';
import type resourcePb from '@pulumi/pulumi/proto/resource_pb.js';
import { MockMonitor } from '@pulumi/pulumi/runtime/mocks.js';
import { getMonitor } from '@pulumi/pulumi/runtime/settings.js';
import { expect, test, vi } from 'vitest';
import { withoutSourcePositions } from '../../infra/engine/without-source-positions.ts';
import { recordResources, valueOf } from '../support/recording-mocks.ts';

test('no resource says where on this machine it is declared', async () => {
  withoutSourcePositions();
  await recordResources({});
  const monitor: unknown = getMonitor();
  if (!(monitor instanceof MockMonitor)) throw new Error('there are no mocks');
  const register = vi.spyOn(monitor, 'registerResource');
  await valueOf(new pulumi.ComponentResource('test:index:Any', 'any').urn);
  const request = register.mock.calls.at(-1)?.[0] as resourcePb.RegisterResourceRequest;
  expect(request.getSourceposition()).toBeUndefined();
  expect(request.getStacktrace()?.getFramesList()).toEqual([]);
});
