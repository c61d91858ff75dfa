import { Argument, Command } from 'commander';

/** Shells that a script is there for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * What asks `__complete` at each press of the tabulator. It prints words, with a tabulator and what they are behind them,
 * or `:files` where the shell is to complete a path.
 */
const SCRIPTS: Record<Shell, string> = {
  bash: `_trojanscope() {
  local word
  COMPREPLY=()
  while IFS= read -r word; do
    if [[ $word == ':files' ]]; then compopt -o default 2>/dev/null; else COMPREPLY+=("$word"); fi
  done < <("\${COMP_WORDS[0]}" __complete bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _trojanscope trojanscope
`,
  zsh: `#compdef trojanscope
_trojanscope() {
  local line
  local -a found
  for line in "\${(@f)$("\${words[1]}" __complete zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      '') ;;
      ':files') _files ;;
      *) found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done
  (( \${#found} )) && _describe trojanscope found
}
if [ "$funcstack[1]" = _trojanscope ]; then _trojanscope "$@"; else compdef _trojanscope trojanscope; fi
`,
  fish: `function __trojanscope_complete
  set -l words (commandline -opc)
  set -l found (command $words[1] __complete fish -- $words[2..-1] (commandline -ct) 2>/dev/null)
  if contains -- ':files' $found
    __fish_complete_path (commandline -ct)
  end
  string match --invert -- ':files' $found
end
complete --command trojanscope --no-files --arguments '(__trojanscope_complete)'
`,
};

/** `completion bash | zsh | fish`. */
export const completionCommand = (): Command =>
  new Command('completion')
    .addArgument(new Argument('<shell>', 'whose').choices(SHELLS))
    .addHelpText(
      'after',
      `
It completes the command \`trojanscope\` (npm link, or a link to scripts/trojanscope.mjs on PATH):
  bash   eval "$(trojanscope completion bash)"              in ~/.bashrc
  zsh    eval "$(trojanscope completion zsh)"               in ~/.zshrc, after compinit
  fish   trojanscope completion fish | source               in ~/.config/fish/config.fish`,
    )
    .action((shell: Shell) => void process.stdout.write(SCRIPTS[shell]));
