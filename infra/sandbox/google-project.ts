/** The Google project of the sandbox: there is none of that name but in the emulator. */
export const GOOGLE_PROJECT = 'kubernetes-ci-sandbox';

/** Production's. */
export const REGION = 'us-central1';

/** The Artifact Registry repository that holds the images. */
export const REPOSITORY_ID = 'images';

/** The Cloud Build trigger that the refresh fires, by its full name. */
export const REFRESH_TRIGGER = `projects/${GOOGLE_PROJECT}/locations/global/triggers/refresh-images`;

/** Google takes any text for a token here, as long as there is one. */
export const ACCESS_TOKEN = 'sandbox';
