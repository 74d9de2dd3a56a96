import { expect, test } from 'vitest';
import {
  addressVariables,
  withDockerAddress,
  withoutDockerAddress,
} from '../src/docker-address.ts';

const ENV = {
  PATH: '/bin',
  DOCKER_CONFIG: '/config',
  DOCKER_HOST: 'tcp://docker:2376',
  DOCKER_CERT_PATH: '/certs',
  DOCKER_TLS_VERIFY: '1',
  DOCKER_CONTEXT: '',
};

test('an address is set aside, and put back for those who want it', () => {
  const without = withoutDockerAddress(ENV);
  expect(addressVariables(ENV)).toEqual(['DOCKER_HOST', 'DOCKER_CERT_PATH', 'DOCKER_TLS_VERIFY']);
  expect(addressVariables(without)).toEqual([]);
  expect(without).toMatchObject({ PATH: '/bin', DOCKER_CONFIG: '/config' });
  const { DOCKER_CONTEXT: _, ...set } = ENV;
  expect(JSON.parse(JSON.stringify(withDockerAddress(without)))).toEqual(set);
});

test('where none is set, nothing is put back', () => {
  const plain = { PATH: '/bin', DOCKER_HOST: 'unix:///docker.sock' };
  expect(JSON.parse(JSON.stringify(withDockerAddress(plain)))).toEqual(plain);
});
