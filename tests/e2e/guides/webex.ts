/** What an application written from the vendor's guide of lines does, in TypeScript and as it stands there; `calling` is what `connectWebex` gives. */
import type { CallingError, ILine, Webex } from "authframe/webex";

export async function guide(calling: Webex): Promise<unknown[]> {
  const seen: unknown[] = [];

  // Get the line.
  const callingClient = calling.callingClient;
  const lines = callingClient.getLines();
  const line = Object.values(lines)[0];

  // Its events.
  line.on("connecting", () => {
    seen.push("connecting");
  });
  const registered = new Promise<ILine>((resolve) => {
    line.on("registered", (lineInfo: ILine) => {
      resolve(lineInfo);
    });
  });
  const unregistered = new Promise<void>((resolve) => {
    line.on("unregistered", () => {
      seen.push(["unregistered", line.getStatus()]);
      resolve();
    });
  });
  line.on("reconnecting", () => {});
  line.on("reconnected", () => {});

  // Register, and show the line: the rows of the guide's table, each in its type.
  line.register();
  const lineInfo = await registered;
  const lineId: string = lineInfo.lineId;
  const mobiusDeviceId: string = lineInfo.mobiusDeviceId;
  const phoneNumber: string = lineInfo.phoneNumber;
  const extension: string = lineInfo.extension;
  const status: string = lineInfo.status;
  const sipAddresses: string[] = lineInfo.sipAddresses;
  const voicemail: string = lineInfo.voicemail;
  const lastSeen: string = lineInfo.lastSeen;
  const keepaliveInterval: number = lineInfo.keepaliveInterval;
  const callKeepaliveInterval: number = lineInfo.callKeepaliveInterval;
  const rehomingIntervalMin: number = lineInfo.rehomingIntervalMin;
  const rehomingIntervalMax: number = lineInfo.rehomingIntervalMax;
  const voicePortalNumber: number = lineInfo.voicePortalNumber;
  const voicePortalExtension: number = lineInfo.voicePortalExtension;
  seen.push({
    lineId: lineId === line.lineId,
    mobiusDeviceId: mobiusDeviceId.length,
    phoneNumber,
    extension,
    status,
    sipAddresses,
    voicemail,
    lastSeen: typeof lastSeen,
    keepaliveInterval,
    callKeepaliveInterval,
    rehomingIntervalMin,
    rehomingIntervalMax,
    voicePortalNumber,
    voicePortalExtension,
  });

  // Give it up.
  line.deregister();
  await unregistered;
  seen.push(line.getStatus());
  return seen;
}

/** The same where the registration fails. */
export async function guideOfErrors(calling: Webex): Promise<unknown> {
  const line = Object.values(calling.callingClient.getLines())[0];
  const failed = new Promise<CallingError>((resolve) => {
    line.on("error", (error: CallingError) => {
      resolve(error);
    });
  });
  line.register();
  const { status, type, msg } = await failed;
  return { status, type, msg };
}
