import { serve } from './protocol/serve.ts';
import { ociPlugin } from './oci-plugin.ts';

await serve(() => ociPlugin(process.env));
