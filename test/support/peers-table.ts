/** Where pdl and its peers differ at the raw replies of sins-heads.ts, measured and reviewed: how each ends, where, and why. */

export interface Differences {
  /** Why pdl ends so, or why a peer does; ids are of the catalogue of failure cases, sections of RFC 9112. */
  why: string;
  /**
   * A line: the ends of curl, wget, wget2 and aria2, that of pdl, and the replies (`/fin`: only when closed so).
   * `s` saved the right bytes, `w` success with other bytes, `f` failed, `l` failed and left bytes, `?` either.
   */
  at: string;
}

/** The versions that were measured. What another one does is reported, and only pdl's part is held. */
export const reviewed = { curl: '7.88.', wget: '1.21.', wget2: '1.99.', aria2: '1.36.' };

export const differences: readonly Differences[] = [
  {
    why: 'section 4 lets a reader split the status line at any white space; the parser below knows one blank',
    at: `
      fssf f  status-vt
      ffsf f  status-lead-blank/keep status-lead-tab/keep
      fwsf f  status-lead-blank/fin status-lead-tab/fin
    `,
  },
  {
    why: 'section 2.3: a higher minor version is read as 1.1; the parser below knows 1.0, 1.1, 0.9 and 2.0',
    at: `
      fsss f  status-http12 status-http19
      fsss f  status-http09
    `,
  },
  {
    why: 'section 2.3: the version is HTTP, a slash, one digit, a point, one digit, in capitals',
    at: `
      fsss f  status-http110 status-http011 status-http00
      fsws f  status-http1 status-http1-point status-no-version status-no-version-slash status-http3
      ssws f  status-http2 status-http2-reason
      ffws f  status-comma status-https status-junk-before/keep status-nul-before/keep status-bom/keep
      fwws f  status-junk-before/fin status-nul-before/fin status-bom/fin
      sfws f  status-lower/keep status-mixed/keep
      swws f  status-lower/fin status-mixed/fin
      ffwf f  status-only-code/keep status-glued-version
      fwwf f  status-only-code/fin
    `,
  },
  {
    why: 'W6: ICY is no HTTP; wget saves its head, too',
    at: `
      ffss f  status-icy/keep
      fwss f  status-icy/fin
    `,
  },
  {
    why: 'section 4: a status is three digits and a blank; wget2 reports success without a file',
    at: `
      sssf f  status-glued status-point
      fssf f  status-2000
      ffwf f  status-20 status-2 status-099 status-000 status-0200 status-plus status-minus status-hex
      ffwf f  status-word status-none status-wrap
    `,
  },
  {
    why: 'section 2.2: empty lines before the status line are passed over; wget takes all of it for HTTP/0.9',
    at: `
      ffsf s  status-lead-crlf/keep status-lead-lf/keep status-lead-cr/keep
      fwsf s  status-lead-crlf/fin status-lead-lf/fin status-lead-cr/fin
      ffwf s  status-lead-crlf-many/keep
      fwwf s  status-lead-crlf-many/fin
    `,
  },
  {
    why: 'the reason says nothing about the body, whatever is in it and however long it is',
    at: `
      sssf s  status-reason-long
      ffws s  status-reason-nul/keep
      fsws s  status-reason-nul/fin
    `,
  },
  {
    why: 'section 2.2: a CR alone is invalid; the parser below refuses it in a reason',
    at: `
      sssf f  status-reason-cr
    `,
  },

  {
    why: 'W4, RFC 9110 section 15.2: a 1xx may come unasked; wget2 1.99 takes it for the answer',
    at: `
      ssws s  interim-102 interim-103 interim-199 interim-103-slow interim-103-length-5
    `,
  },
  {
    why: 'section 4: behind the empty line of a 100 a status line is due; inside its head it is a bad field',
    at: `
      ffwf f  interim-100-no-end/keep interim-100-no-end-lf/keep
      fswf f  interim-100-no-end/fin interim-100-no-end-lf/fin
    `,
  },
  {
    why: 'W5: nobody asked for another protocol',
    at: `
      fsws f  interim-101/keep interim-101-upgrade/keep interim-101-h2c/keep
      wsws f  interim-101/fin interim-101-upgrade/fin interim-101-h2c/fin
    `,
  },
  {
    why: 'RFC 9110 section 15.2: no final answer came; wget2 reports success without a file',
    at: `
      ffwf f  interim-100-only interim-103-only
    `,
  },
  {
    why: 'F7, section 9.2: what comes behind the body is no part of it; wget2 saves it',
    at: `
      ssws s  interim-behind length-body-long end-close-extra end-keep-extra end-extra-crlf end-extra-lf
      ssws s  end-extra-nul end-close-extra-crlf end-http10-extra
    `,
  },

  {
    why: 'F8, F10, RFC 9110 section 5.6.3: white space is blank and TAB; all else belongs to the value, which is wrong',
    at: `
      sssf f  ows-length-nbsp
      ffsf f  ows-coding-nbsp/keep
    `,
  },
  {
    why: 'section 5: a field is a token and a colon; the parser below refuses all else',
    at: `
      sssf f  name-html-colon
      fssf f  name-no-colon name-words name-html name-status name-status-other name-dashes name-first name-last
      fssf f  name-first-chunked name-last-chunked name-many-no-colon
    `,
  },
  {
    why: 'section 6.3: a length or coding in a broken line is none that can be trusted',
    at: `
      ssss f  name-length-control/fin name-length-junk/fin
      ffsf f  name-length-control/keep name-length-junk/keep name-coding-no-colon/keep
      fwsf f  name-coding-no-colon/fin
      ffwf f  name-length-no-colon/keep
      fswf f  name-length-no-colon/fin
      ffws f  name-length-nul/keep name-coding-nul/keep
      fsws f  name-length-nul/fin
      fwws f  name-coding-nul/fin
    `,
  },
  {
    why: 'RFC 9110 section 5.5: a NUL is dangerous: curl refuses it, wget and wget2 lose what is behind',
    at: `
      ffws f  name-nul/keep value-nul/keep value-nul-last/keep value-etag-nul/keep value-disposition-nul/keep
      fsws f  name-nul/fin value-nul/fin value-nul-last/fin value-etag-nul/fin value-disposition-nul/fin
      fsws f  value-length-nul value-coding-nul
    `,
  },
  {
    why: 'section 2.2, 6.3: a CR alone is no line end, and what is behind it may be a length for another reader',
    at: `
      sssf f  value-cr-length value-cr-coding value-length-cr value-length-cr-last value-cr-only-length/fin
      ffsf f  value-cr-only-length/keep
    `,
  },
  {
    why: 'T6: a header block is read up to 64 kB; aria2 reads a name of some bytes only',
    at: `
      sssf s  name-long
    `,
  },

  {
    why: 'F8, section 5.2: unfolded these values are `5 0` and `chun ked`, neither of which is one',
    at: `
      sssf f  fold-length-two
      ffss f  fold-coding-two/keep
      fwss f  fold-coding-two/fin
    `,
  },
  {
    why: 'section 2.2: white space before the first field: refused, or the line is passed over',
    at: `
      fssf f  fold-first fold-first-tab fold-first-chunked fold-first-length/fin
      ffsf f  fold-first-length/keep fold-first-coding/keep
      fwsf f  fold-first-coding/fin
    `,
  },
  {
    why: 'W2, section 2.2: LF alone may end a line; the parser below refuses it, and wget2 finds no end of the head',
    at: `
      ssws f  lf-last-both
    `,
  },
  {
    why: 'section 2.2: CR that is not before LF is invalid',
    at: `
      sssf f  crcrlf-status
      sfwf f  crcrlf-all crcrlf-all-chunked crcrlf-last
      ffwf f  cr-all/keep cr-last lfcr-all/keep
      fwwf f  cr-all/fin
      wwwf f  lfcr-all/fin
    `,
  },

  {
    why: 'F8, section 6.3: two lengths are none',
    at: `
      fsss f  length-two
      sfsf f  length-two-larger-first
      sssf f  length-list-two
    `,
  },
  {
    why: 'F8, RFC 9110 section 8.6: a length is digits, nothing else, and no larger than a file can be',
    at: `
      ssss f  length-plus
      sssf f  length-semicolon length-comma length-point length-exponent length-letter length-unit
      sssf f  length-blank-inside length-huge/fin length-wrap-63/fin length-wrap-64/fin
      ffsf f  length-huge/keep length-wrap-63/keep length-wrap-64/keep length-wrap-32
      ffsf f  length-negative/keep length-minus-one/keep
      fssf f  length-negative/fin length-minus-one/fin
      fwwf f  length-comma-before length-word length-quoted
      wwwf f  length-hex
      fwww f  length-empty
      fwsw f  length-empty-then
      fwsf f  length-bad-then
      fsws f  length-then-bad length-then-empty
    `,
  },
  {
    why: 'F1, F2, section 8: cut; wget2 1.99 reports success',
    at: `
      ffsf f  length-body-short end-early end-early-close end-early-http10 end-unsized-open end-unsized-close-open
      ffwf f  length-body-none
      ffsf f  chunk-no-last chunk-no-last-crlf
      ffwf f  chunk-cut-data/keep chunk-cut-data/rst chunk-cut-size/keep chunk-cut-size/rst chunk-cut-none
      fwwf f  chunk-cut-data/fin chunk-cut-size/fin
    `,
  },
  {
    why: 'section 6.3: which of two lines says where the body ends depends on the reader',
    at: `
      sssf f  mix-colon-length mix-colon-length-behind mix-end-cr-cr/fin
      wwsf f  mix-colon-coding
      sfsf f  mix-lf-length mix-ff-coding
      wsss f  mix-lf-length-behind
      sfss f  mix-lf-coding
      ffww f  mix-nul-length/keep
      fsww f  mix-nul-length/fin
      fssf f  mix-first-length mix-no-colon-length
      fwsf f  mix-first-coding mix-nbsp-coding
      ffsf f  mix-end-lf-lf/keep mix-end-cr-cr/keep
      wwsw f  mix-end-lf-lf/fin mix-end-lf-lf-length
    `,
  },

  {
    why: 'F10, section 6.1: pdl takes no transfer coding but chunked, identity included',
    at: `
      ffsf f  coding-identity/keep coding-identity/rst coding-identity-close/keep coding-identity-close/rst
      sfsf f  coding-identity-chunked/keep coding-identity-chunked-lines/keep
      swsf f  coding-identity-chunked/fin coding-identity-chunked-lines/fin
    `,
  },
  {
    why: 'RFC 9110 section 5.6.1: empty elements of a list are passed over; the value of pdl is exactly chunked',
    at: `
      sfsf f  coding-two-lines-empty/keep
      swsf f  coding-two-lines-empty/fin
      ffwf f  coding-empty/keep coding-empty/rst
    `,
  },
  {
    why: 'section 6.1: chunked is applied once',
    at: `
      sfsf f  coding-twice/keep
      swsf f  coding-twice/fin
      wfwf f  coding-twice-framed/keep
      wwwf f  coding-twice-framed/fin
    `,
  },
  {
    why: 'F10, section 7: chunked has no parameters and no quotes',
    at: `
      ffsf f  coding-parameter/keep coding-semicolon/keep coding-quoted/keep
      fwsf f  coding-parameter/fin coding-semicolon/fin coding-quoted/fin
    `,
  },
  {
    why: 'F10, section 6.1: a coding that was not asked for, or that nobody knows; wget saves the frames of the chunks',
    at: `
      sfsf f  coding-chunked-identity/keep
      swsf f  coding-chunked-identity/fin
      ssws f  coding-chunked-identity-lines
      ffsf f  coding-gzip-chunked/keep coding-gzip-chunked-lines/keep coding-chunked-gzip/keep
      ffsf f  coding-x-chunked/keep coding-xchunked/keep coding-chunkedx/keep
      ffsf f  coding-chunked-word/keep coding-word/keep
      fwsf f  coding-gzip-chunked/fin coding-gzip-chunked-lines/fin coding-chunked-gzip/fin
      fwsf f  coding-x-chunked/fin coding-xchunked/fin coding-chunkedx/fin
      fwsf f  coding-chunked-word/fin coding-word/fin
      fswf f  coding-gzip-length coding-unknown-length coding-binary-length coding-utf8-length
      fswf f  coding-unknown-plain/fin
      ffwf f  coding-unknown-plain/keep
    `,
  },
  {
    why: 'section 7.1: chunked was said, and no chunk came',
    at: `
      ffwf f  coding-chunked-plain coding-chunked-plain-length
    `,
  },

  {
    why: 'section 7.1, 7.1.2: zeros, extensions and trailers of any length; curl takes 16 digits, wget some kB',
    at: `
      fsss s  chunk-zeros-17 chunk-zeros-40
      sfss s  chunk-ext-long
      ffss s  trailer-long
    `,
  },
  {
    why: 'W2: section 2.2 allows LF alone in a head, not in chunks',
    at: `
      sswf f  chunk-crcrlf-size
    `,
  },
  {
    why: 'section 7.1: a size is hexadecimal digits, and so many bytes follow, then CRLF',
    at: `
      fssf f  chunk-blank-before chunk-tab-before chunk-0x chunk-plus chunk-ext-quoted-crlf
      sssf f  chunk-junk-behind chunk-word-behind chunk-comma
      sswf f  chunk-nul
      ffwf f  chunk-negative chunk-minus-one chunk-cr-size
      ffwf f  chunk-17-digits/keep chunk-16-digits/keep chunk-9-digits/keep
      fwwf f  chunk-17-digits/fin chunk-16-digits/fin chunk-9-digits/fin
      fwwf f  chunk-empty chunk-empty-before chunk-junk chunk-underscore chunk-quoted
      ffsf f  chunk-no-crlf chunk-other-crlf chunk-cr-data
      fwwf f  chunk-too-small chunk-too-small-by-two
      ffwf f  chunk-too-large
    `,
  },
  {
    why: 'F2, section 8: chunked ends with an empty line, not before it',
    at: `
      ffsf f  chunk-no-end chunk-no-end-lf chunk-no-end-crlf
      fssf f  chunk-no-end-trailer
    `,
  },

  {
    why: 'W4, RFC 9110 section 15.2: a 1xx may come unasked, its fields are its own; wget2 1.99 takes it for the answer, aria2 is slow',
    at: `
      ssws s  interim-100 interim-100-fields interim-100-no-reason interim-100-http10 interim-100-chunked
      ssws s  interim-100-slow interim-100-length interim-100-length-5 interim-100-coding interim-100-close
      ssws s  interim-100-lf interim-100-no-blank
      ss?? s  interim-100-many interim-mixed
      sswf s  interim-100-odd
      ffwf s  interim-100-crlf/keep
      fwwf s  interim-100-crlf/fin
    `,
  },
  {
    why: 'section 4 lets a reader split the status line at any white space',
    at: `
      fsss s  status-tab
    `,
  },
  {
    why: 'W2, section 2.2: LF alone may end a line; wget2 waits for CRLF',
    at: `
      ssws s  lf-all lf-all-chunked lf-last-empty lf-last-field lf-last-empty-chunked lf-last-field-chunked lf-fold
      ssws s  lf-body-begins
    `,
  },
  {
    why: 'W3, section 5.2: a folded line goes on with the value; curl takes a value that begins so for an empty one',
    at: `
      fsss s  fold-length fold-coding/keep
      wsss s  fold-coding/fin fold-location
    `,
  },
  {
    why: 'section 5.1: a blank before the colon belongs to nobody; a field without its like is read without it',
    at: `
      sssf s  colon-odd colon-odd-tab colon-type colon-length/fin colon-length-tab/fin
      ffsf s  colon-length/keep colon-length-tab/keep colon-coding/keep colon-coding-tab/keep
      wwsf s  colon-coding/fin colon-coding-tab/fin
      wfsf s  colon-location
    `,
  },
  {
    why: 'RFC 9110 section 5.5: a CR alone or another control character is a blank, where it hides no other field',
    at: `
      sssf s  ows-coding-vt ows-coding-ff value-cr value-cr-field crcrlf-odd crcrlf-length crcrlf-coding mix-end-cr-lf
      fsss s  ows-before-length-vt
      ffsf s  value-coding-control/keep
      fwsf s  value-coding-control/fin
    `,
  },
  {
    why: 'B13: a field whose name none may have says nothing about the body; aria2 refuses it',
    at: `
      sssf s  name-empty name-only-colon name-blank
      fssf s  name-cr-before-colon
    `,
  },
  {
    why: 'section 6.3: a Transfer-Encoding without a coding overrides the length, or does not; without a length both mean the same',
    at: `
      fswf f  coding-empty-length/keep
      sswf f  coding-empty-length/fin
    `,
  },
  {
    why: 'F8, RFC 9110 section 8.6: one length that stands twice is one length; aria2 refuses the list',
    at: `
      sssf s  length-list length-list-glued
    `,
  },
  {
    why: 'F9, section 6.3: chunks win over a length, whatever it says',
    at: `
      sfss s  both-framed both-shorter both-longer both-longer-behind
      swss s  both-zero
      fwss s  both-junk
      fsss s  both-negative
    `,
  },
  {
    why: 'RFC 2616 section 3.6: identity is no coding; so is none at all, and an empty item of a list (RFC 9110 section 5.6.1)',
    at: `
      sssf s  coding-identity-length/fin coding-identity-length-before/fin coding-identity-upper-length/fin
      sssf s  coding-identity/fin coding-identity-close/fin
      fssf s  coding-identity-length/keep coding-identity-length-before/keep coding-identity-upper-length/keep
      sswf s  coding-empty/fin
      sfsf s  coding-comma-before/keep coding-comma-behind/keep
      swsf s  coding-comma-before/fin coding-comma-behind/fin
    `,
  },
  {
    why: 'section 7.1.1: blanks and what is not understood behind a size are ignored; LF alone ends a line here, too',
    at: `
      sssf s  chunk-ext-blank chunk-blank chunk-blanks chunk-tab chunk-last-blank
      sssf s  chunk-lf-data chunk-lf-last chunk-lf-end
      sswf s  chunk-lf-size chunk-lf-all chunk-ext-lf
    `,
  },
  {
    why: 'section 7.1.2: a trailer may be ignored, whatever it holds',
    at: `
      sssf s  trailer-lf
      fsss s  trailer-no-colon trailer-nul trailer-answer
    `,
  },
  {
    why: 'F10: chunked and a no-break space is no coding that anybody asked for',
    at: `
      fwsf f  ows-coding-nbsp/fin
    `,
  },
];
