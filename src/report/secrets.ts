/** Takes passwords out of text that may hold URLs; the last guard, after every room's own care (failure-cases L8). */

/** `http://me:secret@host` → `http://host`, for any scheme, anywhere in the text. */
export function withoutPasswords(text: string): string {
  return text.includes('@') ? text.replace(/:\/\/[^/?#\s]*@/g, '://') : text;
}
