/** The Google project of the sandbox: there is none of that name but in the emulator. */
export const GOOGLE_PROJECT = 'kubernetes-ci-sandbox';

/** Production's. */
export const REGION = 'us-central1';

/** The Artifact Registry repository that holds the images. */
export const REPOSITORY_ID = 'images';

/** Google takes any text for a token here, as long as there is one. */
export const ACCESS_TOKEN = 'sandbox';
