/** What the store has to say to whoever runs the server. Never holds a key or text of a request. */
export interface StoreLogEntry {
  readonly level: "info" | "warn" | "error";
  readonly message: string;
}

export type StoreLog = (entry: StoreLogEntry) => void;
