export const TOKEN = 'access-token';

/** The calls by which the program logs in to the registry, for `recordResources`. */
export const LOGIN = {
  'gcp:organizations/getClientConfig:getClientConfig': () => ({ accessToken: TOKEN }),
  'oci:index:logIn': () => ({}),
};
