/** What the core takes; its numbers stand in `src/bindings/calls.rs`. */
export enum Call {
  Start,
  Receive,
  Post,
  AccessToken,
  Facts,
  Allow,
  BeginSignIn,
  Authorize,
  SignOut,
  Acquired,
  Close,
  Found,
  StoreDone,
  /** Signs everybody out and writes over what stands in register and vault. */
  Reset,
  /** Tells the core's half of a dialect something. */
  TellDialect,
  /** Posts a message to the host with a port of its own; gives the near end of it, or what the browser throws. */
  Ask,
  /** What the host speaks: its place in `core::DialectKind`. */
  Dialect,
}
