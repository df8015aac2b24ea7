/** Writes the completions of three shells from the flag table. */

import type { Flag } from './flag.js';
import { flags } from './flags.js';

export type Shell = 'bash' | 'zsh' | 'fish';

export function completion(shell: Shell): string {
  return { bash, zsh, fish }[shell]();
}

const names = (flag: Flag) => [`--${flag.long}`, ...(flag.letter === undefined ? [] : [`-${flag.letter}`])];

function bash(): string {
  const cases = flags
    .filter((flag) => flag.value !== undefined)
    .map((flag) => `    ${names(flag).join('|')}) ${bashReply(flag)} ;;`);
  return `# bash completion of pdl: eval "$(pdl --completion bash)"
_pdl() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  case $prev in
${cases.join('\n')}
  esac
  case $cur in
    -*) COMPREPLY=($(compgen -W '${flags.flatMap(names).join(' ')}' -- "$cur")) ;;
    *) COMPREPLY=($(compgen -f -- "$cur")) ;;
  esac
}
complete -o filenames -F _pdl pdl
`;
}

function bashReply({ complete }: Flag): string {
  if (complete === 'file') return 'COMPREPLY=($(compgen -f -- "$cur")); return';
  if (complete === 'dir') return 'COMPREPLY=($(compgen -d -- "$cur")); return';
  if (complete === undefined) return 'return';
  return `COMPREPLY=($(compgen -W '${complete.join(' ')}' -- "$cur")); return`;
}

function zsh(): string {
  const quoted = (text: string) => text.replaceAll("'", "'\\''").replace(/[\][:\\]/g, '\\$&');
  const specs = flags.map((flag) => {
    const action = flag.value === undefined ? '' : `:${quoted(flag.value)}:${zshAction(flag)}`;
    const body = `[${quoted(flag.help)}]${action}`;
    if (flag.repeat)
      return names(flag)
        .map((name) => `  '*${name}${body}'`)
        .join(' \\\n');
    if (flag.letter === undefined) return `  '--${flag.long}${body}'`;
    return `  '(-${flag.letter} --${flag.long})'{-${flag.letter},--${flag.long}}'${body}'`;
  });
  return `#compdef pdl
# zsh completion of pdl: pdl --completion zsh > "\${fpath[1]}/_pdl"
_arguments -s -S \\
${specs.join(' \\\n')} \\
  '*:list:_files'
`;
}

function zshAction({ complete }: Flag): string {
  if (complete === 'file') return '_files';
  if (complete === 'dir') return '_files -/';
  return complete === undefined ? '' : `(${complete.join(' ')})`;
}

function fish(): string {
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = flags.map((flag) => {
    const letter = flag.letter === undefined ? '' : ` -s ${flag.letter}`;
    return `complete -c pdl -l ${flag.long}${letter}${fishAction(flag)} -d ${quoted(flag.help)}`;
  });
  return `# fish completion of pdl: pdl --completion fish > ~/.config/fish/completions/pdl.fish
${lines.join('\n')}
`;
}

function fishAction({ value, complete }: Flag): string {
  if (value === undefined) return '';
  if (complete === 'file') return ' -r -F';
  if (complete === 'dir') return " -x -a '(__fish_complete_directories)'";
  return complete === undefined ? ' -x' : ` -x -a '${complete.join(' ')}'`;
}
