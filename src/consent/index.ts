/**
 * Consent: may this machine's builds be counted? It reads every place where somebody could have
 * said no, decides by fixed precedence, and words the notice. It sends nothing, and the only file
 * it ever makes in a build is the preferences, once. What a build loads (src/tracker) imports the
 * files themselves: by way of this one it would load all of them.
 */
export { type Decision, decide, type State } from "./decide.ts";
export { everyId, identityOf } from "./identity.ts";
export { lookAround, readAllPreferences, type Subject } from "./look.ts";
export {
  holdsBack,
  type NoticeWording,
  type Publisher,
  readNotices,
} from "./notice.ts";
export type {
  Preferences,
  PreferencesFile,
  Reading,
} from "./preferences.ts";
