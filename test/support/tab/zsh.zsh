# LINE...: types each at a terminal of its own, then TAB; prints what the line is then, and a line of dashes after each.
zmodload zsh/zpty
zpty inner zsh -f -i
zpty -w inner "PS1= RPS1=; unsetopt beep; autoload -Uz compinit; compinit -u -D"
zpty -w inner "source <(docker completion zsh); compdef _docker docker"
zpty -w inner 'shown() { print -r -- "<<$BUFFER>>"; BUFFER= }; zle -N shown; bindkey "^X" shown; print rea""dy'
zpty -r inner seen '*ready*'
for line; do
  zpty -w -n inner "$line"$'\t\x18'
  zpty -r inner seen '*<<*>>*'
  print -r -- "${${seen##*<<}%%>>*}"
  print -- ---
done
