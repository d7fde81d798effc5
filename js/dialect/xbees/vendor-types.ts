/** The types that an integration imports from below the vendor's package (`dist-types/types`), under the same address of ours. There is nothing in it that runs. */

export type {
  Contact,
  ContactQuery,
  ContactShape,
  Context,
  IPayloadAutoSuggestResult,
  IPayloadCallStart,
  IPayloadContactMatchResult,
  IPayloadVersion,
  IPayloadViewPort,
  ListenerCallback,
  Message,
  MessageIFrameResponse,
  ResponseFromChannel,
  ResponseMessage,
  Theme,
  ThemeMode,
  ToastSeverity,
} from "./client-types.js";
export type { ClientEventType, EventType, MessageType, StartPage } from "./event-types.js";
