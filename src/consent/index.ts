/**
 * Consent: may this machine's builds be counted? It reads every place where somebody could have
 * said no, decides by fixed precedence, and words the notice. It sends nothing, and the only file
 * it ever makes in a build is the preferences, once.
 */
export { type Decision, decide, type Situation, type State } from "./decide.ts";
export { type BuildsView, lookAround, readAllPreferences, type Subject } from "./look.ts";
export {
  type AddedField,
  firstNotice,
  grownNotice,
  lineNotice,
  type NoticeFacts,
  type NoticeRecord,
  readNotices,
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
