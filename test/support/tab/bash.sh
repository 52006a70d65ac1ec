# LINE COUNT WORD...: what bash completes the last word of each line to, and a line of dashes after each.
source /usr/share/bash-completion/bash_completion
source <(docker completion bash)
while [ $# -gt 0 ]; do
  COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9 COMP_KEY=9
  COMP_WORDS=("${@:3:$2}") COMP_CWORD=$(($2 - 1)) COMPREPLY=()
  __start_docker docker "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}" 2>/dev/null
  printf '%s\n' "${COMPREPLY[@]}" ---
  shift $(($2 + 2))
done
