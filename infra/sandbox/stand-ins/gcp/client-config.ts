import { secretOf } from '../../../oci/protocol/properties.ts';
import type { Properties } from '../../../oci/protocol/resource-type.ts';
import type { Settings } from './settings.ts';

/** `gcp:organizations/getClientConfig:getClientConfig`: as whom, and where, the provider works. */
export function clientConfig(settings: Settings): Properties {
  const { project = '', region = '', zone = '', token, defaultLabels } = settings;
  return {
    id: `projects/${project}/regions/${region}/zones/${zone}`,
    accessToken: secretOf(token),
    defaultLabels,
    project,
    region,
    zone,
  };
}
