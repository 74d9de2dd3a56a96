import { newestFolder } from './newest-folder.ts';
import type { Publisher } from './publisher.ts';

/**
 * Ubuntu's cloud images, of cloud-images.ubuntu.com: daily ones as
 * `.../noble/20260323/noble-server-cloudimg-amd64.img`, and released ones as
 * `.../releases/noble/release-20240423/ubuntu-24.04-server-cloudimg-amd64.img`, beside `SHA256SUMS`.
 */
export const ubuntu: Publisher = newestFolder({
  build: /^(?:release-)?\d{8}(?:\.\d+)?$/,
  sumsFor: () => 'SHA256SUMS',
});
