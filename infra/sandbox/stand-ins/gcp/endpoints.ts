import type { Properties } from '../../../oci/protocol/resource-type.ts';
import { textOf } from './property-text.ts';

/**
 * The Google APIs that are called, each at Google's own address unless a setting says otherwise.
 * Of several settings the first that is set counts: the official plug-in asks for service accounts
 * and roles where `iamBetaCustomEndpoint` says.
 */
const ENDPOINTS = {
  artifactRegistry: {
    address: 'https://artifactregistry.googleapis.com/v1/',
    properties: ['artifactRegistryCustomEndpoint'],
  },
  cloudScheduler: {
    address: 'https://cloudscheduler.googleapis.com/v1/',
    properties: ['cloudSchedulerCustomEndpoint'],
  },
  iam: {
    address: 'https://iam.googleapis.com/v1/',
    properties: ['iamBetaCustomEndpoint', 'iamCustomEndpoint'],
  },
  resourceManager: {
    address: 'https://cloudresourcemanager.googleapis.com/v1/',
    properties: ['resourceManagerCustomEndpoint'],
  },
  serviceUsage: {
    address: 'https://serviceusage.googleapis.com/v1/',
    properties: ['serviceUsageCustomEndpoint'],
  },
} as const;

export type Service = keyof typeof ENDPOINTS;

/** The address of each API under a provider's configuration. */
export function endpointsOf(inputs: Properties): Readonly<Record<Service, string>> {
  const addressOf = (service: Service) => {
    const { address, properties } = ENDPOINTS[service];
    const set = properties.map((property) => textOf(inputs, property));
    return set.find((value) => value !== '') ?? address;
  };
  return {
    artifactRegistry: addressOf('artifactRegistry'),
    cloudScheduler: addressOf('cloudScheduler'),
    iam: addressOf('iam'),
    resourceManager: addressOf('resourceManager'),
    serviceUsage: addressOf('serviceUsage'),
  };
}
