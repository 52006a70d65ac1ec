// What may be written to a terminal of a text that comes from elsewhere.

/** Text from an engine without the characters that would steer a terminal (C0, DEL, C1, bidirectional overrides). */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
