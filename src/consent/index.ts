/**
 * Consent: may this machine's builds be counted? It reads every place where somebody could have
 * said no, decides by fixed precedence, and words the notice. It sends nothing, and the only file
 * it ever makes in a build is the preferences, once.
 */
export { type Decision, decide, type State } from "./decide.ts";
export { carriedOver, everyId, identityOf, renewed } from "./identity.ts";
export { lookAround, readAllPreferences, type Subject } from "./look.ts";
export {
  type AddedField,
  firstNotice,
  grownNotice,
  lineNotice,
  type NoticeFacts,
  type NoticeRecord,
  type NoticeWording,
  type Publisher,
  readNotices,
  wordedNotice,
} from "./notice.ts";
export {
  createPreferences,
  newIdentity,
  type Preferences,
  type PreferencesFile,
  preferencesText,
  type Reading,
  readPreferences,
} from "./preferences.ts";
