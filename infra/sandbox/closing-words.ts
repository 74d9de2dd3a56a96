/** How to go on from a running sandbox whose registry is at `registry`. */
export function closingWords(registry: string): string {
  return [
    'Look further:',
    '  npm run pulumi -- preview --diff                what the next up would change',
    '  npm run -s images -- plan --stack sandbox       what is published, and from which inputs',
    `  http://${registry}/v2/_catalog                what the registry holds`,
    'Stop: npm stop (what was published stays for the next npm start)',
  ].join('\n');
}
